import type { Loaded } from './session.ts'

// set by the bundler from the manifests
declare const TFJS_VERSION: string
declare const JAX_VERSION: string
declare const GRADUS_VERSION: string

export async function loadGradus(threads: number): Promise<Loaded> {
  const g = await import('gradus')
  await g.init({ threads })
  return { library: g, version: GRADUS_VERSION }
}

export async function loadJax(): Promise<Loaded> {
  const jax = await import('@jax-js/jax')
  const ready = await jax.init('wasm')
  if (!ready.includes('wasm')) throw new Error('the wasm backend did not start')
  jax.defaultDevice('wasm')
  return { library: jax, version: JAX_VERSION }
}

/** @param wasmFiles - where the WebAssembly files of TensorFlow.js are, a path in Node and an address in a page */
export async function loadTfjs(backend: 'wasm' | 'cpu', wasmFiles: string): Promise<Loaded> {
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-core/dist/register_all_gradients')
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu')
  else {
    const wasm = await import('@tensorflow/tfjs-backend-wasm')
    wasm.setWasmPaths(wasmFiles)
    wasm.setThreadsCount(1)
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend did not start`)
  await tf.ready()
  return { library: tf, version: TFJS_VERSION }
}
