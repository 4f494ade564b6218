import type { Gradus, Sizes, Suite } from '../case.ts'
import { digest, fill } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'
import { rowUlpError } from '../ulp.ts'

type Tensor = ReturnType<typeof gradus.tensorOf>
type Float = 'float32' | 'float64'

const size = 1024 * 1024
const MB = 4 * size

/** Between -4 and 4. */
const values = (seed: number) => fill(size, seed).map((value) => 4 * value)

/** The error of a function of a dtype: in float32, against itself in float64. */
const ulpOf =
  (compute: (dtype: Float) => Tensor): (() => number) =>
  () => {
    const [values, exact] = [compute('float32'), compute('float64')]
    return rowUlpError(numbersOf(values), numbersOf(exact), values.shape[values.ndim - 1])
  }

function numbersOf(x: Tensor): Float32Array | Float64Array {
  const values = x.readSync()
  if (values instanceof Float32Array || values instanceof Float64Array) return values
  throw new Error(`no floats but ${x.dtype}`)
}

const square = (g: Gradus, seed: number, dtype: Float): Tensor =>
  g.tensor(values(seed)).reshape(1024, 1024).to(dtype)

const rowUlp = `
def row_ulp_error(values, exact):
    largest = exact.abs().amax(-1, keepdim=True).float()
    spacing = torch.nextafter(largest, torch.full_like(largest, float("inf"))) - largest
    return ((values.double() - exact).abs() / spacing.double()).max().item()
`

const rowSizes: Sizes = { rows: 1024, columns: 1024 }
const adamSizes: Sizes = { size, lr: 1e-3 }

