import type { Backend, View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { tapeOf } from '../../op/dispatch.ts'
import { bytesOf, isFloat, type DType } from '../../base/dtype.ts'
import { Layout, rowMajorStrides, type Shape } from '../../base/layout.ts'
import { attributes, savingAll, type Meta } from '../../op/declaration.ts'
import { broadcastShapes, sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { gradientOp, weigh, weighBackward, weightsOp, type Weights } from './attention-weights.ts'
import { fillView } from '../../op/fill.ts'
import { matmul } from '../linalg/matmul.ts'
import { under } from '../../op/row-program.ts'

/*
 * Attention by blocks of queries: weights of all pairs of query and key never exist at once. Keys that no query of a block sees
 * are left out, which saves half the work of a causal mask. Backward computes the weights of a block again where there are many,
 * after Dao 2023 (https://arxiv.org/abs/2307.08691). Here a row of weights is whole, because products and row kernels are the
 * backend's own.
 */

/** Queries of a block. Fewer make products slow, more compute much that a causal mask hides. */
const blockRows = 32
/** Between rows of weights: rows that lie a power of two apart share places in the cache. */
const gap = 16

interface Block {
  /** Its first query, and how many there are. */
  from: number
  count: number
  /** Keys that any of them sees, from the first on. */
  seen: number
  /** The place of its weights, if the weights of all blocks are kept. */
  offset: number
}

interface Cut {
  batch: Shape
  blocks: Block[]
  /** Numbers that the weights of all blocks and of the largest one take. */
  total: number
  largest: number
}

function cut(query: Shape, key: Shape, causal: boolean): Cut {
  const batch = query.slice(0, -2)
  const [queries, keys] = [query.at(-2)!, key.at(-2)!]
  const blocks: Block[] = []
  let [total, largest] = [0, 0]
  for (let from = 0; from < queries; from += blockRows) {
    const count = Math.min(blockRows, queries - from)
    const seen = causal ? Math.min(keys, from + count) : keys
    blocks.push({ from, count, seen, offset: total })
    const size = sizeOf(batch) * count * (seen + gap)
    total += size
    largest = Math.max(largest, size)
  }
  return { batch, blocks, total, largest }
}

type Storage = View['storage']

function weightsOf(block: Block, batch: Shape, storage: Storage, dtype: DType, offset: number): View {
  const { count, seen } = block
  const strides = rowMajorStrides([...batch, count, seen + gap])
  return { storage, dtype, layout: new Layout([...batch, count, seen], strides, offset) }
}

/** Rows of a matrix. */
const part = (x: View, from: number, count: number): View =>
  under(x, x.layout.slice(x.layout.rank - 2, from, count))

function transposed(x: View): View {
  const { rank } = x.layout
  return under(x, x.layout.permute([...Array(rank - 2).keys(), rank - 1, rank - 2]))
}

/** Memory for the time of a call. */
function borrow(on: Backend, dtype: DType, elements: number, use: (storage: Storage) => void): void {
  const block = on.alloc(elements * bytesOf(dtype))
  try {
    use({ block })
  } finally {
    on.free(block)
  }
}

/** The weights of a block, into `out`. */
function attend(
  on: Backend,
  { query, key, mask }: { query: View; key: View; mask: View | null },
  { from, count, seen }: Block,
  out: View,
  attrs: Weights,
): void {
  on.matmul(part(query, from, count), transposed(part(key, 0, seen)), out)
  // a mask of one row is that of all
  const own = mask && under(mask, mask.layout.expand([...query.layout.shape.slice(0, -1), seen]))
  weigh(on, out, own && part(own, from, count), out, attrs, from)
}

interface Blockwise extends Weights {
  /** Whether backward is given the weights. */
  kept: boolean
}

type Operands = Record<'query' | 'key' | 'value' | 'weights', View> & { mask: View | null }

function forward(on: Backend, operands: Operands, out: View, attrs: Blockwise): void {
  const { query, key, value, weights } = operands
  const { dtype } = query
  const { batch, blocks, largest } = cut(query.layout.shape, key.layout.shape, attrs.causal)
  const run = (storage: Storage): void => {
    for (const block of blocks) {
      const y = weightsOf(block, batch, storage, dtype, attrs.kept ? block.offset : 0)
      attend(on, operands, block, y, attrs)
      on.matmul(y, part(value, 0, block.seen), part(out, block.from, block.count))
    }
  }
  if (attrs.kept) run(weights.storage)
  else borrow(on, dtype, largest, run)
}

type Gradients = Record<'dQuery' | 'dKey' | 'dValue', View>
type Needs = Readonly<Record<string, boolean>>

function backward(
  on: Backend,
  operands: Operands & { g: View },
  { dQuery, dKey, dValue }: Gradients,
  { needs, ...attrs }: Blockwise & { needs: Needs },
): void {
  const { g, query, key, value, weights } = operands
  const { dtype } = query
  const { batch, blocks, largest } = cut(query.layout.shape, key.layout.shape, attrs.causal)
  borrow(on, dtype, attrs.kept ? largest : 2 * largest, (own) => {
    // the last block sees the most keys: where those are all, its part of their gradients is the first
    let accumulate = blocks.at(-1)!.seen < key.layout.shape.at(-2)!
    if (accumulate && needs.key) fillView(on, dKey, 0)
    if (accumulate && needs.value) fillView(on, dValue, 0)
    for (const block of blocks.reverse()) {
      const { from, count, seen } = block
      const y = attrs.kept
        ? weightsOf(block, batch, weights.storage, dtype, block.offset)
        : weightsOf(block, batch, own, dtype, largest)
      if (!attrs.kept) attend(on, operands, block, y, attrs)
      const gradient = part(g, from, count)
      if (needs.value) on.matmul(transposed(y), gradient, part(dValue, 0, seen), { accumulate })
      if (needs.query || needs.key) {
        const scores = weightsOf(block, batch, own, dtype, 0)
        on.matmul(gradient, transposed(part(value, 0, seen)), scores)
        weighBackward(on, scores, y, scores, attrs.scale)
        if (needs.query) on.matmul(scores, part(key, 0, seen), part(dQuery, from, count))
        if (needs.key)
          on.matmul(transposed(scores), part(query, from, count), part(dKey, 0, seen), { accumulate })
      }
      accumulate = true
    }
  })
}

/** Half precision in float32: sums over blocks would be rounded at each block. */
function inSingle<I extends Record<string, View>, O extends Record<string, View>>(
  on: Backend,
  inputs: I,
  outputs: O,
  use: (inputs: I, outputs: O) => void,
): void {
  const given = [...Object.entries(inputs), ...Object.entries(outputs)]
  if (given.every(([, x]) => bytesOf(x.dtype) > 2)) return use(inputs, outputs)
  const total = given.reduce((sum, [, { layout }]) => sum + layout.size, 0)
  borrow(on, 'float32', total, (storage) => {
    let offset = 0
    const wide: Record<string, View> = {}
    for (const [name, { layout }] of given) {
      const { shape, size } = layout
      wide[name] = { storage, dtype: 'float32', layout: new Layout(shape, rowMajorStrides(shape), offset) }
      offset += size
    }
    for (const [name, x] of Object.entries(inputs)) on.copy(x, wide[name])
    // it has the names of both
    use(wide as I, wide as O)
    for (const [name, x] of Object.entries(outputs)) on.copy(wide[name], x)
  })
}

const backwardOp = /* @__PURE__ */ defineOp({
  name: 'attentionInBlocksBackward',
  inputs: ['g', 'query', 'key', 'value', 'weights', 'mask?'],
  outputs: ['dQuery', 'dKey', 'dValue'],
  attrs: attributes<Blockwise & { needs: Needs }>(),
  infer({ query, key, value }, { needs }) {
    const meta = ({ shape, dtype }: Meta, needed = false): Meta => ({ shape: needed ? shape : [0], dtype })
    return {
      dQuery: meta(query, needs.query),
      dKey: meta(key, needs.key),
      dValue: meta(value, needs.value),
    }
  },
  kernel: (on, { weights, mask, ...inputs }, outputs, attrs) =>
    inSingle(on, inputs, outputs, (x, y) => backward(on, { ...x, weights, mask }, y, attrs)),
})

const blocksOp = /* @__PURE__ */ defineOp({
  name: 'attentionInBlocks',
  inputs: ['query', 'key', 'value', 'mask?'],
  aux: ['weights'],
  attrs: attributes<Blockwise>(),
  infer({ query, key, value }, { causal, kept }) {
    const { dtype } = query
    return {
      out: { shape: [...query.shape.slice(0, -1), value.shape.at(-1)!], dtype },
      weights: { shape: [kept ? cut(query.shape, key.shape, causal).total : 0], dtype },
    }
  },
  kernel: (on, { mask, ...inputs }, { out, weights }, attrs) =>
    inSingle(on, inputs, { out }, (x, y) => forward(on, { ...x, weights, mask }, y.out, attrs)),
  vjp: savingAll(
    ['query', 'key', 'value', 'weights', 'mask'],
    ([g], { query, key, value, weights, mask = null }, needs, attrs: Blockwise) => {
      const given = { g, query, key, value, mask }
      if (tapeOf([g, query, key, value]) !== null) return differentiable(given, attrs)
      const { dQuery, dKey, dValue } = backwardOp({ ...given, weights }, { ...attrs, needs })
      return {
        query: needs.query ? dQuery : null,
        key: needs.key ? dKey : null,
        value: needs.value ? dValue : null,
      }
    },
  ),
})

/** The same gradients, of ops that have gradients. */
function differentiable(
  { g, query, key, value, mask }: Record<'g' | 'query' | 'key' | 'value', Tensor> & { mask: Tensor | null },
  attrs: Weights,
): Record<'query' | 'key' | 'value', Tensor> {
  const y = weightsOp({ x: matmul(query, key.transpose(-2, -1)), mask }, attrs)
  const scores = gradientOp({ g: matmul(g, value.transpose(-2, -1)), y }, attrs.scale)
  return {
    query: matmul(scores, key),
    key: matmul(scores.transpose(-2, -1), query),
    value: matmul(y.transpose(-2, -1), g),
  }
}

/** The weights' memory in relation to that of the operands and the result. */
const relativeSize = (query: Tensor, key: Tensor, value: Tensor): number =>
  key.shape.at(-2)! / (2 * (query.shape.at(-1)! + value.shape.at(-1)!))

/** Weights up to this size are kept for backward: to compute them again takes a sixth more time. */
const keptSize = 4

/** Whether blocks gain time or memory, and the operands allow them: a mask that learns needs all weights. */
export function isBlockwise(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  causal: boolean,
): boolean {
  return (
    query.shape.at(-2)! > blockRows &&
    (causal || relativeSize(query, key, value) > 1) &&
    isFloat(query.dtype) &&
    query.shape.at(-1) === key.shape.at(-1) &&
    key.shape.at(-2) === value.shape.at(-2) &&
    tapeOf([mask]) === null
  )
}

/** Attention by blocks of queries. */
export function attendInBlocks(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  weights: Weights,
): Tensor {
  const batch = [query, key, value].map((x): Shape => x.shape.slice(0, -2)).reduce(broadcastShapes)
  const spread = (x: Tensor): Tensor => x.expand([...batch, ...x.shape.slice(-2)])
  const operands = { query: spread(query), key: spread(key), value: spread(value), mask }
  // those of half precision would take more memory than the operands save
  const isWide = bytesOf(query.dtype) > 2
  const kept = isWide && tapeOf([query, key, value]) !== null && relativeSize(query, key, value) <= keptSize
  return blocksOp(operands, { ...weights, kept })
}
