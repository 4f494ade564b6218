import type { Suite } from '../case.ts'
import { digest } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import * as jaxjs from '../libraries/jax.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

const sizes = { size: 16 }

export const dispatch: Suite = {
  name: 'dispatch',
  title: 'What a call costs: 16 elements',
  text:
    'The arithmetic takes nanoseconds; the rest is the library. One operation per call, the result dropped. Under `jit` ' +
    'jax-js compiles the call; without it, it builds the expression and compiles it when it is read.',
  chart: 'us',
  steps: true,
  cases: [
    {
      name: 'add',
      sizes,
      quick: true,
      gradus: (g) => {
        const [x, y] = [gradus.tensorOf(g, [16], 1), gradus.tensorOf(g, [16], 2)]
        return { run: () => void g.add(x, y), result: () => digest(gradus.numbersOf(g.add(x, y))) }
      },
      jax: (jax) =>
        jaxjs.kernel(jax, [jaxjs.arrayOf(jax, [16], 1), jaxjs.arrayOf(jax, [16], 2)], (x, y) => x.add(y)),
      tfjs: (tf) => {
        const [x, y] = [tfjs.tensorOf(tf, [16], 1), tfjs.tensorOf(tf, [16], 2)]
        return { run: () => tf.add(x, y).dispose(), result: () => digest(tf.add(x, y).dataSync()) }
      },
      torch: `
x, y = fill(size, seed=1), fill(size, seed=2)
run = lambda: x + y
result = lambda: digest(run())
`,
    },
    {
      name: 'add, recorded for gradients',
      sizes,
      quick: true,
      gradus: (g) => {
        const [x, y] = [gradus.tensorOf(g, [16], 1).requiresGrad_(), gradus.tensorOf(g, [16], 2)]
        return { run: () => void g.add(x, y) }
      },
      torch: `
x, y = fill(size, seed=1).requires_grad_(), fill(size, seed=2)
run = lambda: x + y
`,
    },
    {
      name: 'ten operations, forward and backward',
      sizes,
      gradus: (g) => {
        const [x, y] = [gradus.tensorOf(g, [16], 1).requiresGrad_(), gradus.tensorOf(g, [16], 2)]
        const compute = () => {
          let z = x
          for (let i = 0; i < 3; i++) z = g.tanh(z.mul(y).add(x))
          return g.autograd.grad(z.sum(), [x], { allowUnused: false })[0]
        }
        return { run: () => void compute(), result: () => digest(gradus.numbersOf(compute())) }
      },
      jax: (jax) =>
        jaxjs.kernel(jax, [jaxjs.arrayOf(jax, [16], 1), jaxjs.arrayOf(jax, [16], 2)], (a, b) =>
          jax.grad((x: JaxArray, y: JaxArray) => {
            let z = x.ref
            for (let i = 0; i < 3; i++) z = jax.numpy.tanh(z.mul(y.ref).add(x.ref))
            return jax.numpy.sum(z)
          })(a, b),
        ),
      tfjs: (tf) => {
        const [x, y] = [tfjs.tensorOf(tf, [16], 1), tfjs.tensorOf(tf, [16], 2)]
        const backward = tf.grad((a) => {
          let z = a
          for (let i = 0; i < 3; i++) z = tf.tanh(tf.add(tf.mul(z, y), a))
          return tf.sum(z)
        })
        return tfjs.kernel(tf, () => backward(x))
      },
      torch: `
x, y = fill(size, seed=1).requires_grad_(), fill(size, seed=2)
def run():
    z = x
    for _ in range(3):
        z = torch.tanh(z * y + x)
    return torch.autograd.grad(z.sum(), x)[0]
result = lambda: digest(run())
`,
    },
    {
      name: 'matmul 4 × 4',
      sizes: { size: 4 },
      gradus: (g) => {
        const [x, y] = [gradus.tensorOf(g, [4, 4], 1), gradus.tensorOf(g, [4, 4], 2)]
        return { run: () => void g.matmul(x, y) }
      },
      jax: (jax) =>
        jaxjs.kernel(jax, [jaxjs.arrayOf(jax, [4, 4], 1), jaxjs.arrayOf(jax, [4, 4], 2)], (x, y) =>
          jax.numpy.matmul(x, y),
        ),
      tfjs: (tf) => {
        const [x, y] = [tfjs.tensorOf(tf, [4, 4], 1), tfjs.tensorOf(tf, [4, 4], 2)]
        return { run: () => tf.matMul(x, y).dispose() }
      },
      torch: `
x, y = fill(4, 4, seed=1), fill(4, 4, seed=2)
run = lambda: x @ y
`,
    },
  ],
}
