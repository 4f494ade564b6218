import { bytesOf, codeOf, Layout, type Epilogue, type View } from '@gradus/core/backend'
import { gemmModule, planGemm, tileRowsFor, writeDescriptor } from './index.ts'
import type { GemmPlan, Path } from './index.ts'
import { elementType, type ElementType } from '../../elements/index.ts'
import type { Code, Machine } from '../../machine.ts'
import { PlanCache } from '../../plan-cache.ts'
import { pin } from '../../heap/index.ts'
import type { Placed } from '../placed.ts'
import { entryNames } from '../../threads/index.ts'
import type { Copies } from '../copies.ts'
import { Staging } from '../staging.ts'

const gemmEntry = entryNames.indexOf('gemm')

const made = new WeakMap<Machine, MatrixProducts>()

/** Matrix products on the machine's kernels, a module per dtype and path. */
export class MatrixProducts {
  readonly #machine: Machine
  readonly #copies: Copies
  readonly #codes: Record<Path, Map<ElementType, Code>> = {
    packed: new Map(),
    direct: new Map(),
    dot: new Map(),
    axpy: new Map(),
  }
  readonly #plans = new PlanCache<GemmPlan>()

  private constructor(machine: Machine, copies: Copies) {
    this.#machine = machine
    this.#copies = copies
  }

  /** The products of a machine: convolutions share them. */
  static of(machine: Machine, copies: Copies): MatrixProducts {
    let products = made.get(machine)
    if (!products) made.set(machine, (products = new MatrixProducts(machine, copies)))
    return products
  }

  /**
   * `[...b, m, k] · [...b, k, n]` as part of a call that has begun.
   *
   * @returns whether the epilogue is done too: a bias per column is added on the way
   */
  run(x: View, y: View, out: View, accumulate: boolean, epilogue: Epilogue | undefined): boolean {
    const dtype = elementType(out.dtype)
    if (out.layout.size === 0) return true
    const bias = epilogue === undefined ? null : biasOf(epilogue, out)
    const operands = bias === null ? [x, y, out] : [x, y, out, bias]
    pin(this.#machine.heap, operands)
    const target = this.#target(out, bias !== null, accumulate)
    this.#multiply(dtype, x, y, target, accumulate, bias)
    if (target.address !== Staging.base(out)) {
      this.#copies.copy(target, { address: Staging.base(out), dtype: out.dtype, layout: out.layout })
    }
    return bias !== null || epilogue === undefined
  }

  // a result whose rows and columns both have gaps is computed apart
  #target(out: View, bias: boolean, accumulate: boolean): Placed {
    const { layout, dtype } = out
    const [row, column] = layout.strides.slice(-2)
    const [m, n] = layout.shape.slice(-2)
    const address = Staging.base(out)
    if (column === 1 || n === 1 || (row === 1 && !bias) || (m === 1 && !bias))
      return { address, layout, dtype }
    const apart = {
      address: this.#machine.scratch(layout.size * bytesOf(dtype)),
      layout: Layout.of(layout.shape),
      dtype,
    }
    if (accumulate) this.#copies.copy({ address, layout, dtype }, apart)
    return apart
  }

  #multiply(dtype: ElementType, x: View, y: View, out: Placed, accumulate: boolean, bias: View | null): void {
    const machine = this.#machine
    const plan = this.#plan(dtype, x, y, out, accumulate, bias !== null)
    const workspace = machine.scratch(plan.workspaceBytes)
    const descriptor = machine.arguments(4 * plan.words.length)
    writeDescriptor(plan, machine.memory.words, descriptor >> 2, {
      a: Staging.at(x),
      b: Staging.at(y),
      c: out.address + out.layout.offset * bytesOf(dtype),
      bias: bias === null ? 0 : Staging.at(bias),
      workspace,
    })
    machine.launch(this.#code(dtype, plan.path), gemmEntry, descriptor, plan.blocks, 1, true)
  }

  #plan(dtype: ElementType, x: View, y: View, out: Placed, accumulate: boolean, bias: boolean): GemmPlan {
    const space = {
      outer: [accumulate ? 1 : 0, bias ? 1 : 0, codeOf(dtype)],
      inner: [],
      layouts: [x.layout, y.layout, out.layout],
    }
    const known = this.#plans.get(space)
    if (known) return known
    const { shape, rank } = out.layout
    const strides = ({ layout }: { layout: Layout }) => ({
      row: layout.strides[rank - 2],
      column: layout.strides[rank - 1],
    })
    const product = {
      m: shape[rank - 2],
      n: shape[rank - 1],
      k: x.layout.shape[rank - 1],
      a: strides(x),
      b: strides(y),
      c: strides(out),
      batch: shape.slice(0, -2).map((size, i) => ({
        size,
        a: x.layout.strides[i],
        b: y.layout.strides[i],
        c: out.layout.strides[i],
      })),
      accumulate,
      bias,
    }
    return this.#plans.set(space, planGemm(product, dtype, dtype, this.#machine.pool?.threads ?? 1))
  }

  #code(input: ElementType, path: Path): Code {
    const codes = this.#codes[path]
    let code = codes.get(input)
    if (!code) {
      const { relaxed, features, shared } = this.#machine
      const tileRows = tileRowsFor(input, relaxed, features)
      const bytes = gemmModule({ path, input, relaxed, tileRows, memory: { shared } })
      codes.set(input, (code = this.#machine.load(bytes)))
    }
    return code
  }
}

/** The vector that an epilogue adds to each row; none if the epilogue does something else or rounds differently. */
function biasOf({ program, operands, params }: Epilogue, out: View): View | null {
  const { inputs, outputs, reductions } = program
  if (inputs.length !== 2 || operands.length !== 1 || params.length > 0 || reductions.length > 0) return null
  const { value, dtype } = outputs[0]
  const exact = dtype === 'float32' || dtype === 'float64'
  if (
    !exact ||
    dtype !== out.dtype ||
    inputs[1].dtype !== dtype ||
    outputs.length !== 1 ||
    program.checks.length > 0
  )
    return null
  if (value.op !== 'add' || value.x.op !== 'input' || value.y.op !== 'input' || value.x.i + value.y.i !== 1)
    return null
  const [bias] = operands
  const { shape, strides } = bias.layout
  const last = shape.length - 1
  if (shape[last] > 1 && strides[last] !== 1) return null
  return strides.every((s, i) => i === last || s === 0 || shape[i] === 1) ? bias : null
}
