import { codeOf, type View, type Window } from '@gradus/core/backend'
import { convModule, planConv, writeConvDescriptor, type ConvPlan, type Pass } from './index.ts'
import { elementType, type ElementType } from '../../elements/index.ts'
import { tileRowsFor } from '../gemm/index.ts'
import type { Code, Machine } from '../../machine.ts'
import { PlanCache } from '../../plan-cache.ts'
import { entryNames } from '../../threads/index.ts'
import type { Copies } from '../copies.ts'
import type { MatrixProducts } from '../gemm/run.ts'
import { pointwiseProduct } from './pointwise.ts'
import { Staging } from '../staging.ts'

const passes: readonly Pass[] = ['forward', 'input', 'weight']

/** Convolutions and their gradients on the machine's kernels, a module per dtype. */
export class Convolutions {
  readonly #machine: Machine
  readonly #copies: Copies
  readonly #products: MatrixProducts
  readonly #plans = new PlanCache<ConvPlan>()

  constructor(machine: Machine, copies: Copies, products: MatrixProducts) {
    this.#machine = machine
    this.#copies = copies
    this.#products = products
  }

  /** One pass, as part of a call that has begun. */
  run(pass: Pass, x: View, weight: View, out: View, window: Window, groups: number, bias?: View): void {
    const product = bias ? null : pointwiseProduct(pass, x, weight, out, window, groups)
    if (product !== null) {
      this.#products.run(product.weight, product.source, product.target, false, undefined)
      return
    }
    const machine = this.#machine
    const dtype = elementType(x.dtype)
    const staging = new Staging(machine, this.#copies, bias ? [x, weight, out, bias] : [x, weight, out])
    const plan = this.#plan(pass, dtype, x, weight, out, window, groups)
    const kernel = pass === 'weight' ? staging.write(weight) : staging.read(weight)
    const added = bias ? staging.read(bias, dtype) : 0
    const shared = machine.scratch(plan.sharedBytes)
    const workspace = machine.scratch(plan.workspaceBytes)
    const descriptor = machine.arguments(4 * plan.words.length)
    writeConvDescriptor(plan, machine.memory.words, descriptor >> 2, {
      x: Staging.at(x),
      weight: kernel,
      bias: added,
      output: Staging.at(out),
      shared,
      workspace,
    })
    const code = this.#code(dtype)
    for (const { name, blocks } of plan.stages) {
      machine.launch(code, entryNames.indexOf(name), descriptor, blocks, 1, true)
    }
    staging.finish()
  }

  #plan(
    pass: Pass,
    dtype: ElementType,
    x: View,
    weight: View,
    out: View,
    { stride, padding, dilation }: Window,
    groups: number,
  ): ConvPlan {
    const layouts = [x.layout, weight.layout, out.layout]
    const numbers = [passes.indexOf(pass), codeOf(dtype), groups, ...stride, ...padding, ...dilation]
    const key = { outer: numbers, inner: [], layouts }
    const known = this.#plans.get(key)
    if (known) return known
    const [images, channels, ...input] = x.layout.shape
    const [filters, , ...kernel] = weight.layout.shape
    const convolution = {
      images,
      groups,
      channels,
      filters,
      input,
      kernel,
      stride,
      padding,
      dilation,
      output: out.layout.shape.slice(2),
      xStrides: x.layout.strides,
      outputStrides: out.layout.strides,
    }
    return this.#plans.set(key, planConv(pass, convolution, dtype, this.#machine.pool?.threads ?? 1))
  }

  #code(dtype: ElementType): Code {
    const { relaxed, features } = this.#machine
    const tileRows = tileRowsFor(dtype, relaxed, features)
    return this.#machine.module(`conv ${dtype}`, (shared) =>
      convModule({ dtype, relaxed, tileRows, memory: { shared } }),
    )
  }
}
