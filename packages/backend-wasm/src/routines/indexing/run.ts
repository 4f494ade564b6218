import {
  bytesOf,
  IndexError,
  Layout,
  rowMajorStrides,
  type DType,
  type Scatter,
  type View,
} from '@gradus/core/backend'
import { simplify, type LoopAxis } from '../../codegen/axes.ts'
import type { Code, Machine } from '../../machine.ts'
import type { Copies } from '../copies.ts'
import { indexingBlock, mergeModule, moveModule, type Merge } from './kernel.ts'
import { eachPosition } from '../positions.ts'
import { Staging } from '../staging.ts'

/** Elements from which on several threads gather. */
const parallelElements = 2 ** 17

interface Index {
  readonly address: number
  /** In bytes. */
  readonly strides: readonly number[]
}

/** Gather and scatter on the machine's kernels, a module per size of elements, or per dtype and kind. */
export class Indexing {
  readonly #machine: Machine
  readonly #copies: Copies

  constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** `out[p] = x[p with index[p] at axis]` */
  gather(x: View, index: View, axis: number, out: View): void {
    const staging = new Staging(this.#machine, this.#copies, [x, index, out])
    const positions = stageIndex(staging, index, axis, x)
    // one dtype: conversion happens on the way out
    const direct = x.dtype === out.dtype
    const target = direct ? Staging.at(out) : staging.write(out, x.dtype)
    const strides = direct ? out.layout.strides : rowMajorStrides(out.layout.shape)
    const size = elementBytes(x.dtype)
    const code = this.#machine.module(`gather ${size}`, (shared) => moveModule(size, 'data', shared))
    this.#run(code, index.layout.shape, axis, x, positions, target, strides, size, true)
    staging.finish()
  }

  /** `out[p with index[p] at axis] ∘= source[p]`, in row-major order of p */
  scatter(kind: Scatter, source: View, index: View, axis: number, out: View): void {
    const staging = new Staging(this.#machine, this.#copies, [source, index, out])
    const positions = stageIndex(staging, index, axis, out)
    const direct = source.dtype === out.dtype
    const data = direct ? Staging.at(source) : staging.read(source, out.dtype)
    const strides = direct ? source.layout.strides : rowMajorStrides(source.layout.shape)
    const size = elementBytes(out.dtype)
    const { dtype } = out
    const code =
      kind === 'set'
        ? this.#machine.module(`scatter set ${size}`, (shared) => moveModule(size, 'table', shared))
        : this.#machine.module(`scatter ${kind} ${dtype}`, (shared) =>
            mergeModule(dtype === 'bool' ? 'uint8' : dtype, dtype === 'bool' ? logical[kind] : kind, shared),
          )
    this.#run(code, index.layout.shape, axis, out, positions, data, strides, size, false)
  }

  #run(
    code: Code,
    shape: readonly number[],
    axis: number,
    table: View,
    index: Index,
    data: number,
    dataStrides: readonly number[],
    size: number,
    parallel: boolean,
  ): void {
    const machine = this.#machine
    const tableStrides = table.layout.strides.map((s, i) => (i === axis ? 0 : s * size))
    const axes: LoopAxis[] = shape.map((n, i) => ({
      size: n,
      strides: [dataStrides[i] * size, index.strides[i], tableStrides[i] ?? 0],
    }))
    // no operand is turned round: the order of positions decides which of several writes stays
    const loops = simplify(axes, 0, -1, [0, 0, 0])
    const step = (table.layout.strides[axis] ?? 0) * size
    const start = [data, index.address, Staging.at(table)]
    const none: LoopAxis = { size: 1, strides: [0, 0, 0] }
    const three = [none, none, none, ...loops].slice(-3)
    const elements = shape.reduce((a, b) => a * b, 1)
    const block = machine.arguments(indexingBlock.bytes)
    eachPosition(loops.slice(0, -3), start, (at) => {
      const [outer, middle, inner] = three
      const isRow = inner.strides[1] === 0 && inner.strides[0] === size && inner.strides[2] === size
      const words = indexingBlock.list({
        start: at,
        step,
        rows: isRow ? 1 : 0,
        outer: outer.strides,
        middleSize: middle.size,
        middle: middle.strides,
        innerSize: inner.size,
        inner: inner.strides,
      })
      machine.memory.words.set(words, block >> 2)
      const chunks = outer.size
      machine.launch(
        code,
        0,
        block,
        chunks,
        Math.max(1, parallel ? Math.ceil(chunks / 64) : chunks),
        parallel && elements >= parallelElements,
      )
    })
  }
}

const logical: Record<Exclude<Scatter, 'set'>, Merge> = { sum: 'or', max: 'or', prod: 'and', min: 'and' }

// every dtype has one of these sizes
const elementBytes = (dtype: DType): 1 | 2 | 4 | 8 => bytesOf(dtype) as 1 | 2 | 4 | 8

/**
 * Positions as int32 in memory.
 *
 * @throws IndexError for an index below 0 or beyond the axis
 */
function stageIndex(staging: Staging, index: View, axis: number, table: View): Index {
  const { layout } = index
  // repeated positions are checked and converted once
  const shape = layout.shape.map((n, i) => (layout.strides[i] === 0 ? Math.min(n, 1) : n))
  const distinct = {
    storage: index.storage,
    dtype: index.dtype,
    layout: new Layout(shape, layout.strides, layout.offset),
  }
  const { size } = distinct.layout
  const length = table.layout.shape[axis] ?? 1
  const dense = staging.read(distinct)
  const values = staging.array(dense, index.dtype, size)
  for (let i = 0; i < size; i++) {
    const at = values[i]
    if (at < 0 || at >= length) {
      throw new IndexError(`index ${at} is out of bounds for dimension ${axis} with size ${length}`)
    }
  }
  const address = index.dtype === 'int32' ? dense : staging.read(distinct, 'int32')
  const strides = rowMajorStrides(shape).map((s, i) => (shape[i] === layout.shape[i] ? 4 * s : 0))
  return { address, strides }
}
