import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { number, oneOf, wholes } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { internals } from '../../op/internals.ts'
import { ShapeError } from '../../base/errors.ts'
import type { Layout } from '../../base/layout.ts'
import { attributes, plain } from '../../op/declaration.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { apart, clone } from '../elementwise/convert.ts'
import { fillView } from '../../op/fill.ts'
import { indexSelect } from '../index/index-along.ts'
import { under } from '../../op/row-program.ts'

interface Padding {
  /** Per axis; not negative. */
  before: readonly number[]
  after: readonly number[]
  value: number
}

/** The part of a padded layout that holds x. */
const inside = (out: Layout, { before, after }: Padding): Layout =>
  before.reduce((l, b, a) => l.slice(a, b, out.shape[a] - b - after[a]), out)

const padOp = /* @__PURE__ */ defineOp({
  name: 'pad',
  inputs: ['x'],
  attrs: attributes<Padding>(),
  infer: ({ x }, { before, after }) => ({
    shape: x.shape.map((n, a) => n + before[a] + after[a]),
    dtype: x.dtype,
  }),
  kernel(on, { x }, { out }, padding) {
    fillView(on, out, padding.value)
    on.copy(x, under(out, inside(out.layout, padding)))
  },
  vjp: {
    x: plain((g, { before }: Padding, { x }) => before.reduce((y, b, a) => y.narrow(a, b, x.shape[a]), g)),
  },
})

/** Options of {@link pad}. */
export interface PadOptions {
  /** 'constant' by default; the others continue x by its mirror image, its edge, or its beginning. */
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular'
  /** The value that 'constant' pads with; 0 by default. */
  value?: number
}
/** The kinds of {@link PadOptions}. */
export const padOptions = /* @__PURE__ */ defineOptions<PadOptions>({
  mode: /* @__PURE__ */ oneOf('constant', 'reflect', 'replicate', 'circular'),
  value: number,
})

/**
 * A tensor with elements added around it.
 *
 * @param amounts - before and after the last axis, then the one before it, and so on; negative ones cut
 * @throws ShapeError for amounts that the axes do not allow
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 * @example
 * g.pad(g.tensor([1, 2]), [1, 0]).tolist() // => [0, 1, 2]
 */
export function pad(x: Tensor, amounts: readonly number[], options?: PadOptions): Tensor {
  takeTensor('pad', 'x', x)

  takeArgument('pad', 'amounts', wholes, amounts)
  const { mode = 'constant', value = 0 } = takeOptions('pad', padOptions, options)
  if (amounts.length % 2 !== 0) throw new ShapeError('Padding length must be divisible by 2')
  if (amounts.length > 2 * x.ndim) {
    throw new ShapeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${amounts.length} and input of dimension ${x.ndim}`,
    )
  }
  const lead = x.ndim - amounts.length / 2
  const pairs = x.shape.map((_, a) => {
    const at = 2 * (x.ndim - 1 - a)
    return a < lead ? ([0, 0] as const) : ([amounts[at], amounts[at + 1]] as const)
  })
  if (mode === 'constant') {
    pairs.forEach(([b, e], a) => {
      if (x.shape[a] + b + e < 0) {
        throw new ShapeError(
          `The input size ${x.shape[a]}, plus negative padding ${b} and ${e} resulted in a negative output size, which is invalid. Check dimension ${a} of your input.`,
        )
      }
    })
    const cut = pairs.reduce(
      (y, [b, e], a) =>
        b < 0 || e < 0 ? y.slice(Math.max(0, -b), x.shape[a] - Math.max(0, -e), { axis: a }) : y,
      x,
    )
    const positive = (i: 0 | 1): number[] => pairs.map((pair) => Math.max(0, pair[i]))
    const [before, after] = [positive(0), positive(1)]
    if ([...before, ...after].every((n) => n === 0)) return clone(cut)
    return padOp({ x: cut }, { before, after, value })
  }
  const out = pairs.reduce((y, [b, e], a) => (b === 0 && e === 0 ? y : continued(y, a, b, e, mode)), x)
  return apart(out, x)
}

function continued(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  mode: 'reflect' | 'replicate' | 'circular',
): Tensor {
  if (x.shape[axis] + before + after < (mode === 'circular' ? 0 : 1)) {
    throw new ShapeError(
      `The input size ${x.shape[axis]}, plus padding ${before} and ${after}, leaves nothing of axis ${axis}.`,
    )
  }
  // elements that are cut off do not come round again
  if (mode === 'circular' && Math.min(before, after) < 0) {
    const cut = x.slice(Math.max(0, -before), x.shape[axis] - Math.max(0, -after), { axis })
    return continued(cut, axis, Math.max(0, before), Math.max(0, after), mode)
  }
  const n = x.shape[axis]
  const most = mode === 'reflect' ? n - 1 : n
  if (mode !== 'replicate' && Math.max(before, after) > most) {
    throw new ShapeError(
      mode === 'reflect'
        ? `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${axis} of input [${x.shape.join(', ')}]`
        : 'Padding value causes wrapping around more than once.',
    )
  }
  const index = Int32Array.from({ length: n + before + after }, (_, i) => {
    const p = i - before
    if (mode === 'replicate') return Math.min(n - 1, Math.max(0, p))
    if (mode === 'circular') return (p + n) % n
    return p < 0 ? -p : p >= n ? 2 * (n - 1) - p : p
  })
  return indexSelect(x, axis, internals(x).makeFrom(index, [index.length], 'int32'))
}
