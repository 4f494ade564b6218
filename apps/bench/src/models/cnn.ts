import type { Rank } from '@tensorflow/tfjs-core'
import type { Case, Gradus, Sizes } from '../case.ts'
import { fill } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

/** The model as a user of gradus writes it, and its loss on the images of the case. */
export function gradusCnn(g: Gradus, { batch }: Sizes) {
  const { Conv2d, BatchNorm2d, ReLU, MaxPool2d, Flatten, Linear, Sequential, CrossEntropyLoss } = g.nn
  const block = (from: number, to: number) => [
    new Conv2d(from, to, 3, { padding: 1 }),
    new BatchNorm2d(to),
    new ReLU(),
    new MaxPool2d(2),
  ]
  const model = new Sequential(...block(1, 16), ...block(16, 32), new Flatten(), new Linear(1568, 10))
  const [x, y] = [gradus.tensorOf(g, [batch, 1, 28, 28], 1), gradus.labelsOf(g, batch, 10, 2)]
  const lossFn = new CrossEntropyLoss()
  return { model, loss: () => lossFn(model(x), y) }
}

/** The model in Python; defines `model`, `x` and `y`. */
export const torchCnn = `
def block(a, b):
    return [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
model = nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(1568, 10))
x, y = fill(batch, 1, 28, 28, seed=1), labels(batch, 10, 2)
`

/** Two blocks of convolution, batch norm, ReLU and pooling over 28 × 28, a linear layer, cross-entropy, AdamW. */
export const cnn: Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'torch'> = {
  gradus: (g, sizes) => {
    const { model, loss } = gradusCnn(g, sizes)
    return gradus.training(g, model, loss)
  },
  jax: (jax, { batch }) => {
    const { numpy: np } = jax
    const conv = (index: number, from: number, to: number) =>
      np.array(scaled(to * from * 9, index, from * 9), { shape: [to, from, 3, 3] })
    const parameters = [
      ...[conv(0, 1, 16), np.zeros([16]), np.ones([16]), np.zeros([16])],
      ...[conv(4, 16, 32), np.zeros([32]), np.ones([32]), np.zeros([32])],
      ...[jaxjs.weightOf(jax, 8, 10, 1568), np.zeros([10])],
    ]
    const channels = (p: JaxArray) => p.reshape([p.shape[0], 1, 1])
    const block = (x: JaxArray, [weight, bias, scale, shift]: JaxArray[]) => {
      const y = jax.lax.convGeneralDilated(x, weight, [1, 1], [[1, 1], [1, 1]]).add(channels(bias)) // prettier-ignore
      const normal = jax.nn.standardize(y, [0, 2, 3]).mul(channels(scale)).add(channels(shift))
      const [n, c, h, w] = normal.shape
      const windows = jax.nn.relu(normal).reshape([n, c, h / 2, 2, w / 2, 2])
      return np.max(np.max(windows, 5), 3)
    }
    return jaxjs.training(
      jax,
      parameters,
      [jaxjs.arrayOf(jax, [batch, 1, 28, 28], 1), jaxjs.oneHotOf(jax, batch, 10, 2)],
      (p, x, y) => {
        const features = block(block(x, p.slice(0, 4)), p.slice(4, 8)).reshape([batch, 1568])
        return jaxjs.crossEntropy(jax, np.matmul(features, p[8]).add(p[9]), y)
      },
    )
  },
  tfjs: (tf, { batch }) => {
    const conv = (index: number, from: number, to: number) =>
      tf.variable(
        tf.transpose(tf.tensor4d(scaled(to * from * 9, index, from * 9), [to, from, 3, 3]), [2, 3, 1, 0]),
      )
    const vector = (size: number, value: number) => tfjs.constantOf(tf, [size], value)
    // rows of the last weight follow the order of pixels, channels last
    const last = tf.variable(
      tf.reshape(tf.transpose(tf.tensor4d(scaled(15680, 8, 1568), [10, 32, 7, 7]), [2, 3, 1, 0]), [1568, 10]),
    )
    const variables = [
      ...[conv(0, 1, 16), vector(16, 0), vector(16, 1), vector(16, 0)],
      ...[conv(4, 16, 32), vector(32, 0), vector(32, 1), vector(32, 0)],
      ...[last, vector(10, 0)],
    ]
    const x = tf.reshape(tfjs.tensorOf(tf, [batch, 1, 28, 28], 1), [batch, 28, 28, 1])
    const y = tfjs.oneHotOf(tf, batch, 10, 2)
    const block = (input: typeof x, at: number, from: number, to: number, extent: number) => {
      const [weight, bias, scale, shift] = variables.slice(at, at + 4)
      const image = tf.reshape<Rank.R4>(input, [batch, extent, extent, from])
      const z = tf.add(tf.conv2d(image, tf.reshape<Rank.R4>(weight, [3, 3, from, to]), 1, 'same'), bias)
      const { mean, variance } = tf.moments(z, [0, 1, 2])
      const normal = tf.add(tf.mul(tf.mul(tf.sub(z, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), shift)
      return tf.maxPool(tf.reshape<Rank.R4>(tf.relu(normal), [batch, extent, extent, to]), 2, 2, 'valid')
    }
    return tfjs.training(tf, variables, () => {
      const features = tf.reshape(block(block(x, 0, 1, 16, 28), 4, 16, 32, 14), [batch, 1568])
      return tfjs.crossEntropy(tf, tf.add(tf.matMul(features, variables[8]), variables[9]), y)
    })
  },
  torch: `${torchCnn}
run, result = training(model, lambda m: F.cross_entropy(m(x), y))
`,
}

const scaled = (size: number, index: number, fanIn: number) =>
  fill(size, 1000 + index).map((value) => value / Math.sqrt(fanIn))
