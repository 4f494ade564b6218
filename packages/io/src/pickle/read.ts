import { FileError } from '../file-error.ts'
import { PickleBytes } from './bytes.ts'
import { deepest, isGlobal, PyDict, type PickleRules } from './values.ts'

/*
 * A pickle machine that runs nothing: what a pickle names is looked up in a list and becomes data. Own rather than a library's, because
 * none that npm has bounds what a pickle may claim, and none can be kept from making objects with a prototype.
 */

/** What a pickle gives, and where it ends. */
export interface Unpickled {
  readonly value: unknown
  readonly end: number
}

/**
 * Reads one pickle: protocols 2 to 5, as `torch.save` writes them.
 *
 * @param budget - bytes that its calls may copy
 * @throws FileError for any class or function that the rules do not allow, any other opcode, and whatever reaches beyond the bytes
 */
export function unpickle(bytes: Uint8Array, rules: PickleRules, budget = bytes.length): Unpickled {
  const machine = new Machine(bytes, rules, budget)
  return { value: machine.run(), end: machine.end }
}

const isPython2 = new Map([
  ['__builtin__', 'builtins'],
  ['copy_reg', 'copyreg'],
])

class Machine {
  private readonly bytes: PickleBytes
  private readonly rules: PickleRules
  private stack: unknown[] = []
  private readonly marks: unknown[][] = []
  private readonly memo = new Map<number, unknown>()
  /** Bytes that calls may still copy. */
  private budget: number

  constructor(bytes: Uint8Array, rules: PickleRules, budget: number) {
    this.bytes = new PickleBytes(bytes)
    this.rules = rules
    this.budget = budget
  }

  get end(): number {
    return this.bytes.at
  }

  /** A call that copies what it is given takes that from a budget: shared values cannot be copied again and again. */
  spend(bytes: number): void {
    this.budget -= bytes
    if (this.budget < 0) throw new FileError('the pickle makes more copies of its values than it has bytes')
  }

  run(): unknown {
    for (;;) {
      const opcode = this.bytes.u8()
      if (opcode === 0x2e) return this.result()
      const act = opcodes[opcode]
      if (!act) {
        const shown = `0x${opcode.toString(16).padStart(2, '0')}`
        throw new FileError(
          `the pickle has the opcode ${shown} at ${this.bytes.at - 1}, which torch.save does not write`,
        )
      }
      act(this)
    }
  }

  private result(): unknown {
    if (this.marks.length > 0) throw new FileError('the pickle ends in the middle of a value')
    return this.pop()
  }

  // ---- the stack

  push(value: unknown): void {
    this.stack.push(value)
  }

  pop(): unknown {
    if (this.stack.length === 0) throw new FileError('the pickle takes a value from an empty stack')
    return this.stack.pop()
  }

  top(): unknown {
    if (this.stack.length === 0) throw new FileError('the pickle takes a value from an empty stack')
    return this.stack[this.stack.length - 1]
  }

  mark(): void {
    if (this.marks.length > deepest)
      throw new FileError(`values are nested too deeply: more than ${deepest} levels`)
    this.marks.push(this.stack)
    this.stack = []
  }

  /** Everything since the last mark. */
  marked(): unknown[] {
    const before = this.marks.pop()
    if (!before) throw new FileError('the pickle has no mark where it needs one')
    const items = this.stack
    this.stack = before
    return items
  }

  tuple(length: number): void {
    const items = Array.from({ length }, () => this.pop())
    this.push(items.reverse())
  }

  // ---- reading fields

  get read(): PickleBytes {
    return this.bytes
  }

  remember(index: number): void {
    this.memo.set(index, this.top())
  }

  memoize(): void {
    this.remember(this.memo.size)
  }

  recall(index: number): void {
    if (!this.memo.has(index))
      throw new FileError(`the pickle refers to value ${index}, which it does not have`)
    this.push(this.memo.get(index))
  }

  // ---- containers

