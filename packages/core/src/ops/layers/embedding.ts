import { takeTensor } from '../../tensor/kind.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { atLeast, flag, integer, kind, nullable, real, whole } from '../../base/kinds.ts'
import { defineOp } from '../../op/define-op.ts'
import { isInteger, numOf, type DType } from '../../base/dtype.ts'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { hostNumber, readsValues } from '../../op/host-values.ts'
import { convert, index, input, param } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { max } from '../reduce/extremes.ts'
import { asIndex, gather, scatterToZeros } from '../index/gather.ts'
import { indexCopy_, indexSelect } from '../index/index-along.ts'
import { filledAs } from '../../op/fill.ts'
import { reciprocal } from '../elementwise/power.ts'
import { vectorNorm } from '../linalg/vector-norm.ts'
import { eq, gt } from '../elementwise/compare.ts'
import { memo, under } from '../../op/row-program.ts'
import { where } from '../elementwise/ternary.ts'
import type { View } from '../../backend/types.ts'

interface Embedding {
  /** A row whose gradient is dropped, or null. */
  paddingIdx: number | null
  /** Whether the gradient of a row is divided by how often it was picked. */
  byFrequency: boolean
}

/** One row number per element: `[n]` spread to `[n, d]`. */
const perElement = (at: View, d: number): View =>
  under(at, at.layout.unsqueeze(1).expand([at.layout.size, d]))

const embeddingOp = /* @__PURE__ */ defineOp({
  name: 'embedding',
  inputs: ['weight', 'index'],
  attrs: attributes<Embedding>(),
  infer: ({ weight, index }) => ({ shape: [index.shape[0], weight.shape[1]], dtype: weight.dtype }),
  kernel(on, { weight, index: at }, { out }) {
    try {
      on.gather(weight, perElement(at, weight.layout.shape[1]), 0, out)
    } catch (error) {
      throw error instanceof IndexError
        ? new IndexError('index out of range in self', {
            cause: error,
            hint: `the weight has ${weight.layout.shape[0]} rows, 0 to ${weight.layout.shape[0] - 1}`,
          })
        : error
    }
  },
  vjp: {
    weight: saving(['index'], (g, { index: at }, { paddingIdx, byFrequency }: Embedding, { weight }) => {
      const { shape } = weight
      const own = byFrequency ? g.div(frequencies(g, at, shape[0]).unsqueeze(1)) : g
      const kept = paddingIdx === null ? own : where(eq(at, paddingIdx).unsqueeze(1), 0, own)
      return scatterToZeros(kept, 0, at.unsqueeze(1).expand([at.numel(), shape[1]]), shape)
    }),
    index: null,
  },
})

/** How often each of the positions is among them. */
function frequencies(g: Tensor, at: Tensor, rows: number): Tensor {
  return gather(scatterToZeros(filledAs(g, at.shape, 1), 0, at, [rows]), 0, at)
}

/** Scales the rows that are picked, in place, to a norm where theirs is larger. */
function boundRows(weight: Tensor, at: Tensor, maxNorm: number, normType: number): void {
  const own = weight.detach()
  const rows = indexSelect(own, 0, at)
  const norms = vectorNorm(rows, normType, 1, { keepdim: true })
  const factor = where(gt(norms, maxNorm), reciprocal(norms.add(1e-7)).mul(maxNorm), 1)
  // a row that is picked twice is written twice, alike
  indexCopy_(own, 0, at, rows.mul(factor))
}

/** Options of {@link embedding}. */
export interface EmbeddingOptions {
  /** A row that gets no gradient; negative counts from the end. */
  paddingIdx?: number | null
  /** Scales the rows that are picked, in the weight itself, to this norm where theirs is larger; null leaves them. */
  maxNorm?: number | null
  /** The order of that norm; 2 by default. */
  normType?: number
  /** Divides the gradient of a row by how often it was picked; false by default. */
  scaleGradByFreq?: boolean
  /** Gradients that hold rows alone: gradus has none, and refuses true. */
  sparse?: boolean
}
/** The kinds of {@link EmbeddingOptions}. */
export const embeddingOptions = /* @__PURE__ */ defineOptions<EmbeddingOptions>({
  paddingIdx: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
  maxNorm: /* @__PURE__ */ nullable(/* @__PURE__ */ atLeast(0)),
  normType: real,
  scaleGradByFreq: flag,
  sparse: /* @__PURE__ */ kind<boolean>(
    'false',
    (x) => x === false,
    () => 'sparse gradients are not supported: an embedding has a dense one',
  ),
})

/**
 * Rows of a matrix, one per index.
 *
 * @param index - integers of any shape
 * @param weight - [rows, d]
 * @returns the shape of `index` and d
 * @throws IndexError `index out of range in self`; DTypeError for indices that are not integers
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 */
export function embedding(index: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  takeTensor('embedding', 'index', index)
  takeTensor('embedding', 'weight', weight)

  const taken = takeOptions('embedding', embeddingOptions, options)
  const { paddingIdx = null, maxNorm = null, normType = 2, scaleGradByFreq = false } = taken
  if (weight.ndim !== 2) throw new ShapeError("'weight' must be 2-D")
  const rows = weight.shape[0]
  let padding = paddingIdx
  if (padding !== null) {
    if (padding >= rows || padding < -rows) {
      throw new ValueError('Padding_idx must be within num_embeddings')
    }
    if (padding < 0) padding += rows
  }
  const at = asIndex(index, 'embedding').reshape([index.numel()])
  if (maxNorm !== null) boundRows(weight, at, maxNorm, normType)
  return embeddingOp({ weight, index: at }, { paddingIdx: padding, byFrequency: scaleGradByFreq }).reshape([
    ...index.shape,
    weight.shape[1],
  ])
}

const oneHotProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  const at = input(0, num)
  const hit = f.eq(convert(index({ of: 'inner', axis: 0 }), num), at)
  return new Program({
    inputs: [{ dtype, over: 'outer' }],
    params: [num],
    outputs: [{ dtype: 'int64', value: convert(hit, 'i64'), over: 'all' }],
    checks: [
      { fail: f.lt(at, 0), error: 'Class values must be non-negative.' },
      { fail: f.ge(at, param(0, num)), error: 'Class values must be smaller than num_classes.' },
    ],
  })
})
const oneHotOp = /* @__PURE__ */ defineOp({
  name: 'oneHot',
  inputs: ['x'],
  attrs: attributes<number>(),
  infer({ x }, classes) {
    if (!isInteger(x.dtype))
      throw new DTypeError('oneHot is only applicable to an index tensor of dtype int64')
    return { shape: [...x.shape, classes], dtype: 'int64' }
  },
  kernel: (on, { x }, { out }, classes) =>
    on.run(oneHotProgram(x.dtype), [
      { outer: x.layout.shape, inner: [classes], operands: [x, out], params: [classes] },
    ]),
})

const oneHotValues = /* @__PURE__ */ readsValues('oneHot')

/**
 * Class numbers as rows with a single 1: int64.
 *
 * @param classes - one more than the largest number by default
 * @throws IndexError for a number outside of the classes
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export function oneHot(x: Tensor, classes = -1): Tensor {
  takeArgument('oneHot', 'classes', whole, classes)
  if (classes === -1 && x.numel() === 0)
    throw new ValueError('Can not infer total number of classes from empty tensor.')
  if (classes < 1 && classes !== -1) throw new ValueError('num_classes should be positive')
  return oneHotOp({ x }, classes === -1 ? Math.max(0, hostNumber(oneHotValues, max(x))) + 1 : classes)
}
