// What the command line of a program may say, and the one line that tells what is wrong with it.
import { parseArgs } from 'node:util'

/** A problem with what the user gave: told in one line, without a stack. */
export class UsageError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** An option that takes a number of a range. */
export interface NumberOption {
  readonly kind: 'number'
  readonly initial: number
  readonly min: number
  readonly max: number
  readonly whole: boolean
  readonly help: string
}

/** An option that takes one of a few words. */
export interface WordOption<Word extends string> {
  readonly kind: 'word'
  readonly initial: Word
  readonly words: readonly Word[]
  readonly help: string
}

/** An option that takes a path; `initial` says in words what is taken without it. */
export interface PathOption {
  readonly kind: 'path'
  readonly initial: string
  readonly takes: 'FILE' | 'DIR'
  readonly help: string
  /** Throws a UsageError for a path that cannot be used; called before the program begins. */
  readonly check?: (file: string) => void
}

/** Options of a program by name, in the order of its help. */
export type OptionTable = Readonly<Record<string, NumberOption | WordOption<string> | PathOption>>

/** What was chosen: a number, a word, or a path if one was named. */
export type Chosen<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends NumberOption
    ? number
    : Table[Name] extends WordOption<infer Word>
      ? Word
      : string | undefined
}

export const whole = (initial: number, max: number, help: string, min = 1): NumberOption => ({
  kind: 'number',
  initial,
  min,
  max,
  whole: true,
  help,
})

export const real = (initial: number, min: number, max: number, help: string): NumberOption => ({
  kind: 'number',
  initial,
  min,
  max,
  whole: false,
  help,
})

export const oneOf = <Word extends string>(
  initial: Word,
  words: readonly Word[],
  help: string,
): WordOption<Word> => ({ kind: 'word', initial, words, help })

export const path = (takes: 'FILE' | 'DIR', help: string, initial: string): PathOption => ({
  kind: 'path',
  initial,
  takes,
  help,
})

/** The learning rate of a program, at its highest. */
export const learningRate = (initial: number): NumberOption =>
  real(initial, 1e-9, 100, 'learning rate at its highest')

/** The seed of a program, and what depends on it. */
export const seed = (help: string): NumberOption => whole(0, Number.MAX_SAFE_INTEGER, help, 0)

/** A program as its help presents it. */
export interface Usage<Table extends OptionTable> {
  /** What it does, in one sentence. */
  summary: string
  /** What calls it, without its options. */
  command: string
  options: Table
}

/** The text of `--help`. */
export function helpText({ summary, command, options }: Usage<OptionTable>): string {
  const values = { number: 'N', word: 'WORD', path: '' }
  const lines = Object.entries(options).map(([name, option]) => {
    const value = option.kind === 'path' ? option.takes : values[option.kind]
    const words = option.kind === 'word' ? `: ${option.words.join(', ')}` : ''
    return `  --${`${name} ${value}`.padEnd(16)} ${option.help}${words} (${option.initial})`
  })
  return [
    summary,
    '',
    `usage: ${command} -- [options]`,
    '',
    ...lines,
    `  --${'help'.padEnd(16)} this text`,
    '',
    'Ctrl-C ends training early; what was learned until then is reported.',
  ].join('\n')
}

/**
 * Reads the command line. `'help'` if help was asked for.
 *
 * @throws UsageError for an unknown option, a missing value, or one that the option does not take
 */
export function parseOptions<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
): Chosen<Table> | 'help' {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(Object.keys(table).map((name) => [name, { type: 'string' as const }])),
    },
    // strict mode has messages of several lines
    strict: false,
    allowPositionals: true,
    tokens: true,
  })

  const chosen: Record<string, number | string | undefined> = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [
      name,
      option.kind === 'path' ? undefined : option.initial,
    ]),
  )
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(`unexpected argument ${quote(token.value)}; see --help`)
    if (token.kind === 'option-terminator') continue
    const { name, rawName, value, inlineValue } = token
    if (name === 'help' && value === undefined) return 'help'
    if (!Object.hasOwn(table, name)) throw new UsageError(`unknown option ${clean(rawName)}; see --help`)
    if (value === undefined || value === '' || (!inlineValue && value.startsWith('--')))
      throw new UsageError(`${rawName} needs a value; see --help`)
    chosen[name] = valueOf(name, table[name], value)
  }
  return chosen as Chosen<Table> // every name has its initial value or one that its option took
}

function valueOf(
  name: string,
  option: NumberOption | WordOption<string> | PathOption,
  text: string,
): number | string {
  if (option.kind === 'path') return text
  if (option.kind === 'word') {
    if (option.words.includes(text)) return text
    throw new UsageError(`--${name} takes ${option.words.join(', ')}, not ${quote(text)}`)
  }
  const { min, max, whole } = option
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  throw new UsageError(
    `--${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${quote(text)}`,
  )
}

// an argument may hold line breaks and control characters; the message is one line
const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
const clean = (text: string): string => quote(text).slice(1, -1)
