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

const sequence = g.randn(5, 2, 3)
/** A recurrent layer by its outputs, without the last state. */
const first =
  (layer: (x: g.Tensor) => readonly [g.Tensor, unknown]): Traceable =>
  (x) =>
    layer(x)[0]

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
  'an LSTM of two layers and directions': [
    first(new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true })),
    [sequence],
  ],
  'an LSTM with a projection': [first(new nn.LSTM(3, 4, { projSize: 2 })), [sequence]],
  'a GRU': [first(new nn.GRU(3, 4, { batchFirst: true })), [sequence]],
  'a recurrent layer backwards': [
    first(new nn.RNN(3, 4, { nonlinearity: 'relu', bidirectional: true })),
    [sequence],
  ],
  'activations by their formulas': [
    new nn.Sequential(
      new nn.GELU({ approximate: 'tanh' }),
      new nn.Linear(6, 6),
      new nn.SELU(),
      new nn.CELU({ alpha: 0.5 }),
      new nn.Mish(),
      new nn.ReLU6(),
      new nn.Hardtanh({ minVal: -0.5, maxVal: 2 }),
      new nn.Hardsigmoid(),
      new nn.LogSigmoid(),
      new nn.Softshrink({ lambd: 0.1 }),
      new nn.Hardshrink({ lambd: 0.1 }),
      new nn.Tanhshrink(),
      new nn.Threshold(-0.2, 1),
      new nn.Softplus({ beta: 2 }),
      new nn.Softmin(1),
      new nn.GLU(),
    ),
    [rows],
  ],
  'instance norm': [new nn.InstanceNorm2d(3), [image]],
  'local response norm': [new nn.LocalResponseNorm(2), [image]],
  padding: [
    new nn.Sequential(
      new nn.ConstantPad2d([1, 2, 0, 1], 3),
      new nn.ReflectionPad2d(1),
      new nn.ReplicationPad2d(1),
      new nn.CircularPad2d(1),
    ),
    [image],
  ],
  'upsampling by neighbours': [new nn.Upsample({ scaleFactor: 2 }), [image]],
  'bilinear upsampling': [new nn.Upsample({ size: [5, 7], mode: 'bilinear', alignCorners: true }), [image]],
  'adaptive pooling': [new nn.Sequential(new nn.AdaptiveAvgPool2d(3), new nn.AdaptiveMaxPool2d(2)), [image]],
  'windows taken apart and put together': [
    new nn.Sequential(new nn.Unfold(2), new nn.Fold([8, 8], 2)),
    [image],
  ],
  'reductions, sorting and positions': [
    (x) =>
      g.cat([
        x.std(0),
        x.norm(3, 0),
        x.amax(0),
        x.prod(0),
        x.logsumexp(0),
        x.cumsum(0).flip(0).at(0),
        x.sort(0, { descending: true }).values.at(1),
        x.argmax(0).to('float32'),
        x.tril(1).at(0),
      ]),
    [rows],
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
  expect(() => exportOnnx((x) => x.cumprod(0), [rows])).toThrow('the op cumprod has no form in ONNX here')
  expect(() => exportOnnx((x) => x.lgamma(), [rows])).toThrow('lgamma of float32 has no form in ONNX here')
  expect(() => exportOnnx(new nn.Dropout(0.5), [rows])).toThrow('the model draws random numbers')
  // @ts-expect-error an option that is none
  expect(() => exportOnnx((x) => x, [rows], { version: 3 })).toThrow("exportOnnx has no option 'version'")
})
