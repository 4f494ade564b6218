import { defineOptions, takeOptions } from '../../base/options.ts'
import { flag } from '../../base/kinds.ts'
import { TensorError } from '../../base/errors.ts'
import { attributes, savingAll } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { filledAs } from '../../op/fill.ts'
import { readsValues } from '../../op/host-values.ts'
import { lt } from '../elementwise/compare.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { where } from '../elementwise/ternary.ts'
import { block, identity } from './host/block.ts'
import { factorLU, signOf, solveFactored } from './host/lu.ts'
import { batchElement, batchOf, checkDouble, checkSquare, eachMatrix, mT } from './matrices.ts'
import { matmul } from './matmul.ts'

interface Inverse {
  call: string
  check: boolean
}

const invValues = /* @__PURE__ */ readsValues('inv')
const invOp = /* @__PURE__ */ defineOp({
  name: 'inv',
  inputs: ['x'],
  outputs: ['inverse', 'info'],
  attrs: attributes<Inverse>(),
  autocast: 'fp32',
  infer({ x }, { call }) {
    checkSquare(call, 'A', x)
    checkDouble(call, x)
    return { inverse: { shape: x.shape, dtype: x.dtype }, info: { shape: batchOf(x), dtype: 'int32' } }
  },
  kernel(on, { x }, { inverse, info }, { call, check }) {
    const n = x.layout.shape.at(-1)!
    const batch = x.layout.shape.slice(0, -2)
    eachMatrix(on, invValues, batch, [x], [inverse, info], ([a], [out, failed], b) => {
      const pivots = new Float64Array(n)
      failed[0] = factorLU(a, n, n, pivots)
      if (check && failed[0] > 0) throw singular(call, batchElement(batch, b), failed[0])
      out.set(identity(n))
      solveFactored(block(a, n), n, pivots, out, n)
    })
  },
  vjp: savingAll(['inverse'], ([g], { inverse }) => ({
    x: matmul(matmul(mT(inverse), g), mT(inverse)).mul(-1),
  })),
})

const singular = (call: string, where: string, place: number): TensorError =>
  new TensorError(
    `${call}: ${where}The diagonal element ${place} is zero, the inversion could not be completed because the input matrix is singular.`,
  )

/**
 * The inverse of a square matrix or batch of them, computed in double.
 *
 * @param x - [..., n, n], float32 or float64
 * @throws TensorError for a singular matrix; ShapeError unless square
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.inv.html
 * @example
 * g.linalg.inv(g.tensor([[2, 0], [0, 4]])).tolist() // => [[0.5, 0], [0, 0.25]]
 */
export const inv = (x: Tensor): Tensor => invOp({ x }, { call: 'linalg.inv', check: true }).inverse

/** The options of linear algebra that says in `info` what failed: named in PyTorch with `_ex`. */
export interface CheckOptions {
  /** Throws where `info` would not be 0. */
  checkErrors?: boolean
}
/** The kinds of {@link CheckOptions}. */
export const checkOptions = /* @__PURE__ */ defineOptions<CheckOptions>({ checkErrors: flag })

/**
 * {@link inv} that says in `info`, int32, per matrix 0 or which pivot, from 1, is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.inv_ex.html
 * @example
 * g.linalg.invEx(g.zeros(2, 2)).info.item() // => 1
 */
export function invEx(x: Tensor, options?: CheckOptions): { inverse: Tensor; info: Tensor } {
  const { checkErrors = false } = takeOptions('invEx', checkOptions, options)
  return invOp({ x }, { call: 'linalg.inv', check: checkErrors })
}

const unchecked = (x: Tensor): Tensor => invOp({ x }, { call: 'linalg.inv', check: false }).inverse

/** The sign of a determinant, 0 for a singular matrix, and the logarithm of its size. */
export interface SignAndLog {
  sign: Tensor
  logabsdet: Tensor
}

const slogdetValues = /* @__PURE__ */ readsValues('slogdet')
const slogdetOp = /* @__PURE__ */ defineOp({
  name: 'slogdet',
  inputs: ['x'],
  outputs: ['sign', 'logabsdet'],
  autocast: 'fp32',
  infer({ x }) {
    checkSquare('linalg.slogdet', 'A', x)
    checkDouble('linalg.slogdet', x)
    const meta = { shape: batchOf(x), dtype: x.dtype }
    return { sign: meta, logabsdet: meta }
  },
  kernel(on, { x }, { sign, logabsdet }) {
    const n = x.layout.shape.at(-1)!
    eachMatrix(on, slogdetValues, x.layout.shape.slice(0, -2), [x], [sign, logabsdet], ([a], [s, log]) => {
      const pivots = new Float64Array(n)
      factorLU(a, n, n, pivots)
      s[0] = signOf(pivots)
      for (let k = 0; k < n; k++) {
        s[0] *= Math.sign(a[k * n + k])
        log[0] += Math.log(Math.abs(a[k * n + k]))
      }
    })
  },
  vjp: savingAll(['x'], ([, g], { x }) => ({
    x: mT(unchecked(x)).mul(g.unsqueeze(-1).unsqueeze(-1)),
  })),
})

/**
 * The sign and the logarithm of the size of a determinant, which do not overflow.
 *
 * @param x - [..., n, n], float32 or float64
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
 * @example
 * g.linalg.slogdet(g.tensor([[0, 2], [2, 0]])).sign.item() // => -1
 */
export const slogdet = (x: Tensor): SignAndLog => slogdetOp({ x }, undefined)

/**
 * The logarithm of a determinant: NaN for a negative one, minus infinity for 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logdet.html
 * @example
 * g.logdet(g.tensor([[1, 0], [0, 1]])).item() // => 0
 */
export function logdet(x: Tensor): Tensor {
  const { sign, logabsdet } = slogdet(x)
  return where(lt(sign, 0), filledAs(logabsdet, [], NaN), logabsdet)
}
