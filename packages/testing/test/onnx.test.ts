import { createRequire } from 'node:module'
import { exportOnnx, type Traceable } from '@gradus/onnx'
import * as g from 'gradus'
import { describe, expect, test } from 'vitest'

/** What is used of onnxruntime-node: https://onnxruntime.ai/docs/api/js */
interface Runtime {
  InferenceSession: {
    create(
      bytes: Uint8Array,
    ): Promise<{ run(feeds: object): Promise<Record<string, { data: ArrayLike<number>; dims: number[] }>> }>
  }
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown
}

// 290 MB, and so no dependency: GRADUS_ONNXRUNTIME is the folder of an installed onnxruntime-node
const folder = process.env.GRADUS_ONNXRUNTIME
const runtime = folder === undefined ? null : (createRequire(import.meta.url)(folder) as Runtime) // as its documentation says

const { nn } = g
g.manualSeed(0)
const image = g.randn(2, 3, 8, 8)
const rows = g.randn(4, 6)
const tokens = g.randn(2, 5, 8)
const conv = [new nn.Conv2d(3, 4, 3, { padding: 1, stride: 2 }), new nn.BatchNorm2d(4), new nn.ReLU()]
const trained = new nn.Sequential(...conv)
for (let i = 0; i < 3; i++) trained(image)

const models: Record<string, [Traceable, g.Tensor[]]> = {
  'an MLP with layer norm': [
    new nn.Sequential(
      new nn.Linear(6, 8),
      new nn.GELU(),
      new nn.LayerNorm(8),
      new nn.Dropout(0.5),
      new nn.Linear(8, 3),
      new nn.Softmax(1),
    ),
    [rows],
  ],
  activations: [
    new nn.Sequential(
      new nn.Linear(6, 6),
      new nn.LeakyReLU(),
      new nn.ELU(),
      new nn.SiLU(),
      new nn.Tanh(),
      new nn.Sigmoid(),
      new nn.Softplus(),
      new nn.Hardswish(),
      new nn.PReLU(),
      new nn.LogSoftmax(-1),
    ),
    [rows],
  ],
  'a CNN with running statistics': [
    new nn.Sequential(...conv, new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(16, 2)),
    [image],
  ],
  pooling: [
    new nn.Sequential(
      new nn.AvgPool2d(3, { stride: 2, padding: 1 }),
      new nn.MaxPool2d(2, { ceilMode: true, padding: 1 }),
      new nn.AdaptiveAvgPool2d(1),
    ),
    [image],
  ],
  'a transposed convolution': [
    new nn.ConvTranspose2d(3, 2, 3, { stride: 2, padding: 1, outputPadding: 1 }),
    [image],
  ],
  'group norm': [new nn.GroupNorm(1, 3), [image]],
  'RMS norm': [new nn.RMSNorm(6), [rows]],
  'a transformer layer': [
    new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, batchFirst: true }),
    [tokens],
  ],
  'attention with a causal mask': [(x) => g.scaledDotProductAttention(x, x, x, { isCausal: true }), [tokens]],
  'an embedding': [
    new nn.Embedding(7, 3),
    [
      g.tensor(
        [
          [1, 6],
          [0, 3],
        ],
        { dtype: 'int64' },
      ),
    ],
  ],
  'arithmetic with numbers, reductions and slices': [
    (x) =>
      x
        .mul(2)
        .sub(x.mean(1, { keepdim: true }))
        .slice(1, 5, { axis: 1, step: 2 })
        .sum(0)
        .div(3),
    [rows],
  ],
}

describe.skipIf(runtime === null)('onnxruntime gives what gradus gives, for', () => {
  for (const [name, [model, inputs]] of Object.entries(models)) {
    test(name, async () => {
      if (model instanceof nn.Module) model.eval()
      const expected = g.noGrad(() => model(...inputs)) as g.Tensor // each of them returns one tensor
      const { InferenceSession, Tensor } = runtime!
      const session = await InferenceSession.create(exportOnnx(model, inputs))
      const feed = (x: g.Tensor): unknown => new Tensor(x.dtype, x.readSync(), [...x.shape])
      const { output } = await session.run({ input: feed(inputs[0]) })
      expect(output.dims).toEqual([...expected.shape])
      const values = expected.readSync()
      Array.from(output.data).forEach((value, i) =>
        expect(Math.abs(value - Number(values[i]))).toBeLessThan(2e-6 * (1 + Math.abs(value))),
      )
    })
  }
})

test('an op that ONNX does not have here is named, and nothing is guessed', () => {
  expect(() => exportOnnx((x) => x.cumsum(0), [rows])).toThrow('the op cumsum has no form in ONNX here')
  expect(() => exportOnnx(new nn.Dropout(0.5), [rows])).toThrow('has no form in ONNX here')
  // @ts-expect-error an option that is none
  expect(() => exportOnnx((x) => x, [rows], { version: 3 })).toThrow("exportOnnx has no option 'version'")
})
