import type { Case, Suite } from '../case.ts'
import { digest, fill } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import * as jaxjs from '../libraries/jax.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'
import type { Gradus, Jax, Tf } from '../case.ts'
import { ulpError } from '../ulp.ts'

type GradusTensor = ReturnType<typeof gradus.tensorOf>
type TfTensor = ReturnType<typeof tfjs.tensorOf>

const size = 1024 * 1024
/** Inputs are spread over this range, where the functions have their interesting part. */
const range = 4

interface Map {
  name: string
  bytes: number
  quick?: boolean
  gradus(g: Gradus, x: GradusTensor, y: GradusTensor): GradusTensor
  jax(jax: Jax, x: JaxArray, y: JaxArray): JaxArray
  tfjs(tf: Tf, x: TfTensor, y: TfTensor): TfTensor
  js(x: Float32Array, y: Float32Array, out: Float32Array): void
  torch: string
  /** The same in float64: of each element, or gradus' own on a tensor of that dtype. */
  exact?(x: number, y: number): number
  exactGradus?(g: Gradus, x: GradusTensor): GradusTensor
  exactTorch?: string
}

const values = (seed: number) => fill(size, seed).map((value) => range * value)

const map = ({ name, bytes, quick, exact, exactGradus, ...one }: Map): Case => {
  const inputs = () => [values(1), values(2)]
  const exactAt = () => {
    if (exact === undefined) return undefined
    const [x, y] = inputs()
    return (i: number) => exact(x[i], y[i])
  }
  return {
    name,
    sizes: { size, range },
    bytes,
    quick: quick ?? false,
    tolerance: 1e-2,
    gradus: (g) => {
      const [x, y] = inputs().map((data) => g.tensor(data).reshape(1024, 1024))
      const prepared = gradus.kernel(g, () => one.gradus(g, x, y), exactAt())
      if (exactGradus === undefined) return prepared
      const ulp = () => {
        const expected = Array.from(exactGradus(g, x.to('float64')).readSync(), Number)
        return ulpError(gradus.numbersOf(one.gradus(g, x, y)), (i) => expected[i])
      }
      return { ...prepared, ulp }
    },
    jax: (jax) => {
      const [x, y] = inputs().map((data) => jax.numpy.array(data, { shape: [1024, 1024] }))
      return jaxjs.kernel(jax, [x, y], (a, b) => one.jax(jax, a, b), exactAt())
    },
    tfjs: (tf) => {
      const [x, y] = inputs().map((data) => tf.tensor(data, [1024, 1024]))
      return tfjs.kernel(tf, () => one.tfjs(tf, x, y), exactAt())
    },
    js: () => {
      const [x, y] = inputs()
      const out = new Float32Array(size)
      const run = () => one.js(x, y, out)
      return {
        run,
        result: () => {
          run()
          return digest(name.startsWith('sum') ? out.subarray(0, name === 'sum' ? 1 : 1024) : out)
        },
      }
    },
    torch: `
x, y = fill(1024, 1024, seed=1) * range, fill(1024, 1024, seed=2) * range
run = lambda: ${one.torch}
result = lambda: digest(run())
${one.exactTorch === undefined ? '' : `ulp = lambda: ulp_error(run(), ${one.exactTorch})`}
`,
  }
}

const each =
  (f: (x: number, y: number) => number) => (x: Float32Array, y: Float32Array, out: Float32Array) => {
    for (let i = 0; i < out.length; i++) out[i] = f(x[i], y[i])
  }

const MB = 4 * size

