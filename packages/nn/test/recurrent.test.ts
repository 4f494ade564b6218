import { manualSeed, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  GRU,
  InstanceNorm1d,
  LSTM,
  LSTMCell,
  MultiheadAttention,
  RNN,
  RNNCell,
  TransformerEncoderLayer,
} from '../src/index.ts'

setBackend(referenceBackend())

const filled = (shape: number[], at: (i: number) => number): Tensor =>
  tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i))).reshape(shape)
const close = (x: Tensor, expected: readonly number[]): void => {
  expect(x.numel()).toBe(expected.length)
  Array.from(x.readSync(), Number).forEach((value, i) => expect(value, `[${i}]`).toBeCloseTo(expected[i], 5))
}

// numbers from PyTorch 2.13: pack_padded_sequence before, pad_packed_sequence after
test('an LSTM over padded sequences is that over packed ones, in both directions', () => {
  manualSeed(1)
  const layer = new LSTM(2, 2, { bidirectional: true, numLayers: 2, batchFirst: true })
  const [y, [h, c]] = layer(filled([2, 3, 2], Math.cos), null, { lengths: [3, 2] })
  close(
    y,
    [
      0.005898, 0.0774, -0.352873, 0.275829, 0.020239, 0.10671, -0.32092, 0.250209, 0.018764, 0.108774,
      -0.25402, 0.183536, 0.010576, 0.071043, -0.324617, 0.249296, 0.026027, 0.106, -0.245311, 0.18006, 0, 0,
      0, 0,
    ],
  )
  close(
    h,
    [
      0.10452, 0.054308, 0.156604, 0.051686, 0.067918, -0.108952, 0.052531, -0.057842, 0.018764, 0.108774,
      0.026027, 0.106, -0.352873, 0.275829, -0.324617, 0.249296,
    ],
  )
  close(
    c,
    [
      0.267175, 0.111559, 0.308379, 0.10353, 0.33843, -0.156603, 0.23395, -0.079415, 0.032682, 0.177964,
      0.045861, 0.172478, -0.931016, 0.576552, -0.803028, 0.516277,
    ],
  )
  y.sum().backward()
  close(
    layer.weightsOf(0, 1).hh.grad!,
    [
      -0.000337, 0.000723, -6e-6, 0.000333, -0.000189, 0.000361, -0.001004, 0.001819, -0.000695, 0.001344,
      0.004326, -0.008546, -0.00076, 0.001518, -0.000907, 0.001842,
    ],
  )
})

test('a GRU over padded sequences keeps the state of a sequence that has ended', () => {
  manualSeed(1)
  const layer = new GRU(2, 2)
  const [y, h] = layer(filled([2, 3, 2], Math.cos).transpose(0, 1), null, {
    lengths: tensor([3, 1], { dtype: 'int32' }),
  })
  close(y, [-0.296852, 0.220221, -0.277232, 0.209373, -0.448042, 0.137147, 0, 0, -0.511034, 0.107183, 0, 0])
  close(h, [-0.511034, 0.107183, -0.277232, 0.209373])
})

test.each([true, false])('a mask of trailing padding is lengths, with the batch first: %s', (batchFirst) => {
  manualSeed(1)
  const layer = new LSTM(2, 2, { bidirectional: true, numLayers: 2, batchFirst })
  const x = filled([3, 3, 2], Math.cos)
  const counts = [3, 1, 2].map((length) => [0, 1, 2].map((t) => t < length))
  const mask = batchFirst ? tensor(counts) : tensor(counts).t()
  const [y, [h, c]] = layer(x, null, { mask })
  const [expected, [hidden, cell]] = layer(x, null, { lengths: [3, 1, 2] })
  expect(y.equal(expected) && h.equal(hidden) && c.equal(cell)).toBe(true)
})

