import type { Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import { rounding } from './masters.ts'
import type { Backend, Binding, Program, View } from '@gradus/core/backend'

/** Updates of many tensors, collected so that each program runs once over all of them. */
export class Updates {
  private readonly bindings = new Map<Program, Binding[]>()
  private readonly written: Tensor[] = []
  private backend: Backend | null = null

  /**
   * Adds the update of one tensor.
   *
   * @param reads - operands of the program's inputs
   * @param writes - operands of its outputs, all of one shape
   */
  add(
    program: Program,
    reads: readonly Tensor[],
    writes: readonly Tensor[],
    params: readonly number[],
  ): void {
    const chosen = rounding(program, writes, params)
    const list = this.bindings.get(chosen.program) ?? []
    this.bindings.set(chosen.program, list)
    const operands = [...reads, ...writes] satisfies View[]
    list.push({ outer: writes[0].shape, inner: [], operands, params: chosen.params })
    this.written.push(...writes)
    this.backend ??= writes[0].backend
  }

  run(): void {
    for (const [program, list] of this.bindings) this.backend?.run(program, list)
    for (const x of this.written) internals(x).counter.value++
  }
}
