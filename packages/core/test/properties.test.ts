import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { broadcastShapes } from '../src/base/shape.ts'
import { dtypes, promoteTypes, resultType } from '../src/base/dtype.ts'
import { Layout } from '../src/base/layout.ts'
import { fromRaw } from '../src/internal.ts'
import { setBackend, type Tensor } from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

setBackend(referenceBackend())

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const counted = (sizes: readonly number[]): Tensor => {
  const n = sizes.reduce((a, b) => a * b, 1)
  return fromRaw(
    Float32Array.from({ length: n }, (_, i) => i),
    sizes,
    'float32',
  )
}
/** A shape with some axes set to 1. */
const thinned = (sizes: readonly number[], mask: readonly boolean[]): number[] =>
  sizes.map((n, i) => (mask[i] ? 1 : n))

describe('promotion', () => {
  const dtype = fc.constantFrom(...dtypes)

  test('is commutative, associative and has each dtype as its own result', () => {
    fc.assert(
      fc.property(dtype, dtype, dtype, (a, b, c) => {
        expect(promoteTypes(a, b)).toBe(promoteTypes(b, a))
        expect(promoteTypes(a, a)).toBe(a)
        // the two 8-bit types and the two 16-bit floats are joined by a third
        expect(promoteTypes(promoteTypes(a, b), promoteTypes(b, c))).toBe(
          promoteTypes(promoteTypes(c, b), promoteTypes(b, a)),
        )
      }),
    )
  })

  test('lets a number change a tensor of the same category never', () => {
    fc.assert(
      fc.property(dtype, (a) => {
        expect(
          resultType([
            { dtype: a, priority: 2 },
            { dtype: 'bool', priority: 0 },
          ]),
        ).toBe(a)
      }),
    )
  })
})

describe('broadcasting', () => {
  test('is commutative, and a thinned shape broadcasts back to the whole one', () => {
    fc.assert(
      fc.property(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (sizes, mask) => {
        const thin = thinned(sizes, mask)
        expect(broadcastShapes(sizes, thin)).toEqual(sizes)
        expect(broadcastShapes(thin, sizes)).toEqual(sizes)
      }),
    )
  })

  test('of x + y is x expanded + y expanded', () => {
    fc.assert(
      fc.property(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (sizes, mask) => {
        const x = counted(sizes)
        const y = counted(thinned(sizes, mask))
        expect(x.add(y).tolist()).toEqual(x.add(y.expand(sizes).contiguous()).tolist())
      }),
    )
  })
})

describe('layouts', () => {
  test('permuting there and back is the identity, and a view equals its copy', () => {
    fc.assert(
      fc.property(shape, fc.nat(), (sizes, seed) => {
        const axes = sizes
          .map((_, i) => i)
          .sort((a, b) => ((a * 7 + seed) % 5) - ((b * 7 + seed) % 5) || a - b)
        const x = counted(sizes)
        const view = x.permute(axes)
        expect(view.permute(axes.map((_, i) => axes.indexOf(i))).tolist()).toEqual(x.tolist())
        expect(view.contiguous().tolist()).toEqual(view.tolist())
      }),
    )
  })

  test('reshaping keeps the order of the elements, whatever the strides', () => {
    fc.assert(
      fc.property(shape, (sizes) => {
        const x = counted(sizes).permute(sizes.map((_, i) => sizes.length - 1 - i))
        const n = x.numel()
        expect(x.reshape([n]).readSync()).toEqual(x.readSync())
        const layout = x.layout.reshape([n])
        // without copying only where the strides allow it
        if (layout) expect(layout.size).toBe(n)
      }),
    )
  })

  test('a row-major layout is one object per shape', () => {
    fc.assert(
      fc.property(shape, (sizes) => {
        expect(Layout.of(sizes)).toBe(Layout.of([...sizes]))
      }),
    )
  })

  test('expanding an axis of length 1 overlaps, and nothing row-major does', () => {
    fc.assert(
      fc.property(shape, (sizes) => {
        const layout = Layout.of(sizes)
        expect(layout.overlaps).toBe(false)
        if (layout.size > 0) expect(layout.unsqueeze(0).expand([2, ...sizes]).overlaps).toBe(true)
      }),
    )
  })
})
