/** Sizes of a tensor's axes. */
export type Shape = readonly number[]

/**
 * How the elements of a tensor lie in its storage: sizes, strides and offset, counted in elements. Immutable.
 *
 * Row-major layouts that begin at offset 0 are interned, so that two of equal shape are the same object and a kernel can
 * tell by identity that its operands lie alike.
 */
export class Layout {
  readonly shape: Shape
  readonly strides: readonly number[]
  readonly offset: number
  /** Number of elements. */
  readonly size: number
  /** Row-major without gaps, wherever it begins; axes of length 1 do not count. */
  readonly contiguous: boolean
  private reached: number | undefined

  constructor(shape: Shape, strides: readonly number[], offset = 0) {
    this.shape = shape
    this.strides = strides
    this.offset = offset
    let size = 1
    for (const n of shape) size *= n
    this.size = size
    this.contiguous = isRowMajor(shape, strides, size)
  }

  /**
   * The number of elements that a storage needs for this layout. NaN for an invalid layout: sizes, strides and the offset must be
   * integers, sizes must not be negative, and no element may lie before the storage.
   */
  get reach(): number {
    return (this.reached ??= reachOf(this))
  }

  get rank(): number {
    return this.shape.length
  }

  /** Interned row-major layout at offset 0. */
  static of(shape: Shape): Layout {
    const key = shape.join(' ')
    let layout = interned.get(key)
    if (!layout) {
      // a program that never repeats a shape must not fill the memory with them
      if (interned.size >= 4096) interned.clear()
      layout = new Layout([...shape], rowMajorStrides(shape), 0)
      interned.set(key, layout)
    }
    return layout
  }

  /** Axes in another order. */
  permute(axes: readonly number[]): Layout {
    return new Layout(
      axes.map((a) => this.shape[a]),
      axes.map((a) => this.strides[a]),
      this.offset,
    )
  }

  /** Broadcast to `shape`: new and repeated axes have stride 0. The shapes must be compatible. */
  expand(shape: Shape): Layout {
    if (sameShape(shape, this.shape)) return this
    const lead = shape.length - this.rank
    return new Layout(
      // a copy: the caller's array may change
      shape.slice(),
      shape.map((n, i) => (i < lead || (this.shape[i - lead] === 1 && n !== 1) ? 0 : this.strides[i - lead])),
      this.offset,
    )
  }

  /** `length` elements along `axis` from `start`, every `step`-th. */
  slice(axis: number, start: number, length: number, step = 1): Layout {
    return new Layout(
      this.shape.map((n, i) => (i === axis ? length : n)),
      this.strides.map((s, i) => (i === axis ? s * step : s)),
      // an empty slice may begin one past the end: its offset is never read
      this.offset + (length > 0 ? start * this.strides[axis] : 0),
    )
  }

  /** One position of `axis`, which is dropped. */
  select(axis: number, position: number): Layout {
    return new Layout(
      this.shape.filter((_, i) => i !== axis),
      this.strides.filter((_, i) => i !== axis),
      this.offset + position * this.strides[axis],
    )
  }

  /** A new axis of length 1 before `axis`. */
  unsqueeze(axis: number): Layout {
    const stride = axis < this.rank ? this.strides[axis] * this.shape[axis] : 1
    return new Layout(this.shape.toSpliced(axis, 0, 1), this.strides.toSpliced(axis, 0, stride), this.offset)
  }

  /** Without the given axes of length 1. */
  squeeze(axes: readonly number[]): Layout {
    const keep = (_: number, i: number): boolean => !axes.includes(i)
    return new Layout(this.shape.filter(keep), this.strides.filter(keep), this.offset)
  }

  /** The same elements under another shape without copying, or null where strides do not allow it. `size` must agree. */
  reshape(shape: Shape): Layout | null {
    if (sameShape(shape, this.shape)) return this
    if (this.contiguous)
      return this.offset === 0
        ? Layout.of(shape)
        : new Layout(shape.slice(), rowMajorStrides(shape), this.offset)
    const strides = reshapedStrides(this.shape, this.strides, shape)
    return strides && new Layout(shape.slice(), strides, this.offset)
  }

