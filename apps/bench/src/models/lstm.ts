import type { Case } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

type Tensor = ReturnType<typeof gradus.tensorOf>

/** One LSTM layer over a sequence, a linear layer on its last output, cross-entropy, AdamW. */
export const lstm: Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'torch'> = {
  gradus: (g, { batch, tokens, inputs, width }) => {
    class Classifier extends g.nn.Module {
      lstm = new g.nn.LSTM(inputs, width, { batchFirst: true })
      head = new g.nn.Linear(width, 10)

      forward(x: Tensor): Tensor {
        const [output] = this.lstm(x)
        return this.head(output.select(1, -1))
      }
    }
    const [x, y] = [gradus.tensorOf(g, [batch, tokens, inputs], 1), gradus.labelsOf(g, batch, 10, 2)]
    const lossFn = new g.nn.CrossEntropyLoss()
    return gradus.training(g, new Classifier(), (model) => lossFn(model(x), y))
  },
  jax: (jax, { batch, tokens, inputs, width }) => {
    const { numpy: np } = jax
    const parameters = [
      ...[jaxjs.weightOf(jax, 0, 4 * width, inputs), jaxjs.weightOf(jax, 1, 4 * width, width)],
      ...[np.zeros([4 * width]), np.zeros([4 * width]), jaxjs.weightOf(jax, 4, 10, width), np.zeros([10])],
    ]
    const data = [jaxjs.arrayOf(jax, [batch, tokens, inputs], 1), jaxjs.oneHotOf(jax, batch, 10, 2)]
    return jaxjs.training(jax, parameters, data, ([input, hidden, bias1, bias2, weight, bias], x, y) => {
      let h: JaxArray = np.zeros([batch, width])
      let c: JaxArray = np.zeros([batch, width])
      const offsets = bias1.add(bias2)
      for (const step of np.unstack(np.transpose(x, [1, 0, 2]))) {
        const gates = np.matmul(step, input.ref).add(np.matmul(h, hidden.ref)).add(offsets.ref)
        const [i, f, candidate, o] = np.split(gates, 4, 1)
        c = jax.nn
          .sigmoid(f)
          .mul(c)
          .add(jax.nn.sigmoid(i).mul(np.tanh(candidate)))
        h = jax.nn.sigmoid(o).mul(np.tanh(c.ref))
      }
      for (const used of [input, hidden, offsets, c]) used.dispose()
      return jaxjs.crossEntropy(jax, np.matmul(h, weight).add(bias), y)
    })
  },
  tfjs: (tf, { batch, tokens, inputs, width }) => {
    const variables = [
      ...[tfjs.weightOf(tf, 0, 4 * width, inputs), tfjs.weightOf(tf, 1, 4 * width, width)],
      ...[tfjs.constantOf(tf, [4 * width], 0), tfjs.constantOf(tf, [4 * width], 0)],
      ...[tfjs.weightOf(tf, 4, 10, width), tfjs.constantOf(tf, [10], 0)],
    ]
    const [input, hidden, bias1, bias2, weight, bias] = variables
    const steps = tf.unstack(tf.transpose(tfjs.tensorOf(tf, [batch, tokens, inputs], 1), [1, 0, 2]))
    const y = tfjs.oneHotOf(tf, batch, 10, 2)
    return tfjs.training(tf, variables, () => {
      let h = tf.zeros([batch, width])
      let c = tf.zeros([batch, width])
      const offsets = tf.add(bias1, bias2)
      for (const step of steps) {
        const gates = tf.add(tf.add(tf.matMul(step, input), tf.matMul(h, hidden)), offsets)
        const [i, f, candidate, o] = tf.split(gates, 4, 1)
        c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(candidate)))
        h = tf.mul(tf.sigmoid(o), tf.tanh(c))
      }
      return tfjs.crossEntropy(tf, tf.add(tf.matMul(h, weight), bias), y)
    })
  },
  torch: `
class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(inputs, width, batch_first=True)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

x, y = fill(batch, tokens, inputs, seed=1), labels(batch, 10, 2)
run, result = training(Classifier(), lambda m: F.cross_entropy(m(x), y))
`,
}
