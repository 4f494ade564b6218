import { takeTensor } from '../../tensor/kind.ts'
import { isInteger, promoteTypes } from '../../base/dtype.ts'
import { DTypeError } from '../../base/errors.ts'
import { broadcastShapes } from '../../base/shape.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { hostValues, readsValues, type HostReader } from '../../op/host-values.ts'
import { written } from '../../op/in-place.ts'
import { encode } from '../../tensor/elements.ts'
import type { Tensor } from '../../tensor/tensor.ts'

const abs = (x: bigint): bigint => (x < 0n ? -x : x)

// Euclid
function divisor(a: bigint, b: bigint): bigint {
  let [x, y] = [abs(a), abs(b)]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

function integers(
  call: string,
  reader: HostReader,
  x: Tensor,
  y: Tensor,
  of: (a: bigint, b: bigint) => bigint,
): Tensor {
  takeTensor(call, 'x', x)
  takeTensor(call, 'y', y)
  const dtype = promoteTypes(x.dtype, y.dtype)
  if (!isInteger(dtype)) throw new DTypeError(`"${reader.op}" not implemented for '${dtype}'`)
  const shape = broadcastShapes(x.shape, y.shape)
  const values = (t: Tensor): bigint[] =>
    Array.from<number | bigint, bigint>(hostValues(reader, t.to(dtype).expand(shape)), BigInt)
  const others = values(y)
  const results = values(x).map((a, i) => of(a, others[i]))
  return tensorBeside(x, encode(dtype === 'int64' ? results : results.map(Number), dtype), shape, dtype)
}

const gcdValues = /* @__PURE__ */ readsValues('gcd')
const lcmValues = /* @__PURE__ */ readsValues('lcm')

/**
 * The greatest common divisor, elementwise; of 0 and 0 it is 0.
 *
 * @throws DTypeError unless integers
 * @see https://pytorch.org/docs/stable/generated/torch.gcd.html
 * @example
 * g.gcd(g.tensor([12, 7], { dtype: 'int32' }), g.tensor([18, 0], { dtype: 'int32' })).tolist() // => [6, 7]
 */
export const gcd = (x: Tensor, y: Tensor): Tensor => integers('gcd', gcdValues, x, y, divisor)

/** {@link gcd} written into `x`. */
export const gcd_ = /* @__PURE__ */ written('gcd_', gcd)

/**
 * The least common multiple, elementwise; with 0 it is 0.
 *
 * @throws DTypeError unless integers
 * @see https://pytorch.org/docs/stable/generated/torch.lcm.html
 * @example
 * g.lcm(g.tensor([4], { dtype: 'int32' }), g.tensor([6], { dtype: 'int32' })).tolist() // => [12]
 */
export const lcm = (x: Tensor, y: Tensor): Tensor =>
  integers('lcm', lcmValues, x, y, (a, b) => {
    const common = divisor(a, b)
    return common === 0n ? 0n : abs((a / common) * b)
  })

/** {@link lcm} written into `x`. */
export const lcm_ = /* @__PURE__ */ written('lcm_', lcm)
