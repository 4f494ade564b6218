import { takeTensor } from '../../tensor/kind.ts'
import { flatten } from '../view/view.ts'
import { defineOptions, takeOptions } from '../../base/options.ts'
import { real } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { matmul } from './matmul.ts'

function rank(name: string, argument: string, x: Tensor, n: number, what: string): void {
  if (x.ndim !== n)
    throw new ShapeError(`${name}: Expected ${n}-D argument ${argument}, but got ${x.ndim}-D`, {
      hint: `it is a ${what}`,
    })
}

/** The product of two matrices, and of nothing else. */
export function mm(x: Tensor, y: Tensor): Tensor {
  takeTensor('mm', 'x', x)
  takeTensor('mm', 'y', y)

  if (x.ndim !== 2) throw new ShapeError('self must be a matrix')
  if (y.ndim !== 2) throw new ShapeError('mat2 must be a matrix')
  return matmul(x, y)
}

/** The products of two batches of matrices of equal length: [b, m, k] · [b, k, n]. */
export function bmm(x: Tensor, y: Tensor): Tensor {
  takeTensor('bmm', 'x', x)
  takeTensor('bmm', 'y', y)

  if (x.ndim !== 3) throw new ShapeError('batch1 must be a 3D tensor')
  if (y.ndim !== 3) throw new ShapeError('batch2 must be a 3D tensor')
  if (x.shape[0] !== y.shape[0] || x.shape[2] !== y.shape[1]) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${x.shape[0]}, ${x.shape[2]}] but got: [${y.shape[0]}, ${y.shape[1]}].`,
    )
  }
  return matmul(x, y)
}

/** The product of a matrix and a vector. */
export function mv(x: Tensor, vector: Tensor): Tensor {
  takeTensor('mv', 'x', x)
  takeTensor('mv', 'vector', vector)

  if (x.ndim !== 2 || vector.ndim !== 1) {
    throw new ShapeError(`vector + matrix @ vector expected, got ${x.ndim}, ${vector.ndim}`)
  }
  return matmul(x, vector)
}

const dotOp = /* @__PURE__ */ defineOp({
  name: 'dot',
  inputs: ['x', 'y'],
  autocast: 'promote',
  decompose: ({ x, y }) => innerProduct(x, y),
})

/** The inner product of two vectors of one dtype. */
export const dot = (x: Tensor, y: Tensor): Tensor => dotOp({ x, y }, undefined)

function innerProduct(x: Tensor, y: Tensor): Tensor {
  if (x.ndim !== 1 || y.ndim !== 1) {
    throw new ShapeError(`1D tensors expected, but got ${x.ndim}D and ${y.ndim}D tensors`)
  }
  if (x.dtype !== y.dtype) {
    throw new DTypeError(
      `dot : expected both vectors to have same dtype, but found ${x.dtype} and ${y.dtype}`,
      { hint: 'convert one with .to()' },
    )
  }
  return matmul(x, y)
}

/** All products of elements of two vectors: [m], [n] to [m, n]. */
export function outer(x: Tensor, y: Tensor): Tensor {
  takeTensor('outer', 'x', x)
  takeTensor('outer', 'y', y)

  rank('outer', 'self', x, 1, 'vector')
  rank('outer', 'vec2', y, 1, 'vector')
  return x.unsqueeze(1).mul(y.unsqueeze(0))
}

/** Options of sums with products. */
export interface AddProductOptions {
  /** Multiplies the first operand, which is not read for 0; 1 by default. */
  beta?: number
  /** Multiplies the product; 1 by default. */
  alpha?: number
}
/** The kinds of {@link AddProductOptions}. */
export const addProductOptions = /* @__PURE__ */ defineOptions<AddProductOptions>({ beta: real, alpha: real })

/** `beta · x + alpha · product(y, z)` as one op, so that autocast sees all three operands. */
/*@__NO_SIDE_EFFECTS__*/
const plusProductOf = (name: string, product: (y: Tensor, z: Tensor) => Tensor) =>
  defineOp({
    name,
    inputs: ['x', 'y', 'z'],
    attrs: attributes<AddProductOptions>(),
    autocast: 'lower',
    decompose: ({ x, y, z }, options) => plusProduct(x, product(y, z), options),
  })

function plusProduct(x: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddProductOptions): Tensor {
  const scaled = alpha === 1 ? product : product.mul(alpha)
  if (beta === 0) return scaled
  const base = beta === 1 ? x : x.mul(beta)
  return base.expand(product.shape).add(scaled)
}

const addmmOp = /* @__PURE__ */ plusProductOf('addmm', mm)
const baddbmmOp = /* @__PURE__ */ plusProductOf('baddbmm', bmm)
const addbmmOp = /* @__PURE__ */ plusProductOf('addbmm', sumOfProducts)
const addmvOp = /* @__PURE__ */ plusProductOf('addmv', mv)
const addrOp = /* @__PURE__ */ plusProductOf('addr', outer)

/** `beta · x + alpha · (y · z)` of matrices. */
export const addmm = (x: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor =>
  addmmOp({ x, y, z }, takeOptions('addmm', addProductOptions, options))

/** `beta · x + alpha · (y · z)` of batches of matrices. */
export const baddbmm = (x: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor =>
  baddbmmOp({ x, y, z }, takeOptions('baddbmm', addProductOptions, options))

/** `beta · x + alpha · Σ (y · z)` over batches of matrices. */
export const addbmm = (x: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor =>
  addbmmOp({ x, y, z }, takeOptions('addbmm', addProductOptions, options))

// one product with the batch as part of the inner axis: nothing to store and add up, and fewer roundings
function sumOfProducts(y: Tensor, z: Tensor): Tensor {
  const fits = y.ndim === 3 && z.ndim === 3 && y.shape[0] === z.shape[0] && y.shape[2] === z.shape[1]
  // bmm reports shapes that do not fit
  return fits ? mm(flatten(y.transpose(0, 1), 1), flatten(z, 0, 1)) : bmm(y, z).sum(0)
}

/** `beta · x + alpha · (y · z)` of a matrix and a vector. */
export const addmv = (x: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor =>
  addmvOp({ x, y, z }, takeOptions('addmv', addProductOptions, options))

/** `beta · x + alpha · outer(y, z)`. */
export const addr = (x: Tensor, y: Tensor, z: Tensor, options?: AddProductOptions): Tensor =>
  addrOp({ x, y, z }, takeOptions('addr', addProductOptions, options))

/** Sums of products over the last axis of both: `x · yᵀ`. */
export function inner(x: Tensor, y: Tensor): Tensor {
  takeTensor('inner', 'x', x)
  takeTensor('inner', 'y', y)

  if (x.ndim === 0 || y.ndim === 0) return x.mul(y)
  const [n, m] = [x.shape.at(-1)!, y.shape.at(-1)!]
  if (n !== m) {
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes [${x.shape.join(', ')}] and [${y.shape.join(', ')}]`,
    )
  }
  const flat = matmul(
    x.reshape([x.numel() / Math.max(1, n), n]),
    y.reshape([y.numel() / Math.max(1, m), m]).t(),
  )
  return flat.reshape([...x.shape.slice(0, -1), ...y.shape.slice(0, -1)])
}
