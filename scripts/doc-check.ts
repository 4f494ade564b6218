// What the checked comments of an `@example` mean; doc-examples.ts writes the calls.
import { formatWithOptions, inspect } from 'node:util'
import { expect } from 'vitest'

const wildcard = '...'

/** The names an example uses, out of what it may use. */
export function names(scope: Record<string, unknown>, wanted: string[]): Record<string, never> {
  for (const name of wanted) {
    if (!(name in scope))
      throw new Error(`the example uses ${name}, which neither gradus nor its own file exports`)
  }
  return scope as Record<string, never> // the example is not type-checked; never lets it use the values
}

/** Fails unless the values print as `expected`, up to white space, quotes and digits that are not shown. */
export function equals(values: unknown[], expected: string): void {
  const isText = values.length !== 1 || typeof values[0] === 'string'
  const options = { breakLength: Infinity, depth: 6 }
  const printed = isText ? formatWithOptions(options, ...values) : inspect(values[0], options)
  if (!matches(tokens(printed), tokens(expected))) expect(printed).toBe(expected)
}

/** Fails unless `action` throws an error whose `name: message` begins with `expected`. */
export async function throws(action: () => Promise<unknown>, expected: string): Promise<void> {
  const error = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const text = error instanceof Error ? `${error.name}: ${error.message}` : 'nothing was thrown'
  if (!matches([...tokens(text), ','], [...tokens(expected), wildcard])) expect(text).toBe(expected)
}

const pattern = /\.\.\.|…|[-+]?(?:0x[\da-f]+|\d+(?:\.\d*)?(?:e[-+]?\d+)?)|\w+|[^\s\w'"`]/gi
// Node prints the length of an array that is not shorter for it: Int32Array(3) [...]
const tokens = (text: string): string[] =>
  (text.replace(/(\w+Array)\(\d+\)/g, '$1').match(pattern) ?? []).map((token) =>
    token === '…' ? wildcard : token,
  )

function matches(actual: string[], expected: string[]): boolean {
  // what follows the value after a comma, semicolon, colon or bracket is prose
  if (actual.length === 0)
    return expected.length === 0 || [',', ';', ':', '(', wildcard].includes(expected[0])
  if (expected.length === 0) return false
  if (expected[0] === wildcard) {
    return expected.length === 1 || actual.some((_, i) => matches(actual.slice(i), expected.slice(1)))
  }
  return sameToken(actual[0], expected[0]) && matches(actual.slice(1), expected.slice(1))
}

function sameToken(actual: string, expected: string): boolean {
  if (actual === expected) return true
  const [a, e] = [Number(actual), Number(expected)]
  if (Number.isNaN(a) || Number.isNaN(e)) return false
  const [mantissa, exponent = '0'] = expected.toLowerCase().split('e')
  const decimals = mantissa.includes('.') ? mantissa.length - mantissa.indexOf('.') - 1 : 6
  // half a unit of the last digit shown, and the error of writing it in binary
  return Math.abs(a - e) <= 0.5000001 * 10 ** (Number(exponent) - decimals)
}
