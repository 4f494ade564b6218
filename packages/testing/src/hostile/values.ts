import { ones, tensor, tidy, zeros, type Tensor } from '@gradus/core'
import { Linear } from '@gradus/nn'

/** A value that no call was written for; made for each call anew. */
export interface Hostile {
  readonly name: string
  make(): unknown
}

const row = (name: string, make: () => unknown): Hostile => ({ name, make })

/** A list that holds itself. */
function cycle(): unknown[] {
  const list: unknown[] = [1]
  list.push(list)
  return list
}

/** Values whose memory was sent elsewhere. */
function detached(): Float32Array {
  const values = new Float32Array(4)
  structuredClone(values.buffer, { transfer: [values.buffer] })
  return values
}

function freed(): Tensor {
  let lost: Tensor | undefined
  tidy(() => {
    lost = ones(2, 3).add(1)
  })
  return lost!
}

/** Values by which every argument and option is replaced in turn. */
export const hostileValues: readonly Hostile[] = [
  row('undefined', () => undefined),
  row('null', () => null),
  row('NaN', () => NaN),
  row('Infinity', () => Infinity),
  row('-Infinity', () => -Infinity),
  row('0.5', () => 0.5),
  row('0', () => 0),
  row('-1', () => -1),
  row('2**31', () => 2 ** 31),
  row('-(2**31)', () => -(2 ** 31)),
  row('2**53', () => 2 ** 53),
  row('1e9', () => 1e9),
  row('true', () => true),
  row("'hostile'", () => 'hostile'),
  row("''", () => ''),
  row("'3'", () => '3'),
  row('3n', () => 3n),
  row('a symbol', () => Symbol('hostile')),
  row('[]', () => []),
  row('[1.5]', () => [1.5]),
  row('[-1]', () => [-1]),
  row('[NaN, 2]', () => [NaN, 2]),
  row('[1e9, 1e9]', () => [1e9, 1e9]),
  row('[undefined]', () => [undefined]),
  row('[[1], [2, 3]]', () => [[1], [2, 3]]),
  row("['a', null]", () => ['a', null]),
  row('a list that holds itself', cycle),
  row('a list with holes', () => new Array(3)),
  row('{}', () => ({})),
  row('{ hostile: 1 }', () => ({ hostile: 1 })),
  row('an object without prototype', () => ({ __proto__: null })),
  row('{ shape, dtype }', () => ({ shape: [2, 3], dtype: 'float32', ndim: 2 })),
  row('a function', () => () => 1),
  row('a class', () => class Hostile {}),
  row('a module', () => new Linear(2, 2)),
  row('a date', () => new Date(0)),
  row('a map', () => new Map([['a', 1]])),
  row('a promise', () => Promise.resolve(1)),
  row('a regular expression', () => /a/),
  row('a typed array', () => new Float32Array(3)),
  row('a detached typed array', detached),
  row('a shared typed array', () => new Float32Array(new SharedArrayBuffer(16))),
  row('a shared buffer', () => new SharedArrayBuffer(16)),
  row('a tensor', () => ones(2, 3)),
  row('a scalar tensor', () => tensor(2)),
  row('an empty tensor', () => zeros(0, 3)),
  row('a tensor of many axes', () => ones(1, 2, 1, 2, 1, 2)),
  row('an int64 tensor', () => ones([3], { dtype: 'int64' })),
  row('a bool tensor', () => ones([2, 3], { dtype: 'bool' })),
  row('a float16 tensor', () => ones([2, 3], { dtype: 'float16' })),
  row('a tensor of NaN', () => tensor([NaN, NaN])),
  row('a broadcast tensor', () => ones(1).expand(1e6)),
  row('a freed tensor', freed),
]
