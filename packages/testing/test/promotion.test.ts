import { promoteTypes, setBackend, zeros, type DType } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { goldenMissing, readGolden } from '../src/golden/index.ts'

setBackend(referenceBackend())

interface Promotion {
  readonly dtypes: readonly DType[]
  /** Two tensors with dimensions. */
  readonly promote: readonly (readonly DType[])[]
  /** A tensor with dimensions and a 0-dimensional one. */
  readonly dim_vs_0dim: readonly (readonly DType[])[]
  /** A tensor with dimensions and a Python bool, int, float. */
  readonly vs_scalar: readonly (readonly DType[])[]
}

describe('type promotion of PyTorch', () => {
  if (goldenMissing !== null) {
    test.skip(`three tables: ${goldenMissing}`, () => {})
    return
  }
  const golden = readGolden<Promotion>('promotion.json')
  const { dtypes } = golden
  const vector = (dtype: DType) => zeros([2], { dtype })
  const table = (columns: readonly unknown[], of: (row: DType, column: never) => DType): DType[][] =>
    dtypes.map((row) => columns.map((column) => of(row, column as never)))

  test('promoteTypes answers as torch.promote_types for every pair', () => {
    expect(table(dtypes, promoteTypes)).toEqual(golden.promote)
  })

  test('an operation on two tensors with dimensions has the promoted dtype', () => {
    expect(table(dtypes, (a: DType, b: DType) => vector(a).mul(vector(b)).dtype)).toEqual(golden.promote)
  })

  test('a 0-dimensional operand decides only by a higher category', () => {
    expect(table(dtypes, (a: DType, b: DType) => vector(a).mul(zeros([], { dtype: b })).dtype)).toEqual(
      golden.dim_vs_0dim,
    )
  })

  test('a plain boolean, integer or fraction decides only by a higher category', () => {
    expect(table([true, 1, 1.5], (a: DType, b: number | boolean) => vector(a).mul(b).dtype)).toEqual(
      golden.vs_scalar,
    )
  })
})