test('a step that a mask leaves out is as if it were not there, wherever it is', () => {
  manualSeed(1)
  const layer = new GRU(2, 3)
  const x = filled([4, 1, 2], Math.sin)
  const [y, h] = layer(x, null, { mask: tensor([[false], [true], [false], [true]]) })
  const [kept, last] = layer(x.indexSelect(0, tensor([1, 3], { dtype: 'int64' })))
  expect(h.equal(last)).toBe(true)
  expect(y.select(0, 1).equal(kept.select(0, 0)) && y.select(0, 3).equal(kept.select(0, 1))).toBe(true)
  expect(y.select(0, 0).tolist()).toEqual([[0, 0, 0]])
})

test('two calls with the state between them are one call', () => {
  const layer = new LSTM(2, 3)
  const x = filled([5, 2, 2], Math.sin)
  const [whole, last] = layer(x)
  const [first, state] = layer(x.narrow(0, 0, 2))
  const [second, end] = layer(x.narrow(0, 2, 3), state)
  expect(first.equal(whole.narrow(0, 0, 2))).toBe(true)
  expect(second.equal(whole.narrow(0, 2, 3))).toBe(true)
  expect(end[1].equal(last[1])).toBe(true)
})

test('a cell is one step of its layer', () => {
  manualSeed(0)
  const layer = new LSTM(2, 3)
  const cell = new LSTMCell(2, 3)
  Object.values(layer.stateDict()).forEach((w, i) => cell.parameters()[i].detach().copy_(w))
  const x = filled([1, 2, 2], Math.sin)
  expect(cell(x.select(0, 0))[0].equal(layer(x)[0].select(0, 0))).toBe(true)
})

test('recurrent layers refuse inputs, states and lengths that do not fit', () => {
  const layer = new RNN(2, 3)
  const x = filled([4, 2, 2], Math.sin)
  expect(() => layer(filled([4, 2, 5], Math.sin))).toThrow(
    'input.size(-1) must be equal to input_size. Expected 2, got 5',
  )
  expect(() => layer(filled([1, 4, 2, 2], Math.sin))).toThrow(
    'RNN: Expected input to be 2D or 3D, got 4D instead',
  )
  expect(() => layer(x, filled([1, 3], Math.sin))).toThrow(
    'For batched 3-D input, hx should also be 3-D but got 2-D tensor',
  )
  expect(() => layer(x, filled([1, 5, 3], Math.sin))).toThrow('Expected hidden size (1, 2, 3), got [1, 5, 3]')
  expect(() => layer(x, null, { lengths: [4] })).toThrow('Expected `len(lengths)` to be equal to batch_size')
  expect(() => layer(x, null, { lengths: [4, 0] })).toThrow('greater than 0')
  const mask = tensor([[true, true]]).expand([4, 2])
  expect(() => layer(x, null, { lengths: [4, 4], mask })).toThrow('by lengths or by a mask, not by both')
  expect(() => layer(x, null, { mask: mask.t() })).toThrow(
    'a mask is bool of shape [4, 2], got bool of shape [2, 4]',
  )
  expect(() => layer(x, null, { mask: mask.to('float32') })).toThrow('got float32 of shape [4, 2]')
})

test('recurrent layers print as in PyTorch', () => {
  const layer = new LSTM(3, 4, { numLayers: 2, batchFirst: true, dropout: 0.5 })
  expect(String(layer)).toBe('LSTM(3, 4, num_layers=2, batch_first=True, dropout=0.5)')
  expect(String(new GRU(3, 4, { bias: false, bidirectional: true }))).toBe(
    'GRU(3, 4, bias=False, bidirectional=True)',
  )
  expect(String(new LSTM(3, 4, { projSize: 2 }))).toBe('LSTM(3, 4, proj_size=2)')
  expect(String(new RNNCell(3, 4, { nonlinearity: 'relu' }))).toBe('RNNCell(3, 4, nonlinearity=relu)')
})

