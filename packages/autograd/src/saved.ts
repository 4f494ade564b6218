import { GradError, type GradNode, type Tensor } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'

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

  constructor(tensor: Tensor) {
    this.tensor = tensor
    this.version = internals(tensor).counter.value
    this.node = tensor.gradFn
    this.outputIndex = internals(tensor).outputIndex
    tensor.storage.hold()
  }

  get released(): boolean {
    return this.tensor === null
  }

  /**
   * The value, with the history it had when it was saved.
   *
   * @throws GradError once released, or when it was written in place
   */
  unpack(): Tensor {
    const { tensor } = this
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

  release(): void {
    const { tensor } = this
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
