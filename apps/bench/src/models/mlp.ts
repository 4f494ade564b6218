import type { Case, Gradus, Sizes } from '../case.ts'
import { fill, labels } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

/** Widths of the layers: inputs, `depth` hidden ones, classes. */
export const widths = ({ inputs, width, depth, classes }: Sizes): number[] => [
  inputs,
  ...new Array<number>(depth).fill(width),
  classes,
]

export function gradusMlp(g: Gradus, sizes: Sizes): InstanceType<Gradus['nn']['Sequential']> {
  const dims = widths(sizes)
  const layers = dims
    .slice(1)
    .flatMap((width, i) => [
      new g.nn.Linear(dims[i], width),
      ...(i < dims.length - 2 ? [new g.nn.ReLU()] : []),
    ])
  return new g.nn.Sequential(...layers)
}

/** The model in Python; defines `model`, `x` and `y`. */
export const torchMlp = `
dims = [inputs] + [width] * depth + [classes]
layers = []
for i in range(len(dims) - 1):
    layers += [nn.Linear(dims[i], dims[i + 1]), nn.ReLU()]
model = nn.Sequential(*layers[:-1])
x, y = fill(batch, inputs, seed=1), labels(batch, classes, 2)
`

export function jaxMlp(
  parameters: JaxArray[],
  x: JaxArray,
  jax: Parameters<typeof jaxjs.arrayOf>[0],
): JaxArray {
  let h = x
  for (let i = 0; i < parameters.length; i += 2) {
    h = jax.numpy.matmul(h, parameters[i]).add(parameters[i + 1])
    if (i + 2 < parameters.length) h = jax.nn.relu(h)
  }
  return h
}

export const jaxParameters = (jax: Parameters<typeof jaxjs.arrayOf>[0], sizes: Sizes): JaxArray[] =>
  widths(sizes)
    .slice(1)
    .flatMap((width, i) => [jaxjs.weightOf(jax, 2 * i, width, widths(sizes)[i]), jax.numpy.zeros([width])])

/** Linear layers with ReLU between them, cross-entropy, AdamW. */
export const mlp: Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'js' | 'torch'> = {
  gradus: (g, sizes) => {
    const x = gradus.tensorOf(g, [sizes.batch, sizes.inputs], 1)
    const y = gradus.labelsOf(g, sizes.batch, sizes.classes, 2)
    const lossFn = new g.nn.CrossEntropyLoss()
    return gradus.training(g, gradusMlp(g, sizes), (model) => lossFn(model(x), y))
  },
  jax: (jax, sizes) =>
    jaxjs.training(
      jax,
      jaxParameters(jax, sizes),
      [
        jaxjs.arrayOf(jax, [sizes.batch, sizes.inputs], 1),
        jaxjs.oneHotOf(jax, sizes.batch, sizes.classes, 2),
      ],
      (parameters, x, y) => jaxjs.crossEntropy(jax, jaxMlp(parameters, x, jax), y),
    ),
  tfjs: (tf, sizes) => {
    const dims = widths(sizes)
    const x = tfjs.tensorOf(tf, [sizes.batch, sizes.inputs], 1)
    const y = tfjs.oneHotOf(tf, sizes.batch, sizes.classes, 2)
    const variables = dims
      .slice(1)
      .flatMap((width, i) => [tfjs.weightOf(tf, 2 * i, width, dims[i]), tfjs.constantOf(tf, [width], 0)])
    return tfjs.training(tf, variables, () => {
      let h = x
      for (let i = 0; i < variables.length; i += 2) {
        h = tf.add(tf.matMul(h, variables[i]), variables[i + 1])
        if (i + 2 < variables.length) h = tf.relu(h)
      }
      return tfjs.crossEntropy(tf, h, y)
    })
  },
  js: (_, sizes) => plain(sizes),
  torch: `${torchMlp}
run, result = training(model, lambda m: F.cross_entropy(m(x), y))
`,
}

