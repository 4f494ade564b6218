import { describe, expect, test } from 'vitest'
import { ArgumentError, setBackend, TensorError, ValueError, zeros } from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'
import {
  defineOptions,
  describeValue,
  dtypeName,
  flag,
  integer,
  listOf,
  nullable,
  oneOf,
  real,
  takeArgument,
  takeOptions,
  withDefaults,
} from '../src/internal.ts'

setBackend(referenceBackend())

interface Options {
  weightDecay?: number
  keepdim?: boolean
  reduction?: 'mean' | 'sum'
  dtype?: 'float32' | null
  groups?: number
}
const table = defineOptions<Options>({
  weightDecay: real,
  keepdim: flag,
  reduction: oneOf('mean', 'sum'),
  dtype: nullable(oneOf('float32')),
  groups: integer(1),
})
// what JavaScript callers pass, whom no compiler stops
const take = (given: unknown) => takeOptions('call', table, given as Options)
const message = (given: unknown): string => {
  try {
    take(given)
  } catch (error) {
    if (error instanceof ArgumentError) return error.message
    throw error
  }
  return 'accepted'
}

describe('options', () => {
  test('absent options are an empty object', () => expect(take(undefined)).toEqual({}))
  test('an option given as undefined is accepted', () =>
    expect(message({ groups: undefined })).toBe('accepted'))
  test('null is a value, not an absent option', () => {
    expect(message({ dtype: null })).toBe('accepted')
    expect(message({ keepdim: null })).toBe('call: keepdim must be a boolean, got null')
    expect(message(null)).toContain('call takes options as one object')
  })
  test('a value that is not an object is shown in the form it should have', () => {
    expect(message(0.1)).toBe('call takes options as one object: { weightDecay: 0.1 }, got 0.1')
    expect(message(false)).toBe('call takes options as one object: { keepdim: false }, got false')
    expect(message('sum')).toBe("call takes options as one object: { reduction: 'sum' }, got 'sum'")
    expect(message([1])).toContain('got [1]')
    expect(message(zeros(2))).toContain('got a tensor float32[2]')
    expect(message(() => 1)).toContain('got a function')
  })
  test('an unknown name is refused with the nearest one', () => {
    expect(message({ weight_decay: 1 })).toContain(
      "call has no option 'weight_decay'\n  hint: did you mean weightDecay?",
    )
    expect(message({ keepDim: true })).toContain('did you mean keepdim?')
    expect(message({ group: 1 })).toContain('did you mean groups?')
    expect(message({ colour: 1 })).toContain(
      'hint: call takes { weightDecay, keepdim, reduction, dtype, groups }',
    )
  })
  test('names that every object inherits are unknown options', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(message({ [name]: 1 })).toContain(`call has no option '${name}'`)
    expect(message(JSON.parse('{"__proto__": 1}'))).toContain("no option '__proto__'")
  })
  test('a value outside of a closed set names the set', () =>
    expect(message({ reduction: 'avg' })).toBe("call: reduction must be 'mean' or 'sum', got 'avg'"))
  test('integers are whole, finite and in range', () => {
    for (const value of [0, 1.5, NaN, Infinity, 2 ** 53, '1', 1n])
      expect(message({ groups: value })).toContain('call: groups must be an integer of at least 1, got')
  })
  test('defaults stand for what is absent or undefined', () =>
    expect(withDefaults('call', table, { groups: undefined, keepdim: true }, { groups: 4 })).toEqual({
      groups: 4,
      keepdim: true,
    }))
})

test('an argument error is a TypeError and an error of gradus, and no other kind', () => {
  const error = new ArgumentError('wrong', { hint: 'mend it' })
  expect(error).toBeInstanceOf(TypeError)
  expect(error instanceof TensorError).toBe(true)
  expect(error instanceof ValueError).toBe(false)
  expect(new ValueError('wrong') instanceof TensorError).toBe(true)
  expect(new TypeError('wrong') instanceof TensorError).toBe(false)
  expect(error.at('f(x)').message).toBe('wrong\n  in f(x)\n  hint: mend it')
})

test('positional arguments are checked by the same kinds', () => {
  expect(takeArgument('roll', 'shifts', integer(), -2)).toBe(-2)
  expect(() => takeArgument('roll', 'shifts', integer(), 2.5)).toThrow(
    'roll: shifts must be an integer, got 2.5',
  )
  expect(() => takeArgument('pad', 'padding', listOf(integer(0), 2), [1])).toThrow(
    'pad: padding must be an array of 2, each an integer of at least 0, got [1]',
  )
  expect(() => takeArgument('to', 'dtype', dtypeName, 'long')).toThrow("a dtype, as 'float32', got 'long'")
})

test('values are described briefly, whatever they are', () => {
  class Model {}
  const cases: [unknown, string][] = [
    [undefined, 'undefined'], [null, 'null'], [-2.5, '-2.5'], [3n, '3n'], [Symbol('a'), 'a symbol'],
    ['x'.repeat(99), `'${'x'.repeat(40)}…'`], [[1, 'a'], "[1, 'a']"], [new Array(9), 'an array of 9'],
    [[[1]], 'an array of 1'], [{}, 'an object'], [Object.create(null), 'an object'], [new Model(), 'a Model'],
    [() => 1, 'a function'], [Model, 'a function'], [new Float32Array(2), 'a Float32Array'],
  ] // prettier-ignore
  for (const [value, said] of cases) expect(describeValue(value)).toBe(said)
})
