import { defaultGenerator, manualSeed, rand, randn, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import * as nn from '../src/index.ts'

setBackend(referenceBackend())

/** A layer in evaluation with statistics that are not those of its making. */
function settled<N extends nn.BatchNorm1d | nn.BatchNorm2d>(norm: N): N {
  norm.runningMean?.copy_(randn(norm.numFeatures))
  norm.runningVar?.copy_(rand(norm.numFeatures).add(0.5))
  norm.weight?.data.copy_(randn(norm.numFeatures))
  norm.bias?.data.copy_(randn(norm.numFeatures))
  norm.eval()
  return norm
}

test('a fused convolution does what it and the norm behind it do', () => {
  manualSeed(0)
  const conv = new nn.Conv2d(2, 4, 3, { groups: 2 }).eval()
  const bn = settled(new nn.BatchNorm2d(4))
  const x = randn(1, 2, 5, 5)
  expect(
    nn
      .fuseConvBnEval(
        conv,
        bn,
      )(x)
      .allclose(bn(conv(x)), { atol: 1e-5 }),
  ).toBe(true)
  const bare = new nn.ConvTranspose1d(2, 3, 2, { bias: false }).eval()
  const norm = settled(new nn.BatchNorm1d(3))
  const y = randn(1, 2, 3)
  expect(
    nn
      .fuseConvBnEval(
        bare,
        norm,
        true,
      )(y)
      .allclose(norm(bare(y)), { atol: 1e-5 }),
  ).toBe(true)
  expect(() => nn.fuseConvBnEval(bare, norm)).toThrow('transpose must be true')
  expect(bare.bias).toBe(null)
})

test('a fused linear layer does what it and the norm behind it do', () => {
  manualSeed(1)
  const linear = new nn.Linear(3, 4).eval()
  const x = randn(5, 3)
  const bn = settled(new nn.BatchNorm1d(4))
  expect(
    nn
      .fuseLinearBnEval(
        linear,
        bn,
      )(x)
      .allclose(bn(linear(x)), { atol: 1e-5 }),
  ).toBe(true)
  expect(() => nn.fuseLinearBnEval(new nn.Linear(3, 4), bn)).toThrow('Fusion only for eval!')
  expect(() => nn.fuseLinearBnEval(linear, settled(new nn.BatchNorm1d(3)))).toThrow('To fuse')
})

test('a module made by skipInit has its shapes, and draws nothing', () => {
  const before = defaultGenerator().getState()
  expect(nn.skipInit(nn.Linear, 3, 2, { bias: false }).bias).toBe(null)
  expect(defaultGenerator().getState()).toEqual(before)
})

test('toEmpty keeps parameters and shapes, and gives them memory of their own', () => {
  const layer = new nn.BatchNorm1d(3)
  const { weight } = layer
  const old = weight?.storage
  expect(layer.toEmpty().weight).toBe(weight)
  expect(weight?.storage).not.toBe(old)
  expect(layer.runningMean?.shape).toEqual([3])
})

test('a parametrized tensor is computed once within cached, and again behind it', () => {
  const layer = nn.parametrize.weightNorm(new nn.Linear(3, 2))
  nn.parametrize.cached(() => {
    const first = layer.weight
    expect(layer.weight === first).toBe(true)
    nn.parametrize.cached(() => expect(layer.weight === first).toBe(true))
  })
  expect(layer.weight === layer.weight).toBe(false)
})

test('parametrizations go to another module with their originals', () => {
  const from = nn.parametrize.weightNorm(new nn.Linear(3, 2))
  const to = nn.parametrize.transferParametrizationsAndParams(from, new nn.Linear(3, 2))
  expect(to.weight.equal(from.weight)).toBe(true)
  expect(nn.parametrize.typeBeforeParametrizations(to)).toBe(nn.Linear)
  expect(() => nn.parametrize.transferParametrizationsAndParams(from, to, 'bias')).toThrow(
    'does not have a parametrization on bias',
  )
})
