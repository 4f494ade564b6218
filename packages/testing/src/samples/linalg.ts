import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

const { linalg } = g
const eye = (n: number): g.Tensor => g.eye(n, { dtype: 'float64' })
/** Far from singular. */
const regular = (x: g.Tensor): g.Tensor => x.add(eye(x.shape.at(-1)!).mul(4))
const symmetric = (x: g.Tensor): g.Tensor => x.add(x.mT)
const definite = (x: g.Tensor): g.Tensor => x.matmul(x.mT).add(eye(x.shape.at(-2)!))
/** What does not depend on the signs of columns: products of them with themselves. */
const signless = (x: g.Tensor): g.Tensor => x.unsqueeze(-2).mul(x.unsqueeze(-3))

const systems: Sample[] = [
  sample('linalg.inv', (x) => linalg.inv(regular(x)), [[2, 3, 3]]),
  sample('linalg.invEx', (x) => linalg.invEx(regular(x)).inverse, [[3, 3]]),
  sample('linalg.det', (x) => linalg.det(x), [[2, 3, 3]]),
  sample('linalg.slogdet', (x) => linalg.slogdet(regular(x)).logabsdet, [[2, 3, 3]]),
  sample('logdet', (x) => g.logdet(definite(x)), [[3, 3]]),
  sample('linalg.solve', (x, y) => linalg.solve(regular(x), y), [[2, 3, 3]], [[3, 2]]),
  sample('linalg.solve of a vector', (x, y) => linalg.solve(regular(x), y), [[3, 3]], [[3]]),
  sample(
    'linalg.solve from the right',
    (x, y) => linalg.solve(regular(x), y, { left: false }),
    [[3, 3]],
    [[2, 3]],
  ),
  ...[true, false].flatMap((upper) =>
    [true, false].map((left) =>
      sample(
        `linalg.solveTriangular, ${upper ? 'upper' : 'lower'} ${left ? 'left' : 'right'}`,
        (x, y) => linalg.solveTriangular(regular(x), y, { upper, left, unitriangular: upper !== left }),
        [[2, 3, 3]],
        [[3, 3]],
      ),
    ),
  ),
  sample(
    'triangularSolve',
    (x, y) => g.triangularSolve(y, regular(x), { transpose: true }).solution,
    [[3, 3]],
    [[3, 2]],
  ),
  sample('linalg.luFactor', (x) => linalg.luFactor(x).LU, [[2, 3, 3]]),
  sample('linalg.lu, wide', (x) => [linalg.lu(x).L, linalg.lu(x).U], [[2, 4]]),
  sample('linalg.lu, tall', (x) => [linalg.lu(x).L, linalg.lu(x).U], [[4, 2]]),
  ...[true, false].map((adjoint) =>
    sample(
      `linalg.luSolve${adjoint ? ', adjoint, right' : ''}`,
      (x, y) => {
        const { LU, pivots } = linalg.luFactor(regular(x))
        return linalg.luSolve(LU, pivots, y, { adjoint, left: !adjoint })
      },
      [[3, 3]],
      [[3, 3]],
    ),
  ),
  sample('linalg.ldlSolve', (y) => {
    const { LD, pivots } = linalg.ldlFactor(g.tensor([[1, 2], [2, 1]], { dtype: 'float64' }))
    return linalg.ldlSolve(LD, pivots, y)
  }, [[2, 3]]), // prettier-ignore
  sample(
    'linalg.tensorsolve',
    (x, y) => linalg.tensorsolve(regular(x.reshape([4, 4])).reshape([2, 2, 4]), y),
    [[2, 2, 4]],
    [[2, 2]],
  ),
  sample('linalg.tensorinv', (x) => linalg.tensorinv(regular(x.reshape([4, 4])).reshape([2, 2, 4])), [
    [2, 2, 4],
  ]),
]

