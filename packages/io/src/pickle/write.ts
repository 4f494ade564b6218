import { Tensor, ValueError } from '@gradus/core'
import { deepest } from './values.ts'

/** The storage of a tensor in the file being written. */
export interface StorageKey {
  readonly key: string
  /** PyTorch's class for it, as `FloatStorage`. */
  readonly className: string
  /** Elements. */
  readonly length: number
}

/**
 * Pickles a value so that `torch.load(weights_only=True)` takes it: protocol 2, and no class but those of tensors.
 *
 * @param storageOf - the storage that a tensor lies in
 * @throws ValueError for what has no form in the file, naming where in the value it is
 */
export function pickle(value: unknown, storageOf: (x: Tensor) => StorageKey): Uint8Array {
  const writer = new Writer(storageOf)
  writer.begin(value)
  return writer.bytes()
}

class Writer {
  private readonly storageOf: (x: Tensor) => StorageKey
  private buffer = new Uint8Array(4096)
  private view = new DataView(this.buffer.buffer)
  private length = 0
  /** Values that are already there, by the number they are remembered under; null while they are written. */
  private readonly memo = new Map<object, number | null>()
  private readonly path: string[] = []
  private memoized = 0

  constructor(storageOf: (x: Tensor) => StorageKey) {
    this.storageOf = storageOf
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }

  begin(value: unknown): void {
    this.u8(0x80)
    this.u8(2)
    this.value(value)
    this.u8(0x2e)
  }

  private value(value: unknown): void {
    if (value === null || value === undefined) this.u8(0x4e)
    else if (typeof value === 'boolean') this.u8(value ? 0x88 : 0x89)
    else if (typeof value === 'number') this.number(value)
    else if (typeof value === 'bigint') this.long(value)
    else if (typeof value === 'string') this.text(value)
    else if (typeof value === 'object') this.object(value)
    else throw this.cannot(`a ${typeof value}`)
  }

  /** Why a value cannot be written, and where it is. */
  private cannot(what: string, hint?: string): ValueError {
    return new ValueError(
      `${what} cannot be saved${this.path.length > 0 ? `: it is at ${this.path.join('')}` : ''}`,
      {
        hint: hint ?? 'tensors, numbers, text, bytes, null, and arrays, objects and maps of them can',
      },
    )
  }

  // ---- plain values

  private number(x: number): void {
    if (!Number.isSafeInteger(x) || Object.is(x, -0)) {
      this.u8(0x47)
      this.reserve(8)
      this.view.setFloat64(this.length, x, false)
      this.length += 8
    } else if (x >= 0 && x < 256) {
      this.u8(0x4b)
      this.u8(x)
    } else if (x >= -(2 ** 31) && x < 2 ** 31) {
      this.u8(0x4a)
      this.u32(x)
    } else this.long(BigInt(x))
  }

  private long(x: bigint): void {
    let length = 1
    while (BigInt.asIntN(8 * length, x) !== x) length++
    if (length > 255) throw this.cannot(`an integer of ${length} bytes`)
    this.u8(0x8a)
    this.u8(length)
    for (let i = 0; i < length; i++) this.u8(Number((x >> BigInt(8 * i)) & 0xffn))
  }

  private text(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.u8(0x58)
    this.u32(bytes.length)
    this.raw(bytes)
  }

  // ---- objects

  private object(value: object): void {
    const known = this.memo.get(value)
    if (known === null) throw this.cannot('a value that contains itself')
    if (known !== undefined) return this.recall(known)
    if (this.path.length > deepest) throw this.cannot(`a value nested more than ${deepest} levels deep`)
    this.memo.set(value, null)
    if (value instanceof Tensor) this.tensor(value)
    else if (Array.isArray(value)) this.list(value)
    else if (value instanceof Map) this.dict([...value])
    else if (value instanceof Set) this.set(value)
    else if (ArrayBuffer.isView(value)) this.view8(value)
    else if (isPlain(value)) this.plain(value)
    else throw this.cannot(`an object of class ${value.constructor?.name ?? 'none'}`, hintFor(value))
    this.memo.set(value, this.remember())
  }

  private list(items: readonly unknown[]): void {
    this.u8(0x5d)
    this.u8(0x28)
    items.forEach((item, i) => this.at(`[${i}]`, item))
    this.u8(0x65)
  }

  private set(items: ReadonlySet<unknown>): void {
    this.global('__builtin__', 'set')
    this.u8(0x5d)
    this.u8(0x28)
    for (const item of items) this.at('{…}', item)
    this.u8(0x65)
    this.u8(0x85)
    this.u8(0x52)
  }

  private plain(value: object): void {
    if (isOptimizerState(value)) return this.optimizerState(value)
    // as JSON has it, what is undefined is not there
    this.dict(Object.entries(value).filter(([, item]) => item !== undefined))
  }

