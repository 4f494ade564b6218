import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const convolutions: Sample[] = [
  sample(
    'conv1d',
    (x, w, b) => g.conv1d(x, w, b, { padding: 1, stride: 2 }),
    [[2, 2, 5]],
    [[3, 2, 3]],
    [[3]],
  ),
  sample(
    'conv1d, padded to the same length',
    (x, w) => g.conv1d(x, w, null, { padding: 'same' }),
    [[1, 4]],
    [[1, 1, 2]],
  ),
  sample('conv2d', (x, w, b) => g.conv2d(x, w, b), [[1, 2, 4, 4]], [[2, 2, 3, 2]], [[2]]),
  sample(
    'conv2d with groups, stride and dilation',
    (x, w) => g.conv2d(x, w, null, { groups: 2, stride: [2, 1], dilation: [1, 2], padding: 1 }),
    [[1, 4, 4, 5]],
    [[2, 2, 2, 2]],
  ),
  sample('conv3d', (x, w) => g.conv3d(x, w), [[1, 1, 3, 3, 3]], [[1, 1, 2, 2, 2]]),
  sample(
    'convTranspose1d',
    (x, w, b) => g.convTranspose1d(x, w, b, { padding: 1 }),
    [[1, 2, 3]],
    [[2, 2, 2]],
    [[2]],
  ),
  sample(
    'convTranspose2d',
    (x, w, b) => g.convTranspose2d(x, w, b, { stride: 2, outputPadding: 1 }),
    [[1, 2, 2, 2]],
    [[2, 2, 2, 2]],
    [[2]],
  ),
  sample('convTranspose3d', (x, w) => g.convTranspose3d(x, w), [[1, 1, 2, 2, 2]], [[1, 1, 2, 2, 2]]),
]

const pools: Sample[] = [
  sample(
    'fractionalMaxPool2d',
    (x) => g.fractionalMaxPool2d(x, 2, { outputSize: 2, randomSamples: g.full([1, 2, 2], 0.5) }),
    [[1, 2, 5, 4]],
  ),
  sample('maxUnpool1d', (x) => g.maxUnpool1d(x, g.tensor([[[1, 3]]], { dtype: 'int32' }), 2), [[1, 1, 2]]),
  sample('gridSample', (x, at) => g.gridSample(x, at), [[1, 2, 3, 4]], [[1, 2, 2, 2], -0.9, 0.9]),
  sample(
    'gridSample, bicubic and reflected',
    (x, at) => g.gridSample(x, at, { mode: 'bicubic', paddingMode: 'reflection', alignCorners: true }),
    [[1, 1, 4, 4]],
    [[1, 2, 2, 2], -0.9, 0.9],
  ),
  sample(
    'gridSample of volumes',
    (x, at) => g.gridSample(x, at),
    [[1, 1, 2, 3, 2]],
    [[1, 1, 2, 2, 3], -0.9, 0.9],
  ),
  sample('affineGrid', (x) => g.affineGrid(x, [1, 1, 2, 3]), [[1, 2, 3]]),
  sample('maxPool1d', (x) => g.maxPool1d(x, 2, { ceilMode: true }), [[1, 2, 5]]),
  sample('maxPool2d, overlapping and padded', (x) => g.maxPool2d(x, 3, { stride: 1, padding: 1 }), [
    [1, 4, 3],
  ]),
  sample('maxPool2d with dilation', (x) => g.maxPool2d(x, 2, { dilation: 2, stride: 1 }), [[1, 4, 4]]),
  sample('maxPool3d', (x) => g.maxPool3d(x, 2), [[1, 2, 4, 2]]),
  sample('avgPool1d', (x) => g.avgPool1d(x, 2, { ceilMode: true }), [[1, 2, 5]]),
  sample(
    'avgPool2d, padding not counted',
    (x) => g.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
    [[1, 4, 3]],
  ),
  sample('avgPool3d', (x) => g.avgPool3d(x, 2, { divisorOverride: 3 }), [[1, 2, 4, 2]]),
  sample('adaptiveAvgPool2d', (x) => g.adaptiveAvgPool2d(x, [2, 3]), [[1, 4, 5]]),
  sample('adaptiveMaxPool2d', (x) => g.adaptiveMaxPool2d(x, [2, 3]), [[1, 3, 5]]),
]

const paddings: Sample[] = [
  sample('pad', (x) => g.pad(x, [1, 2, 0, 1], { value: 3 }), [[2, 3]]),
  sample('pad with a negative amount', (x) => g.pad(x, [1, -2]), [[2, 3]]),
  sample('pad by reflection', (x) => g.pad(x, [2, 1], { mode: 'reflect' }), [[1, 2, 3]]),
  sample('pad by the edge', (x) => g.pad(x, [2, 1], { mode: 'replicate' }), [[1, 2, 3]]),
  sample('pad around', (x) => g.pad(x, [2, 1], { mode: 'circular' }), [[1, 2, 3]]),
]

export const windows: readonly Sample[] = [...convolutions, ...pools, ...paddings]