/** The same step in loops over arrays. */
function plain(sizes: Sizes): { run(): number; result(): number[] } {
  const { batch } = sizes
  const dims = widths(sizes)
  const count = dims.length - 1
  const x = fill(batch * dims[0], 1)
  const y = labels(batch, sizes.classes, 2)
  const parameters = Array.from({ length: count }, (_, i) => [
    fill(dims[i + 1] * dims[i], 1000 + 2 * i).map((value) => value / Math.sqrt(dims[i])),
    new Float32Array(dims[i + 1]),
  ]).flat()
  const like = () => parameters.map((p) => new Float32Array(p.length))
  const [grads, means, squares] = [like(), like(), like()]
  const outputs = dims.slice(1).map((width) => new Float32Array(batch * width))
  const deltas = dims.slice(1).map((width) => new Float32Array(batch * width))
  let steps = 0

  const forward = () => {
    for (let layer = 0; layer < count; layer++) {
      const [from, to, weight, bias] = [
        dims[layer],
        dims[layer + 1],
        parameters[2 * layer],
        parameters[2 * layer + 1],
      ]
      const [input, output] = [layer === 0 ? x : outputs[layer - 1], outputs[layer]]
      for (let b = 0; b < batch; b++) {
        for (let o = 0; o < to; o++) {
          let sum = bias[o]
          for (let i = 0; i < from; i++) sum += input[b * from + i] * weight[o * from + i]
          output[b * to + o] = layer < count - 1 && sum < 0 ? 0 : sum
        }
      }
    }
  }
  /** Cross-entropy of the last outputs, its gradient in the last deltas. */
  const lossAndDelta = () => {
    const [classes, logits, delta] = [dims[count], outputs[count - 1], deltas[count - 1]]
    let loss = 0
    for (let b = 0; b < batch; b++) {
      let [largest, total] = [-Infinity, 0]
      for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[b * classes + c])
      for (let c = 0; c < classes; c++) total += Math.exp(logits[b * classes + c] - largest)
      loss += (largest + Math.log(total) - logits[b * classes + y[b]]) / batch
      for (let c = 0; c < classes; c++) {
        delta[b * classes + c] =
          (Math.exp(logits[b * classes + c] - largest) / total - (c === y[b] ? 1 : 0)) / batch
      }
    }
    return loss
  }
  const backward = () => {
    for (let layer = count - 1; layer >= 0; layer--) {
      const [from, to, weight, delta] = [dims[layer], dims[layer + 1], parameters[2 * layer], deltas[layer]]
      const [dWeight, dBias] = [grads[2 * layer].fill(0), grads[2 * layer + 1].fill(0)]
      const input = layer === 0 ? x : outputs[layer - 1]
      const dInput = layer === 0 ? null : deltas[layer - 1].fill(0)
      for (let b = 0; b < batch; b++) {
        for (let o = 0; o < to; o++) {
          const g = delta[b * to + o]
          if (g === 0) continue
          dBias[o] += g
          for (let i = 0; i < from; i++) dWeight[o * from + i] += g * input[b * from + i]
          if (dInput !== null) for (let i = 0; i < from; i++) dInput[b * from + i] += g * weight[o * from + i]
        }
      }
      if (dInput !== null) for (let i = 0; i < dInput.length; i++) if (input[i] <= 0) dInput[i] = 0
    }
  }
  const adamW = () => {
    steps++
    const [c1, c2] = [1 - 0.9 ** steps, 1 - 0.999 ** steps]
    for (const [i, p] of parameters.entries()) {
      const [g, m, v] = [grads[i], means[i], squares[i]]
      for (let j = 0; j < p.length; j++) {
        m[j] = 0.9 * m[j] + 0.1 * g[j]
        v[j] = 0.999 * v[j] + 0.001 * g[j] * g[j]
        p[j] = p[j] * (1 - 1e-5) - (1e-3 * (m[j] / c1)) / (Math.sqrt(v[j] / c2) + 1e-8)
      }
    }
  }
  const run = () => {
    forward()
    const loss = lossAndDelta()
    backward()
    adamW()
    return loss
  }
  return { run, result: () => [run(), run(), run()] }
}
