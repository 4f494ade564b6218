import { isFloat, promoteTypes, type DType } from '../base/dtype.ts'
import { ArgumentError, GradError } from '../base/errors.ts'
import { broadcastShapes } from '../base/shape.ts'
import { kind } from '../base/kinds.ts'
import { takeArgument } from '../base/options.ts'
import { describeValue } from '../base/describe.ts'
import { encode } from '../tensor/elements.ts'
import { isTensor } from '../tensor/kind.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { plain, saving } from './declaration.ts'
import { defineOp } from './define-op.ts'
import { tensorBeside } from './host-kernel.ts'
import { hostValues, readsValues } from './host-values.ts'
import { under } from './row-program.ts'

/*
 * Functions too rare for a word of the kernel language: computed on the host, in double, element by element.
 */

const tensorOrNumber = /* @__PURE__ */ kind<number>('a tensor or a number', (x) => typeof x === 'number')

const floating = (dtype: DType): DType => (isFloat(dtype) ? dtype : 'float32')

/** The gradient of a function of one number, in ops: from its argument, or from its result too. */
export type HostGradient =
  ((g: Tensor, x: Tensor) => Tensor) | { readonly withResult: (g: Tensor, x: Tensor, out: Tensor) => Tensor }

/**
 * Declares a function of one number.
 *
 * @param grad - the gradient; the function refuses an operand that needs one where it is left out
 */
/*@__NO_SIDE_EFFECTS__*/
export function hostFunction(
  name: string,
  fn: (x: number) => number,
  grad?: HostGradient,
): (x: Tensor) => Tensor {
  const reader = readsValues(name)
  const op = defineOp({
    name,
    inputs: ['x'],
    autocast: 'fp32',
    infer: ({ x }) => ({ shape: x.shape, dtype: floating(x.dtype) }),
    kernel(on, { x }, { out }) {
      const data = hostValues(reader, x, on)
      const values = new Float64Array(data.length)
      for (let i = 0; i < data.length; i++) values[i] = fn(Number(data[i]))
      on.write(out.storage.block, encode(values, out.dtype))
    },
    ...(grad && {
      vjp: {
        x:
          typeof grad === 'function'
            ? saving(['x'], (g, { x }) => grad(g, x))
            : saving(['x', 'out'], (g, { x, out }) => grad.withResult(g, x, out)),
      },
    }),
  })
  return (x) => op({ x }, undefined)
}

/**
 * Declares a function of two numbers, broadcast together.
 *
 * @param grad - the gradient by the second; the function refuses operands that need a gradient where it is left out
 */
/*@__NO_SIDE_EFFECTS__*/
export function hostFunctionOfTwo(
  name: string,
  fn: (x: number, y: number) => number,
  grad?: (g: Tensor, x: Tensor, y: Tensor) => Tensor,
): (x: Tensor | number, y: Tensor | number) => Tensor {
  const reader = readsValues(name)
  const op = defineOp({
    name,
    inputs: ['x', 'y'],
    autocast: 'fp32',
    infer: ({ x, y }) => ({
      shape: broadcastShapes(x.shape, y.shape),
      dtype: floating(promoteTypes(x.dtype, y.dtype)),
    }),
    kernel(on, { x, y }, { out }) {
      const { shape } = out.layout
      const [a, b] = [x, y].map((v) => hostValues(reader, under(v, v.layout.expand(shape)), on))
      const values = new Float64Array(a.length)
      for (let i = 0; i < a.length; i++) values[i] = fn(Number(a[i]), Number(b[i]))
      on.write(out.storage.block, encode(values, out.dtype))
    },
    ...(grad && {
      vjp: {
        x: plain((): never => {
          throw new GradError(`${name} has no derivative by x`, {
            hint: 'take x out of the graph with detach()',
          })
        }),
        y: saving(['x', 'y'], (g, { x, y }) => grad(g, x, y)),
      },
    }),
  })
  return (x, y) => {
    if (!isTensor(x)) takeArgument(name, 'x', tensorOrNumber, x)
    if (!isTensor(y)) takeArgument(name, 'y', tensorOrNumber, y)
    const like = isTensor(x) ? x : y
    if (!isTensor(like))
      throw new ArgumentError(
        `${name} needs a tensor among its operands, got ${describeValue(x)} and ${describeValue(y)}`,
      )
    const asTensor = (v: Tensor | number): Tensor =>
      isTensor(v) ? v : tensorBeside(like, encode([v], floating(like.dtype)), [], floating(like.dtype))
    return op({ x: asTensor(x), y: asTensor(y) }, undefined)
  }
}
