import { takeTensor } from '../../tensor/kind.ts'
import { isFloat, promoteTypes } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { tensorBeside, writeView } from '../../op/host-kernel.ts'
import { hostNumbers, hostValues, readsValues } from '../../op/host-values.ts'
import { broadcastShapes } from '../../base/shape.ts'
import { defineOp } from '../../op/define-op.ts'
import { plain, saving } from '../../op/declaration.ts'
import { written } from '../../op/in-place.ts'
import { encode } from '../../tensor/elements.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { ne } from './compare.ts'
import { ldexp } from './power.ts'

const frexpValues = /* @__PURE__ */ readsValues('frexp')

/** The exponent of a number whose mantissa is at least 0.5 and below 1; 0 for 0 and what is not finite. */
function exponentOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0
  const magnitude = Math.abs(value)
  let e = Math.floor(Math.log2(magnitude)) + 1
  // the logarithm is rounded, and halving is exact
  while (magnitude / 2 ** (e - 1) >= 2) e++
  while (magnitude / 2 ** (e - 1) < 1) e--
  return e
}

/**
 * Numbers taken apart: `x = mantissa · 2^exponent`, the mantissa from 0.5 to 1 in magnitude.
 *
 * @returns the mantissa in the dtype of `x`, the exponent in int32
 * @throws DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.frexp.html
 * @example
 * const { mantissa, exponent } = g.frexp(g.tensor([3, 0.5]))
 * mantissa.tolist() // => [0.75, 0.5]
 * exponent.tolist() // => [2, 0]
 */
export function frexp(x: Tensor): { mantissa: Tensor; exponent: Tensor } {
  takeTensor('frexp', 'x', x)
  if (!isFloat(x.dtype)) throw new DTypeError('frexp() only supports floating-point dtypes')
  const exponents = hostNumbers(frexpValues, x).map(exponentOf)
  const beside = (values: number[]): Tensor => tensorBeside(x, encode(values, 'int32'), x.shape, 'int32')
  // in two steps: the inverse of the smallest power is no number
  const first = exponents.map((e) => Math.trunc(-e / 2))
  const rest = exponents.map((e, i) => -e - first[i])
  return { mantissa: ldexp(ldexp(x, beside(first)), beside(rest)).to(x.dtype), exponent: beside(exponents) }
}

function next64(x: number, y: number): number {
  if (x !== x || y !== y) return NaN
  if (x === y) return y
  if (x === 0) return y > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE
  const float = Float64Array.of(x)
  const bits = new BigInt64Array(float.buffer)
  bits[0] += x < y === x > 0 ? 1n : -1n
  return float[0]
}

function next32(x: number, y: number): number {
  if (x !== x || y !== y) return NaN
  if (x === y) return y
  const float = new Float32Array(1)
  const bits = new Int32Array(float.buffer)
  if (x === 0) bits[0] = y > 0 ? 1 : 0x80000001 | 0
  else {
    float[0] = x
    bits[0] += x < y === x > 0 ? 1 : -1
  }
  return float[0]
}

const nextafterValues = /* @__PURE__ */ readsValues('nextafter')

const nextafterOp = /* @__PURE__ */ defineOp({
  name: 'nextafter',
  inputs: ['x', 'y'],
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x, y }, { out }) {
    const [from, to] = [hostValues(nextafterValues, x, on), hostValues(nextafterValues, y, on)]
    const next = x.dtype === 'float64' ? next64 : next32
    writeView(
      on,
      out,
      Array.from<number | bigint, number>(from, (v, i) => next(Number(v), Number(to[i]))),
    )
  },
  vjp: {
    x: saving(['x', 'y'], (g, { x, y }) => g.mul(ne(x, y))),
    y: plain((g) => g.mul(0)),
  },
})

/**
 * The number of the dtype that comes after `x` on the way to `y`, elementwise.
 *
 * @throws DTypeError unless float32 or float64
 * @see https://pytorch.org/docs/stable/generated/torch.nextafter.html
 * @example
 * g.nextafter(g.tensor([1]), g.tensor([2])).sub(1).item() === g.finfo('float32').eps // => true
 */
export function nextafter(x: Tensor, y: Tensor): Tensor {
  takeTensor('nextafter', 'x', x)
  takeTensor('nextafter', 'y', y)
  const dtype = promoteTypes(x.dtype, y.dtype)
  if (dtype !== 'float32' && dtype !== 'float64') {
    throw new DTypeError(`"nextafter" not implemented for '${dtype}'`)
  }
  const shape = broadcastShapes(x.shape, y.shape)
  return nextafterOp({ x: x.to(dtype).expand(shape), y: y.to(dtype).expand(shape) }, undefined)
}

/** {@link nextafter} written into `x`. */
export const nextafter_ = /* @__PURE__ */ written('nextafter_', nextafter)