  private dict(entries: readonly (readonly [unknown, unknown])[]): void {
    this.u8(0x7d)
    this.u8(0x28)
    for (const [key, item] of entries) {
      this.key(key)
      this.at(typeof key === 'string' ? `.${key}` : `[${String(key)}]`, item)
    }
    this.u8(0x75)
  }

  /** Keys are text, numbers, or arrays of them: tuples, since Python has no other lists as keys. */
  private key(key: unknown): void {
    if (!Array.isArray(key)) {
      if (typeof key === 'object' && key !== null) throw this.cannot('an object as a key')
      return this.value(key)
    }
    this.u8(0x28)
    for (const part of key) this.key(part)
    this.u8(0x74)
  }

  /** PyTorch numbers parameters by integers, which keys of objects cannot be. */
  private optimizerState(value: OptimizerState): void {
    this.u8(0x7d)
    this.u8(0x28)
    for (const [key, item] of Object.entries(value)) {
      this.text(key)
      if (key !== 'state' || item instanceof Map) this.at(`.${key}`, item)
      else {
        this.path.push('.state')
        this.dict(Object.entries(value.state).map(([number, own]) => [Number(number), own]))
        this.path.pop()
      }
    }
    this.u8(0x75)
  }

  private view8(value: ArrayBufferView): void {
    if (!(value instanceof Uint8Array)) {
      throw this.cannot(`a ${value.constructor.name}`, 'make a tensor of it, or a Uint8Array of its bytes')
    }
    this.global('_codecs', 'encode')
    let text = ''
    for (const byte of value) text += String.fromCharCode(byte)
    this.text(text)
    this.text('latin1')
    this.u8(0x86)
    this.u8(0x52)
  }

  private at(step: string, item: unknown): void {
    this.path.push(step)
    this.value(item)
    this.path.pop()
  }

  // ---- tensors

  private tensor(given: Tensor): void {
    // PyTorch has no strides below 0
    const x = given.stride().some((n) => n < 0) ? given.detach().contiguous() : given
    const { key, className, length } = this.storageOf(x)
    this.global('torch._utils', '_rebuild_tensor_v2')
    this.u8(0x28)
    this.u8(0x28)
    this.text('storage')
    this.global('torch', className)
    this.text(key)
    this.text('cpu')
    this.number(length)
    this.u8(0x74)
    this.u8(0x51)
    this.number(x.storageOffset())
    this.sizes(x.shape)
    this.sizes(x.stride())
    this.u8(given.requiresGrad ? 0x88 : 0x89)
    this.global('collections', 'OrderedDict')
    this.u8(0x29)
    this.u8(0x52)
    this.u8(0x74)
    this.u8(0x52)
  }

  private sizes(sizes: readonly number[]): void {
    this.u8(0x28)
    for (const n of sizes) this.number(n)
    this.u8(0x74)
  }

  // ---- bytes

  private remember(): number {
    const index = this.memoized++
    this.u8(index < 256 ? 0x71 : 0x72)
    if (index < 256) this.u8(index)
    else this.u32(index)
    return index
  }

  private recall(index: number): void {
    this.u8(index < 256 ? 0x68 : 0x6a)
    if (index < 256) this.u8(index)
    else this.u32(index)
  }

  private global(module: string, name: string): void {
    this.u8(0x63)
    this.raw(new TextEncoder().encode(`${module}\n${name}\n`))
  }

  private u8(x: number): void {
    this.reserve(1)
    this.buffer[this.length++] = x
  }

  private u32(x: number): void {
    this.reserve(4)
    this.view.setUint32(this.length, x, true)
    this.length += 4
  }

  private raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + bytes))
    larger.set(this.buffer)
    this.buffer = larger
    this.view = new DataView(larger.buffer)
  }
}

interface OptimizerState {
  readonly state: object
  readonly param_groups: readonly unknown[]
}

/** Whether a value is what an optimizer's `stateDict()` gives: state by the numbers of parameters, and groups of those. */
function isOptimizerState(value: object): value is OptimizerState {
  if (!('state' in value) || !('param_groups' in value)) return false
  const { state, param_groups: groups } = value
  if (typeof state !== 'object' || state === null || !Array.isArray(groups)) return false
  const grouped = groups.every(
    (group: unknown) =>
      typeof group === 'object' && group !== null && 'params' in group && Array.isArray(group.params),
  )
  return grouped && Object.keys(state).every((key) => /^(0|[1-9]\d*)$/.test(key))
}

/** Whether an object is data: made by a literal, or without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
}

const hintFor = (value: object): string | undefined =>
  'stateDict' in value ? 'save its stateDict()' : undefined
