import { manualSeed, ones, setBackend, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'

setBackend(referenceBackend())

const lazies = [
  ['LazyLinear', () => new nn.LazyLinear(4), () => new nn.Linear(3, 4), [2, 3]],
  ['LazyConv1d', () => new nn.LazyConv1d(4, 2), () => new nn.Conv1d(3, 4, 2), [2, 3, 5]],
  [
    'LazyConv2d',
    () => new nn.LazyConv2d(4, 2, { groups: 2 }),
    () => new nn.Conv2d(6, 4, 2, { groups: 2 }),
    [6, 5, 5],
  ],
  ['LazyConv3d', () => new nn.LazyConv3d(4, 2), () => new nn.Conv3d(3, 4, 2), [2, 3, 4, 4, 4]],
  [
    'LazyConvTranspose1d',
    () => new nn.LazyConvTranspose1d(4, 2),
    () => new nn.ConvTranspose1d(3, 4, 2),
    [2, 3, 5],
  ],
  [
    'LazyConvTranspose2d',
    () => new nn.LazyConvTranspose2d(4, 2, { groups: 2, bias: false }),
    () => new nn.ConvTranspose2d(6, 4, 2, { groups: 2, bias: false }),
    [2, 6, 5, 5],
  ],
  [
    'LazyConvTranspose3d',
    () => new nn.LazyConvTranspose3d(4, 2),
    () => new nn.ConvTranspose3d(3, 4, 2),
    [3, 4, 4, 4],
  ],
  ['LazyBatchNorm1d', () => new nn.LazyBatchNorm1d(), () => new nn.BatchNorm1d(3), [2, 3]],
  ['LazyBatchNorm2d', () => new nn.LazyBatchNorm2d(), () => new nn.BatchNorm2d(3), [2, 3, 4, 4]],
  [
    'LazyBatchNorm3d',
    () => new nn.LazyBatchNorm3d({ bias: false }),
    () => new nn.BatchNorm3d(3, { bias: false }),
    [2, 3, 4, 4, 4],
  ],
  ['LazyInstanceNorm1d', () => new nn.LazyInstanceNorm1d(), () => new nn.InstanceNorm1d(3), [2, 3, 5]],
  [
    'LazyInstanceNorm2d',
    () => new nn.LazyInstanceNorm2d({ affine: true, trackRunningStats: true }),
    () => new nn.InstanceNorm2d(3, { affine: true, trackRunningStats: true }),
    [2, 3, 4, 4],
  ],
  [
    'LazyInstanceNorm3d',
    () => new nn.LazyInstanceNorm3d({ affine: true }),
    () => new nn.InstanceNorm3d(3, { affine: true }),
    [3, 4, 4, 4],
  ],
] as const satisfies readonly [string, () => nn.Module, () => nn.Module, readonly number[]][]

type Layer = (x: ReturnType<typeof ones>) => ReturnType<typeof ones>
const noise = (shape: readonly number[]) =>
  ones(...shape)
    .cumsum(0)
    .sin()

describe.each(lazies)('%s', (name, lazily, eagerly, shape) => {
  test('is the layer that it stands for after its first call, drawn alike', () => {
    manualSeed(0)
    const lazy: nn.Module = lazily()
    expect([lazy.constructor.name, String(lazy)]).toEqual([name, expect.stringContaining(`${name}(`)])
    const y = (lazy as unknown as Layer)(noise(shape))
    manualSeed(0)
    const eager: nn.Module = eagerly()
    expect(String(lazy)).toBe(String(eager))
    expect(lazy.constructor).toBe(eager.constructor)
    expect(y.equal((eager as unknown as Layer)(noise(shape)))).toBe(true)
    const [a, b] = [lazy.stateDict(), eager.stateDict()]
    expect(Object.keys(a)).toEqual(Object.keys(b))
    expect(Object.keys(a).every((key) => a[key].equal(b[key]))).toBe(true)
    expect(lazy.parameters().every((p) => p.constructor === nn.Parameter && p.requiresGrad)).toBe(true)
  })

  test('takes the shapes of a state that is loaded before, and its class with the first call', () => {
    const [lazy, eager]: nn.Module[] = [lazily(), eagerly()]
    expect(String(lazy.loadStateDict(eager.stateDict()))).toBe('<All keys matched successfully>')
    expect(lazy.constructor.name).toBe(name)
    const y = (lazy as unknown as Layer)(noise(shape))
    expect(lazy.constructor).toBe(eager.constructor)
    expect(String(lazy)).toBe(String(eager))
    expect(y.equal((eager as unknown as Layer)(noise(shape)))).toBe(true)
  })

  test('converts, copies and prints before', () => {
    const copy: nn.Module = nn.copyModule<nn.Module>(lazily().to('float64'))
    expect(copy.constructor.name).toBe(name)
    ;(copy as unknown as Layer)(noise(shape).to('float64'))
    expect(copy.parameters().every((p) => p.dtype === 'float64')).toBe(true)
  })
})

const uninitialized = /[Uu]ninitialized/

test('parameters without a shape are refused wherever they are used', () => {
  const layer = new nn.LazyLinear(3)
  expect(layer.parameters()).toHaveLength(2)
  expect(layer.weight).toBeInstanceOf(nn.UninitializedParameter)
  expect(String(layer.weight)).toBe('<UninitializedParameter>')
  expect([layer.weight.requiresGrad, layer.weight.dtype, layer.weight.grad]).toEqual([true, 'float32', null])
  for (const use of [
    () => layer.weight.shape,
    () => layer.weight.numel(),
    () => layer.weight.add(1),
    () => ones(3).mul(layer.weight),
    () => layer.weight.sum(),
    () => layer.weight.tolist(),
    () => layer.weight.detach().tolist(),
    () => layer.weight.zero_(),
    () => nn.init.ones_(layer.weight),
    () => nn.parametersToVector(layer.parameters()),
    () => layer.forward(ones(1, 2)),
    () => layer.stateDict(),
    () => new nn.Sequential(layer).stateDict(),
    () => new nn.Linear(2, 3).loadStateDict(layer.stateDict({ keepVars: true })),
  ])
    expect(use, String(use)).toThrow(uninitialized)
  expect(layer.constructor).toBe(nn.LazyLinear)
  layer.resetParameters()
  expect(layer(ones(1, 2)).shape).toEqual([1, 3])
})

// PyTorch 2.13's words
test.each<[string, () => unknown]>([
  [
    'in_channels must be divisible by groups',
    () => new nn.LazyConv2d(4, 3, { groups: 2 })(zeros(1, 3, 8, 8)),
  ],
  [
    'Expected 3D (unbatched) or 4D (batched) input to LazyConv2d, but got input of size: [3, 8]',
    () => new nn.LazyConv2d(4, 3)(zeros(3, 8)),
  ],
  ['expected 4D input (got 2D input)', () => new nn.LazyBatchNorm2d()(zeros(2, 5))],
  ['LazyLinear: outFeatures must be an integer', () => new nn.LazyLinear(1.5)],
  ['LazyLinear: x must be a tensor', () => new nn.LazyLinear(1)(3 as never)],
  ["LazyBatchNorm1d has no option 'epsilon'", () => new nn.LazyBatchNorm1d({ epsilon: 1 } as never)],
])('%s', (message, call) => expect(call).toThrow(message))

test('a call that is refused leaves a lazy module as it was', () => {
  const layer = new nn.LazyConv2d(4, 3, { groups: 2 })
  expect(() => layer(zeros(1, 3, 8, 8))).toThrow()
  expect(layer.constructor).toBe(nn.LazyConv2d)
  expect(layer.weight).toBeInstanceOf(nn.UninitializedParameter)
  expect(layer(zeros(1, 4, 8, 8)).shape).toEqual([1, 4, 6, 6])
})

test('hooks before the first call see parameters that have a shape', () => {
  const layer = new nn.LazyLinear(3)
  const seen: unknown[] = []
  layer.registerForwardPreHook((module) => void seen.push(module.parameters()[0].shape))
  layer(ones(1, 2))
  expect(seen).toEqual([[3, 2]])
})

test('an uninitialized parameter and buffer become a parameter and a tensor', () => {
  const p = new nn.UninitializedParameter({ requiresGrad: false, dtype: 'int64' })
  p.materialize([2, 3])
  expect([p.constructor, p.dtype, p.shape, p.requiresGrad]).toEqual([nn.Parameter, 'int64', [2, 3], false])
  const b = new nn.UninitializedBuffer()
  expect(String(b)).toBe('<UninitializedBuffer>')
  expect(() => b.materialize([-1])).toThrow('shape')
  b.materialize([2], { dtype: 'float64' })
  expect([b instanceof nn.UninitializedBuffer, b.dtype, b.zero_().tolist()]).toEqual([
    false,
    'float64',
    [0, 0],
  ])
})
