import { GradError, type GradNode, type Tensor } from '@gradus/core/functions'
import { internals, type Tape } from '@gradus/core/internal'

/** What stands for a value that is not kept, and makes it again. */
export interface Packed {
  unpack(): Tensor
  release(): void
}

/** Decides for each value that the tape is about to keep whether something else stands for it. */
export interface Packer {
  /** Null to keep the value itself. */
  pack(value: Tensor): Packed | null
  /** Called with each value that is kept itself. */
  kept(saved: SavedTensor): void
}

let packer: Packer | null = null

/** Runs `fn` with `next` deciding about the values that its operations save. */
export function withPacker<T>(next: Packer | null, fn: () => T): T {
  const before = packer
  packer = next
  try {
    return fn()
  } finally {
    packer = before
  }
}

/**
 * A value kept for backward. It remembers the version it had: a value written since is an error, never a wrong gradient.
 *
 * Its storage is held, so that the scope it was made in leaves it alone, and released when backward has used it.
 */
export class SavedTensor {
  private tensor: Tensor | null
  private readonly version: number
  private readonly node: GradNode | null
  private readonly outputIndex: number
  private readonly tape: Tape | null
  private packed: Packed | null

  constructor(tensor: Tensor) {
    this.packed = packer === null ? null : packer.pack(tensor)
    this.tensor = this.packed === null ? tensor : null
    this.tape = internals(tensor).tape
    this.version = internals(tensor).counter.value
    this.node = tensor.gradFn
    this.outputIndex = internals(tensor).outputIndex
    if (this.packed !== null) return
    tensor.storage.hold()
    if (packer !== null) packer.kept(this)
  }

  /**
   * The value, with the history it had when it was saved.
   *
   * @throws GradError once released, or when it was written in place
   */
  unpack(): Tensor {
    const { tensor } = this
    if (this.packed !== null) return this.withHistory(this.packed.unpack())
    if (tensor === null) throw freed()
    const now = internals(tensor).counter.value
    if (now !== this.version) {
      const origin = this.node
        ? `, which is output ${this.outputIndex} of ${this.node.name.replace(/Backward\d*$/, '')}, is`
        : ' is'
      throw new GradError(
        'one of the variables needed for gradient computation has been modified by an inplace operation: ' +
          `[${tensor.dtype} [${tensor.shape.join(', ')}]]${origin} at version ${now}; expected version ${this.version} instead`,
        {
          hint: 'an operation ending in _ wrote it between forward and backward; use the one without _, or clone() first',
        },
      )
    }
    return tensor
  }

  // gradients of gradients pass through the value as it was in the graph that saved it
  private withHistory(value: Tensor): Tensor {
    const tensor = value.detach()
    if (this.tape !== null) {
      internals(tensor).ownTape = this.tape
      internals(tensor).node = this.node
      internals(tensor).outputIndex = this.outputIndex
    }
    return tensor
  }

  release(): void {
    const { tensor, packed } = this
    this.packed = null
    packed?.release()
    this.tensor = null
    tensor?.storage.release()
  }
}

/** The error of a second backward through a graph that was freed. */
export const freed = (): GradError =>
  new GradError(
    'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph: true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.',
    { hint: 'in gradus: backward(null, { retainGraph: true })' },
  )