export const pointwise: Suite = {
  name: 'pointwise',
  title: 'Pointwise functions and sums over 1024 × 1024',
  text:
    'Float32, one million elements between -4 and 4. Errors are against float64, in units in the last place (ulp) of the ' +
    'result, the largest of all elements.',
  chart: 'ms',
  cases: [
    map({
      name: 'add',
      bytes: 3 * MB,
      quick: true,
      gradus: (g, x, y) => g.add(x, y),
      jax: (_, x, y) => x.add(y),
      tfjs: (tf, x, y) => tf.add(x, y),
      js: each((x, y) => x + y),
      torch: 'x + y',
      exact: (x, y) => x + y,
      exactTorch: 'x.double() + y.double()',
    }),
    map({
      name: 'relu',
      bytes: 2 * MB,
      gradus: (g, x) => g.relu(x),
      jax: (jax, x) => jax.nn.relu(x),
      tfjs: (tf, x) => tf.relu(x),
      js: each((x) => (x > 0 ? x : 0)),
      torch: 'torch.relu(x)',
      exact: (x) => Math.max(x, 0),
      exactTorch: 'torch.relu(x.double())',
    }),
    map({
      name: 'exp',
      bytes: 2 * MB,
      quick: true,
      gradus: (g, x) => g.exp(x),
      jax: (jax, x) => jax.numpy.exp(x),
      tfjs: (tf, x) => tf.exp(x),
      js: each((x) => Math.exp(x)),
      torch: 'torch.exp(x)',
      exact: (x) => Math.exp(x),
      exactTorch: 'torch.exp(x.double())',
    }),
    map({
      name: 'tanh',
      bytes: 2 * MB,
      gradus: (g, x) => g.tanh(x),
      jax: (jax, x) => jax.numpy.tanh(x),
      tfjs: (tf, x) => tf.tanh(x),
      js: each((x) => Math.tanh(x)),
      torch: 'torch.tanh(x)',
      exact: (x) => Math.tanh(x),
      exactTorch: 'torch.tanh(x.double())',
    }),
    map({
      name: 'gelu (erf)',
      bytes: 2 * MB,
      gradus: (g, x) => g.gelu(x),
      jax: (jax, x) => jax.nn.gelu(x, { approximate: false }),
      tfjs: (tf, x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
      js: each((x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))),
      torch: 'F.gelu(x)',
      exactGradus: (g, x) => g.gelu(x),
      exactTorch: 'F.gelu(x.double())',
    }),
    map({
      name: 'sum',
      bytes: MB,
      quick: true,
      gradus: (g, x) => g.sum(x),
      jax: (jax, x) => jax.numpy.sum(x),
      tfjs: (tf, x) => tf.sum(x),
      js: (x, _, out) => {
        let sum = 0
        for (let i = 0; i < x.length; i++) sum += x[i]
        out[0] = sum
      },
      torch: 'x.sum()',
      exactGradus: (g, x) => g.sum(x),
      exactTorch: 'x.double().sum()',
    }),
    map({
      name: 'sum of rows',
      bytes: MB,
      gradus: (g, x) => g.sum(x, 1),
      jax: (jax, x) => jax.numpy.sum(x, 1),
      tfjs: (tf, x) => tf.sum(x, 1),
      js: (x, _, out) => {
        for (let i = 0; i < 1024; i++) {
          let sum = 0
          for (let j = 0; j < 1024; j++) sum += x[i * 1024 + j]
          out[i] = sum
        }
      },
      torch: 'x.sum(1)',
      exactGradus: (g, x) => g.sum(x, 1),
      exactTorch: 'x.double().sum(1)',
    }),
    map({
      name: 'sum of columns',
      bytes: MB,
      gradus: (g, x) => g.sum(x, 0),
      jax: (jax, x) => jax.numpy.sum(x, 0),
      tfjs: (tf, x) => tf.sum(x, 0),
      js: (x, _, out) => {
        out.fill(0, 0, 1024)
        for (let i = 0; i < 1024; i++) for (let j = 0; j < 1024; j++) out[j] += x[i * 1024 + j]
      },
      torch: 'x.sum(0)',
      exactGradus: (g, x) => g.sum(x, 0),
      exactTorch: 'x.double().sum(0)',
    }),
  ],
}

/** Abramowitz and Stegun 7.1.26: what a program without a library would write. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const polynomial =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x))
}
