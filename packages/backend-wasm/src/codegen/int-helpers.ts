import { i32, i64, select } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import type { Helper } from './graph.ts'

function int64Function(
  name: string,
  body: (f: Func, x: Local<'i64'>, y: Local<'i64'>) => Value<'i64'>,
): Helper {
  return {
    name: `${name} i64`,
    imported: false,
    define: (module) =>
      module.func({ params: { x: 'i64', y: 'i64' }, result: 'i64' }, (f, { x, y }) => body(f, x, y)),
  }
}

function int32Function(
  name: string,
  body: (f: Func, x: Local<'i32'>, y: Local<'i32'>) => Value<'i32'>,
): Helper {
  return {
    name: `${name} i32`,
    imported: false,
    define: (module) =>
      module.func({ params: { x: 'i32', y: 'i32' }, result: 'i32' }, (f, { x, y }) => body(f, x, y)),
  }
}

// the lowest integer by -1 traps in a division, and wraps here
function divided(
  f: Func,
  x: Local<'i64'>,
  y: Local<'i64'>,
  use: (q: Local<'i64'>, r: Local<'i64'>) => void,
): void {
  const q = f.local('i64')
  const r = f.local('i64')
  f.if(
    i64.eq(y, -1),
    () => f.set(q, i64.sub(0, x)),
    () => {
      f.if(i64.ne(y, 0), () => {
        f.set(q, i64.divS(x, y))
        f.set(r, i64.remS(x, y))
      })
    },
  )
  use(q, r)
}

const apart = (r: Local<'i64'>, y: Local<'i64'>): Value<'i32'> =>
  i32.and(i64.ne(r, 0), i64.ltS(i64.xor(r, y), 0))

/** Functions of i64 that have no vector instruction. Division by zero gives 0. */
export const int64Helpers = {
  div: int64Function('div', (f, x, y) => {
    const result = f.local('i64')
    divided(f, x, y, (q) => f.set(result, q))
    return result
  }),
  fmod: int64Function('fmod', (f, x, y) => {
    const result = f.local('i64')
    divided(f, x, y, (_, r) => f.set(result, r))
    return result
  }),
  remainder: int64Function('remainder', (f, x, y) => {
    const result = f.local('i64')
    divided(f, x, y, (_, r) => f.set(result, select(apart(r, y), i64.add(r, y), r)))
    return result
  }),
  floordiv: int64Function('floordiv', (f, x, y) => {
    const result = f.local('i64')
    divided(f, x, y, (q, r) => f.set(result, select(apart(r, y), i64.sub(q, 1), q)))
    return result
  }),
  shl: int64Function('shl', (_, x, y) => select(i64.ltU(y, 64), i64.shl(x, y), i64.const(0))),
  shr: int64Function('shr', (_, x, y) => i64.shrS(x, select(i64.ltU(y, 64), y, i64.const(63)))),
  pow: int64Function('pow', (f, x, y) => {
    const result = f.let(i64.const(1))
    f.if(
      i64.ltS(y, 0),
      () => {
        const odd = select(i64.eqz(i64.and(y, 1)), i64.const(1), i64.const(-1))
        f.set(result, select(i64.eq(x, 1), i64.const(1), select(i64.eq(x, -1), odd, i64.const(0))))
      },
      () => {
        f.while(i64.ne(y, 0), () => {
          f.set(result, select(i32.wrapI64(i64.and(y, 1)), i64.mul(result, x), result))
          f.set(x, i64.mul(x, x))
          f.set(y, i64.shrU(y, 1))
        })
      },
    )
    return result
  }),
} as const

/** Shifts of i32 by an amount per lane; one that is out of range gives 0, or copies of the sign. */
export const int32Shift = {
  shl: int32Function('shl', (_, x, y) => select(i32.ltU(y, 32), i32.shl(x, y), i32.const(0))),
  shr: int32Function('shr', (_, x, y) => i32.shrS(x, select(i32.ltU(y, 32), y, i32.const(31)))),
} as const

/** Powers that wrap; a negative exponent gives the whole part of the reciprocal. */
export const int32Power = int32Function('pow', (f, x, y) => {
  const result = f.let(i32.const(1))
  f.if(
    i32.ltS(y, 0),
    () => {
      const odd = select(i32.and(y, 1), i32.const(-1), i32.const(1))
      f.set(result, select(i32.eq(x, 1), i32.const(1), select(i32.eq(x, -1), odd, i32.const(0))))
    },
    () => {
      f.while(i32.ne(y, 0), () => {
        f.set(result, select(i32.and(y, 1), i32.mul(result, x), result))
        f.set(x, i32.mul(x, x))
        f.set(y, i32.shrU(y, 1))
      })
    },
  )
  return result
})
