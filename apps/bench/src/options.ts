import { parseArgs } from 'node:util'
import { peerNames } from './contender.ts'
import { suites } from './suites/index.ts'

export interface Options {
  /** All when null. */
  readonly suites: readonly string[] | null
  /** Only cases whose name contains this. */
  readonly filter: string
  readonly peers: readonly string[] | null
  readonly runtimes: readonly string[] | null
  readonly quick: boolean
  readonly compare: string | null
  readonly out: string | null
  /** Makes gradus do this many times the work in each sample: a trial of `--compare`. */
  readonly handicap: number
}

/** Suites that are measured without a contender's process. */
export const stillSuites = ['start-up', 'size'] as const
export const suiteNames = [...suites.map((suite) => suite.name), ...stillSuites]

export const usage = `pnpm bench [options]

  --suite NAMES     only these, separated by commas: ${suiteNames.join(', ')}
  --case TEXT       only cases whose name contains TEXT
  --peers NAMES     gradus beside these only: ${peerNames.filter((name) => name !== 'gradus').join(', ')}
  --runtimes NAMES  only these: node20, node24, chromium, python
  --quick           fewer samples, and fewer cases unless --case is given; under 3 minutes
  --compare FILE    says what changed against results.json of an earlier run; exit code 1 if gradus became slower
  --out FOLDER      where results.md, results.json and the charts go; apps/bench/results by default
  --handicap X      gradus does X times the work in each sample: a trial of --compare

BENCH_PYTHON names a Python with torch (python3 by default), BENCH_CHROMIUM a browser.
`

/** @throws Error for an unknown option or name */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: 'string' },
      case: { type: 'string' },
      peers: { type: 'string' },
      runtimes: { type: 'string' },
      quick: { type: 'boolean' },
      compare: { type: 'string' },
      out: { type: 'string' },
      handicap: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return 'help'
  const handicap = Number(values.handicap ?? 1)
  if (!(handicap >= 1)) throw new Error(`--handicap takes a number from 1 on, not ${values.handicap}`)
  return {
    suites: names('suite', values.suite, suiteNames),
    filter: values.case ?? '',
    peers: names('peers', values.peers, peerNames),
    runtimes: names('runtimes', values.runtimes, null),
    quick: values.quick ?? false,
    compare: values.compare ?? null,
    out: values.out ?? null,
    handicap,
  }
}

function names(option: string, text: string | undefined, known: readonly string[] | null): string[] | null {
  if (text === undefined) return null
  const list = text.split(',').map((name) => name.trim())
  const unknown = list.find((name) => known !== null && !known.includes(name))
  if (unknown !== undefined)
    throw new Error(`--${option} does not know ${unknown}; it knows ${known?.join(', ')}`)
  return list
}
