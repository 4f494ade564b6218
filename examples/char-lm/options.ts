// What the command line may say, and the one line that tells what is wrong with it.
import { parseArgs } from 'node:util'

/** A problem with what the user gave: told in one line, without a stack. */
export class UsageError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

interface NumberOption {
  initial: number
  min: number
  max: number
  whole: boolean
  help: string
}

const whole = (initial: number, max: number, help: string, min = 1): NumberOption => ({
  initial,
  min,
  max,
  whole: true,
  help,
})
const real = (initial: number, min: number, max: number, help: string): NumberOption => ({
  initial,
  min,
  max,
  whole: false,
  help,
})

const numbers = {
  steps: whole(400, 1e7, 'optimizer steps'),
  'batch-size': whole(16, 65_536, 'windows in a step'),
  context: whole(48, 1024, 'characters the model sees at most'),
  width: whole(96, 4096, 'units of a layer'),
  layers: whole(3, 48, 'of the transformer'),
  lr: real(0.003, 1e-9, 100, 'learning rate at its highest'),
  seed: whole(0, Number.MAX_SAFE_INTEGER, 'of initialisation, batches and sample', 0),
  sample: whole(400, 1e6, 'characters sampled at the end'),
  temperature: real(0.8, 0.01, 100, 'of the sample: below 1 prefers what is likely'),
} satisfies Record<string, NumberOption>

type NumberName = keyof typeof numbers

/** The settings of a run: every number, and the file if one was named. */
export type Options = Readonly<Record<NumberName, number>> & { readonly data: string | undefined }

const numberNames = Object.keys(numbers) as NumberName[] // the keys of the object above
const isNumberName = (name: string): name is NumberName => Object.hasOwn(numbers, name)

/** The text of `--help`. */
export function helpText(): string {
  const lines = numberNames.map((name) => {
    const { help, initial } = numbers[name]
    return `  --${`${name} N`.padEnd(16)} ${help} (${initial})`
  })
  return [
    'Trains a character-level language model and prints a sample of what it learned.',
    '',
    'usage: npm start -- [options]',
    '',
    "  --data FILE        text to learn, UTF-8 (the repository's own Markdown)",
    ...lines,
    '  --help             this text',
    '',
    'Ctrl-C ends training early; what was learned until then is reported and sampled.',
  ].join('\n')
}

/**
 * Reads the command line. `'help'` if help was asked for.
 *
 * @throws UsageError for an unknown option, a missing value, or a number out of its range
 */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      ...Object.fromEntries(numberNames.map((name) => [name, { type: 'string' as const }])),
    },
    // strict mode has messages of several lines
    strict: false,
    allowPositionals: true,
    tokens: true,
  })

  let data: string | undefined
  const chosen = Object.fromEntries(numberNames.map((name) => [name, numbers[name].initial]))
  for (const token of tokens) {
    if (token.kind === 'positional')
      throw new UsageError(`unexpected argument ${quote(token.value)}; see --help`)
    if (token.kind === 'option-terminator') continue
    const { name, rawName, value, inlineValue } = token
    if (name === 'help' && value === undefined) return 'help'
    if (name !== 'data' && !isNumberName(name))
      throw new UsageError(`unknown option ${clean(rawName)}; see --help`)
    if (value === undefined || value === '' || (!inlineValue && value.startsWith('--')))
      throw new UsageError(`${rawName} needs a value; see --help`)
    if (name === 'data') data = value
    else chosen[name] = numberOf(name, value)
  }
  return { ...(chosen as Record<NumberName, number>), data } // one entry was made for every name
}

function numberOf(name: NumberName, text: string): number {
  const { min, max, whole } = numbers[name]
  const value = Number(text)
  if (text.trim() !== '' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value
  throw new UsageError(
    `--${name} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${quote(text)}`,
  )
}

// an argument may hold line breaks and control characters; the message is one line
const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
const clean = (text: string): string => quote(text).slice(1, -1)
