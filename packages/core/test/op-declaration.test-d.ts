import { attributes, defineOp, definePointwise, plain, saving, type Tensor } from '@gradus/core'
import { describe, expectTypeOf, test } from 'vitest'

const meta = { shape: [1], dtype: 'float32' } as const

describe('a declaration that does not compile', () => {
  test('leaves out the vjp of an input', () => {
    defineOp({
      name: 'f',
      inputs: ['x', 'y'],
      infer: () => meta,
      kernel: () => {},
      // @ts-expect-error y has no vjp
      vjp: { x: plain((g) => g) },
    })
  })

  test('saves what the op does not have', () => {
    defineOp({
      name: 'f',
      inputs: ['x'],
      infer: () => meta,
      kernel: () => {},
      // @ts-expect-error there is no z
      vjp: { x: saving(['z'], (g) => g) },
    })
  })

  test('reads what it does not save', () => {
    // @ts-expect-error y is not saved
    saving(['x'], (g, { y }) => g.mul(y))
  })

  test('reads attributes it was not given', () => {
    defineOp({
      name: 'f',
      inputs: ['x'],
      attrs: attributes<{ axis: number }>(),
      // @ts-expect-error the attribute is axis
      infer: (_, { dim }) => ({ shape: [dim], dtype: 'float32' }),
      kernel: () => {},
    })
  })

  test('has no shape for an aux result', () => {
    defineOp({
      name: 'f',
      inputs: ['x'],
      aux: ['mean'],
      // @ts-expect-error mean is missing
      infer: () => ({ out: meta }),
      kernel: () => {},
    })
  })

  test('names a result kind that there is not', () => {
    // @ts-expect-error int is no kind of result
    definePointwise('f', { result: 'int' }, (x) => x)
  })
})

test('an optional input may be null in a call, a required one may not', () => {
  const op = defineOp({ name: 'f', inputs: ['x', 'bias?'], infer: () => meta, kernel: () => {} })
  expectTypeOf(op).parameter(0).toEqualTypeOf<{ readonly x: Tensor; readonly bias: Tensor | null }>()
})

test('an op with several outputs gives a record of them', () => {
  const op = defineOp({
    name: 'f',
    inputs: ['x'],
    outputs: ['values', 'indices'],
    infer: () => ({ values: meta, indices: meta }),
    kernel: () => {},
  })
  expectTypeOf(op).returns.toEqualTypeOf<Record<'values' | 'indices', Tensor>>()
})
