import { type Layout, Tensor, TensorError } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'

/** One `vmap` that is running. */
export interface Level {
  /** 1 for the outermost. */
  readonly depth: number
  /** The length of the mapped axis. */
  readonly size: number
}

/** Set when something was about to read memory of a batched tensor: its values differ from sample to sample. */
let touched = false

/** The next error says that a call needs memory of one sample: {@link unlessTouched} answers it. */
export function touch(): void {
  touched = true
}

/** Runs `fn`; null where it needs memory of a batched tensor, as the kernel of an op does. */
export function unlessTouched<T>(fn: () => T): T | null {
  touched = false
  try {
    return fn()
  } catch (error) {
    if (!touched) throw error
    touched = false
    return null
  }
}

const refusal = (): TensorError =>
  new TensorError(
    "vmap: It looks like you're reading the values of a Tensor, as item(), tolist(), a comparison in an `if`, or an operation whose result has a size that depends on values. Inside vmap a tensor stands for many, and has no values of its own.",
    { hint: 'use operations instead, as where(); or read the values outside of vmap' },
  )

type Storage = Tensor['storage']
const guards = new WeakMap<Storage, Storage>()

/** A storage in all but its memory. */
function guarded(storage: Storage): Storage {
  let guard = guards.get(storage)
  if (guard === undefined) {
    guard = new Proxy(storage, {
      get(target, name) {
        if (name === 'block') {
          touched = true
          throw refusal()
        }
        const value: unknown = Reflect.get(target, name, target)
        // methods write fields of the storage
        return typeof value === 'function' ? value.bind(target) : value
      },
      set: (target, name, value) => Reflect.set(target, name, value, target),
    })
    guards.set(storage, guard)
  }
  return guard
}

// one descriptor, so that all have one hidden class
const layoutOfSample: PropertyDescriptor = {
  get(this: Batched): Layout {
    return this.own
  },
  set() {
    throw new TensorError('vmap: a tensor that stands for many samples cannot be resized')
  },
}

/**
 * A tensor that stands for one sample of many: it has the shape of one, and `physical` those of all, along its first axis.
 * The tape, shape rules and programs see the sample; dispatch passes the calls on it to {@link batching}.
 */
export class Batched extends Tensor {
  readonly physical: Tensor
  readonly level: Level
  /** @internal The layout of one sample. */
  readonly own: Layout

  constructor(physical: Tensor, level: Level) {
    super(
      guarded(physical.storage),
      physical.layout.select(0, 0),
      physical.dtype,
      internals(physical).counter,
    )
    this.physical = physical
    this.level = level
    this.own = this.layout
    Object.defineProperty(this, 'layout', layoutOfSample)
  }

  override detach(): Tensor {
    return new Batched(this.physical.detach(), this.level)
  }

  override get data(): Tensor {
    return new Batched(this.physical.data, this.level)
  }

  override set data(_value: Tensor) {
    throw refusal()
  }

  protected override alias(layout: Layout): Tensor {
    if (layout !== this.layout) throw refusal()
    return new Batched(this.physical, this.level)
  }
}

/** Whether `x` stands for one of the samples of this level. */
export const isAt = (x: unknown, level: Level): x is Batched => x instanceof Batched && x.level === level

/** The innermost level of tensors; null where none is batched. */
export function deepest(values: readonly unknown[]): Level | null {
  let found: Level | null = null
  for (const x of values)
    if (x instanceof Batched && (found === null || x.level.depth > found.depth)) found = x.level
  return found
}

/** Whether a tensor depends on something outside of vmap that a gradient is wanted of. */
export function isLinkedBeneath(x: Tensor): boolean {
  return x instanceof Batched && (x.physical.requiresGrad || isLinkedBeneath(x.physical))
}