export const rows: Suite = {
  name: 'rows',
  title: 'Normalisation, softmax, loss and optimizer over one million elements',
  text:
    'Backward rows: gradus and PyTorch go back over one recorded forward pass; jax-js and TensorFlow.js have no way to ' +
    'keep one, so their figure includes the forward pass. Errors are against float64, in units in the last place (ulp) of ' +
    'the largest element of a row.',
  chart: 'ms',
  cases: [
    {
      name: 'softmax',
      sizes: rowSizes,
      bytes: 2 * MB,
      quick: true,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(1024, 1024)
        return {
          ...gradus.kernel(g, () => g.softmax(x, -1)),
          ulp: ulpOf((dtype) => g.softmax(x.to(dtype), -1)),
        }
      },
      jax: (jax) =>
        jaxjs.kernel(jax, [jax.numpy.array(values(1), { shape: [1024, 1024] })], (x) => jax.nn.softmax(x)),
      tfjs: (tf) => {
        const x = tf.tensor(values(1), [1024, 1024])
        return tfjs.kernel(tf, () => tf.softmax(x))
      },
      js: () => {
        const x = values(1)
        const out = new Float32Array(size)
        const run = () => {
          for (let i = 0; i < size; i += 1024) {
            let largest = -Infinity
            for (let j = i; j < i + 1024; j++) largest = Math.max(largest, x[j])
            let total = 0
            for (let j = i; j < i + 1024; j++) total += out[j] = Math.exp(x[j] - largest)
            for (let j = i; j < i + 1024; j++) out[j] /= total
          }
        }
        return {
          run,
          result: () => {
            run()
            return digest(out)
          },
        }
      },
      torch: `${rowUlp}
x = fill(rows, columns, seed=1) * 4
run = lambda: torch.softmax(x, -1)
result = lambda: digest(run())
ulp = lambda: row_ulp_error(run(), torch.softmax(x.double(), -1))
`,
    },
    {
      name: 'softmax backward',
      sizes: rowSizes,
      bytes: 3 * MB,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(1024, 1024).requiresGrad_()
        const ulp = ulpOf((dtype) => {
          const own = square(g, 1, dtype).requiresGrad_()
          const gradOutputs = gradus.tensorOf(g, [1024, 1024], 2).to(dtype)
          return g.autograd.grad(g.softmax(own, -1), [own], { gradOutputs, allowUnused: false })[0]
        })
        return { ...gradus.backwardKernel(g, g.softmax(x, -1), x, 2), ulp }
      },
      jax: (jax) =>
        jaxjs.kernel(
          jax,
          [jax.numpy.array(values(1), { shape: [1024, 1024] }), jaxjs.arrayOf(jax, [1024, 1024], 2)],
          (x, dy) => jax.grad((a: JaxArray) => jax.numpy.sum(jax.nn.softmax(a).mul(dy)))(x),
        ),
      tfjs: (tf) => {
        const [x, dy] = [tf.tensor(values(1), [1024, 1024]), tfjs.tensorOf(tf, [1024, 1024], 2)]
        const backward = tf.grad((a) => tf.softmax(a))
        return tfjs.kernel(tf, () => backward(x, dy))
      },
      torch: `${rowUlp}
x = (fill(rows, columns, seed=1) * 4).requires_grad_()
dy = fill(rows, columns, seed=2)
y = torch.softmax(x, -1)
run = lambda: torch.autograd.grad(y, x, dy, retain_graph=True)[0]
result = lambda: digest(run())
def ulp():
    own = x.detach().double().requires_grad_()
    return row_ulp_error(run(), torch.autograd.grad(torch.softmax(own, -1), own, dy.double())[0])
`,
    },
    {
      name: 'layerNorm',
      sizes: rowSizes,
      bytes: 2 * MB,
      quick: true,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(1024, 1024)
        const [weight, bias] = [gradus.tensorOf(g, [1024], 3), gradus.tensorOf(g, [1024], 4)]
        return {
          ...gradus.kernel(g, () => g.layerNorm(x, [1024], weight, bias)),
          ulp: ulpOf((dtype) => g.layerNorm(x.to(dtype), [1024], weight.to(dtype), bias.to(dtype))),
        }
      },
      jax: (jax) =>
        jaxjs.kernel(
          jax,
          [
            jax.numpy.array(values(1), { shape: [1024, 1024] }),
            jaxjs.arrayOf(jax, [1024], 3),
            jaxjs.arrayOf(jax, [1024], 4),
          ],
          (x, weight, bias) => jax.nn.standardize(x).mul(weight).add(bias),
        ),
      tfjs: (tf) => {
        const x = tf.tensor(values(1), [1024, 1024])
        const [weight, bias] = [tfjs.tensorOf(tf, [1024], 3), tfjs.tensorOf(tf, [1024], 4)]
        return tfjs.kernel(tf, () => tfjs.layerNorm(tf, x, weight, bias))
      },
      torch: `${rowUlp}
x = fill(rows, columns, seed=1) * 4
weight, bias = fill(columns, seed=3), fill(columns, seed=4)
run = lambda: F.layer_norm(x, (columns,), weight, bias)
result = lambda: digest(run())
ulp = lambda: row_ulp_error(run(), F.layer_norm(x.double(), (columns,), weight.double(), bias.double()))
`,
    },
    {
      name: 'layerNorm backward',
      sizes: rowSizes,
      bytes: 3 * MB,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(1024, 1024).requiresGrad_()
        const weight = gradus.tensorOf(g, [1024], 3).requiresGrad_()
        const bias = gradus.tensorOf(g, [1024], 4).requiresGrad_()
        const ulp = ulpOf((dtype) => {
          const own = square(g, 1, dtype).requiresGrad_()
          const gradOutputs = gradus.tensorOf(g, [1024, 1024], 2).to(dtype)
          const y = g.layerNorm(own, [1024], weight.detach().to(dtype), bias.detach().to(dtype))
          return g.autograd.grad(y, [own], { gradOutputs, allowUnused: false })[0]
        })
        const y = g.layerNorm(x, [1024], weight, bias)
        return { ...gradus.backwardKernel(g, y, [x, weight, bias], 2), ulp }
      },
      jax: (jax) => {
        const prepared = jaxjs.kernel(
          jax,
          [
            jax.numpy.array(values(1), { shape: [1024, 1024] }),
            jaxjs.arrayOf(jax, [1024], 3),
            jaxjs.arrayOf(jax, [1024], 4),
            jaxjs.arrayOf(jax, [1024, 1024], 2),
          ],
          (x, weight, bias, dy) => {
            const loss = (a: JaxArray, w: JaxArray, b: JaxArray) =>
              jax.numpy.sum(jax.nn.standardize(a).mul(w).add(b).mul(dy))
            const [dx, dw, db] = jax.grad(loss, { argnums: [0, 1, 2] })(x, weight, bias)
            // all three are wanted, and one array has to carry them
            return jax.numpy.concatenate([dx, jax.numpy.expandDims(dw, 0), jax.numpy.expandDims(db, 0)])
          },
        )
        return { ...prepared, result: undefined }
      },
      tfjs: (tf) => {
        const [x, dy] = [tf.tensor(values(1), [1024, 1024]), tfjs.tensorOf(tf, [1024, 1024], 2)]
        const backward = tf.grads((a, weight, bias) => tfjs.layerNorm(tf, a, weight, bias))
        const inputs = [x, tfjs.tensorOf(tf, [1024], 3), tfjs.tensorOf(tf, [1024], 4)]
        return tfjs.kernel(tf, () => backward(inputs, dy)[0])
      },
      torch: `${rowUlp}
x = (fill(rows, columns, seed=1) * 4).requires_grad_()
weight, bias = fill(columns, seed=3).requires_grad_(), fill(columns, seed=4).requires_grad_()
dy = fill(rows, columns, seed=2)
y = F.layer_norm(x, (columns,), weight, bias)
run = lambda: torch.autograd.grad(y, (x, weight, bias), dy, retain_graph=True)[0]
result = lambda: digest(run())
def ulp():
    own = x.detach().double().requires_grad_()
    exact = F.layer_norm(own, (columns,), weight.detach().double(), bias.detach().double())
    return row_ulp_error(run(), torch.autograd.grad(exact, own, dy.double())[0])
`,
    },
    {
      name: 'cross-entropy, forward and backward',
      sizes: rowSizes,
      bytes: 3 * MB,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(1024, 1024).requiresGrad_()
        const target = gradus.labelsOf(g, 1024, 1024, 5)
        const compute = () => {
          const loss = g.nn.functional.crossEntropy(x, target)
          return g.autograd.grad(loss, [x], { allowUnused: false })[0]
        }
        return {
          run: () => {
            gradus.tidy(g, () => void compute())
          },
          result: () => digest(gradus.numbersOf(compute())),
          ulp: ulpOf((dtype) => {
            const own = square(g, 1, dtype).requiresGrad_()
            const loss = g.nn.functional.crossEntropy(own, target)
            return g.autograd.grad(loss, [own], { allowUnused: false })[0]
          }),
        }
      },
      jax: (jax) =>
        jaxjs.kernel(
          jax,
          [jax.numpy.array(values(1), { shape: [1024, 1024] }), jaxjs.oneHotOf(jax, 1024, 1024, 5)],
          (x, target) => jax.grad((a: JaxArray) => jaxjs.crossEntropy(jax, a, target))(x),
        ),
      tfjs: (tf) => {
        const [x, target] = [tf.tensor(values(1), [1024, 1024]), tfjs.oneHotOf(tf, 1024, 1024, 5)]
        const backward = tf.grad((a) => tfjs.crossEntropy(tf, a, target))
        return tfjs.kernel(tf, () => backward(x))
      },
      torch: `${rowUlp}
x = (fill(rows, columns, seed=1) * 4).requires_grad_()
target = labels(rows, columns, 5)
run = lambda: torch.autograd.grad(F.cross_entropy(x, target), x)[0]
result = lambda: digest(run())
def ulp():
    own = x.detach().double().requires_grad_()
    return row_ulp_error(run(), torch.autograd.grad(F.cross_entropy(own, target), own)[0])
`,
    },
    {
      name: 'batchNorm, training',
      sizes: { batch: 64, channels: 16, height: 32 },
      bytes: 2 * MB,
      tolerance: 1e-2,
      gradus: (g) => {
        const x = g.tensor(values(1)).reshape(64, 16, 32, 32)
        const layer = new g.nn.BatchNorm2d(16)
        const ulp = ulpOf((dtype) => new g.nn.BatchNorm2d(16).to(dtype)(x.to(dtype)).detach())
        return { ...gradus.kernel(g, () => layer(x)), ulp }
      },
      jax: (jax) =>
        jaxjs.kernel(jax, [jax.numpy.array(values(1), { shape: [64, 16, 32, 32] })], (x) =>
          jax.nn.standardize(x, [0, 2, 3]),
        ),
      tfjs: (tf) => {
        // channels last, as this library wants them: the same elements in another order
        const x = tf.transpose(tf.tensor(values(1), [64, 16, 32, 32]), [0, 2, 3, 1])
        const prepared = tfjs.kernel(tf, () => {
          const { mean, variance } = tf.moments(x, [0, 1, 2])
          return tf.batchNorm(x, mean, variance, undefined, undefined, 1e-5)
        })
        return { ...prepared, result: undefined }
      },
      torch: `${rowUlp}
x = (fill(batch, channels, height, height, seed=1) * 4)
layer = nn.BatchNorm2d(channels)
def run():
    with torch.no_grad():
        return layer(x)
result = lambda: digest(run())
ulp = lambda: row_ulp_error(run(), nn.BatchNorm2d(channels).double()(x.double()).detach())
`,
    },
    {
      name: 'AdamW step',
      sizes: adamSizes,
      bytes: 7 * MB,
      quick: true,
      gradus: (g, { lr }) => {
        const p = new g.nn.Parameter(g.tensor(fill(size, 1)))
        p.grad = g.tensor(fill(size, 2))
        const optimizer = new g.optim.AdamW([p], { lr })
        return {
          run: () => optimizer.step(),
          result: () => {
            for (let i = 0; i < 3; i++) optimizer.step()
            return digest(gradus.numbersOf(p))
          },
        }
      },
      jax: (jax, { lr }) => {
        const { numpy: np } = jax
        const step = jax.jit((state: JaxArray[], g: JaxArray, c1: JaxArray, c2: JaxArray) => {
          const [p, m, v] = state
          const mean = m.mul(0.9).add(g.ref.mul(0.1))
          const square = v.mul(0.999).add(np.square(g).mul(0.001))
          const change = mean.ref.div(c1).div(np.sqrt(square.ref.div(c2)).add(1e-8))
          return [p.mul(1 - lr * 0.01).sub(change.mul(lr)), mean, square]
        })
        const gradient = np.array(fill(size, 2))
        let state = [np.array(fill(size, 1)), np.zeros([size]), np.zeros([size])]
        let count = 0
        const run = async () => {
          count++
          state = step(state, gradient.ref, np.array(1 - 0.9 ** count), np.array(1 - 0.999 ** count))
          await jax.blockUntilReady(state)
        }
        return {
          run,
          result: async () => {
            for (let i = 0; i < 3; i++) await run()
            return digest(await state[0].ref.data())
          },
          release: () => {
            jax.tree.dispose(state)
            gradient.dispose()
            step.dispose()
          },
        }
      },
      tfjs: (tf, { lr }) => {
        const p = tf.variable(tf.tensor1d(fill(size, 1)))
        const gradient = tf.tensor1d(fill(size, 2))
        const optimizer = tf.train.adam(lr, 0.9, 0.999, 1e-8)
        const run = () => optimizer.applyGradients([{ name: p.name, tensor: gradient }])
        return { run, release: () => tf.disposeVariables() }
      },
      js: (_, { lr }) => {
        const [p, g] = [fill(size, 1), fill(size, 2)]
        const [m, v] = [new Float32Array(size), new Float32Array(size)]
        let count = 0
        const run = () => {
          count++
          const [c1, c2] = [1 - 0.9 ** count, 1 - 0.999 ** count]
          for (let i = 0; i < size; i++) {
            m[i] = 0.9 * m[i] + 0.1 * g[i]
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i]
            p[i] = p[i] * (1 - lr * 0.01) - (lr * (m[i] / c1)) / (Math.sqrt(v[i] / c2) + 1e-8)
          }
        }
        return {
          run,
          result: () => {
            for (let i = 0; i < 3; i++) run()
            return digest(p)
          },
        }
      },
      torch: `
p = nn.Parameter(fill(size, seed=1))
p.grad = fill(size, seed=2)
optimizer = torch.optim.AdamW([p], lr=lr, fused=True)
run = optimizer.step
def result():
    for _ in range(3):
        run()
    return digest(p)
`,
    },
  ],
}
