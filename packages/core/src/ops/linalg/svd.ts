import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag, nullable, oneOf } from '../../base/kinds.ts'
import { TensorError, ValueError } from '../../base/errors.ts'
import { attributes, saving, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { readsValues } from '../../op/host-values.ts'
import { filledAs } from '../../op/fill.ts'
import { eq } from '../elementwise/compare.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { logicalAnd } from '../elementwise/logical.ts'
import { where } from '../elementwise/ternary.ts'
import { diagEmbed } from '../shape/triangle.ts'
import { singular } from './host/singular.ts'
import {
  batchElement,
  batchOf,
  checkDouble,
  checkMatrix,
  eachMatrix,
  scaleColumns,
  scaleRows,
  skew,
  mT,
} from './matrices.ts'
import { matmul } from './matmul.ts'
import { divideByGaps } from './eigh.ts'

/** The factors of a singular value decomposition. */
export interface SVD {
  U: Tensor
  S: Tensor
  Vh: Tensor
}

/** @throws TensorError for what is not finite, which an iteration does not end on */
function checkFinite(call: string, a: Float64Array, where: string): void {
  if (a.every(Number.isFinite)) return
  throw new TensorError(
    `${call}: ${where}The algorithm failed to converge because the input matrix contained non-finite values.`,
  )
}

function checkConverged(call: string, converged: boolean, where: string): void {
  if (converged) return
  throw new TensorError(
    `${call}: ${where}The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values (error code: 1).`,
  )
}

const svdValues = /* @__PURE__ */ readsValues('svd')
const svdOp = /* @__PURE__ */ defineOp({
  name: 'svd',
  inputs: ['x'],
  outputs: ['U', 'S', 'Vh'],
  attrs: attributes<{ full: boolean }>(),
  autocast: 'fp32',
  infer({ x }, { full }) {
    checkMatrix('linalg.svd', 'A', x)
    checkDouble('linalg.svd', x)
    const [m, n] = x.shape.slice(-2)
    const k = Math.min(m, n)
    const batch = batchOf(x)
    return {
      U: { shape: [...batch, m, full ? m : k], dtype: x.dtype },
      S: { shape: [...batch, k], dtype: x.dtype },
      Vh: { shape: [...batch, full ? n : k, n], dtype: x.dtype },
    }
  },
  kernel(on, { x }, { U, S, Vh }, { full }) {
    const [m, n] = x.layout.shape.slice(-2)
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, svdValues, batch, [x], [U, S, Vh], ([a], [u, s, vt], b) => {
      const at = batchElement(batch, b)
      checkFinite('linalg.svd', a, at)
      const found = singular(a, m, n, full ? 'full' : 'thin')
      checkConverged('linalg.svd', found.converged, at)
      u.set(found.u!)
      s.set(found.values)
      vt.set(found.vt!)
    })
  },
  /*
   * With E = Sⱼ² - Sᵢ² (Giles 2008; Townsend 2016):
   *   gA = U (skew(Uᵀ gU) / E · S + S · skew(Vᵀ gV) / E + diag(gS)) Vᵀ + (1 - U Uᵀ) gU S⁻¹ Vᵀ + U S⁻¹ gVᵀ (1 - V Vᵀ)
   * Vectors beyond the singular values are arbitrary and pass no gradient.
   */
  vjp: savingAll(['U', 'S', 'Vh'], ([gUAll, gS, gVhAll], { U: UAll, S, Vh: VhAll }) => {
    const k = S.shape.at(-1)!
    const [U, gU] = [UAll.narrow(-1, 0, k), gUAll.narrow(-1, 0, k)]
    const [Vh, gVh] = [VhAll.narrow(-2, 0, k), gVhAll.narrow(-2, 0, k)]
    const squares = S.mul(S)
    const gaps = squares.unsqueeze(-2).sub(squares.unsqueeze(-1))
    const UtgU = matmul(mT(U), gU)
    const VtgV = matmul(Vh, mT(gVh))
    const left = scaleColumns(divideByGaps(skew(UtgU), gaps), S)
    const right = scaleRows(divideByGaps(skew(VtgV), gaps), S)
    let gA = matmul(matmul(U, left.add(right).add(diagEmbed(gS))), Vh)
    if (U.shape.at(-2)! > k) gA = gA.add(matmul(divided(gU.sub(matmul(U, UtgU)), S, -2), Vh))
    if (Vh.shape.at(-1)! > k) gA = gA.add(matmul(U, divided(gVh.sub(matmul(mT(VtgV), Vh)), S, -1)))
    return { x: gA }
  }),
})

/** `x / s` along an axis; 0 / 0 is 0: a singular value of 0 matters only where its vectors are differentiated. */
function divided(x: Tensor, s: Tensor, axis: number): Tensor {
  const by = s.unsqueeze(axis)
  return x.div(where(logicalAnd(eq(x, 0), eq(by, 0)), filledAs(x, [], 1), by))
}

/** The routines of LAPACK that PyTorch offers on a GPU; null elsewhere. */
export type SVDDriver = 'gesvd' | 'gesvdj' | 'gesvda'

