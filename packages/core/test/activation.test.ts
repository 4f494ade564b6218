import { expect, test } from 'vitest'
import { relu, relu_, setBackend, tensor, type Tensor } from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

setBackend(referenceBackend())

// -0 is 0 here: which of them comes is the backend's
const numbersOf = (x: Tensor): number[] => [x.tolist()].flat().map((v) => Number(v) + 0)

test('relu keeps NaN, whatever lies beside it', () => {
  const values = [-1, NaN, 2, -Infinity, Infinity, NaN, -1e-40, 1e-40, 0]
  const expected = [0, NaN, 2, 0, Infinity, NaN, 0, 1e-40, 0]
  for (const dtype of ['float32', 'float64'] as const) {
    const given = dtype === 'float32' ? expected.map(Math.fround) : expected
    const x = tensor(values, { dtype })
    expect(numbersOf(relu(x))).toEqual(given)
    relu_(x)
    expect(numbersOf(x)).toEqual(given)
  }
  expect(relu(tensor([-3, 4], { dtype: 'int32' })).tolist()).toEqual([0, 4])
})
