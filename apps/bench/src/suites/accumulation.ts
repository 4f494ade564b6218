import type { Case, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'
import { gradusMlp, jaxMlp, jaxParameters, torchMlp, widths } from '../models/mlp.ts'

const step = (parts: number, quick: boolean): Case => ({
  name: `64 rows in ${parts} micro-batch${parts === 1 ? '' : 'es'}`,
  sizes: { inputs: 784, width: 512, depth: 2, classes: 10, batch: 64, parts },
  quick,
  tolerance: 5e-3,
  gradus: (g, sizes) => {
    const model = gradusMlp(g, sizes)
    gradus.setParameters(g, model)
    const optimizer = new g.optim.AdamW(model.parameters(), { lr: 1e-3 })
    const accumulator = new g.optim.GradAccumulator(optimizer)
    const lossFn = new g.nn.CrossEntropyLoss()
    const xs = gradus.tensorOf(g, [sizes.batch, sizes.inputs], 1).chunk(parts)
    const ys = gradus.labelsOf(g, sizes.batch, sizes.classes, 2).chunk(parts)
    const run = () => {
      for (const [i, x] of xs.entries()) accumulator.backward(lossFn(model(x), ys[i]))
      return accumulator.step().loss
    }
    return { run, result: () => [run(), run(), run()], peakBytes: () => gradus.peakOf(g) }
  },
  jax: (jax, sizes) => {
    const { numpy: np } = jax
    const all = [
      jaxjs.arrayOf(jax, [sizes.batch, sizes.inputs], 1),
      jaxjs.oneHotOf(jax, sizes.batch, sizes.classes, 2),
    ]
    const lossOf = (p: JaxArray[], x: JaxArray, y: JaxArray) => jaxjs.crossEntropy(jax, jaxMlp(p, x, jax), y)
    // the whole step in one function: the loop over micro-batches is unrolled while it is traced
    return jaxjs.training(jax, jaxParameters(jax, sizes), all, (p, x, y) => {
      const [xs, ys] = [np.split(x, parts), np.split(y, parts)]
      let loss: JaxArray | null = null
      for (const [i, part] of xs.entries()) {
        const own = lossOf(
          p.map((one) => one.ref),
          part,
          ys[i],
        ).mul(1 / parts)
        loss = loss === null ? own : loss.add(own)
      }
      for (const one of p) one.dispose()
      if (loss === null) throw new Error('no micro-batches')
      return loss
    })
  },
  tfjs: (tf, sizes) => {
    const dims = widths(sizes)
    const variables = dims
      .slice(1)
      .flatMap((width, i) => [tfjs.weightOf(tf, 2 * i, width, dims[i]), tfjs.constantOf(tf, [width], 0)])
    const xs = tf.split(tfjs.tensorOf(tf, [sizes.batch, sizes.inputs], 1), parts)
    const ys = tf.split(tfjs.oneHotOf(tf, sizes.batch, sizes.classes, 2), parts)
    const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8)
    const run = () =>
      tf.tidy(() => {
        let total = 0
        const sums = new Map<string, ReturnType<typeof tf.zeros>>()
        for (const [i, x] of xs.entries()) {
          const { value, grads } = tf.variableGrads(() => {
            let h = x
            for (let j = 0; j < variables.length; j += 2) {
              h = tf.add(tf.matMul(h, variables[j]), variables[j + 1])
              if (j + 2 < variables.length) h = tf.relu(h)
            }
            return tfjs.scalarOf(tf, tfjs.crossEntropy(tf, h, ys[i]))
          }, variables)
          total += value.dataSync()[0] / parts
          for (const [name, gradient] of Object.entries(grads)) {
            const scaled = tf.mul(gradient, 1 / parts)
            const sum = sums.get(name)
            sums.set(name, sum === undefined ? scaled : tf.add(sum, scaled))
          }
        }
        optimizer.applyGradients([...sums].map(([name, tensor]) => ({ name, tensor })))
        return total
      })
    return { run, result: () => [run(), run(), run()], release: () => tf.disposeVariables() }
  },
  torch: `${torchMlp}
set_parameters(model)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
xs, ys = x.chunk(parts), y.chunk(parts)
def run():
    optimizer.zero_grad()
    total = 0
    for a, b in zip(xs, ys):
        loss = F.cross_entropy(model(a), b) / parts
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
result = lambda: [run(), run(), run()]
`,
})

export const accumulation: Suite = {
  name: 'accumulation',
  title: 'Accumulated gradients',
  text:
    'One update of the MLP 784-512-512-10 from 64 rows, in k micro-batches. gradus with GradAccumulator; PyTorch with ' +
    '`loss / k` and k backward passes; jax-js with the passes unrolled in one `jit`; TensorFlow.js with sums of ' +
    '`variableGrads`, having no accumulation of its own. MB is the peak of all that the process held, with what the loop ' +
    'dropped and nobody has collected; what is kept for backward is in a table below.',
  chart: 'ms',
  runtimes: 'newest',
  steps: true,
  cases: [step(1, false), step(4, true), step(16, false)],
}
