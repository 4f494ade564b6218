import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

/** Of each case whether PyTorch's result shares memory with the operand: fixtures/make-shared-memory.py. */
const shares: Record<string, boolean> = JSON.parse(
  readFileSync(new URL('fixtures/shared-memory.json', import.meta.url), 'utf8'),
)

type Case = readonly [x: g.Tensor, y: (x: g.Tensor) => g.Tensor]
const v = g.arange(1, 13).to('float32')
const m = v.reshape(3, 4)
const image = v.reshape(1, 1, 3, 4)
const channels = v.reshape(1, 4, 1, 3)
const one = g.tensor(2)

const cases: Record<string, Case> = {
  'interpolate same size': [image, (x) => g.interpolate(x, { size: [3, 4] })],
  'interpolate bilinear same size': [image, (x) => g.interpolate(x, { size: [3, 4], mode: 'bilinear' })],
  'interpolate area same size': [image, (x) => g.interpolate(x, { size: [3, 4], mode: 'area' })],
  'adaptiveAvgPool2d same size': [image, (x) => g.adaptiveAvgPool2d(x, [3, 4])],
  'adaptiveMaxPool2d same size': [image, (x) => g.adaptiveMaxPool2d(x, [3, 4])],
  'avgPool2d of 1': [image, (x) => g.avgPool2d(x, 1)],
  'maxPool2d of 1': [image, (x) => g.maxPool2d(x, 1)],
  'pad by nothing': [m, (x) => g.pad(x, [0, 0])],
  'pad by no axes': [m, (x) => g.pad(x, [])],
  'pad cut': [m, (x) => g.pad(x, [-1, 0])],
  'pad reflect by nothing': [image, (x) => g.pad(x, [0, 0, 0, 0], { mode: 'reflect' })],
  'pad replicate by nothing': [image, (x) => g.pad(x, [0, 0, 0, 0], { mode: 'replicate' })],
  'pad circular by nothing': [image, (x) => g.pad(x, [0, 0, 0, 0], { mode: 'circular' })],
  'pixelShuffle 1': [image, (x) => g.pixelShuffle(x, 1)],
  'pixelUnshuffle 1': [image, (x) => g.pixelUnshuffle(x, 1)],
  'channelShuffle 1': [channels, (x) => g.channelShuffle(x, 1)],
  'channelShuffle of all': [channels, (x) => g.channelShuffle(x, 4)],
  'repeatInterleave by 1': [v, (x) => g.repeatInterleave(x, 1)],
  'repeatInterleave by 1 along 0': [m, (x) => g.repeatInterleave(x, 1, 0)],
  'repeatInterleave of one element': [v.narrow(0, 0, 1), (x) => g.repeatInterleave(x, 3)],
  'repeatInterleave of a scalar': [one, (x) => g.repeatInterleave(x, 1)],
  'repeat by 1': [m, (x) => g.repeat(x, [1, 1])],
  'tile by 1': [m, (x) => g.tile(x, [1])],
  'roll by 0': [m, (x) => g.roll(x, 0)],
  'roll by 0 along 1': [m, (x) => g.roll(x, 0, 1)],
  'flip of no axes': [m, (x) => g.flip(x, [])],
  'rot90 by 0': [m, (x) => g.rot90(x, 0)],
  ravel: [m, (x) => g.ravel(x)],
  'ravel transposed': [m, (x) => g.ravel(x.t())],
  flatten: [m, (x) => g.flatten(x)],
  'flatten of a scalar': [one, (x) => g.flatten(x)],
  'ravel of a scalar': [one, (x) => g.ravel(x)],
  'ravel of a column': [m, (x) => g.ravel(x.select(1, 1))],
  'dropout in eval': [m, (x) => g.dropout(x, 0.5, { training: false })],
  'dropout of 0': [m, (x) => g.dropout(x, 0)],
  'alphaDropout in eval': [m, (x) => g.alphaDropout(x, 0.5, { training: false })],
  contiguous: [m, (x) => x.contiguous()],
  'to same dtype': [m, (x) => x.to('float32')],
  clone: [m, (x) => x.clone()],
  detach: [m, (x) => x.detach()],
  'cat of one': [m, (x) => g.cat([x])],
  'stack of one': [m, (x) => g.stack([x])],
  expand: [m, (x) => x.expand(2, 3, 4)],
  'broadcastTo same': [m, (x) => g.broadcastTo(x, [3, 4])],
  squeeze: [m, (x) => x.squeeze()],
  narrow: [m, (x) => x.narrow(0, 0, 3)],
  diagonal: [m, (x) => g.diagonal(x)],
  'diag of a vector': [v, (x) => g.diag(x)],
  'diag of a matrix': [m, (x) => g.diag(x)],
  'triu of all': [m, (x) => g.triu(x, -5)],
  'sum over no axes of length 1': [m.narrow(1, 0, 1), (x) => x.sum(1)],
  'mean over an axis of length 1': [m.narrow(1, 0, 1), (x) => g.mean(x, 1)],
  'einsum ij->ij': [m, (x) => g.einsum('ij->ij', x)],
  'einsum ij->ji': [m, (x) => g.einsum('ij->ji', x)],
  'einsum ii->i': [m.narrow(1, 0, 3), (x) => g.einsum('ii->i', x)],
  'cartesianProd of one': [v, (x) => g.cartesianProd([x])],
  indexSelect: [m, (x) => g.indexSelect(x, 0, g.tensor([0, 1, 2], { dtype: 'int32' }))],
  movedim: [m, (x) => g.movedim(x, 0, 1)],
  atleast1d: [v, (x) => g.atleast1d(x)],
  'unfold windows': [v, (x) => x.unfold(0, 2, 2)],
  normalize: [m, (x) => g.normalize(x)],
  nanToNum: [m, (x) => g.nanToNum(x)],
  round: [m, (x) => g.round(x)],
  'clamp of nothing below': [m, (x) => g.clamp(x, -1)],
  'cumsum of length 1': [m.narrow(1, 0, 1), (x) => g.cumsum(x, 1)],
  relu: [m, (x) => g.relu(x)],
  'meshgrid of one': [v, (x) => g.meshgrid([x])[0]],
  'chunk in one': [v, (x) => g.chunk(x, 1)[0]],
  'split whole': [v, (x) => g.split(x, 12)[0]],
  'tensorSplit in one': [v, (x) => g.tensorSplit(x, 1)[0]],
  unflatten: [v, (x) => g.unflatten(x, 0, [3, 4])],
  viewAs: [v, (x) => x.viewAs(v)],
  reshape: [v, (x) => x.reshape(3, 4)],
  'at a slice': [v, (x) => x.slice(0, 2)],
  'at a list': [v, (x) => x.at([0, 1])],
  localResponseNorm: [channels, (x) => g.localResponseNorm(x, 2)],
  'lpPool1d of 1': [m.reshape(1, 3, 4), (x) => g.lpPool1d(x, 1, 1)],
  sort: [v, (x) => g.sort(x).values],
  unique: [v, (x) => g.unique(x).values],
}

test('every case of the table is here', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(shares).sort())
})

test.each(Object.entries(cases))('%s', (name, [x, f]) => {
  const y = f(x)
  expect(y.storage === x.storage).toBe(shares[name])
  // what is its own may be written without the operand
  if (shares[name] || y.numel() === 0) return
  const before = x.tolist()
  y.fill_(0)
  expect(x.tolist()).toEqual(before)
})
