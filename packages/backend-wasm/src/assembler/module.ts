import { Bytes } from './bytes.ts'
import { Func, localAt } from './func.ts'
import type { Local } from './func.ts'
import { typeByte, valueOf } from './value.ts'
import type { Operand, Value, ValueType } from './value.ts'

/** Parameters of a function by name, in order. */
export type Params = Readonly<Record<string, ValueType>>

/** A function of the module, defined or imported. */
export interface FuncRef<P extends Params, R extends ValueType | 'void'> {
  readonly index: number
  /** A call; every parameter is given by its name. */
  call(args: { readonly [N in keyof P]: Operand<P[N]> }): Value<R>
}

/** The memory a module imports as `env.memory`. */
export interface MemoryImport {
  /** Whether it is shared between threads; false by default. */
  shared?: boolean
  /** Pages of 64 KB it has at least; 0 by default. */
  initial?: number
  /** Pages it may have at most; 65,536 by default if shared, else unlimited. */
  maximum?: number
}

interface Signature {
  params: readonly ValueType[]
  result: ValueType | 'void'
}

/**
 * Builds the bytes of a WebAssembly module whose memory is imported as `env.memory`.
 *
 * Imports come before the first function.
 *
 * @example
 * const module = new ModuleBuilder()
 * module.func({ name: 'double', params: { x: 'i32' }, result: 'i32' }, (f, { x }) => i32.add(x, x))
 * const instance = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } })
 */
export class ModuleBuilder {
  readonly #memory: MemoryImport
  readonly #types: string[] = []
  readonly #imports = new Bytes()
  #importCount = 1
  #importedFuncs = 0
  #importedGlobals = 0
  readonly #funcTypes: number[] = []
  readonly #exports: { name: string; index: number }[] = []
  readonly #code = new Bytes(1024)

  constructor(memory: MemoryImport = {}) {
    this.#memory = memory
  }

  /** A function from outside, under `env`. */
  importFunc<P extends Params, R extends ValueType | 'void'>(
    name: string,
    params: P,
    result: R,
  ): FuncRef<P, R> {
    if (this.#funcTypes.length > 0) throw new Error('imports come before the first function')
    this.#imports
      .name('env')
      .name(name)
      .byte(0x00)
      .u32(this.#type({ params: Object.values(params), result }))
    this.#importCount++
    return funcRef(this.#importedFuncs++, params, result)
  }

  /** A constant that each instance is given, under `env`. */
  importGlobal<T extends ValueType>(name: string, type: T): Value<T> {
    this.#imports.name('env').name(name).byte(0x03).byte(typeByte[type]).byte(0)
    this.#importCount++
    const index = this.#importedGlobals++
    return { type, write: (out) => void out.byte(0x23).u32(index) }
  }

  /** A function; with a `name` it is exported. The code that `body` returns is its result. */
  func<P extends Params, R extends ValueType | 'void' = 'void'>(
    signature: { name?: string; params: P; result?: R },
    body: (
      f: Func,
      params: { readonly [N in keyof P]: Local<P[N]> },
    ) => R extends ValueType ? Value<R> : void,
  ): FuncRef<P, R> {
    const { name, params } = signature
    const result: ValueType | 'void' = signature.result ?? 'void'
    const names = Object.keys(params)
    const f = new Func(names.length)
    const locals = Object.fromEntries(names.map((key, i) => [key, localAt(params[key], i)]))
    // the entries are those of params, each with a local of its type
    const value: Value | void = body(f, locals as { readonly [N in keyof P]: Local<P[N]> })
    this.#code.sized(f.encode(value ?? undefined))
    const index = this.#importedFuncs + this.#funcTypes.length
    this.#funcTypes.push(this.#type({ params: Object.values(params), result }))
    if (name !== undefined) this.#exports.push({ name, index })
    // R is 'void' by default, and otherwise the type of signature.result
    return funcRef(index, params, result as R)
  }

  /** The finished module. */
  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes(this.#code.length + 512)
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) out.byte(byte)
    this.#section(out, 1, this.#types.length, (section) => {
      for (const type of this.#types) {
        for (const byte of type.split(',')) section.byte(Number(byte))
      }
    })
    this.#section(out, 2, this.#importCount, (section) => {
      section.name('env').name('memory')
      this.#writeMemory(section)
      section.append(this.#imports)
    })
    this.#section(out, 3, this.#funcTypes.length, (section) => {
      for (const type of this.#funcTypes) section.u32(type)
    })
    this.#section(out, 7, this.#exports.length, (section) => {
      for (const { name, index } of this.#exports) section.name(name).byte(0x00).u32(index)
    })
    this.#section(out, 10, this.#funcTypes.length, (section) => void section.append(this.#code))
    return out.finish()
  }

  #writeMemory(out: Bytes): void {
    const { shared = false, initial = 0, maximum = shared ? 65_536 : undefined } = this.#memory
    out
      .byte(0x02)
      .byte((shared ? 2 : 0) | (maximum === undefined ? 0 : 1))
      .u32(initial)
    if (maximum !== undefined) out.u32(maximum)
  }

  #section(out: Bytes, id: number, count: number, write: (section: Bytes) => void): void {
    const section = new Bytes()
    section.u32(count)
    write(section)
    out.byte(id).sized(section)
  }

  // equal signatures are one type; its bytes, as text, are the key
  #type({ params, result }: Signature): number {
    const results = result === 'void' ? [] : [typeByte[result]]
    const key = [
      0x60,
      params.length,
      ...params.map((type) => typeByte[type]),
      results.length,
      ...results,
    ].join(',')
    const known = this.#types.indexOf(key)
    return known < 0 ? this.#types.push(key) - 1 : known
  }
}

function funcRef<P extends Params, R extends ValueType | 'void'>(
  index: number,
  params: P,
  result: R,
): FuncRef<P, R> {
  const names = Object.keys(params)
  return {
    index,
    call(args) {
      const operands = names.map((name) => valueOf(params[name], args[name]))
      return {
        type: result,
        write(out) {
          for (const operand of operands) operand.write(out)
          out.byte(0x10).u32(index)
        },
      }
    },
  }
}
