import { describeValue } from '../../base/describe.ts'
import { takeTensor } from '../../tensor/kind.ts'
import { TensorError, ValueError } from '../../base/errors.ts'
import { attributes, saving, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import { filledAs } from '../../op/fill.ts'
import { eq, gt } from '../elementwise/compare.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logicalAnd } from '../elementwise/logical.ts'
import { where } from '../elementwise/ternary.ts'
import { diagEmbed } from '../shape/triangle.ts'
import { eigenSymmetric } from './host/symmetric.ts'
import {
  batchElement,
  batchOf,
  checkDouble,
  checkSquare,
  eachMatrix,
  identityLike,
  scaleColumns,
  mT,
} from './matrices.ts'
import { matmul } from './matmul.ts'

/** Eigenvalues in rising order `[..., n]`, and unit eigenvectors as columns `[..., n, n]`. */
export interface Eigh {
  eigenvalues: Tensor
  eigenvectors: Tensor
}

/** Which triangle of a symmetric matrix is read. */
export type UPLO = 'L' | 'U' | 'l' | 'u'

interface Triangle {
  upper: boolean
}

function notConverged(call: string, where: string, count: number): TensorError {
  return new TensorError(
    `${call}: ${where}The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: ${count}).`,
  )
}

const eighValues = /* @__PURE__ */ readsValues('eigh')
const eighOp = /* @__PURE__ */ defineOp({
  name: 'eigh',
  inputs: ['x'],
  outputs: ['eigenvalues', 'eigenvectors'],
  attrs: attributes<Triangle>(),
  autocast: 'fp32',
  infer({ x }) {
    checkSquare('linalg.eigh', 'A', x)
    checkDouble('linalg.eigh', x)
    return {
      eigenvalues: { shape: x.shape.slice(0, -1), dtype: x.dtype },
      eigenvectors: { shape: x.shape, dtype: x.dtype },
    }
  },
  kernel(on, { x }, { eigenvalues, eigenvectors }, { upper }) {
    const n = x.layout.shape.at(-1)!
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, eighValues, batch, [x], [eigenvalues, eigenvectors], ([a], [values, vectors], b) => {
      const found = eigenSymmetric(a, n, upper, true, x.dtype === 'float64' ? 2 ** -53 : 2 ** -24)
      if (found.failed > 0) throw notConverged('linalg.eigh', batchElement(batch, b), found.failed)
      values.set(found.values)
      vectors.set(found.vectors!)
    })
  },
  // gA = V (diag(gλ) + (Vᵀ gV) / (λⱼ - λᵢ) off the diagonal, its symmetric part) Vᵀ
  vjp: savingAll(['eigenvalues', 'eigenvectors'], ([gL, gV], { eigenvalues: L, eigenvectors: V }) => {
    const turned = matmul(mT(V), gV)
    const off = divideByGaps(turned, L.unsqueeze(-2).sub(L.unsqueeze(-1)))
    const inner = off.add(mT(off)).mul(0.5).add(diagEmbed(gL))
    return { x: matmul(matmul(V, inner), mT(V)) }
  }),
})

/** `x / gaps` off the diagonal and 0 on it; 0 / 0 is 0: what nobody differentiates is 0 where two values are equal too. */
export function divideByGaps(x: Tensor, gaps: Tensor): Tensor {
  const n = x.shape.at(-1)!
  const diagonal = gt(identityLike(x, n), 0)
  const zero = filledAs(x, [], 0)
  const away = where(diagonal, zero, x)
  // 1 in place of a gap that is not divided by: no 0 / 0, in derivatives neither
  return away.div(where(logicalAnd(eq(away, 0), eq(gaps, 0)), filledAs(x, [], 1), gaps))
}

function isUpper(triangle: string): boolean {
  if (typeof triangle !== 'string' || !/^[LUlu]$/.test(triangle))
    throw new ValueError(
      `Expected UPLO argument to be 'L' or 'U', but got ${typeof triangle === 'string' ? triangle : describeValue(triangle)}`,
    )
  return triangle.toUpperCase() === 'U'
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix or batch of them, computed in double.
 *
 * The sign of an eigenvector is arbitrary: only what does not depend on it has a meaningful gradient. Gradients of vectors are
 * infinite where eigenvalues are equal.
 *
 * @param x - [..., n, n], float32 or float64
 * @param UPLO - the triangle that is read; 'L' by default
 * @throws ValueError for another triangle; TensorError where the iteration does not converge, as for NaN
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigh.html
 * @example
 * g.linalg.eigh(g.tensor([[2, 1], [1, 2]])).eigenvalues.tolist() // => [1, 3]
 */
export const eigh = (x: Tensor, UPLO: UPLO = 'L'): Eigh => {
  takeTensor('linalg.eigh', 'x', x)
  return eighOp({ x }, { upper: isUpper(UPLO) })
}

const eigvalshValues = /* @__PURE__ */ readsValues('eigvalsh')
const eigvalshOp = /* @__PURE__ */ defineOp({
  name: 'eigvalsh',
  inputs: ['x'],
  attrs: attributes<Triangle>(),
  autocast: 'fp32',
  infer({ x }) {
    checkSquare('linalg.eigvalsh', 'A', x)
    checkDouble('linalg.eigvalsh', x)
    return { shape: [...batchOf(x), x.shape.at(-1)!], dtype: x.dtype }
  },
  kernel(on, { x }, { out }, { upper }) {
    const n = x.layout.shape.at(-1)!
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, eigvalshValues, batch, [x], [out], ([a], [values], b) => {
      const found = eigenSymmetric(a, n, upper, false)
      if (found.failed > 0) throw notConverged('linalg.eigvalsh', batchElement(batch, b), found.failed)
      values.set(found.values)
    })
  },
  vjp: {
    x: saving(['x'], (g, { x }, attrs: Triangle) => {
      const { eigenvectors: V } = eighOp({ x }, attrs)
      return matmul(scaleColumns(V, g), mT(V))
    }),
  },
})

/**
 * The eigenvalues of a symmetric matrix or batch of them in rising order.
 *
 * @param UPLO - the triangle that is read; 'L' by default
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigvalsh.html
 * @example
 * g.linalg.eigvalsh(g.tensor([[2, 1], [1, 2]])).tolist() // => [1, 3]
 */
export const eigvalsh = (x: Tensor, UPLO: UPLO = 'L'): Tensor => eigvalshOp({ x }, { upper: isUpper(UPLO) })
