import { Bytes } from './bytes.ts'
import { typeByte, valueOf } from './value.ts'
import type { Operand, Statement, Value, ValueType } from './value.ts'

/** A variable of a function. As a value it reads the variable. */
export interface Local<T extends ValueType> extends Value<T> {
  readonly index: number
}

/** Where a branch goes: to the end of a block, or back to the beginning of a loop. */
export interface Label {
  readonly level: number
}

/**
 * The body of a function while it is being written: every method appends code.
 *
 * @example
 * const i = f.local('i32')
 * f.set(i, 0)
 * f.while(i32.ltU(i, n), () => {
 *   f.do(f32.store(p, 0))
 *   f.add(p, 4)
 *   f.add(i, 1)
 * })
 */
export class Func {
  readonly #code = new Bytes()
  readonly #locals: ValueType[] = []
  readonly #params: number
  #level = 0

  /** @param params - how many locals are parameters */
  constructor(params: number) {
    this.#params = params
  }

  /** A new variable, 0 at first. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type)
    return localAt(type, this.#params + this.#locals.length - 1)
  }

  /** Several new variables of one type. */
  localArray<T extends ValueType>(type: T, count: number): Local<T>[] {
    return Array.from({ length: count }, () => this.local(type))
  }

  /** A new variable with a first value: for a value that is needed more than once, or must leave a loop. */
  let<T extends ValueType>(value: Value<T>): Local<T> {
    const variable = this.local(value.type)
    this.set(variable, value)
    return variable
  }

  set<T extends ValueType>(variable: Local<T>, operand: Operand<T>): void {
    valueOf(variable.type, operand).write(this.#code)
    this.#code.byte(0x21).u32(variable.index)
  }

  /** `variable += operand` */
  add(variable: Local<'i32'>, operand: Operand<'i32'>): void {
    variable.write(this.#code)
    valueOf('i32', operand).write(this.#code)
    this.#code.byte(0x6a).byte(0x21).u32(variable.index)
  }

  /** Appends statements. */
  do(...statements: Statement[]): void {
    for (const statement of statements) statement.write(this.#code)
  }

  /** Computes a value and forgets it. */
  drop(value: Value): void {
    value.write(this.#code)
    this.#code.byte(0x1a)
  }

  /** A branch to its label leaves the block. */
  block(body: (end: Label) => void): void {
    this.#structure(0x02, body)
  }

  /** A branch to its label starts the next turn; without one the loop ends. */
  loop(body: (again: Label) => void): void {
    this.#structure(0x03, body)
  }

  if(condition: Operand<'i32'>, then: () => void, otherwise?: () => void): void {
    valueOf('i32', condition).write(this.#code)
    this.#structure(0x04, () => {
      then()
      if (otherwise === undefined) return
      this.#code.byte(0x05)
      otherwise()
    })
  }

  /** Turns while the condition holds, which is computed before each turn. */
  while(condition: Value<'i32'>, body: () => void): void {
    this.if(condition, () => this.doWhile(body, condition))
  }

  /** One turn, and further ones while the condition holds. */
  doWhile(body: () => void, condition: Value<'i32'>): void {
    this.loop((again) => {
      body()
      this.brIf(again, condition)
    })
  }

  /** `for (variable = from; variable < to; variable += step)`, unsigned. `to` is computed in every turn. */
  for(
    variable: Local<'i32'>,
    from: Operand<'i32'>,
    to: Operand<'i32'>,
    step: Operand<'i32'>,
    body: () => void,
  ): void {
    this.set(variable, from)
    this.while(lessThan(variable, valueOf('i32', to)), () => {
      body()
      this.add(variable, step)
    })
  }

  br(label: Label): void {
    this.#code.byte(0x0c).u32(this.#level - label.level)
  }

  brIf(label: Label, condition: Operand<'i32'>): void {
    valueOf('i32', condition).write(this.#code)
    this.#code.byte(0x0d).u32(this.#level - label.level)
  }

  return(value?: Value): void {
    value?.write(this.#code)
    this.#code.byte(0x0f)
  }

  unreachable(): void {
    this.#code.byte(0x00)
  }

  /** The function as the code section holds it; `result` is the value it leaves at its end. */
  encode(result: Value | undefined): Bytes {
    const out = new Bytes(this.#code.length + 64)
    const runs: { type: ValueType; count: number }[] = []
    for (const type of this.#locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    out.u32(runs.length)
    for (const { type, count } of runs) out.u32(count).byte(typeByte[type])
    out.append(this.#code)
    result?.write(out)
    return out.byte(0x0b)
  }

  #structure(opcode: number, body: (label: Label) => void): void {
    this.#code.byte(opcode).byte(0x40)
    this.#level++
    body({ level: this.#level })
    this.#level--
    this.#code.byte(0x0b)
  }
}

/** The variable with this index. */
export function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return { type, index, write: (out) => void out.byte(0x20).u32(index) }
}

/** Sets a variable and is its new value. */
export function tee<T extends ValueType>(variable: Local<T>, operand: Operand<T>): Value<T> {
  const value = valueOf(variable.type, operand)
  return {
    type: variable.type,
    write(out) {
      value.write(out)
      out.byte(0x22).u32(variable.index)
    },
  }
}

function lessThan(x: Value<'i32'>, y: Value<'i32'>): Value<'i32'> {
  return {
    type: 'i32',
    write(out) {
      x.write(out)
      y.write(out)
      out.byte(0x49)
    },
  }
}
