import * as core from '@gradus/core'
import { ones, rand, setBackend, tensor, zeros, type DType, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { autocast } from '../src/index.ts'

setBackend(referenceBackend())

/*
 * PyTorch's lists for CUDA (aten/src/ATen/autocast_mode.h), by function: a call on small operands, whose dtype is the
 * argument. Those that gradus lacks are in the last test.
 */

type Call = (dtype: DType) => Tensor

const m = (dtype: DType): Tensor => ones([2, 2], { dtype })
const v = (dtype: DType): Tensor => ones([2], { dtype })
const b = (dtype: DType): Tensor => ones([2, 2, 2], { dtype })
const image = (dtype: DType, rank: number): Tensor => ones(new Array<number>(rank + 2).fill(3), { dtype })
const share = (dtype: DType): Tensor => rand([2, 2]).mul(0.5).add(0.25).to(dtype)

const lower: Record<string, Call> = {
  conv1d: (t) => core.conv1d(image(t, 1), image(t, 1)),
  convTbc: (t) => core.convTbc(core.ones(3, 1, 2).to(t), core.ones(1, 2, 2).to(t), core.ones(2).to(t)),
  conv2d: (t) => core.conv2d(image(t, 2), image(t, 2)),
  conv3d: (t) => core.conv3d(image(t, 3), image(t, 3)),
  convTranspose1d: (t) => core.convTranspose1d(image(t, 1), image(t, 1)),
  convTranspose2d: (t) => core.convTranspose2d(image(t, 2), image(t, 2)),
  convTranspose3d: (t) => core.convTranspose3d(image(t, 3), image(t, 3)),
  prelu: (t) => core.prelu(m(t), v(t)),
  addmm: (t) => core.addmm(m(t), m(t), m(t)),
  addmv: (t) => core.addmv(v(t), m(t), v(t)),
  addr: (t) => core.addr(m(t), v(t), v(t)),
  matmul: (t) => core.matmul(m(t), m(t)),
  einsum: (t) => core.einsum('ij,jk->ik', m(t), m(t)),
  mm: (t) => core.mm(m(t), m(t)),
  mv: (t) => core.mv(m(t), v(t)),
  vecdot: (t) => core.vecdot(m(t), m(t)),
  linear: (t) => core.linear(m(t), m(t), v(t)),
  addbmm: (t) => core.addbmm(m(t), b(t), b(t)),
  baddbmm: (t) => core.baddbmm(b(t), b(t), b(t)),
  bmm: (t) => core.bmm(b(t), b(t)),
  chainMatmul: (t) => core.chainMatmul(m(t), m(t)),
  scaledDotProductAttention: (t) => core.scaledDotProductAttention(b(t), b(t), b(t)),
}

const fp32: Record<string, Call> = {
  cdist: (t) => core.cdist(m(t), m(t)),
  pdist: (t) => core.pdist(m(t)),
  renorm: (t) => core.renorm(m(t), 2, 0, 1),
  acos: (t) => core.acos(share(t)),
  asin: (t) => core.asin(share(t)),
  cosh: (t) => core.cosh(m(t)),
  erfinv: (t) => core.erfinv(share(t)),
  exp: (t) => core.exp(m(t)),
  expm1: (t) => core.expm1(m(t)),
  log: (t) => core.log(m(t)),
  log10: (t) => core.log10(m(t)),
  log2: (t) => core.log2(m(t)),
  log1p: (t) => core.log1p(m(t)),
  reciprocal: (t) => core.reciprocal(m(t)),
  rsqrt: (t) => core.rsqrt(m(t)),
  sinh: (t) => core.sinh(m(t)),
  tan: (t) => core.tan(m(t)),
  pow: (t) => core.pow(m(t), 3),
  'pow of tensors': (t) => core.pow(m(t), m(t)),
  'pow of a number': (t) => core.pow(2, m(t)),
  softplus: (t) => core.softplus(m(t)),
  layerNorm: (t) => core.layerNorm(m(t), [2]),
  rmsNorm: (t) => core.rmsNorm(m(t), [2]),
  groupNorm: (t) => core.groupNorm(image(t, 1), 3),
  cosineSimilarity: (t) => core.cosineSimilarity(m(t), m(t)),
  poissonNllLoss: (t) => core.poissonNllLoss(m(t), m(t)),
  cosineEmbeddingLoss: (t) => core.cosineEmbeddingLoss(m(t), m(t), v(t)),
  nllLoss: (t) => core.nllLoss(m(t), tensor([0, 1], { dtype: 'int64' })),
  crossEntropy: (t) => core.crossEntropy(m(t), tensor([0, 1], { dtype: 'int64' })),
  hingeEmbeddingLoss: (t) => core.hingeEmbeddingLoss(m(t), m(t)),
  klDiv: (t) => core.klDiv(m(t), share(t)),
  l1Loss: (t) => core.l1Loss(m(t), m(t)),
  smoothL1Loss: (t) => core.smoothL1Loss(m(t), m(t)),
  huberLoss: (t) => core.huberLoss(m(t), m(t)),
  mseLoss: (t) => core.mseLoss(m(t), m(t)),
  marginRankingLoss: (t) => core.marginRankingLoss(v(t), v(t), v(t)),
  multilabelMarginLoss: (t) =>
    core.multilabelMarginLoss(
      m(t),
      tensor(
        [
          [0, -1],
          [1, 0],
        ],
        { dtype: 'int64' },
      ),
    ),
  softMarginLoss: (t) => core.softMarginLoss(m(t), m(t)),
  tripletMarginLoss: (t) => core.tripletMarginLoss(m(t), m(t), m(t)),
  multiMarginLoss: (t) => core.multiMarginLoss(m(t), tensor([0, 1], { dtype: 'int64' })),
  binaryCrossEntropyWithLogits: (t) => core.binaryCrossEntropyWithLogits(m(t), share(t)),
  dist: (t) => core.dist(m(t), share(t)),
  logsumexp: (t) => core.logsumexp(m(t), 1),
  'interpolate nearest': (t) => core.interpolate(image(t, 2), { scaleFactor: 2 }),
  'interpolate bilinear': (t) => core.interpolate(image(t, 2), { size: [4, 4], mode: 'bilinear' }),
}

// the dtype of the result, unless the caller asks for another
const withDType: Record<string, Call> = {
  prod: (t) => core.prod(m(t)),
  softmax: (t) => core.softmax(m(t), 1),
  logSoftmax: (t) => core.logSoftmax(m(t), 1),
  softmin: (t) => core.softmin(m(t), 1),
  cumprod: (t) => core.cumprod(m(t), 1),
  cumsum: (t) => core.cumsum(m(t), 1),
  vectorNorm: (t) => core.vectorNorm(m(t)),
  norm: (t) => core.norm(m(t)),
  sum: (t) => core.sum(m(t)),
}

// called with one operand in half precision and the others in float32
const promote: Record<string, (x: DType, y: DType) => Tensor> = {
  addcdiv: (x, y) => core.addcdiv(m(x), m(y), m(y)),
  addcmul: (x, y) => core.addcmul(m(x), m(y), m(y)),
  atan2: (x, y) => core.atan2(m(x), m(y)),
  bilinear: (x, y) => core.bilinear(m(x), m(y), b(y)),
  cross: (x, y) => core.cross(ones([3], { dtype: x }), ones([3], { dtype: y })),
  dot: (x, y) => core.dot(v(x), v(y)),
  vdot: (x, y) => core.vdot(v(x), v(y)),
  tensordot: (x, y) => core.tensordot(m(x), m(y), 1),
  scatterAdd: (x, y) =>
    core.scatterAdd(m(x), 0, tensor([[0, 1]], { dtype: 'int64' }), ones([1, 2], { dtype: y })),
  gridSample: (x, y) => core.gridSample(image(x, 2), zeros([3, 1, 1, 2], { dtype: y })),
  indexPut: (x, y) => core.indexPut(m(x), [tensor([0], { dtype: 'int64' })], v(y)),
  cat: (x, y) => core.cat([m(x), m(y)]),
  stack: (x, y) => core.stack([m(x), m(y)]),
}

const keep: Record<string, Call> = {
  relu: (t) => core.relu(m(t)),
  gelu: (t) => core.gelu(m(t)),
  sigmoid: (t) => core.sigmoid(m(t)),
  tanh: (t) => core.tanh(m(t)),
  mean: (t) => core.mean(m(t)),
  sqrt: (t) => core.sqrt(m(t)),
  mul: (t) => core.mul(m(t), m(t)),
  amax: (t) => core.amax(m(t)),
  var: (t) => core.var(m(t)),
  maxPool2d: (t) => core.maxPool2d(image(t, 2), 2),
  avgPool2d: (t) => core.avgPool2d(image(t, 2), 2),
  embedding: (t) => core.embedding(tensor([0], { dtype: 'int64' }), m(t)),
  batchNorm: (t) => core.batchNorm(image(t, 1), null, null, null, null, { training: true }),
}

describe.each(['bfloat16', 'float16'] as const)('under autocast to %s', (dtype) => {
  const under = (fn: () => Tensor): DType => autocast({ dtype }, fn).dtype

  test.each(Object.entries(lower))('%s runs in it', (_, call) => {
    expect(under(() => call('float32'))).toBe(dtype)
    expect(under(() => call('float64'))).toBe('float64')
  })

  test.each(Object.entries(fp32))('%s runs in float32', (_, call) => {
    expect(under(() => call(dtype))).toBe('float32')
    expect(under(() => call('float64'))).toBe('float64')
  })

  test.each(Object.entries(withDType))('%s gives float32', (_, call) => {
    expect(under(() => call(dtype))).toBe('float32')
    expect(under(() => call('float64'))).toBe('float64')
  })

  test.each(Object.entries(promote))('%s takes the widest dtype', (_, call) => {
    expect(under(() => call(dtype, 'float32'))).toBe('float32')
    expect(under(() => call('float32', dtype))).toBe('float32')
    expect(under(() => call(dtype, dtype))).toBe(dtype)
    expect(under(() => call('float32', 'float32'))).toBe('float32')
  })

  test.each(Object.entries(keep))('%s keeps the dtype it is given', (_, call) => {
    expect(under(() => call(dtype))).toBe(dtype)
    expect(under(() => call('float32'))).toBe('float32')
  })
})

// whoever adds one of these declares its class, and moves it up
test('of the lists these are absent', () => {
  const absent = [
    ...['multiDot', 'rnnTanhCell', 'rnnReluCell'],
    ...['frobeniusNorm', 'nuclearNorm'],
    ...['matrixNorm'],
  ]
  expect(absent.filter((name) => name in core)).toEqual([])
})
