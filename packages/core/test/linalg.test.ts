import * as g from '@gradus/core'
import { setBackend, type DType, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
const { linalg } = g

const sizes = [1, 2, 7, 33, 70]

function random(dtype: DType, ...shape: number[]): Tensor {
  return g.randn(...shape).to(dtype)
}
const norm = (x: Tensor): number => linalg.matrixNorm(x.to('float64')).item()
const scaled = (x: Tensor, s: Tensor): Tensor => x.mul(s.unsqueeze(-2))

/** `‖a - b‖ / (‖b‖ · eps · n)`: how many units of the last place were lost per row. */
function lost(a: Tensor, b: Tensor, dtype: DType): number {
  const wide = b.to('float64')
  return norm(a.to('float64').sub(wide)) / (norm(wide) * g.finfo(dtype).eps * Math.max(...b.shape))
}

/** What each decomposition of a matrix multiplies to, in float64, and what it should. */
function products(dtype: DType, m: number, n: number): Record<string, [Tensor, Tensor]> {
  const double = <R extends object>(parts: R): { [K in keyof R]: Tensor } =>
    // every part of a decomposition is a tensor
    Object.fromEntries(Object.entries(parts).map(([k, x]) => [k, (x as Tensor).to('float64')])) as {
      [K in keyof R]: Tensor
    }
  const A = random(dtype, m, n)
  const { P, L, U } = double(linalg.lu(A))
  const qr = double(linalg.qr(A))
  const svd = double(linalg.svd(A, { fullMatrices: false }))
  const cases: Record<string, [Tensor, Tensor]> = {
    lu: [P.matmul(L).matmul(U), A],
    qr: [qr.Q.matmul(qr.R), A],
    'columns of Q': [qr.Q.mT.matmul(qr.Q), g.eye(Math.min(m, n), { dtype: 'float64' })],
    svd: [scaled(svd.U, svd.S).matmul(svd.Vh), A],
    'columns of U': [svd.U.mT.matmul(svd.U), g.eye(Math.min(m, n), { dtype: 'float64' })],
  }
  if (m !== n) return cases
  const symmetric = A.add(A.mT)
  const eigen = double(linalg.eigh(symmetric))
  const definite = A.matmul(A.mT).add(g.eye(n, { dtype }))
  const cholesky = linalg.cholesky(definite).to('float64')
  return {
    ...cases,
    eigh: [scaled(eigen.eigenvectors, eigen.eigenvalues).matmul(eigen.eigenvectors.mT), symmetric],
    cholesky: [cholesky.matmul(cholesky.mT), definite],
  }
}

describe('decompositions multiply to the matrix up to eps · n, which is LAPACK’s bound of the backward error', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const n of sizes) {
      for (const m of [n, 2 * n, Math.ceil(n / 2)]) {
        test(`${dtype} ${m} × ${n}`, () => {
          g.manualSeed(n)
          for (const [name, [got, wanted]] of Object.entries(products(dtype, m, n)))
            expect(lost(got, wanted, dtype), name).toBeLessThan(5)
        })
      }
    }
  }
})

describe('solvers leave ‖A X - B‖ ≤ eps · n · ‖A‖ ‖X‖, whatever the condition of A', () => {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const n of sizes) {
      test(`${dtype} ${n} × ${n}`, () => {
        g.manualSeed(n)
        const A = random(dtype, n, n)
        const B = random(dtype, n, 3)
        const { LD, pivots } = linalg.ldlFactor(A.add(A.mT))
        const definite = A.matmul(A.mT).add(g.eye(n, { dtype }))
        const cases: Record<string, [Tensor, Tensor]> = {
          solve: [A, linalg.solve(A, B)],
          ldlSolve: [A.add(A.mT), linalg.ldlSolve(LD, pivots, B)],
          choleskySolve: [definite, g.choleskySolve(B, linalg.cholesky(definite))],
          solveTriangular: [g.triu(A), linalg.solveTriangular(A, B, { upper: true })],
        }
        for (const [name, [matrix, X]] of Object.entries(cases)) {
          const [M, Y] = [matrix.to('float64'), X.to('float64')]
          const left = norm(M.matmul(Y).sub(B.to('float64')))
          expect(left / (norm(M) * norm(Y) * g.finfo(dtype).eps * n), name).toBeLessThan(5)
        }
      })
    }
  }
})

