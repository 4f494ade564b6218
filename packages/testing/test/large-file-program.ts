/*
 * Figures for files larger than memory should be: `large-file-program FILE GIGABYTES read|write|fs-read|fs-write`. Prints bytes per second and the
 * largest resident size.
 */
import { open } from 'node:fs/promises'
import * as g from 'gradus'

const [file = '', gigabytes = '2', what = ''] = process.argv.slice(2)
const tensorBytes = 16 << 20
const count = Math.round((Number(gigabytes) * 2 ** 30) / tensorBytes)
const bytes = count * tensorBytes
const chunk = 4 << 20

async function write(): Promise<void> {
  const shape = [tensorBytes / 4]
  const lazy = (i: number): g.io.LazyTensor => ({ dtype: 'float32', shape, read: async () => value.fill_(i) })
  const value = g.zeros(shape)
  const tensors = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`t${String(i).padStart(4, '0')}`, lazy(i)]),
  )
  await g.io.saveSafetensors(tensors, file)
}

async function read(): Promise<void> {
  const opened = await g.io.openSafetensors(file)
  let i = 0
  for await (const [, x] of opened) {
    // one element of each, so that it is known to be the right one
    if (x.select(0, 0).item() !== i++) throw new Error(`tensor ${i - 1} is another`)
  }
  await opened.close()
}

async function fsWrite(): Promise<void> {
  const handle = await open(file, 'w')
  const part = new Uint8Array(chunk).fill(1)
  for (let at = 0; at < bytes; at += chunk) await handle.write(part)
  await handle.sync()
  await handle.close()
}

async function fsRead(): Promise<void> {
  const handle = await open(file, 'r')
  const part = new Uint8Array(tensorBytes)
  for (let at = 0; at < bytes; at += tensorBytes) await handle.read(part, 0, tensorBytes, at)
  await handle.close()
}

const acts: Record<string, () => Promise<void>> = { read, write, 'fs-read': fsRead, 'fs-write': fsWrite }

// tensors that the program dropped are found when memory runs out: at this size
await g.init({ memoryBudget: 96 << 20, threads: 1 })
const cpu = process.cpuUsage()
const before = performance.now()
await acts[what]()
const seconds = (performance.now() - before) / 1000
const { user, system } = process.cpuUsage(cpu)
const figures = {
  what,
  mbPerSecond: Math.round(bytes / 1e6 / seconds),
  cpuSeconds: (user + system) / 1e6,
  maxRssMb: Math.round(process.resourceUsage().maxRSS / 1e3),
}
console.log(JSON.stringify(figures))