  append(items: readonly unknown[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw new FileError('the pickle appends to what is no list')
    for (const item of items) list.push(item)
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.top()
    if (!(dict instanceof PyDict)) throw new FileError('the pickle sets items of what is no dictionary')
    if (items.length % 2 !== 0) throw new FileError('the pickle has a key without a value')
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1])
  }

  addItems(items: readonly unknown[]): void {
    const set = this.top()
    if (!(set instanceof Set)) throw new FileError('the pickle adds items to what is no set')
    for (const item of items) set.add(item)
  }

  // ---- names and calls

  global(module: unknown, name: unknown): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw new FileError('the pickle names a global by what is no text')
    const now = isPython2.get(module) ?? module
    const global = this.rules.find(now, name)
    if (!global) {
      throw new FileError(`global ${now}.${name} is not allowed: ${this.rules.refuse(now, name)}`, {
        hint: 'nothing in the file was run. Files are read as data: tensors, numbers, text, lists and dictionaries',
      })
    }
    this.push(global)
  }

  call(what: 'REDUCE' | 'NEWOBJ'): void {
    const args = this.pop()
    const callee = this.pop()
    if (!isGlobal(callee) || !callee.call || !Array.isArray(args))
      throw new FileError(`the pickle calls ${nameOf(callee)} by ${what}, which is not allowed`)
    this.push(callee.call(args, this))
  }

  /** Sets attributes. Those of a state dict, its versions, are dropped; nothing else may have any. */
  build(): void {
    const state = this.pop()
    const target = this.top()
    const names = state instanceof PyDict ? [...state.keys()] : []
    const special = names.find((name) => typeof name !== 'string' || /^__.*__$/.test(name))
    if (special !== undefined)
      throw new FileError(
        `BUILD may not set ${typeof special === 'string' ? special : 'what is no name'}: it would change what an object is`,
      )
    if (!(target instanceof PyDict && target.ordered && state instanceof PyDict))
      throw new FileError(`BUILD may not set attributes of ${nameOf(target)}`)
  }

  persistent(): void {
    this.push(this.rules.persistent(this.pop()))
  }
}

function nameOf(value: unknown): string {
  if (isGlobal(value)) return value.name
  if (value instanceof PyDict) return 'a dictionary'
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}

// https://github.com/python/cpython/blob/main/Lib/pickletools.py
const opcodes: Partial<Record<number, (m: Machine) => void>> = {
  0x80: (m) => checkProtocol(m.read.u8()),
  0x95: (m) => void m.read.take(8, 'a frame'),
  0x28: (m) => m.mark(),
  // constants and numbers
  0x4e: (m) => m.push(null),
  0x88: (m) => m.push(true),
  0x89: (m) => m.push(false),
  0x4a: (m) => m.push(m.read.i32()),
  0x4b: (m) => m.push(m.read.u8()),
  0x4d: (m) => m.push(m.read.u16()),
  0x8a: (m) => m.push(m.read.long(m.read.u8())),
  0x8b: (m) => m.push(m.read.long(m.read.u32())),
  0x47: (m) => m.push(m.read.f64()),
  // text and bytes
  0x58: (m) => m.push(m.read.text(m.read.u32())),
  0x8c: (m) => m.push(m.read.text(m.read.u8())),
  0x8d: (m) => m.push(m.read.text(m.read.u64())),
  0x54: (m) => m.push(m.read.latin1(m.read.u32())),
  0x55: (m) => m.push(m.read.latin1(m.read.u8())),
  0x42: (m) => m.push(m.read.raw(m.read.u32())),
  0x43: (m) => m.push(m.read.raw(m.read.u8())),
  0x8e: (m) => m.push(m.read.raw(m.read.u64())),
  // tuples, lists, dictionaries, sets
  0x29: (m) => m.push([]),
  0x85: (m) => m.tuple(1),
  0x86: (m) => m.tuple(2),
  0x87: (m) => m.tuple(3),
  0x74: (m) => m.push(m.marked()),
  0x5d: (m) => m.push([]),
  0x61: (m) => m.append([m.pop()]),
  0x65: (m) => m.append(m.marked()),
  0x7d: (m) => m.push(new PyDict()),
  0x73: (m) => m.setItems([m.pop(), m.pop()].reverse()),
  0x75: (m) => m.setItems(m.marked()),
  0x8f: (m) => m.push(new Set()),
  0x90: (m) => m.addItems(m.marked()),
  // the memo
  0x71: (m) => m.remember(m.read.u8()),
  0x72: (m) => m.remember(m.read.u32()),
  0x94: (m) => m.memoize(),
  0x68: (m) => m.recall(m.read.u8()),
  0x6a: (m) => m.recall(m.read.u32()),
  // names and calls
  0x63: (m) => m.global(m.read.line(), m.read.line()),
  0x93: (m) => m.global(...pair(m)),
  0x52: (m) => m.call('REDUCE'),
  0x81: (m) => m.call('NEWOBJ'),
  0x62: (m) => m.build(),
  0x51: (m) => m.persistent(),
}

function pair(m: Machine): [unknown, unknown] {
  const name = m.pop()
  return [m.pop(), name]
}

function checkProtocol(protocol: number): void {
  if (protocol < 2 || protocol > 5)
    throw new FileError(`the pickle has protocol ${protocol}; 2 to 5 are read`)
}
