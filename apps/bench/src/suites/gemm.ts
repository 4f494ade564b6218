import type { Case, Sizes, Suite } from '../case.ts'
import { digest, fill } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

/** Shapes of the operands as they lie in memory: transposed ones have their axes exchanged. */
function shapes({ batch, m, n, k, ta, tb }: Sizes): { x: number[]; y: number[] } {
  const lead = batch > 1 ? [batch] : []
  return { x: [...lead, ...(ta ? [k, m] : [m, k])], y: [...lead, ...(tb ? [n, k] : [k, n])] }
}

const product = (
  name: string,
  sizes: Partial<Record<'batch' | 'm' | 'n' | 'k' | 'ta' | 'tb', number>>,
  quick = false,
): Case => {
  const all = { batch: 1, m: 1, n: 1, k: 1, ta: 0, tb: 0, ...sizes }
  return {
    name,
    sizes: all,
    quick,
    flops: 2 * all.batch * all.m * all.n * all.k,
    gradus: (g, s) => {
      const { x, y } = shapes(s)
      const a = gradus.tensorOf(g, x, 1)
      const b = gradus.tensorOf(g, y, 2)
      const [left, right] = [s.ta ? a.mT : a, s.tb ? b.mT : b]
      return gradus.kernel(g, () => g.matmul(left, right))
    },
    jax: (jax, s) => {
      const { numpy: np } = jax
      const { x, y } = shapes(s)
      return jaxjs.kernel(jax, [jaxjs.arrayOf(jax, x, 1), jaxjs.arrayOf(jax, y, 2)], (a, b) =>
        np.matmul(s.ta ? np.matrixTranspose(a) : a, s.tb ? np.matrixTranspose(b) : b),
      )
    },
    tfjs: (tf, s) => {
      const { x, y } = shapes(s)
      const [a, b] = [tfjs.tensorOf(tf, x, 1), tfjs.tensorOf(tf, y, 2)]
      return tfjs.kernel(tf, () => tf.matMul(a, b, s.ta === 1, s.tb === 1))
    },
    js: (_, s) => {
      const { x, y } = shapes(s)
      const [a, b] = [fill(gradus.product(x), 1), fill(gradus.product(y), 2)]
      const out = new Float32Array(s.batch * s.m * s.n)
      const run = () => loops(a, b, out, s)
      return {
        run,
        result: () => {
          run()
          return digest(out)
        },
      }
    },
    torch: `
lead = (batch,) if batch > 1 else ()
x = fill(*lead, *((k, m) if ta else (m, k)), seed=1)
y = fill(*lead, *((n, k) if tb else (k, n)), seed=2)
a, b = x.mT if ta else x, y.mT if tb else y
run = lambda: a @ b
result = lambda: digest(run())
`,
  }
}

/** Three loops, the innermost along the rows of the result and of y. */
function loops(a: Float32Array, b: Float32Array, out: Float32Array, { batch, m, n, k, ta, tb }: Sizes): void {
  const [rowA, columnA] = ta ? [1, m] : [k, 1]
  const [rowB, columnB] = tb ? [1, k] : [n, 1]
  out.fill(0)
  for (let z = 0; z < batch; z++) {
    const [fromA, fromB, to] = [z * m * k, z * k * n, z * m * n]
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) {
        const factor = a[fromA + i * rowA + p * columnA]
        const [start, begin] = [fromB + p * rowB, to + i * n]
        for (let j = 0; j < n; j++) out[begin + j] += factor * b[start + j * columnB]
      }
    }
  }
}

const cube = (size: number, quick = false) => product(`${size}³`, { m: size, n: size, k: size }, quick)

export const gemm: Suite = {
  name: 'gemm',
  title: 'Matrix products',
  text:
    'Float32, inputs ready, result allocated. The limit is the rate of a chain of relaxed multiply-adds (or multiply and ' +
    'add) on registers in the same engine in the same run. m × k · k × n.',
  chart: 'gflops',
  cases: [
    cube(16),
    cube(32),
    cube(64),
    cube(128),
    cube(256, true),
    cube(512, true),
    cube(1024),
    cube(17),
    cube(127),
    product('255 × 253 · 253 × 257', { m: 255, k: 253, n: 257 }),
    product('64 × 784 · 784 × 512', { m: 64, k: 784, n: 512 }, true),
    product('weight gradient: (64 × 784)ᵀ · 64 × 512', { m: 784, k: 64, n: 512, ta: 1 }, true),
    product('input gradient: 64 × 512 · (784 × 512)ᵀ', { m: 64, k: 512, n: 784, tb: 1 }, true),
    product('32 of 64 × 32 · 32 × 64', { batch: 32, m: 64, k: 32, n: 64 }, true),
    product('8 of 256 × 64 · (256 × 64)ᵀ', { batch: 8, m: 256, k: 64, n: 256, tb: 1 }),
    product('1024 × 256 · 256 × 256', { m: 1024, k: 256, n: 256 }),
    product('1 × 784 · 784 × 512', { m: 1, k: 784, n: 512 }, true),
  ],
}
