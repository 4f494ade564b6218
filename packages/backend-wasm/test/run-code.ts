import { ModuleBuilder } from '../src/assembler/index.ts'
import type { Func, Params, Value, ValueType } from '../src/assembler/index.ts'

/** What the code under test reads and writes. */
export const memory = new WebAssembly.Memory({ initial: 1 })
export const bytes = new Uint8Array(memory.buffer)

/** The functions a module exports. */
export function exportsOf(
  module: ModuleBuilder,
  env: Record<string, unknown> = {},
): Record<string, CallableFunction> {
  const imports = { env: { memory, ...env } } as WebAssembly.Imports // every import is under env
  // every export of these modules is a function
  return new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), imports).exports as never
}

/** Runs code without parameters and returns its value. */
export function run<T extends Exclude<ValueType, 'v128'>>(
  result: T,
  body: (f: Func) => Value<T>,
): number | bigint {
  const module = new ModuleBuilder()
  // T is one type, so a value of it is what a function with that result returns
  module.func<Params, ValueType>({ name: 'main', params: {}, result }, body as (f: Func) => Value)
  return exportsOf(module).main() as number | bigint // what a scalar result becomes in JavaScript
}
