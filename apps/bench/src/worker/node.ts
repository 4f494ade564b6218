import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Load, Request } from '../protocol.ts'
import { loadGradus, loadJax, loadTfjs } from './load.ts'
import { Session, type Loaded } from './session.ts'

const wasmFiles = `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`

async function load({ library, backend, threads }: Load): Promise<Loaded> {
  switch (library) {
    case 'gradus':
      return loadGradus(threads)
    case 'jax':
      return loadJax()
    case 'tfjs':
      return loadTfjs(backend, wasmFiles)
    default:
      return { library: null, version: process.versions.v8 }
  }
}

const session = new Session(`Node ${process.versions.node}, V8 ${process.versions.v8}`, load, () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
})
for await (const line of createInterface({ input: process.stdin })) {
  // the director on the other end writes nothing else
  const request = JSON.parse(line) as Request
  // descriptor 3, because libraries print on the usual ones
  writeSync(3, `${JSON.stringify(await session.answer(request))}\n`)
}
process.exit(0)