  /** Whether the same position of the storage can be reached twice. Conservative for hand-made strides. */
  get overlaps(): boolean {
    const axes = this.shape
      .map((n, i) => ({ n, s: Math.abs(this.strides[i]) }))
      .filter(({ n }) => n > 1)
      .sort((a, b) => a.s - b.s)
    let reach = 0
    for (const { n, s } of axes) {
      if (this.size > 0 && s <= reach) return true
      reach += s * (n - 1)
    }
    return false
  }

  /** Dense without gaps in some order of the axes. A result may keep such a memory order of its input. */
  get dense(): boolean {
    if (this.contiguous) return true
    let reach = 0
    for (const s of this.shape.map((n, i) => (n - 1) * Math.abs(this.strides[i]))) reach += s
    return !this.overlaps && reach + 1 === this.size
  }

  /** Same shape and strides; the offset may differ. */
  liesAs(other: Layout): boolean {
    return this === other || (sameShape(this.shape, other.shape) && sameShape(this.strides, other.strides))
  }

  /** Smallest and largest storage position reached, or null when empty. */
  span(): { from: number; to: number } | null {
    if (this.size === 0) return null
    let from = this.offset
    let to = this.offset
    this.shape.forEach((n, i) => {
      const reach = (n - 1) * this.strides[i]
      if (reach < 0) from += reach
      else to += reach
    })
    return { from, to }
  }
}

const interned = new Map<string, Layout>()

/** Strides of a row-major tensor. An axis of length 0 counts as 1, as in PyTorch. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride *= Math.max(1, shape[i])
  }
  return strides
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function reachOf({ shape, strides, offset, size }: Layout): number {
  if (strides.length !== shape.length || !Number.isSafeInteger(offset) || !Number.isSafeInteger(size))
    return NaN
  let first = offset
  let last = offset
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i]
    const stride = strides[i]
    if (!Number.isSafeInteger(n) || n < 0 || !Number.isSafeInteger(stride)) return NaN
    const way = (n - 1) * stride
    if (way < 0) first += way
    else last += way
  }
  if (size === 0) return 0
  return first < 0 || !Number.isSafeInteger(last) ? NaN : last + 1
}

function isRowMajor(shape: Shape, strides: readonly number[], size: number): boolean {
  if (size === 0) return true
  let expected = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i]
    if (n === 1) continue
    if (strides[i] !== expected) return false
    expected *= n
  }
  return true
}

/** A layout of `shape` with the memory order of `like` where that is dense, else row-major: PyTorch's preserve_format. */
export function layoutLike(like: Layout): Layout {
  if (like.contiguous || !like.dense) return Layout.of(like.shape)
  return like.offset === 0 ? like : new Layout(like.shape, like.strides, 0)
}

// PyTorch's computeStride: old axes are taken in runs that lie back to back, and each run is cut anew.
function reshapedStrides(from: Shape, strides: readonly number[], to: Shape): number[] | null {
  const size = to.reduce((a, b) => a * b, 1)
  if (size === 0) return rowMajorStrides(to)
  const result = new Array<number>(to.length)
  let at = to.length - 1
  let base = from.length > 0 ? strides[from.length - 1] : 1
  let taken = 1
  let cut = 1
  for (let i = from.length - 1; i >= 0; i--) {
    taken *= from[i]
    if (i === 0 || (from[i - 1] !== 1 && strides[i - 1] !== taken * base)) {
      while (at >= 0 && (cut < taken || to[at] === 1)) {
        result[at] = cut * base
        cut *= to[at]
        at--
      }
      if (cut !== taken) return null
      if (i > 0) {
        base = strides[i - 1]!
        taken = 1
        cut = 1
      }
    }
  }
  while (at >= 0 && to[at] === 1) result[at--] = cut * base
  return at < 0 ? result : null
}
