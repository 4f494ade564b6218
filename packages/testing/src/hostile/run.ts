import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { root } from '../program.ts'

/** What became of the calls. */
export interface HostileReport {
  /** Public functions, constructors and methods. */
  readonly entries: number
  calls: number
  refused: number
  /** Exports without a row, and rows without an export. */
  readonly missing: readonly string[]
  readonly spare: readonly string[]
  /** `add(y = 3n): …`. */
  readonly problems: string[]
}

/** How long a call may say nothing before its process is ended: a call has a second, and the machine may have other work. */
const patience = 10_000

/**
 * Calls every public function with hostile values in a process of its own. One that hangs or dies counts against the call, and
 * the next process goes on behind it.
 *
 * @param stride - every how many of the calls are made
 * @param filter - what names of exports contain
 * @param onProblem - told of each problem as it is found
 */
export async function runHostile(
  stride: number,
  filter = '',
  onProblem: (text: string) => void = () => {},
): Promise<HostileReport> {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-hostile-'))
  try {
    const outfile = join(folder, 'program.mjs')
    await build({
      entryPoints: [join(root, 'packages/testing/src/hostile/program.ts')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      // the tables are modules for their effect, in a package that says it has none
      ignoreAnnotations: true,
      keepNames: true,
      sourcemap: 'inline',
      logLevel: 'silent',
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    })
    let report: HostileReport | null = null
    const problems: string[] = []
    const found = (text: string): void => {
      problems.push(text)
      onProblem(text)
    }
    let [calls, refused] = [0, 0]
    for (let from = 0, ended = false; !ended;) {
      let last: readonly unknown[] = []
      const onLine = (line: string): void => {
        const [kind, ...rest] = JSON.parse(line) as [string, ...unknown[]] // of program.ts
        if (kind === 'start') last = rest
        if (kind === 'problem') found(`${String(rest[0])}(${String(rest[1])} = ${String(rest[2])}): ${String(rest[3])}`) // prettier-ignore
        if (kind === 'surface') {
          const [entries, missing, spare] = rest as [number, string[], string[]] // as program.ts writes it
          report ??= { entries, calls: 0, refused: 0, missing, spare, problems }
        }
        if (kind === 'end') {
          ended = true
          calls += Number(rest[0])
          refused += Number(rest[1])
        }
      }
      const why = await runProgram(outfile, [root, String(from), String(stride), filter], folder, onLine)
      if (ended) break
      if (last.length === 0) throw new Error(`the program did not begin: ${why}`)
      found(`${String(last[1])}(${String(last[2])} = ${String(last[3])}): ${why}`)
      from = Number(last[0]) + 1
      calls += Number(last[4] ?? 0) + 1
      refused += Number(last[5] ?? 0)
    }
    return { ...report!, calls, refused, problems }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs one process to its end. Returns why it ended. */
function runProgram(
  file: string,
  args: readonly string[],
  cwd: string,
  onLine: (line: string) => void,
): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--max-old-space-size=1500', file, ...args], { cwd })
    let [stderr, hung] = ['', false]
    const end = (): void => {
      hung = true
      child.kill('SIGKILL')
    }
    let timer = setTimeout(end, patience)
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      clearTimeout(timer)
      timer = setTimeout(end, patience)
      onLine(line)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve(hung ? 'did not answer' : `ended the process (${signal ?? code}): ${stderr.trim().slice(-300)}`)
    })
  })
}
