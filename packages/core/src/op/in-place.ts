import { tapeOfWrite } from './dispatch.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { categoryOf, type Category } from '../base/dtype.ts'
import { sameShape } from '../base/layout.ts'
import { internals } from './internals.ts'
import { refuseOverlap } from './operands.ts'
import { takeTensor } from '../tensor/kind.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The in-place form of an op that is not pointwise. Where nothing is recorded, `direct` writes `x` itself. Otherwise the
 * result of the op is copied into `x`, so that the tape sees one kind of write only.
 */
export function inPlace(
  x: Tensor,
  others: readonly Tensor[],
  { direct, recorded }: { direct(): void; recorded(): Tensor },
): Tensor {
  if (tapeOfWrite(x, [x, ...others]) !== null) return x.copy_(recorded())
  refuseOverlap(x)
  direct()
  internals(x).counter.value++
  return x
}

const rank: Readonly<Record<Category, number>> = { bool: 0, int: 1, float: 2 }

/**
 * The in-place form of a function whose first argument it writes: the result is computed and copied in.
 *
 * @throws ShapeError, DTypeError where the result does not fit into the operand
 */
/*@__NO_SIDE_EFFECTS__*/
export function written<A extends readonly unknown[]>(
  name: string,
  compute: (x: Tensor, ...rest: A) => Tensor,
): (x: Tensor, ...rest: A) => Tensor {
  return (x, ...rest) => {
    takeTensor(name, 'x', x)
    const result = compute(x, ...rest)
    if (!sameShape(result.shape, x.shape)) {
      throw new ShapeError(
        `output with shape [${x.shape.join(', ')}] doesn't match the broadcast shape [${result.shape.join(', ')}]`,
        { where: name, hint: 'an in-place form writes what has the shape of its first operand' },
      )
    }
    if (rank[categoryOf(result.dtype)] > rank[categoryOf(x.dtype)]) {
      throw new DTypeError(
        `result type ${result.dtype} can't be cast to the desired output type ${x.dtype}`,
        { where: name, hint: `convert the operand first: .to('${result.dtype}')` },
      )
    }
    return x.copy_(result)
  }
}
