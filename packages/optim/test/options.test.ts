import { ArgumentError, ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import * as optim from '../src/index.ts'
import type { Optimizer } from '../src/index.ts'

setBackend(referenceBackend())

type Class = new (params: unknown, options?: unknown) => Optimizer

const optimizers = Object.entries(optim).filter(
  ([, value]) => typeof value === 'function' && value.prototype instanceof optim.Optimizer,
) as unknown as [string, Class][] // every class of the package takes parameters and options

const matrix = () => ones(2, 2)

describe.each(optimizers)('%s', (name, Optim) => {
  test('refuses options that are no object, or have no such name, and says what it takes', () => {
    expect(() => new Optim([matrix()], 0.1)).toThrow(`${name} takes options as one object: { lr: 0.1 }`)
    expect(() => new Optim([matrix()], { learningRate: 1 })).toThrow(`${name} has no option 'learningRate'`)
    expect(() => new Optim([{ params: [matrix()], learning_rate: 1 }])).toThrow(`${name} has no option`)
    expect(() => new Optim([matrix()], { lR: 1 })).toThrow('did you mean lr?')
    expect(() => new Optim([matrix()], { lr: '0.1' })).toThrow(ArgumentError)
  })

  test('takes undefined for the default, in groups as well', () => {
    const { defaults } = new Optim([matrix()])
    const undefineds = Object.fromEntries(Object.keys(defaults).map((option) => [option, undefined]))
    const optimizer = new Optim([{ params: [matrix()], ...undefineds }], undefineds)
    expect(optimizer.defaults).toEqual(defaults)
    const { params, ...group } = optimizer.paramGroups[0]
    expect(params.length).toBe(1)
    expect(group).toEqual(defaults)
  })

  test('refuses a value of another kind for each option, in groups as well', () => {
    for (const option of Object.keys(new Optim([matrix()]).defaults)) {
      for (const wrong of ['x', NaN, {}, [1, 2, 3, 4], () => 1]) {
        expect(() => new Optim([matrix()], { [option]: wrong }), option).toThrow(ArgumentError)
        expect(() => new Optim([{ params: [matrix()], [option]: wrong }]), option).toThrow(ArgumentError)
      }
    }
  })

  test('takes the switches of PyTorch that it obeys, and refuses the others with a sentence', () => {
    const given = { foreach: true, fused: false, capturable: false, differentiable: null }
    expect(new Optim([{ params: [matrix()], foreach: null }], given).defaults).toEqual(
      new Optim([matrix()]).defaults,
    )
    expect(() => new Optim([matrix()], { foreach: true, fused: true })).toThrow('cannot be `true` together')
    expect(() => new Optim([matrix()], { differentiable: true })).toThrow('a step cannot be differentiated')
    expect(() => new Optim([matrix()], { capturable: true })).toThrow('CUDA graphs')
    expect(() => new Optim([matrix()], { foreach: 1 })).toThrow(ArgumentError)
  })

  test('prints its name and no option that is not there', () => {
    const text = String(new Optim([matrix()], { lr: 1e-5 }))
    expect(text.startsWith(`${name} (\nParameter Group 0\n`)).toBe(true)
    expect(text).toContain('    lr: 1e-05\n')
    expect(text).not.toContain('undefined')
  })
})

test('zeroGrad and step hooks refuse options that they do not know', () => {
  const optimizer = new optim.SGD([ones(1)])
  expect(() => optimizer.zeroGrad(false as never)).toThrow(
    'zeroGrad takes options as one object: { setToNone: false }',
  )
  expect(() => optimizer.zeroGrad({ set_to_none: true } as never)).toThrow('did you mean setToNone?')
  expect(() => optimizer.registerStepPreHook(() => {}, { reads: true } as never)).toThrow('readsGrads')
})

test('a group may come from another optimizer, with its names and what schedulers left in it', () => {
  const first = new optim.SGD([['w', ones(1)]], { lr: 0.5 })
  new optim.lrScheduler.StepLR(first, 1)
  const second = new optim.SGD(first.paramGroups)
  expect(second.paramGroups[0]).toMatchObject({ lr: 0.5, initialLr: 0.5, paramNames: ['w'] })
  expect(() => new optim.SGD([{ params: [ones(1)], paramNames: ['a', 'b'] }])).toThrow('has 2 names')
})
