import { tensor, type Tensor } from '@gradus/core'
import { nn } from 'gradus'
import type { Api, Parameter } from './api.ts'
import type { Entry } from './entries.ts'
import { whole, x, type Arguments } from './rows.ts'

/** Tensors that one or another op takes, the usual ones first. */
const candidates: readonly (() => Tensor)[] = [
  () => x(2, 3),
  () => x(3, 3).add(tensor([2, 0, 0, 0, 2, 0, 0, 0, 2]).reshape([3, 3])),
  () => x(3),
  () => whole(3, 4),
  () => x(1, 4, 8),
  () => x(1, 4, 4, 4),
  () => x(1, 4, 4, 4, 4),
  () => tensor(0.5),
]

/**
 * A call of an export that no row is written for: its required parameters by their declared types, with the first of the
 * candidates that it takes.
 *
 * @param receiver - makes what a method is called on, `null` for functions and constructors
 */
export async function derivedRow(
  api: Api,
  entry: Entry,
  receiver: Arguments | null,
): Promise<Arguments | undefined> {
  const declared = api.calls.get(entry.declared)?.[0]
  if (declared === undefined) return undefined
  for (const candidate of candidates) {
    for (const size of [2, 1]) {
      const values = declared
        .filter((p) => !p.optional && !p.name.startsWith('...'))
        .map((p) => valueOf(p, candidate, size))
      if (values.includes(undefined)) return undefined
      const make: Arguments = () => {
        const args = values.map((value) => value!())
        if (!entry.method) return args
        return [entry.name.startsWith('Tensor.') ? candidate() : receiver?.()[0], ...args]
      }
      try {
        const result = entry.call(make())
        if (result instanceof Promise) await result
        return make
      } catch {
        // another candidate may be what it takes
      }
    }
  }
  return undefined
}

/** What makes a value of a declared type, or undefined where that is not known. */
function valueOf(
  { name, type }: Parameter,
  candidate: () => Tensor,
  size: number,
): (() => unknown) | undefined {
  if (/^(Tensor|Operand)\b(?! *\|? *\[)/.test(type) && !type.includes('[]')) return candidate
  if (/^readonly Tensor\[\]/.test(type)) return () => [candidate(), candidate()]
  if (/^number/.test(type)) return () => (/length|size|features|channels/i.test(name) ? 4 : size)
  if (/^(Sizes|Shape|readonly number\[\])/.test(type)) return () => [size, size]
  if (type === 'boolean') return () => true
  if (type === 'DType') return () => 'float32'
  if (type === 'string') return () => 'weight'
  if (/=>/.test(type)) return () => (t: Tensor) => t.mul(2).sum()
  if (/Module/.test(type)) return () => new nn.Linear(3, 3)
  if (/Options$/.test(type)) return () => ({})
  return undefined
}
