import type { Rank } from '@tensorflow/tfjs-core'
import type { Case, Suite } from '../case.ts'
import * as gradus from '../libraries/gradus.ts'
import * as jaxjs from '../libraries/jax.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

interface Shape {
  batch: number
  channels: number
  filters: number
  extent: number
  kernel: number
}

const passes = ['forward', 'input gradient', 'weight gradient'] as const

function convolution(label: string, shape: Shape, quick: boolean): Case[] {
  const { batch, channels, filters, extent, kernel } = shape
  const flops = 2 * batch * filters * channels * kernel * kernel * extent * extent
  const padding = (kernel - 1) / 2
  const [xShape, wShape, yShape] = [
    [batch, channels, extent, extent],
    [filters, channels, kernel, kernel],
    [batch, filters, extent, extent],
  ]
  return passes.map((pass) => ({
    name: `${label}, ${pass}`,
    sizes: { ...shape },
    flops,
    quick: quick && pass === 'forward',
    gradus: (g) => {
      const [x, w] = [gradus.tensorOf(g, xShape, 1), gradus.tensorOf(g, wShape, 2)]
      if (pass === 'forward') return gradus.kernel(g, () => g.conv2d(x, w, null, { padding }))
      const input = (pass === 'input gradient' ? x : w).requiresGrad_()
      return gradus.backwardKernel(g, g.conv2d(x, w, null, { padding }), input, 3)
    },
    jax: (jax) => {
      const pad: [number, number] = [padding, padding]
      const conv = (x: JaxArray, w: JaxArray) => jax.lax.convGeneralDilated(x, w, [1, 1], [pad, pad])
      const [x, w] = [jaxjs.arrayOf(jax, xShape, 1), jaxjs.arrayOf(jax, wShape, 2)]
      if (pass === 'forward') return jaxjs.kernel(jax, [x, w], conv)
      const argnums = pass === 'input gradient' ? 0 : 1
      // linear in either operand, so that the compiler can drop the forward pass
      return jaxjs.kernel(jax, [x, w, jaxjs.arrayOf(jax, yShape, 3)], (a, b, dy) =>
        jax.grad((p: JaxArray, q: JaxArray) => jax.numpy.sum(conv(p, q).mul(dy)), { argnums })(a, b),
      )
    },
    tfjs: (tf) => {
      // channels last, as this library wants them
      const nhwc = (shapeOf: number[], seed: number) =>
        tf.transpose(tfjs.tensorOf(tf, shapeOf, seed), [0, 2, 3, 1])
      const x = tf.reshape<Rank.R4>(nhwc(xShape, 1), [batch, extent, extent, channels])
      const w = tf.reshape<Rank.R4>(tf.transpose(tfjs.tensorOf(tf, wShape, 2), [2, 3, 1, 0]), [
        kernel,
        kernel,
        channels,
        filters,
      ])
      const dy = tf.reshape<Rank.R4>(nhwc(yShape, 3), [batch, extent, extent, filters])
      const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1] }
      // the kernels of the gradients, without the forward pass that tf.grad would run first
      const compute = () => {
        if (pass === 'forward') return tf.conv2d(x, w, 1, 'same')
        const result =
          pass === 'input gradient'
            ? tf
                .engine()
                .runKernel('Conv2DBackpropInput', { dy, filter: w }, { ...attributes, inputShape: x.shape })
            : tf
                .engine()
                .runKernel('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: w.shape })
        if (Array.isArray(result)) throw new Error('several results')
        return result
      }
      // the order of elements differs from the others'
      return { ...tfjs.kernel(tf, compute), result: undefined }
    },
    ...(pass === 'forward' ? { js: () => direct(shape) } : {}),
    torch: `
x, w = fill(batch, channels, extent, extent, seed=1), fill(filters, channels, kernel, kernel, seed=2)
${
  pass === 'forward'
    ? 'run = lambda: F.conv2d(x, w, padding=kernel // 2)'
    : `
${pass === 'input gradient' ? 'x' : 'w'}.requires_grad_()
y, dy = F.conv2d(x, w, padding=kernel // 2), fill(batch, filters, extent, extent, seed=3)
run = lambda: torch.autograd.grad(y, ${pass === 'input gradient' ? 'x' : 'w'}, dy, retain_graph=True)[0]`
}
result = lambda: digest(run())
`,
  }))
}

/** Seven loops. */
function direct({ batch, channels, filters, extent, kernel }: Shape): { run(): void } {
  const x = new Float32Array(batch * channels * extent * extent).fill(0.5)
  const w = new Float32Array(filters * channels * kernel * kernel).fill(0.5)
  const out = new Float32Array(batch * filters * extent * extent)
  const padding = (kernel - 1) / 2
  return {
    run: () => {
      out.fill(0)
      for (let n = 0; n < batch; n++)
        for (let o = 0; o < filters; o++)
          for (let c = 0; c < channels; c++)
            for (let u = 0; u < kernel; u++)
              for (let v = 0; v < kernel; v++) {
                const factor = w[((o * channels + c) * kernel + u) * kernel + v]
                for (let i = Math.max(0, padding - u); i < Math.min(extent, extent + padding - u); i++) {
                  const to = ((n * filters + o) * extent + i) * extent
                  const from = ((n * channels + c) * extent + i + u - padding) * extent + v - padding
                  const end = Math.min(extent, extent + padding - v)
                  for (let j = Math.max(0, padding - v); j < end; j++) out[to + j] += factor * x[from + j]
                }
              }
    },
  }
}

export const convolutions: Suite = {
  name: 'convolution',
  title: 'Convolutions',
  text: 'Float32, stride 1, padded to the same extent. GFLOP/s count the multiplications with padding too.',
  chart: 'gflops',
  cases: [
    ...convolution(
      '16 → 32, 3 × 3, 28², batch 64',
      { batch: 64, channels: 16, filters: 32, extent: 28, kernel: 3 },
      true,
    ),
    ...convolution(
      '1 → 16, 3 × 3, 28², batch 64',
      { batch: 64, channels: 1, filters: 16, extent: 28, kernel: 3 },
      false,
    ),
    ...convolution(
      '64 → 64, 1 × 1, 14², batch 16',
      { batch: 16, channels: 64, filters: 64, extent: 14, kernel: 1 },
      false,
    ),
  ],
}
