import {
  allocateTyped,
  BackendError,
  codeOf,
  dtypes,
  type DType,
  type TypedArray,
} from '@gradus/core/backend'

/** Bytes of a page, the unit in which memory grows. */
export const pageBytes = 65536

// an engine may refuse to reserve memory that it would never give: ask for less until it agrees
const maximums = [65_536, 49_152, 32_768, 16_384, 8_192, 4_096, 2_048, 1_024]

/** One WebAssembly memory, and arrays over it that are made anew when it grows. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  /** Bytes beyond which it cannot grow. */
  readonly limit: number
  bytes: number
  /** The whole memory as words. Not to be kept over anything that allocates. */
  words!: Int32Array
  /** As words of 64 bits; see {@link LinearMemory.words}. */
  doubles!: Float64Array
  u8!: Uint8Array
  readonly #views: (TypedArray | undefined)[] = []

  constructor(limit: number, shared: boolean) {
    const { memory, maximum } = create(Math.max(1, Math.ceil(limit / pageBytes)), shared)
    this.memory = memory
    this.shared = shared
    this.limit = maximum * pageBytes
    this.bytes = 0
    this.#refresh()
  }

  /** Adds pages; false if the engine has no more. */
  grow(pages: number): boolean {
    try {
      this.memory.grow(pages)
    } catch {
      return false
    }
    this.#refresh()
    return true
  }

  /** The whole memory as elements of a dtype. Not to be kept over anything that allocates. */
  as(dtype: DType): TypedArray {
    return (this.#views[codeOf(dtype)] ??= this.#view(dtype))
  }

  #view(dtype: DType): TypedArray {
    // the array for no elements tells which kind a dtype has
    const Kind = allocateTyped(dtype, 0).constructor as new (buffer: ArrayBufferLike) => TypedArray // of a typed array
    return new Kind(this.memory.buffer)
  }

  #refresh(): void {
    const { buffer } = this.memory
    this.bytes = buffer.byteLength
    this.words = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.u8 = new Uint8Array(buffer)
    this.#views.length = dtypes.length
    this.#views.fill(undefined)
  }
}

function create(pages: number, shared: boolean): { memory: WebAssembly.Memory; maximum: number } {
  let cause: unknown
  for (const maximum of [Math.min(pages, maximums[0]), ...maximums.filter((m) => m < pages)]) {
    try {
      return { memory: new WebAssembly.Memory({ initial: 1, maximum, shared }), maximum }
    } catch (error) {
      cause = error
    }
  }
  throw new BackendError('the engine gives no WebAssembly memory', { cause })
}
