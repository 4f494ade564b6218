import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as g from 'gradus'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { mutateNpy, mutateSafetensors, mutateTorch, type Mutate } from '../src/fuzz/formats.ts'
import { Draw } from '../src/fuzz/mutate.ts'
import { filesFolder } from '../src/golden/shared-files.ts'

// GRADUS_FUZZ is how many files of each format are tried: at length 100,000
const rounds = Number(process.env.GRADUS_FUZZ ?? 1500)

g.setWarningHandler(() => {})

/** Counts what is allocated, so that no file takes more than it may. */
let allocated = 0
const backend = referenceBackend()
const alloc = backend.alloc.bind(backend)
backend.alloc = (bytes) => {
  allocated += bytes
  return alloc(bytes)
}
g.setBackend(backend)

const x = g.tensor([
  [1, 2, 3],
  [4, 5, 6],
])
const nested = {
  model: { w: x, t: x.t(), b: g.ones(2) },
  list: [1, 2 ** 40, 0.5, null, 'text'],
  3: true,
  bytes: Uint8Array.of(1, 2),
}

async function seeds(ending: string, own: readonly Uint8Array[]): Promise<Uint8Array[]> {
  if (filesFolder === null) return [...own]
  const files = readdirSync(filesFolder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith(ending),
  )
  const shown = files.map((name) => new Uint8Array(readFileSync(join(filesFolder!, name))))
  // the large ones are about size alone
  return [...own, ...shown.filter((bytes) => bytes.length < 20_000)]
}

const formats: [string, string, Mutate, () => Promise<Uint8Array[]>][] = [
  [
    'safetensors',
    '.safetensors',
    mutateSafetensors,
    async () => [
      await g.io.toBytes({ a: x, b: g.ones(2).to('bfloat16'), c: g.ones(0) }, { format: 'safetensors' }),
    ],
  ],
  ['PyTorch', '.pt', mutateTorch, async () => [await g.io.toBytes(nested), await g.io.toBytes([x, x.t()])]],
  ['NumPy', '.npy', mutateNpy, async () => [await g.io.toBytes(x, { format: 'npy' })]],
]

describe('mutated files', () => {
  for (const [name, ending, mutate, own] of formats) {
    test(`of ${name} are read or refused, in bounds of time and memory`, { timeout: 3_600_000 }, async () => {
      const files = await seeds(ending, await own())
      const outcomes = { read: 0, refused: 0 }
      let slowest = 0
      for (let i = 0; i < rounds; i++) {
        const draw = new Draw(i)
        let bytes = draw.of(files)
        for (let k = 0; k <= draw.below(3); k++) bytes = mutate(bytes, draw)
        allocated = 0
        const before = performance.now()
        try {
          await g.load(bytes)
          outcomes.read++
        } catch (error) {
          if (!(error instanceof g.TensorError))
            throw new Error(`round ${i} threw ${String(error)}`, { cause: error })
          outcomes.refused++
        }
        slowest = Math.max(slowest, performance.now() - before)
        // four-bit floats become four times as long
        expect(allocated).toBeLessThanOrEqual(4 * bytes.length)
      }
      expect({}).not.toHaveProperty('polluted')
      expect(Object.keys(Object.prototype)).toEqual([])
      // a file is some kB; the machine may be busy
      expect(slowest).toBeLessThan(2000)
      expect(outcomes.read).toBeGreaterThan(rounds / 200)
      expect(outcomes.refused).toBeGreaterThan(rounds / 20)
      if (process.env.GRADUS_FUZZ)
        process.stdout.write(`${name}: ${JSON.stringify(outcomes)}, slowest ${slowest.toFixed(1)} ms\n`)
    })
  }
})