// numbers from PyTorch 2.13
test('attention takes keys and values of other sizes, padding, and masks of numbers', () => {
  manualSeed(2)
  const attention = new MultiheadAttention(4, 2, { batchFirst: true, kdim: 3, vdim: 2 })
  const [q, k, v] = [filled([1, 3, 4], Math.cos), filled([1, 2, 3], Math.sin), filled([1, 2, 2], Math.cos)]
  const [padded, each] = attention(q, k, v, {
    keyPaddingMask: tensor([[false, true]]),
    averageAttnWeights: false,
  })
  const row = [0.05845, 0.187166, -0.321205, 0.329245]
  close(padded, [...row, ...row, ...row])
  expect(each?.tolist()).toEqual([new Array(2).fill(new Array(3).fill([1, 0]))])
  const attnMask = tensor([
    [0, 1],
    [2, 0],
    [0, -1],
  ])
  const [masked, weights] = attention(q, k, v, { attnMask })
  close(
    masked,
    [
      0.011625, -0.029771, 0.119866, -0.127498, 0.02741, 0.134532, -0.231554, 0.229334, 0.052012, 0.106627,
      -0.147796, 0.153609,
    ],
  )
  close(weights!, [0.35288, 0.64712, 0.818093, 0.181907, 0.773603, 0.226397])
})

test('attention without weights is attention with them', () => {
  const attention = new MultiheadAttention(4, 2, { addBiasKv: true, addZeroAttn: true })
  const x = filled([3, 2, 4], Math.sin)
  const attnMask = tensor([
    [false, true, true],
    [false, false, true],
    [false, false, false],
  ])
  const keyPaddingMask = tensor([
    [false, false, true],
    [false, false, false],
  ])
  const options = { attnMask, keyPaddingMask }
  const [y] = attention(x, x, x, options)
  close(attention(x, x, x, { ...options, needWeights: false })[0], Array.from(y.readSync(), Number))
})

test('a query that sees no key gets zeros from attention, and its gradients are finite', () => {
  const attention = new MultiheadAttention(2, 1, { bias: false, batchFirst: true })
  const x = filled([1, 2, 2], Math.sin)
  const keyPaddingMask = tensor([[true, true]])
  const [y] = attention(x, x, x, { keyPaddingMask })
  expect(y.tolist()).toEqual([
    [
      [0, 0],
      [0, 0],
    ],
  ])
  y.sum().backward()
  expect(attention.inProjWeight?.grad?.isfinite().all().tolist()).toBe(true)
})

// numbers from PyTorch 2.13: the output of attention lies in memory as [t, n, d], and dropout behind it draws in that order
test.each([
  [true, [-0.8564, 1.4668, 0.3762, -0.9866, 1.5162, 0.0778, -1.2577, -0.3364]],
  [false, [-0.172, 1.6785, -0.8491, -0.6575, 1.5148, -1.2709, -0.2957, 0.0518]],
])('dropout behind attention draws as in PyTorch, with the batch first: %s', (batchFirst, expected) => {
  manualSeed(1)
  const layer = new TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0.5, batchFirst })
  manualSeed(2)
  const y = layer(filled([2, 3, 4], (i) => Math.cos(0.3 * i)))
  Array.from(y.reshape([24]).narrow(0, 0, 8).readSync(), Number).forEach((v, i) =>
    expect(v).toBeCloseTo(expected[i], 3),
  )
})

// numbers from PyTorch 2.13
test('instance norm keeps running statistics of all samples, and uses them in evaluation', () => {
  const norm = new InstanceNorm1d(2, { affine: true, trackRunningStats: true, momentum: 0.3 })
  const x = filled([3, 2, 4], (i) => Math.cos(0.3 * i))
  norm(x)
  close(norm.runningMean!, [0.042956, 0.027582])
  close(norm.runningVar!, [0.714755, 0.723523])
  const first = norm.eval()(x).select(0, 0).select(0, 0)
  const expected = [1.132, 1.0792, 0.9254, 0.6844]
  Array.from(first.readSync(), Number).forEach((v, i) => expect(v).toBeCloseTo(expected[i], 3))
})
