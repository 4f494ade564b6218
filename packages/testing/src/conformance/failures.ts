import type { Backend, View } from '@gradus/core/backend'
import type { Case } from './index.ts'
import { numbers, source } from './trial.ts'

const floats = (n: number, seed: number) => source('float32', [n], 'dense', numbers(seed))
const positions = (wrong: number) => source('int32', [4], 'dense', (i) => (i === 2 ? wrong : i))

/** Calls a backend that may fail at the call, or later. */
function attempt(run: () => void): void {
  try {
    run()
  } catch {
    // the case is about the calls around it
  }
}

/** What a backend owes where a call fails, and where it runs a call later than it was made: see `Backend`. */
export function* failureCases(): Generator<Case> {
  yield {
    name: 'a copy after a gather that fails',
    sources: [floats(4, 20), positions(9), source('float32', [4]), source('float32', [4])],
    run(backend, [x, at, out, copied]) {
      try {
        backend.gather(x, at, 0, out)
      } finally {
        backend.copy(x, copied)
      }
    },
  }
  yield {
    name: 'two calls that fail, of which the first is reported',
    sources: [floats(4, 21), positions(9), positions(-5), source('float32', [4])],
    run(backend, [x, first, second, out]) {
      try {
        backend.gather(x, first, 0, out)
      } finally {
        attempt(() => backend.scatter('set', x, second, 0, out))
      }
    },
  }
  yield {
    name: 'a gather into a result of another shape, refused at once',
    sources: [floats(4, 22), positions(3), source('float32', [5])],
    run: (backend, [x, at, out]) => backend.gather(x, at, 0, out),
  }
  yield {
    name: 'data that changes after it was written',
    sources: [floats(4, 23)],
    run(backend, [x]) {
      const data = Float32Array.of(1, 2, 3, 4)
      backend.write(x.storage.block, data)
      data.fill(0)
    },
  }
  yield {
    name: 'a view that changes after a call',
    sources: [floats(4, 24), source('float32', [4]), floats(4, 25)],
    run(backend, [x, out, other]) {
      const view = { ...x }
      backend.copy(view, out)
      view.storage = other.storage
    },
  }
  yield {
    name: 'a block that is freed after a call',
    sources: [floats(4, 26), source('float32', [4])],
    run: copyOfFreed,
  }
}

function copyOfFreed(backend: Backend, [x, out]: readonly View[]): void {
  const block = backend.alloc(16)
  backend.write(block, Float32Array.of(5, 6, 7, 8))
  backend.copy({ ...x, storage: { block } }, out)
  backend.free(block)
}
