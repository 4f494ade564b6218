import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { autograd, withInterceptor, type AnyOp } from 'gradus'
import { describe, expect, test } from 'vitest'
import { pointwise } from '../src/samples/pointwise.ts'
import { structured } from '../src/samples/structured.ts'

const seen = new Set<string>()
const record = <T>(fn: () => T): T =>
  withInterceptor((op: AnyOp, inputs, attrs, next) => {
    seen.add(op.name.replace(/_$/, ''))
    return next(inputs, attrs)
  }, fn)

describe('gradients agree with central differences, once and twice', () => {
  for (const { name, fn, inputs, twice = true } of [...pointwise, ...structured]) {
    test(name, () => {
      record(() => fn(...inputs()))
      expect(autograd.gradcheck(fn, inputs())).toBe(true)
      if (twice) expect(autograd.gradgradcheck(fn, inputs())).toBe(true)
    })
  }
})

/** Ops that have no gradient to check, each with the reason. */
const without: Record<string, string> = {
  eq: 'bool', ne: 'bool', lt: 'bool', le: 'bool', gt: 'bool', ge: 'bool', isnan: 'bool', isinf: 'bool', isfinite: 'bool',
  isposinf: 'bool', isneginf: 'bool', signbit: 'bool', logicalAnd: 'bool', logicalOr: 'bool', logicalXor: 'bool',
  logicalNot: 'bool', isclose: 'bool', bitwiseAnd: 'integers', bitwiseOr: 'integers', bitwiseXor: 'integers',
  bitwiseNot: 'integers', bitwiseLeftShift: 'integers', bitwiseRightShift: 'integers', all: 'bool', any: 'bool',
  argmax: 'positions', argmin: 'positions', countNonzero: 'counts',
  digamma: 'its derivative is not among the primitives',
} // prettier-ignore

/** Names of all ops that are declared, read from their declarations. */
function declared(): string[] {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../core/src/ops')
  const names = new Set<string>()
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, name] of text.matchAll(/definePointwise\(\s*'(\w+)'/g)) names.add(name!)
    for (const [, name] of text.matchAll(/define(?:List)?Op\(\{\s*name: '(\w+)'/g)) names.add(name!)
  }
  return [...names].filter((name) => !name.endsWith('Backward'))
}

test('every declared op is checked, or has a reason not to be', () => {
  expect(declared().filter((name) => !seen.has(name) && !Object.hasOwn(without, name))).toEqual([])
})
