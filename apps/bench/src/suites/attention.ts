import type { Case, Gradus, Jax, Sizes, Suite, Tf } from '../case.ts'
import { digest } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

const shapeOf = ({ batch, heads, tokens, width }: Sizes): number[] => [batch, heads, tokens, width]

/** Queries, keys and values, and the gradient of the result. */
const seeds = [1, 2, 3, 4]

function gradusCase(g: Gradus, sizes: Sizes, both: boolean) {
  const [q, k, v, dy] = seeds.map((seed) => gradus.tensorOf(g, shapeOf(sizes), seed))
  const attend = () => g.scaledDotProductAttention(q, k, v, { isCausal: true })
  if (!both) return gradus.kernel(g, attend)
  const inputs = [q, k, v].map((x) => x.requiresGrad_())
  const compute = () => g.autograd.grad(attend(), inputs, { gradOutputs: dy, allowUnused: false })
  return {
    run: () => {
      gradus.tidy(g, () => void compute())
    },
    result: () => digest(gradus.numbersOf(compute()[0])),
  }
}

function jaxCase(jax: Jax, sizes: Sizes, both: boolean) {
  const { numpy: np } = jax
  // this library has tokens before heads; the result is compared in the order of the others
  const swap = (x: JaxArray) => np.transpose(x, [0, 2, 1, 3])
  const [q, k, v, dy] = seeds.map((seed) => swap(jaxjs.arrayOf(jax, shapeOf(sizes), seed)))
  const attend = (a: JaxArray, b: JaxArray, c: JaxArray) =>
    jax.nn.dotProductAttention(a, b, c, { isCausal: true })
  const result = async (x: JaxArray) => {
    const data = await swap(x).data()
    if (data instanceof Float32Array) return digest(data)
    throw new Error(`${data.constructor.name} instead of float32`)
  }
  if (!both) {
    dy.dispose()
    return { ...jaxjs.kernel(jax, [q, k, v], attend), result: () => result(attend(q.ref, k.ref, v.ref)) }
  }
  const gradients = (a: JaxArray, b: JaxArray, c: JaxArray, d: JaxArray) =>
    jax.grad((x: JaxArray, y: JaxArray, z: JaxArray) => np.sum(attend(x, y, z).mul(d)), {
      argnums: [0, 1, 2],
    })(a, b, c)
  // all three are wanted, and one array has to carry them
  const prepared = jaxjs.kernel(jax, [q, k, v, dy], (a, b, c, d) => np.concatenate(gradients(a, b, c, d)))
  return {
    ...prepared,
    result: () => {
      const [dq, dk, dv] = gradients(q.ref, k.ref, v.ref, dy.ref)
      dk.dispose()
      dv.dispose()
      return result(dq)
    },
  }
}

function tfjsCase(tf: Tf, sizes: Sizes, both: boolean) {
  const { tokens, width } = sizes
  const [q, k, v, dy] = seeds.map((seed) => tfjs.tensorOf(tf, shapeOf(sizes), seed))
  const mask = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9))
  const attend = (a: typeof q, b: typeof q, c: typeof q) => {
    const scores = tf.mul(tf.matMul(a, b, false, true), 1 / Math.sqrt(width))
    return tf.matMul(tf.softmax(tf.add(scores, mask)), c)
  }
  if (!both) return tfjs.kernel(tf, () => attend(q, k, v))
  const backward = tf.grads(attend)
  return tfjs.kernel(tf, () => backward([q, k, v], dy)[0])
}

const torch = (both: boolean): string => `
q, k, v, dy = [fill(batch, heads, tokens, width, seed=s) for s in ${JSON.stringify(seeds)}]
attend = lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True)
${
  both
    ? `for x in (q, k, v):
    x.requires_grad_()
run = lambda: torch.autograd.grad(attend(), (q, k, v), dy)[0]`
    : 'run = attend'
}
result = lambda: digest(run())
`

const attention = (sizes: Sizes, both: boolean): Case => ({
  name: `${sizes.tokens} tokens, ${both ? 'forward and backward' : 'forward'}`,
  sizes,
  quick: both && sizes.tokens === 64,
  // the others take ten times as long and more: a minute of the run that says what the smaller case has said
  ...(sizes.tokens > 64 && { only: ['gradus', 'torch'] as const }),
  tolerance: 1e-2,
  gradus: (g) => gradusCase(g, sizes, both),
  jax: (jax) => jaxCase(jax, sizes, both),
  tfjs: (tf) => tfjsCase(tf, sizes, both),
  torch: torch(both),
})

/** The GPT of the training suite, and one of more tokens. */
const sizes: readonly Sizes[] = [
  { batch: 12, heads: 4, tokens: 64, width: 32 },
  { batch: 2, heads: 4, tokens: 512, width: 64 },
]

export const attentions: Suite = {
  name: 'attention',
  title: 'Causal attention',
  text:
    'Softmax of products of queries and keys, times values, for all heads of a batch; a query sees what came before. TensorFlow.js ' +
    'adds a mask, as it has no function for it. 512 tokens are for gradus and PyTorch.',
  chart: 'ms',
  cases: sizes.flatMap((size) => [attention(size, false), attention(size, true)]),
}
