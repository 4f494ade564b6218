import { ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import * as nn from '../src/index.ts'

setBackend(referenceBackend())

// as PyTorch 2.13 prints them
test.each([
  [() => new nn.Linear(3, 4, { bias: false }), 'Linear(in_features=3, out_features=4, bias=False)'],
  [
    () => new nn.Conv2d(3, 8, 3, { padding: 1 }),
    'Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))',
  ],
  [
    () => new nn.Conv1d(4, 4, 3, { stride: 2, dilation: 2, groups: 2, bias: false, padding: 'valid' }),
    'Conv1d(4, 4, kernel_size=(3,), stride=(2,), padding=valid, dilation=(2,), groups=2, bias=False)',
  ],
  [
    () => new nn.ConvTranspose2d(2, 2, 3, { outputPadding: 1, stride: 2, dilation: 2 }),
    'ConvTranspose2d(2, 2, kernel_size=(3, 3), stride=(2, 2), dilation=(2, 2), output_padding=(1, 1))',
  ],
  [
    () => new nn.BatchNorm2d(8),
    'BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)',
  ],
  [
    () => new nn.BatchNorm1d(3, { momentum: null, affine: false, trackRunningStats: false }),
    'BatchNorm1d(3, eps=1e-05, momentum=None, affine=False, bias=False, track_running_stats=False)',
  ],
  [() => new nn.LayerNorm(4), 'LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)'],
  [
    () => new nn.LayerNorm([2, 3], { eps: 1e-6, bias: false }),
    'LayerNorm((2, 3), eps=1e-06, elementwise_affine=True, bias=False)',
  ],
  [() => new nn.RMSNorm(4), 'RMSNorm((4,), eps=None, elementwise_affine=True)'],
  [() => new nn.GroupNorm(2, 4), 'GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)'],
  [
    () => new nn.InstanceNorm2d(3),
    'InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)',
  ],
  [() => new nn.Dropout(0.1), 'Dropout(p=0.1, inplace=False)'],
  [() => new nn.Dropout(1), 'Dropout(p=1.0, inplace=False)'],
  [() => new nn.Embedding(3, 4, { paddingIdx: 0 }), 'Embedding(3, 4, padding_idx=0)'],
  [() => new nn.ReLU(), 'ReLU()'],
  [() => new nn.SiLU({ inplace: true }), 'SiLU(inplace=True)'],
  [() => new nn.GELU(), "GELU(approximate='none')"],
  [
    () => new nn.LeakyReLU({ negativeSlope: 0.2, inplace: true }),
    'LeakyReLU(negative_slope=0.2, inplace=True)',
  ],
  [() => new nn.ELU(), 'ELU(alpha=1.0)'],
  [() => new nn.Hardtanh(), 'Hardtanh(min_val=-1.0, max_val=1.0)'],
  [() => new nn.Softplus(), 'Softplus(beta=1.0, threshold=20.0)'],
  [() => new nn.Hardshrink(), 'Hardshrink(0.5)'],
  [() => new nn.GLU(), 'GLU(dim=-1)'],
  [() => new nn.PReLU(), 'PReLU(num_parameters=1)'],
  [() => new nn.Softmax(1), 'Softmax(dim=1)'],
  [() => new nn.Flatten(), 'Flatten(start_dim=1, end_dim=-1)'],
  [() => new nn.Unflatten(1, [2, 3]), 'Unflatten(dim=1, unflattened_size=(2, 3))'],
  [() => new nn.MaxPool2d(2), 'MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)'],
  [
    () => new nn.MaxPool2d([2, 3], { stride: 1 }),
    'MaxPool2d(kernel_size=(2, 3), stride=1, padding=0, dilation=1, ceil_mode=False)',
  ],
  [() => new nn.AvgPool2d(2), 'AvgPool2d(kernel_size=2, stride=2, padding=0)'],
  [() => new nn.AvgPool1d(2), 'AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))'],
  [() => new nn.AdaptiveAvgPool2d([1, null]), 'AdaptiveAvgPool2d(output_size=(1, None))'],
  [() => new nn.MSELoss(), 'MSELoss()'],
  [() => new nn.ConstantPad1d(2, 3.5), 'ConstantPad1d(padding=(2, 2), value=3.5)'],
  [() => new nn.ReflectionPad2d(1), 'ReflectionPad2d((1, 1, 1, 1))'],
  [() => new nn.Sequential(), 'Sequential()'],
  [
    () => new nn.Sequential(new nn.Linear(1, 2), new nn.Sequential(new nn.Tanh())),
    'Sequential(\n  (0): Linear(in_features=1, out_features=2, bias=True)\n  (1): Sequential(\n    (0): Tanh()\n  )\n)',
  ],
] as [() => nn.Module, string][])('%s prints %s', (make, text) => {
  expect(String(make())).toBe(text)
})

test('running statistics are saved under the names of PyTorch', () => {
  expect(Object.keys(new nn.BatchNorm1d(2).stateDict())).toEqual([
    'weight',
    'bias',
    'running_mean',
    'running_var',
    'num_batches_tracked',
  ])
})

test('a loss keeps its class weights as a buffer', () => {
  expect(Object.keys(new nn.CrossEntropyLoss({ weight: ones(3) }).stateDict())).toEqual(['weight'])
})

test('dropout passes everything in evaluation', () => {
  expect(new nn.Dropout(0.9).eval()(ones(4)).tolist()).toEqual([1, 1, 1, 1])
  expect(() => new nn.Dropout(1.5)).toThrow('dropout probability has to be between 0 and 1, but got 1.5')
})

test('options that do not fit are refused with the words of PyTorch', () => {
  expect(() => new nn.GroupNorm(3, 4)).toThrow('num_channels (4) must be divisible by num_groups (3)')
  expect(() => new nn.Conv2d(3, 4, 1, { groups: 2 })).toThrow('in_channels must be divisible by groups')
  expect(() => new nn.Embedding(3, 2, { paddingIdx: 3 })).toThrow('Padding_idx must be within num_embeddings')
  expect(() => new nn.BatchNorm2d(2)(ones(2, 2))).toThrow('expected 4D input (got 2D input)')
})

test('batch norm averages over all batches without a momentum', () => {
  const norm = new nn.BatchNorm1d(1, { momentum: null })
  norm(ones(2, 1).mul(2))
  norm(ones(2, 1).mul(4))
  expect(norm.runningMean?.tolist()).toEqual([3])
  expect(norm.numBatchesTracked?.item()).toBe(2)
})