describe('signs are LAPACK’s', () => {
  // torch.linalg.eigh and qr of PyTorch 2.13
  const A = g.tensor([[2, -1, 0.5], [-1, 3, 1], [0.5, 1, -1]], { dtype: 'float64' }) // prettier-ignore
  for (const triangle of ['L', 'U'] as const) {
    test(`of eigenvectors, by the triangle ${triangle}`, () => {
      const row = linalg.eigh(A, triangle).eigenvectors.select(0, 0)
      const rounded = g.round(row.mul(1e4)).div(1e4)
      expect(rounded.tolist()).toEqual([-0.216, 0.8542, -0.473])
    })
  }
  test('of R: the first reflection turns a column to minus its length', () => {
    expect(linalg.qr(A).R.select(0, 0).select(0, 0).item()).toBeCloseTo(-Math.sqrt(5.25), 12)
  })
})

describe('matrices that are singular or no matrices', () => {
  const singular = g.ones(2, 2)
  const cases: [string, () => unknown, string][] = [
    ['inv', () => linalg.inv(singular), 'linalg.inv: The diagonal element 2 is zero'],
    ['inv of a batch', () => linalg.inv(g.ones(2, 2, 2)), 'linalg.inv: (Batch element 0): The diagonal'],
    ['solve', () => linalg.solve(singular, g.ones(2)), 'The solver failed because the input matrix is singular.'],
    ['cholesky', () => linalg.cholesky(g.zeros(2, 2)), 'the leading minor of order 1 is not positive-definite'],
    ['svd of NaN', () => linalg.svd(g.full([2, 2], NaN)), 'the input matrix contained non-finite values'],
    ['det', () => linalg.det(g.ones(2, 3)), 'A must be batches of square matrices, but they are 2 by 3 matrices'],
    ['qr of a vector', () => linalg.qr(g.ones(2)), 'must have at least 2 dimensions'],
    ['half precision', () => linalg.svdvals(g.ones(2, 2, { dtype: 'float16' })), 'Low precision dtypes not supported'],
    ['shapes', () => linalg.solve(g.eye(3), g.ones(2, 2)), 'Incompatible shapes of A and B for the equation AX = B (3x3 and 2x2)'],
    ['dtypes', () => linalg.solve(g.eye(2), g.ones(2, { dtype: 'float64' })), 'Expected A and B to have the same dtype'],
    ['an order', () => linalg.matrixNorm(singular, 3), 'Order 3 not supported.'],
    ['a triangle', () => linalg.eigh(singular, 'X' as 'L'), "Expected UPLO argument to be 'L' or 'U', but got X"],
    ['a driver', () => linalg.lstsq(singular, singular, { driver: 'x' as 'gels' }), 'should be one of (gels, gelsy, gelsd, gelss)'],
  ] // prettier-ignore
  for (const [name, call, message] of cases) {
    test(name, () => {
      expect(call).toThrow(message)
    })
  }

  test('info says which pivot is 0', () => {
    expect(linalg.invEx(g.stack([g.eye(2), singular])).info.tolist()).toEqual([0, 2])
    expect(linalg.solveEx(singular, g.ones(3, 2, 1)).info.item()).toBe(2)
    expect(linalg.choleskyEx(g.zeros(2, 2)).info.item()).toBe(1)
  })

  test('rank, pseudoinverse and condition see the tolerance', () => {
    const x = g.tensor([[1, 0], [0, 1e-9]], { dtype: 'float64' }) // prettier-ignore
    expect(linalg.matrixRank(x).item()).toBe(2)
    expect(linalg.matrixRank(x, { rtol: 1e-6 }).item()).toBe(1)
    expect(linalg.pinv(x, { atol: 1e-6 }).tolist()).toEqual([[1, 0], [0, 0]]) // prettier-ignore
    expect(linalg.cond(singular, 1).item()).toBe(Infinity)
  })
})