const decompositions: Sample[] = [
  sample('linalg.cholesky', (x) => linalg.cholesky(definite(x)), [[2, 3, 3]]),
  sample('linalg.cholesky, upper', (x) => linalg.cholesky(definite(x), { upper: true }), [[3, 3]]),
  sample('choleskySolve', (x, y) => g.choleskySolve(y, linalg.cholesky(definite(x))), [[3, 3]], [[3, 2]]),
  sample(
    'choleskySolve, of a full factor',
    (x, y) => g.choleskySolve(y, g.tril(regular(x))),
    [[3, 3]],
    [[3, 2]],
  ),
  sample('choleskyInverse', (x) => g.choleskyInverse(g.triu(regular(x)), { upper: true }), [[3, 3]]),
  sample('linalg.qr', (x) => Object.values(linalg.qr(x)), [[2, 3, 3]]),
  sample('linalg.qr, tall', (x) => Object.values(linalg.qr(x)), [[4, 2]]),
  sample('linalg.qr, wide', (x) => Object.values(linalg.qr(x)), [[2, 4]]),
  sample('linalg.householderProduct', (x, t) => linalg.householderProduct(x, t), [[2, 3, 2]], [[2, 2]]),
  sample('ormqr', (x, t, y) => g.ormqr(x, t, y), [[3, 2]], [[2]], [[3, 2]]),
  sample(
    'ormqr, transposed, right',
    (x, t, y) => g.ormqr(x, t, y, { left: false, transpose: true }),
    [[3, 2]],
    [[2]],
    [[2, 3]],
  ),
  sample('linalg.eigh', (x) => {
    const { eigenvalues, eigenvectors } = linalg.eigh(symmetric(x))
    return [eigenvalues, signless(eigenvectors)]
  }, [[2, 3, 3]]), // prettier-ignore
  sample('linalg.eigh, values alone', (x) => linalg.eigh(symmetric(x), 'U').eigenvalues, [[3, 3]]),
  sample('linalg.eigvalsh', (x) => linalg.eigvalsh(symmetric(x)), [[2, 3, 3]]),
  ...(
    [
      ['square', [2, 3, 3]],
      ['tall', [4, 2]],
      ['wide', [2, 4]],
    ] as const
  ).map(([name, shape]) =>
    sample(
      `linalg.svd, ${name}`,
      (x) => {
        const { U, S, Vh } = linalg.svd(x, { fullMatrices: false })
        return [U.matmul(Vh), signless(U), S, signless(Vh.mT)]
      },
      [shape],
    ),
  ),
  sample('linalg.svd, full', (x) => linalg.svd(x).S, [[3, 2]]),
  sample('linalg.svdvals', (x) => linalg.svdvals(x), [[2, 2, 3]]),
  sample('linalg.pinv', (x) => linalg.pinv(x), [[2, 3, 2]]),
  sample('linalg.pinv, wide', (x) => linalg.pinv(x), [[2, 3]]),
  sample('linalg.pinv, of rank 1', (x, y) => linalg.pinv(x.matmul(y)), [[3, 1]], [[1, 2]]),
  sample('linalg.pinv, symmetric', (x) => linalg.pinv(symmetric(x), { hermitian: true }), [[3, 3]]),
  sample('linalg.lstsq, tall', (x, y) => {
    const { solution, residuals } = linalg.lstsq(x, y)
    return [solution, residuals]
  }, [[4, 2]], [[4, 2]]), // prettier-ignore
  sample('linalg.lstsq, wide', (x, y) => linalg.lstsq(x, y).solution, [[2, 2, 3]], [[2, 2, 1]]),
]

const functions: Sample[] = [
  sample('linalg.matrixPower', (x) => linalg.matrixPower(x, 3), [[3, 3]]),
  sample('linalg.matrixPower, negative', (x) => linalg.matrixPower(regular(x), -2), [[3, 3]]),
  sample('linalg.matrixExp', (x) => linalg.matrixExp(x), [[2, 3, 3]]),
  ...(['fro', 'nuc', 1, -1, 2, -2, Infinity, -Infinity] as const).map((ord) =>
    sample(`linalg.matrixNorm ${ord}`, (x) => linalg.matrixNorm(x, ord), [[2, 3, 5]]),
  ),
  sample('linalg.norm', (x) => linalg.norm(x), [[2, 3]]),
  sample('linalg.cond', (x) => linalg.cond(x), [[3, 3]]),
  sample('linalg.cond, Frobenius', (x) => linalg.cond(regular(x), 'fro'), [[3, 3]]),
  sample('linalg.multiDot', (x, y, z) => linalg.multiDot([x, y, z]), [[2, 3]], [[3, 4]], [[4]]),
  sample('linalg.vander', (x) => linalg.vander(x, { N: 4 }), [[2, 3]]),
]

export const algebra: readonly Sample[] = [...systems, ...decompositions, ...functions]
