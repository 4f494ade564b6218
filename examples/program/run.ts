// What surrounds every program: its command line, signals, and how it ends.
import { Interruption } from './interruption.ts'
import { helpText, parseOptions, UsageError, type Chosen, type OptionTable, type Usage } from './options.ts'

const { stdout } = process

/** Writes a line. */
export const print = (line = ''): void => void stdout.write(`${line}\n`)

/** 12345 as `12,345`. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** How many numbers a model learns. */
export const parameterCount = (model: { parameters(): { numel(): number }[] }): number =>
  model.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0)

/** Runs `main` with the options of the command line, or prints its help, and sets the exit code. */
export async function runProgram<Table extends OptionTable>(
  name: string,
  usage: Usage<Table>,
  main: (options: Chosen<Table>, interruption: Interruption) => Promise<void>,
): Promise<void> {
  // a reader that leaves early, such as head, is no error
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  try {
    const options = parseOptions(usage.options, process.argv.slice(2))
    if (options === 'help') return print(helpText(usage))
    for (const [name, option] of Object.entries(usage.options)) {
      const value = options[name]
      if (option.kind === 'path' && typeof value === 'string') option.check?.(value)
    }
    const interruption = new Interruption()
    await main(options, interruption)
    process.exitCode = interruption.exitCode
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${name}: ${error.message}\n`)
    process.exitCode = error.exitCode
  }
}