/** Options of {@link svd}. */
export interface SVDOptions {
  /** Makes U and Vh square; true by default. */
  fullMatrices?: boolean
  /** Of GPUs alone: anything but null is refused. */
  driver?: SVDDriver | null
}
/** The kinds of {@link SVDOptions}. */
export const svdOptions = /* @__PURE__ */ defineOptions<SVDOptions>({
  fullMatrices: flag,
  driver: /* @__PURE__ */ nullable(/* @__PURE__ */ oneOf('gesvd', 'gesvdj', 'gesvda')),
})

function checkDriver(call: string, driver: SVDDriver | null | undefined): void {
  if (driver == null) return
  throw new ValueError(
    `${call}: keyword argument \`driver=\` is only supported on CUDA inputs with cuSOLVER backend.`,
  )
}

/**
 * `A = U · diag(S) · Vh` of a matrix or batch of them, S in falling order, computed in double.
 *
 * Signs of vectors are arbitrary: only what does not depend on them has a meaningful gradient. Gradients of vectors are
 * infinite where singular values are equal.
 *
 * @param A - [..., m, n], float32 or float64
 * @returns U [..., m, m], S [..., k], Vh [..., n, n] with k = min(m, n); without `fullMatrices` U [..., m, k] and Vh [..., k, n]
 * @throws TensorError for NaN and infinities
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.svd.html
 * @example
 * g.linalg.svd(g.tensor([[0, 2], [1, 0]])).S.tolist() // => [2, 1]
 */
export function svd(A: Tensor, options?: SVDOptions): SVD {
  const { fullMatrices = true, driver } = takeOptions('svd', svdOptions, options)
  checkDriver('linalg.svd', driver)
  return svdOp({ x: A }, { full: fullMatrices })
}

/** The decomposition without vectors beyond the singular values, for gradients and what is built on it. */
export const thinSvd = (A: Tensor): SVD => svdOp({ x: A }, { full: false })

const svdvalsValues = /* @__PURE__ */ readsValues('svdvals')
const svdvalsOp = /* @__PURE__ */ defineOp({
  name: 'svdvals',
  inputs: ['x'],
  autocast: 'fp32',
  infer({ x }) {
    checkMatrix('linalg.svdvals', 'A', x)
    checkDouble('linalg.svdvals', x)
    return { shape: [...batchOf(x), Math.min(...x.shape.slice(-2))], dtype: x.dtype }
  },
  kernel(on, { x }, { out }) {
    const [m, n] = x.layout.shape.slice(-2)
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, svdvalsValues, batch, [x], [out], ([a], [s], b) => {
      const at = batchElement(batch, b)
      checkFinite('linalg.svdvals', a, at)
      const found = singular(a, m, n, 'none')
      checkConverged('linalg.svdvals', found.converged, at)
      s.set(found.values)
    })
  },
  vjp: {
    x: saving(['x'], (g, { x }) => {
      const { U, Vh } = thinSvd(x)
      return matmul(scaleColumns(U, g), Vh)
    }),
  },
})

/** Options of {@link svdvals}. */
export interface SvdvalsOptions {
  /** Of GPUs alone: anything but null is refused. */
  driver?: SVDDriver | null
}
/** The kinds of {@link SvdvalsOptions}. */
export const svdvalsOptions = /* @__PURE__ */ defineOptions<SvdvalsOptions>({
  driver: /* @__PURE__ */ nullable(/* @__PURE__ */ oneOf('gesvd', 'gesvdj', 'gesvda')),
})

/**
 * The singular values of a matrix or batch of them in falling order.
 *
 * @param A - [..., m, n], float32 or float64
 * @returns [..., min(m, n)]
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.svdvals.html
 * @example
 * g.linalg.svdvals(g.tensor([[0, 2], [1, 0]])).tolist() // => [2, 1]
 */
export function svdvals(A: Tensor, options?: SvdvalsOptions): Tensor {
  const { driver } = takeOptions('svdvals', svdvalsOptions, options)
  checkDriver('linalg.svdvals', driver)
  return svdvalsOp({ x: A }, undefined)
}

/** What `torch.svd` takes. */
export interface OldSVDOptions {
  /** Leaves vectors beyond the singular values out; true by default. */
  some?: boolean
  /** Makes U and V; with `false` they are zeros. */
  computeUv?: boolean
}
/** The kinds of {@link OldSVDOptions}. */
export const oldSVDOptions = /* @__PURE__ */ defineOptions<OldSVDOptions>({ some: flag, computeUv: flag })

/**
 * `A = U · diag(S) · Vᵀ`: `torch.svd`, which gives V where {@link svd} gives its transpose.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.svd.html
 */
export function svdV(A: Tensor, options?: OldSVDOptions): { U: Tensor; S: Tensor; V: Tensor } {
  const { some = true, computeUv = true } = takeOptions('svd', oldSVDOptions, options)
  if (!computeUv) {
    checkMatrix('svd', 'A', A)
    const [m, n] = A.shape.slice(-2)
    const zeros = (side: number): Tensor => filledAs(A, [...A.shape.slice(0, -2), side, side], 0)
    return { U: zeros(m), S: svdvals(A), V: zeros(n) }
  }
  const { U, S, Vh } = svdOp({ x: A }, { full: !some })
  return { U, S, V: mT(Vh) }
}
