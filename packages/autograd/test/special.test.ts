import { setBackend, setTape, special, tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { tape } from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true, dtype: 'float64' })

test('zeta has the gradient by q, -x ζ(x + 1, q), and none by x', () => {
  const q = leaf(1, 2)
  special.zeta(2, q).sum().backward()
  expect(q.grad?.tolist()).toEqual([
    expect.closeTo(-2.4041138063191885, 12),
    expect.closeTo(-0.4041138063191886, 12),
  ])
  const x = leaf(2)
  const y = special.zeta(x, q)
  expect(() => y.sum().backward()).toThrow(/zeta has no derivative by x/)
})

test('a polynomial of what needs a gradient is refused: none would flow', () => {
  expect(() => special.chebyshevPolynomialT(leaf(0.5), 2)).toThrow(/chebyshevPolynomialT/)
  expect(special.chebyshevPolynomialT(leaf(0.5).detach(), 2).tolist()).toEqual([-0.5])
})
