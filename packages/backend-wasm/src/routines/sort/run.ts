import { bytesOf, rowMajorStrides, type View } from '@gradus/core/backend'
import type { LoopAxis } from '../../codegen/axes.ts'
import type { Machine } from '../../machine.ts'
import type { Copies } from '../copies.ts'
import { launchLines, planLines } from '../line-loops.ts'
import { sortBlock, sortModule, sortWorkspace } from './kernel.ts'
import { Staging } from '../staging.ts'

/** Elements from which on several threads sort lines. */
const parallelElements = 2 ** 13

/** Stable sorting of lines on the machine's kernels, a module per dtype. */
export class Sorts {
  readonly #machine: Machine
  readonly #copies: Copies

  constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** Stable order along an axis; NaN counts as largest. */
  run(x: View, axis: number, descending: boolean, values: View, indices: View): void {
    const machine = this.#machine
    const staging = new Staging(machine, this.#copies, [x, values, indices])
    const { layout, dtype } = x
    if (layout.size === 0) return
    const bytes = bytesOf(dtype)
    const isDirect = indices.dtype === 'int32'
    const start = [Staging.at(x), Staging.at(values), isDirect ? Staging.at(indices) : staging.write(indices, 'int32')] // prettier-ignore
    const positions = isDirect ? indices.layout.strides : rowMajorStrides(layout.shape)
    const axes = layout.shape.map((size, i): LoopAxis => {
      const strides = [layout.strides[i] * bytes, values.layout.strides[i] * bytes, positions[i] * 4]
      return { size, strides }
    })
    const plan = planLines({ start, axes }, axis, 0)
    const { line } = plan
    const lines = layout.size / line.size
    const parallel = lines > 1 && layout.size >= parallelElements
    const workspace = sortWorkspace(dtype, line.size)
    const threads = parallel ? (machine.pool?.threads ?? 1) : 1
    const own = sortBlock.list({
      workspace: machine.scratch(workspace * threads),
      workspaceBytes: workspace,
      flip: descending ? -1 : 0,
    })
    const code = machine.module(`sort ${dtype}`, (shared) => sortModule(dtype, shared))
    launchLines(machine, code, plan, { lines: 1, own, parallel })
    staging.finish()
  }
}
