import { full, ones, setBackend, tensor, zeros, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { GradScaler, type GradScalerOptions } from '../src/index.ts'

setBackend(referenceBackend())

/** Steps by the gradient itself. */
function descent(p: Tensor) {
  return { paramGroups: [{ params: [p] }], step: () => void p.sub_(p.grad!) }
}

test('a scale that overflows ever again stops at a number with an inverse, and a good step is finite', () => {
  const p = ones(2)
  const optimizer = descent(p)
  const scaler = new GradScaler()
  for (let i = 0; i < 400; i++) {
    scaler.scale(zeros([]))
    p.grad = tensor([Infinity, 1])
    scaler.step(optimizer)
    scaler.update()
  }
  expect(scaler.getScale()).toBe(2 ** -126)
  expect(p.tolist()).toEqual([1, 1])
  p.grad = tensor([2 ** -126, 0])
  scaler.step(optimizer)
  expect(p.tolist()).toEqual([0, 1])
})

test('a finite gradient that overflows when it is divided by the scale skips the step', () => {
  const p = ones(2)
  const scaler = new GradScaler({ initScale: 2 ** -100 })
  scaler.scale(zeros([]))
  p.grad = full([2], 1e30)
  expect(scaler.step(descent(p))).toBeNull()
  scaler.update()
  expect(p.tolist()).toEqual([1, 1])
  expect(scaler.getScale()).toBe(2 ** -101)
})

test('a bfloat16 gradient counts as it is written', () => {
  const p = ones([1], { dtype: 'bfloat16' })
  const scaler = new GradScaler({ initScale: 0.5 })
  scaler.scale(zeros([]))
  // twice the largest bfloat16 number that fits, rounded up
  p.grad = full([1], 2 ** 127, { dtype: 'bfloat16' })
  expect(scaler.step(descent(p))).toBeNull()
})

test.each<[keyof GradScalerOptions, unknown[]]>([
  ['initScale', [0, -1, NaN, Infinity, 1e39, '1', null]],
  ['growthFactor', [1, 0.5, NaN, Infinity, '2']],
  ['backoffFactor', [1, 0, -0.5, NaN, '0.5']],
  ['growthInterval', [0, 2.5, NaN, -1, Infinity]],
  ['enabled', [1, 'yes', null]],
])('%s out of its range is refused, also by its setter and in a state', (option, values) => {
  const setters: Record<string, (scaler: GradScaler, value: never) => void> = {
    initScale: (scaler, value) => (scaler.scale(zeros([])), scaler.update(value)),
    growthFactor: (scaler, value) => scaler.setGrowthFactor(value),
    backoffFactor: (scaler, value) => scaler.setBackoffFactor(value),
    growthInterval: (scaler, value) => scaler.setGrowthInterval(value),
  }
  const keys: Record<string, string> = {
    initScale: 'scale',
    growthFactor: 'growth_factor',
    backoffFactor: 'backoff_factor',
    growthInterval: 'growth_interval',
  }
  for (const value of values) {
    expect(() => new GradScaler({ [option]: value }), String(value)).toThrow()
    const scaler = new GradScaler()
    if (!(option in setters)) continue
    expect(() => setters[option](scaler, value as never), String(value)).toThrow() // what JavaScript may pass
    const state = { ...scaler.stateDict(), [keys[option]]: value }
    expect(() => scaler.loadStateDict(state as never), String(value)).toThrow()
    expect(scaler.getScale()).toBe(65536)
  }
})

test('a scaler refuses names that it does not know, and says what it takes', () => {
  expect(() => new GradScaler({ init_scale: 2 } as never)).toThrow('did you mean initScale?')
  expect(() => new GradScaler(1024 as never)).toThrow(
    'GradScaler takes options as one object: { initScale: 1024 }',
  )
  expect(() => new GradScaler('cuda' as never)).toThrow('GradScaler takes options as one object')
  expect(new GradScaler({ growthFactor: undefined }).getGrowthFactor()).toBe(2)
  const scaler = new GradScaler()
  scaler.scale(zeros([]))
  expect(() => scaler.step({} as never)).toThrow('GradScaler.step takes an optimizer, got an object')
  expect(() => scaler.unscale_([ones(1)] as never)).toThrow('GradScaler.unscale_ takes an optimizer')
})
