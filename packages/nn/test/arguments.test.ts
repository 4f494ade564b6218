import { ArgumentError, ones, setBackend, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import * as nn from '../src/index.ts'
import { layerClasses } from './layer-samples.ts'

setBackend(referenceBackend())

/** The message of the error that a call throws; 'accepted' if it throws none. */
const messageOf = (call: () => unknown): string => {
  try {
    call()
    return 'accepted'
  } catch (error) {
    if (error instanceof ArgumentError) return error.message
    throw error
  }
}
// what JavaScript programs write, whom no compiler stops
const make = (name: keyof typeof nn, ...args: unknown[]): unknown =>
  Reflect.construct(nn[name] as unknown as new (...args: unknown[]) => unknown, args)

test.each([
  ['LeakyReLU', [0.1], 'LeakyReLU takes options as one object: { negativeSlope: 0.1 }, got 0.1'],
  ['Conv2d', [1, 1, 3, { strides: 2 }], "Conv2d has no option 'strides'\n  hint: did you mean stride?"],
  ['Linear', [2, 2, false], 'Linear takes options as one object: { bias: false }, got false'],
  ['MSELoss', ['sum'], "MSELoss takes options as one object: { reduction: 'sum' }, got 'sum'"],
  ['MSELoss', [{ reduction: 'avg' }], "MSELoss: reduction must be 'none', 'mean' or 'sum', got 'avg'"],
  ['Flatten', [0, -1], 'Flatten takes options as one object: { startDim: 0 }, got 0'],
  ['Tanh', [{ inplace: true }], "Tanh has no option 'inplace'"],
  ['Conv2d', [1, 1, 2.5], 'Conv2d: kernelSize must be an integer of at least 1'],
  ['Conv2d', [1, 1, 3, { padding: 'foobar' }], "got 'foobar'"],
  ['Linear', [NaN, 2], 'Linear: inFeatures must be an integer of at least 0, got NaN'],
  ['Linear', ['3', 2], "Linear: inFeatures must be an integer of at least 0, got '3'"],
  ['Dropout', ['0.5'], 'dropout probability has to be a number between 0 and 1'],
  ['BatchNorm1d', [4, { momentum: '0.1' }], 'BatchNorm1d: momentum must be a number or null'],
  ['LSTM', [4, 4, { num_layers: 2 }], "LSTM has no option 'num_layers'\n  hint: did you mean numLayers?"],
  ['Embedding', [4, 4, { paddingIdx: 0.5 }], 'Embedding: paddingIdx must be an integer or null, got 0.5'],
  ['ModuleList', [3], 'ModuleList should be called with an iterable, but got 3'],
  ['Sequential', [(x: unknown) => x], 'a function is not a Module subclass'],
  ['Parameter', [3], 'Parameter: data must be a tensor, got 3'],
] as [keyof typeof nn, unknown[], string][])('new %s(...%j) is an error', (name, args, message) => {
  expect(messageOf(() => make(name, ...args))).toContain(message)
})

test('calls refuse options that they would forget', () => {
  const model = new nn.Linear(2, 2)
  const state = model.stateDict()
  const loose = model as unknown as Record<string, (...args: unknown[]) => unknown>
  expect(messageOf(() => loose['loadStateDict'](state, false))).toContain(
    'loadStateDict takes options as one object: { strict: false }',
  )
  expect(messageOf(() => loose['zeroGrad'](true))).toContain('{ setToNone: true }')
  expect(messageOf(() => loose['train']('false'))).toContain('train: mode must be a boolean')
  expect(messageOf(() => loose['to']('long'))).toContain('to: dtype must be a dtype')
  expect(messageOf(() => loose['registerForwardHook'](3))).toContain('fn must be a function')
  const attention = new nn.MultiheadAttention(4, 2) as unknown as (...args: unknown[]) => unknown
  const x = ones(3, 1, 4)
  expect(messageOf(() => attention(x, x, x, { mask: null }))).toContain("has no option 'mask'")
  expect(messageOf(() => nn.init.kaimingUniform_(ones(2, 2), { slope: 1 } as never))).toContain(
    'kaimingUniform_',
  )
  expect(messageOf(() => nn.init.xavierUniform_(3 as never))).toContain('x must be a tensor, got 3')
  expect(messageOf(() => nn.parametrize.weightNorm(model, 'bias' as never))).toContain('{ name:')
})

test('an option that is undefined is as if it were not there', () => {
  const layer = new nn.Conv2d(1, 1, 3, { stride: undefined, padding: undefined, bias: undefined })
  expect(String(layer)).toBe('Conv2d(1, 1, kernel_size=(3, 3), stride=(1, 1))')
  expect(new nn.LSTM(2, 3, { numLayers: undefined, projSize: undefined }).numLayers).toBe(1)
  expect(new nn.CrossEntropyLoss({ weight: undefined, reduction: undefined }).reduction).toBe('mean')
})

/** Layers that take any arguments, or other layers, and no options. */
const takesAnything = [
  'Identity',
  'Sequential',
  'Softmax',
  'LogSoftmax',
  'Softmin',
  'Dropout',
  'Dropout1d',
  'Dropout2d',
  'Dropout3d',
  'AlphaDropout',
  'FeatureAlphaDropout',
  'PixelShuffle',
  'PixelUnshuffle',
  'ChannelShuffle',
  'Unflatten',
  'TransformerEncoder',
  'TransformerDecoder',
  ...layerClasses.map(([name]) => name).filter((name) => /Pad\dd$|^Adaptive/.test(name)),
]

/** A call that may fail for another reason. */
const attempt = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    if (error instanceof ArgumentError) throw error
    return null
  }
}

describe.each(layerClasses.map(([name]) => name).filter((name) => !takesAnything.includes(name)))(
  '%s',
  (name) => {
    test('refuses an option that it does not have', () => {
      // options follow none, or up to three arguments
      const before = [[], [2], [2, 2], [2, 2, 2], [new nn.Linear(2, 2)]]
      const texts = before.map((args) =>
        messageOf(() => attempt(() => make(name as keyof typeof nn, ...args, { notAnOption: 1 }))),
      )
      expect(texts.join('\n')).toContain("no option 'notAnOption'")
    })
  },
)

test('a convolution pads by its mode', () => {
  const layer = new nn.Conv1d(1, 1, 3, { padding: 1, paddingMode: 'circular', bias: false })
  nn.init.ones_(layer.weight)
  expect(layer(tensor([[[1, 2, 3]]])).tolist()).toEqual([[[6, 6, 6]]])
  expect(String(layer)).toBe(
    'Conv1d(1, 1, kernel_size=(3,), stride=(1,), padding=(1,), bias=False, padding_mode=circular)',
  )
})

test('a Linear given integers says which dtype to convert to', () => {
  const call = (): unknown => new nn.Linear(2, 2)(ones(1, 2, { dtype: 'int64' }))
  expect(call).toThrow("hint: convert one: .to('float32')")
})
