import { ArgumentError, ones, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { autocast, customFwd, getAutocastDtype, halfPrecision } from '../src/index.ts'

setBackend(referenceBackend())

test('autocast refuses what is not its options, and says the right form', () => {
  const body = () => ones(1, 1).matmul(ones(1, 1)).dtype
  expect(() => autocast('float16' as never, body)).toThrow(
    "autocast takes options as one object: { dtype: 'float16' }, got 'float16'",
  )
  expect(() => autocast({ dtyp: 'float16' } as never, body)).toThrow('did you mean dtype?')
  expect(() => autocast({ dtype: 'half' as never }, body)).toThrow(ArgumentError)
  expect(() => autocast({ enabled: 1 as never }, body)).toThrow('autocast: enabled must be a boolean, got 1')
  expect(() => autocast({}, undefined as never)).toThrow('autocast: fn must be a function, got undefined')
  expect(getAutocastDtype()).toBeNull()
  expect(autocast({ dtype: undefined, enabled: undefined }, body)).toBe('bfloat16')
})

test('customFwd and halfPrecision refuse options that they do not know', () => {
  expect(() => customFwd((_: object) => 1, { cast_inputs: 'float32' } as never)).toThrow(
    'did you mean castInputs?',
  )
  expect(() => customFwd((_: object) => 1, { castInputs: 'half' as never })).toThrow(
    'castInputs must be a dtype',
  )
  expect(() => halfPrecision({ modules: () => [] }, { dtype: 'float32' as never })).toThrow(
    'half precision is bfloat16 or float16, got float32',
  )
  expect(() => halfPrecision({ modules: () => [] }, 'float16' as never)).toThrow(
    'halfPrecision takes options as one object',
  )
  expect(() => halfPrecision({ modules: () => [] }, { master: 'bf16' as never })).toThrow(
    "'stochastic-rounding'",
  )
  expect(() => halfPrecision(ones(1) as never)).toThrow('halfPrecision takes a module, got a tensor')
})
