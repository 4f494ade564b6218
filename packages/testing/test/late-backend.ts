import {
  checkBinding,
  checkConv,
  checkCopy,
  checkGather,
  checkMatmul,
  checkPool,
  checkScan,
  checkScatter,
  checkSort,
  checkView,
  checkWrite,
  nextSlot,
  type Backend,
  type Binding,
  type Block,
  type Memory,
  type Program,
  type TypedArray,
  type View,
} from '@gradus/core/backend'

/**
 * A backend as a device with a queue is one: it computes nothing before a read, answers reads by promises, and reports a failed
 * check of elements there. Another backend, that runs calls at once, does the work.
 */
export class LateBackend implements Backend {
  readonly name = 'late'
  readonly slot = nextSlot()
  private readonly inner: Backend
  private queue: (() => void)[] = []
  private failure: { readonly error: unknown } | null = null

  constructor(inner: Backend) {
    this.inner = inner
  }

  alloc(bytes: number): Block {
    return this.inner.alloc(bytes)
  }

  free(block: Block): void {
    this.later(() => this.inner.free(block))
  }

  write(block: Block, data: TypedArray): void {
    checkWrite(block, data.byteLength)
    const copy = data.slice()
    this.later(() => this.inner.write(block, copy))
  }

  read(x: View): Promise<TypedArray> {
    checkView(x, 'what is read')
    const view = taken(x)
    return new Promise((resolve, reject) => {
      this.later(() => {
        const { failure } = this
        this.failure = null
        if (failure) reject(failure.error)
        else resolve(this.inner.read(view))
      })
      queueMicrotask(() => this.runQueue())
    })
  }

  memory(): Memory {
    return this.inner.memory()
  }

  run(program: Program, bindings: readonly Binding[]): void {
    for (const binding of bindings) checkBinding(program, binding)
    const own = bindings.map((b) => ({ ...b, operands: b.operands.map(taken), params: [...b.params] }))
    this.later(() => this.inner.run(program, own))
  }

  matmul(...[x, y, out, options]: Parameters<Backend['matmul']>): void {
    checkMatmul(x, y, out, options?.epilogue)
    const { epilogue } = options ?? {}
    const own = epilogue && { ...epilogue, operands: epilogue.operands.map(taken) }
    const [a, b, c] = [taken(x), taken(y), taken(out)]
    this.later(() => this.inner.matmul(a, b, c, { ...options, ...(own && { epilogue: own }) }))
  }

  conv(...[pass, x, weight, out, window, groups, bias]: Parameters<Backend['conv']>): void {
    checkConv(x, weight, out, window, groups, bias)
    const [a, b, c, d] = [taken(x), taken(weight), taken(out), bias && taken(bias)]
    this.later(() => this.inner.conv(pass, a, b, c, window, groups, d))
  }

  pool(
    kind: 'max' | 'sum' | 'spread',
    x: View,
    out: View,
    kernel: readonly number[],
    window: Parameters<Backend['conv']>[4],
    indices?: View,
  ): void {
    checkPool(kind, x, out, kernel, window, indices)
    const [a, b, c] = [taken(x), taken(out), indices && taken(indices)]
    this.later(() => {
      if (kind !== 'max') this.inner.pool(kind, a, b, kernel, window)
      else if (c) this.inner.pool(kind, a, b, kernel, window, c)
    })
  }

  gather(x: View, index: View, axis: number, out: View): void {
    checkGather(x, index, axis, out)
    const [a, b, c] = [taken(x), taken(index), taken(out)]
    this.later(() => this.inner.gather(a, b, axis, c))
  }

  scatter(...[kind, source, index, axis, out]: Parameters<Backend['scatter']>): void {
    checkScatter(source, index, axis, out)
    const [a, b, c] = [taken(source), taken(index), taken(out)]
    this.later(() => this.inner.scatter(kind, a, b, axis, c))
  }

  scan(...[kind, x, axis, out, indices]: Parameters<Backend['scan']>): void {
    checkScan(x, axis, out, indices)
    const [a, b, c] = [taken(x), taken(out), indices && taken(indices)]
    this.later(() => this.inner.scan(kind, a, axis, b, c))
  }

  sort(x: View, axis: number, descending: boolean, values: View, indices: View): void {
    checkSort(x, axis, values, indices)
    const [a, b, c] = [taken(x), taken(values), taken(indices)]
    this.later(() => this.inner.sort(a, axis, descending, b, c))
  }

  copy(x: View, out: View): void {
    checkCopy(x, out)
    const [a, b] = [taken(x), taken(out)]
    this.later(() => this.inner.copy(a, b))
  }

  /** Has the next read report an error. */
  protected fail(error: unknown): void {
    this.later(() => {
      throw error
    })
  }

  private later(call: () => void): void {
    this.queue.push(call)
  }

  private runQueue(): void {
    const calls = this.queue
    this.queue = []
    for (const call of calls) {
      try {
        call()
      } catch (error) {
        this.failure ??= { error }
      }
    }
  }
}

/** A view as it is now: the tensor may be given other memory before the call runs. */
const taken = ({ storage: { block }, dtype, layout }: View): View => ({ storage: { block }, dtype, layout })
