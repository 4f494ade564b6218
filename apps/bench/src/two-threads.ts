import { Worker } from 'node:worker_threads'

// The source is self-contained: it runs as a string, in threads that share nothing with this file.
const source = `
const { workerData, parentPort } = require('node:worker_threads')
const gate = new Int32Array(workerData.gate)
let x = 1.0001, y = 1.0002, z = 1.0003, w = 1.0004
const turn = (n) => { for (let i = 0; i < n; i++) { x = x * 0.999 + 0.001; y = y * 0.999 + 0.001; z = z * 0.999 + 0.001; w = w * 0.999 + 0.001 } }
for (let i = 0; i < 20; i++) turn(100000)
parentPort.postMessage('ready')
Atomics.wait(gate, 0, 0)
const end = performance.now() + workerData.ms
let count = 0
while (performance.now() < end) { turn(20000); count++ }
parentPort.postMessage(count)
`

async function countTurns(threads: number, ms: number): Promise<number> {
  const gate = new SharedArrayBuffer(4)
  const workers = Array.from(
    { length: threads },
    () => new Worker(source, { eval: true, workerData: { gate, ms } }),
  )
  const next = (worker: Worker) =>
    new Promise<unknown>((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await Promise.all(workers.map(next))
  const counts = Promise.all(workers.map(next))
  const flag = new Int32Array(gate)
  Atomics.store(flag, 0, 1)
  Atomics.notify(flag, 0)
  const total = (await counts).reduce((sum: number, count) => sum + Number(count), 0)
  await Promise.all(workers.map((worker) => worker.terminate()))
  return total
}

/** The control for figures of two threads: what two independent busy threads reach together, in units of one. */
export async function measureTwoThreads(): Promise<number> {
  const ratios: number[] = []
  for (let i = 0; i < 3; i++) ratios.push((await countTurns(2, 150)) / (await countTurns(1, 150)))
  return Math.max(...ratios)
}
