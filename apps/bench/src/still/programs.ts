/** The smallest useful program of each library: what a page would load, and what is timed from import to result. */
export interface Program {
  readonly peer: string
  readonly name: string
  readonly code: string
  /** Files beside the bundle that the program fetches when it runs. */
  readonly assets?: readonly string[]
}

export const sizePrograms: readonly Program[] = [
  {
    peer: 'gradus',
    name: 'core, autograd and the compiled backend',
    code: `import * as core from '@gradus/core'; import * as autograd from '@gradus/autograd'; import { wasmBackend } from '@gradus/backend-wasm'; console.log(core, autograd, wasmBackend)`,
  },
  { peer: 'gradus', name: 'all', code: `import * as g from 'gradus'; console.log(g)` },
  { peer: 'jax-js', name: 'all', code: `import * as jax from '@jax-js/jax'; console.log(jax)` },
  {
    peer: 'tfjs-wasm',
    name: 'all of core and the WebAssembly backend',
    code: `import * as tf from '@tensorflow/tfjs-core'; import * as wasm from '@tensorflow/tfjs-backend-wasm'; console.log(tf, wasm)`,
    assets: ['@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'],
  },
]

/** Answers 15 after import, a product of two matrices and a read. */
export const startPrograms: readonly Program[] = [
  {
    peer: 'gradus',
    name: 'first result',
    // a static import, as a program has it: bundled, `import()` wraps every module in a function that is parsed twice.
    // The export keeps all of the library in the bundle
    code: `import * as g from 'gradus'
export { g }
export async function first() { return g.matmul(g.tensor([[1, 2]]), g.tensor([[3], [6]])).item() }`,
  },
  {
    peer: 'jax-js',
    name: 'first result',
    code: `export async function first() { const jax = await import('@jax-js/jax'); await jax.init('wasm'); jax.defaultDevice('wasm'); return jax.numpy.matmul(jax.numpy.array([[1, 2]]), jax.numpy.array([[3], [6]])).reshape([]).item() }`,
  },
  {
    peer: 'tfjs-wasm',
    name: 'first result',
    code: `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
export async function first() { const tf = require('@tensorflow/tfjs-core'); require('@tensorflow/tfjs-backend-wasm'); await tf.setBackend('wasm'); await tf.ready(); return tf.matMul([[1, 2]], [[3], [6]]).dataSync()[0] }`,
  },
]

export const torchStart = `
import sys, time
start = time.perf_counter()
import torch
value = (torch.tensor([[1., 2.]]) @ torch.tensor([[3.], [6.]])).item()
print((time.perf_counter() - start) * 1000 if value == 15 else "wrong")
`
