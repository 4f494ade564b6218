import { bytesOf, DTypeError, dtypeOfNum, Layout, numOf, rowMajorStrides } from '@gradus/core/backend'
import type { DType, Scan, View } from '@gradus/core/backend'
import { sizeOfAxes, type LoopAxis } from '../../codegen/axes.ts'
import type { ComputeType } from '../../elements/index.ts'
import { vectorBytes } from '../../elements/index.ts'
import type { Code, Machine } from '../../machine.ts'
import type { Copies } from '../copies.ts'
import { launchLines, planLines, type LineOperands } from '../line-loops.ts'
import { chainsOf, scanBlock, scanModule, vectorsOfLines } from './kernel.ts'
import { Staging } from '../staging.ts'

/** Elements from which on several threads scan. */
const parallelElements = 2 ** 16

/** Running folds on the machine's kernels, a module per kind and number type. */
export class Scans {
  readonly #machine: Machine
  readonly #copies: Copies

  constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** A running fold along an axis, in the number type of `out`. */
  run(kind: Scan, x: View, axis: number, out: View, indices: View | undefined): void {
    const operands = indices === undefined ? [x, out] : [x, out, indices]
    const staging = new Staging(this.#machine, this.#copies, operands)
    const { shape, size } = x.layout
    if (size === 0) return
    const type = computeType(out.dtype)
    if (kind === 'logsumexp' && (type === 'i32' || type === 'i64'))
      throw new DTypeError('logsumexp takes floats')
    const dtype = dtypeOfNum[type]
    if (kind === 'logsumexp' && size > shape[axis]) return this.#scanAcross(x, axis, out, dtype)
    const dense = rowMajorStrides(shape)
    const place = (view: View, own: DType, stage: () => number) => {
      const direct = view.dtype === own
      const strides = direct ? view.layout.strides : dense
      return { address: direct ? Staging.at(view) : stage(), strides: strides.map((s) => s * bytesOf(own)) }
    }
    const places = [
      place(x, dtype, () => staging.read(x, dtype)),
      place(out, dtype, () => staging.write(out, dtype)),
    ]
    if (indices !== undefined) places.push(place(indices, 'int32', () => staging.write(indices, 'int32')))
    const axes = shape.map((n, i): LoopAxis => ({
      size: n,
      strides: places.map(({ strides }) => strides[i]),
    }))
    const start = places.map(({ address }) => address)
    this.#scan(this.#code(kind, type, indices !== undefined), { start, axes }, axis, bytesOf(dtype))
    staging.finish()
  }

  // its long formula is computed for several lines at once: they are brought side by side
  #scanAcross(x: View, axis: number, out: View, dtype: DType): void {
    const { shape, size } = x.layout
    const machine = this.#machine
    const order = [axis, ...shape.keys()].filter((a, i) => i === 0 || a !== axis)
    const strides = rowMajorStrides(order.map((a) => shape[a]))
    const layout = new Layout(shape, shape.map((_, a) => strides[order.indexOf(a)]), 0) // prettier-ignore
    const apart = { address: machine.scratch(size * bytesOf(dtype)), dtype, layout }
    this.#copies.copy({ address: Staging.base(x), dtype: x.dtype, layout: x.layout }, apart)
    const axes = shape.map((n, a): LoopAxis => {
      const stride = layout.strides[a] * bytesOf(dtype)
      return { size: n, strides: [stride, stride] }
    })
    const code = this.#code('logsumexp', computeType(dtype), false)
    this.#scan(code, { start: [apart.address, apart.address], axes }, axis, bytesOf(dtype))
    this.#copies.copy(apart, { address: Staging.base(out), dtype: out.dtype, layout: out.layout })
  }

  #scan(code: Code, operands: LineOperands, axis: number, bytes: number): void {
    const plan = planLines(operands, axis, 1)
    const { start, inner } = plan
    const neighbours = inner.strides.every((s, k) => s === (k === 2 ? 4 : bytes))
    const lines = neighbours ? vectorsOfLines * (vectorBytes / bytes) : chainsOf(start.length === 3)
    const parallel = sizeOfAxes(operands.axes) >= parallelElements
    launchLines(this.#machine, code, plan, {
      lines,
      own: scanBlock.list({ neighbours: neighbours ? 1 : 0 }),
      parallel,
    })
  }

  #code(kind: Scan, type: ComputeType, hasIndices: boolean): Code {
    const key = `scan ${kind} ${type} ${hasIndices}`
    return this.#machine.module(key, (shared) => scanModule(kind, type, hasIndices, shared))
  }
}

function computeType(dtype: DType): ComputeType {
  const num = numOf(dtype)
  return num === 'bool' ? 'i32' : num
}
