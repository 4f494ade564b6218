import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setInterceptors } from '@gradus/core/internal'
import { autograd, ctcLoss, tensor, withInterceptor, type Interceptor } from 'gradus'
import { describe, expect, test } from 'vitest'
import { algebra } from '../src/samples/linalg.ts'
import { layers } from '../src/samples/layers.ts'
import { losses } from '../src/samples/losses.ts'
import { pointwise } from '../src/samples/pointwise.ts'
import { selection } from '../src/samples/selection.ts'
import { specials } from '../src/samples/special.ts'
import { structured } from '../src/samples/structured.ts'
import { leaf, type Sample } from '../src/samples/values.ts'
import { windows } from '../src/samples/windows.ts'

const seen = new Set<string>()
const watch: Interceptor = (op, inputs, attrs, next) => {
  seen.add(op.name.replace(/_$/, ''))
  return next(inputs, attrs)
}

/** The function with all its ops seen, those of its gradients too: backward lays interceptors aside, and a hook puts it back. */
const watched =
  (fn: Sample['fn']): Sample['fn'] =>
  (...inputs) => {
    const out = withInterceptor(watch, () => fn(...inputs))
    for (const y of [out].flat()) if (y.requiresGrad) y.registerHook(() => void setInterceptors([watch]))
    return out
  }

describe('gradients agree with central differences, once and twice', () => {
  const samples = [
    ...pointwise,
    ...structured,
    ...algebra,
    ...selection,
    ...windows,
    ...layers,
    ...losses,
    ...specials,
  ]
  for (const { name, fn, inputs, twice = true, eps = 1e-6 } of samples) {
    test(name, () => {
      expect(autograd.gradcheck(watched(fn), inputs(), { eps })).toBe(true)
      if (twice) expect(autograd.gradgradcheck(watched(fn), inputs(), null, { eps })).toBe(true)
    })
  }
})

/**
 * Ops that have no gradient to check, each with the reason. Those that run in backward alone are not among them: they run, and
 * are differentiated, where the gradients of what they belong to are checked.
 */
const without: Record<string, string> = {
  eq: 'bool', ne: 'bool', lt: 'bool', le: 'bool', gt: 'bool', ge: 'bool', isnan: 'bool', isinf: 'bool', isfinite: 'bool',
  isposinf: 'bool', isneginf: 'bool', signbit: 'bool', logicalAnd: 'bool', logicalOr: 'bool', logicalXor: 'bool',
  logicalNot: 'bool', isclose: 'bool', bitwiseAnd: 'integers', bitwiseOr: 'integers', bitwiseXor: 'integers',
  bitwiseNot: 'integers', bitwiseLeftShift: 'integers', bitwiseRightShift: 'integers', all: 'bool', any: 'bool',
  argmax: 'positions', argmin: 'positions', nonzero: 'positions', oneHot: 'positions',
  cofactorsBackward: 'runs in second derivatives alone, those of det', geqrf: 'PyTorch has none either', ldlFactor: 'PyTorch has none either', countNonzero: 'counts', isreal: 'bool', heaviside: 'PyTorch has none either',
  standardGamma: 'of a sample, not of the draw: compared with PyTorch in core', sampleDirichlet: 'of a sample, not of the draw: compared with PyTorch in core',
  standardGammaGradient: 'PyTorch has none either', sampleDirichletGradient: 'PyTorch has none either',
  airyAi: 'PyTorch has none either', chebyshevPolynomialT: 'PyTorch has none either', chebyshevPolynomialU: 'PyTorch has none either', chebyshevPolynomialV: 'PyTorch has none either', chebyshevPolynomialW: 'PyTorch has none either', shiftedChebyshevPolynomialT: 'PyTorch has none either', shiftedChebyshevPolynomialU: 'PyTorch has none either', shiftedChebyshevPolynomialV: 'PyTorch has none either', shiftedChebyshevPolynomialW: 'PyTorch has none either', hermitePolynomialH: 'PyTorch has none either', hermitePolynomialHe: 'PyTorch has none either', laguerrePolynomialL: 'PyTorch has none either', legendrePolynomialP: 'PyTorch has none either',
} // prettier-ignore

/** Names of all ops that are declared, read from their declarations. */
function declared(): string[] {
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../../core/src/ops')
  const names = new Set<string>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    const text = readFileSync(join(folder, file), 'utf8')
    for (const [, name] of text.matchAll(/definePointwise\(\s*'(\w+)'/g)) names.add(name)
    for (const [, name] of text.matchAll(/define(?:List)?Op\(\{\s*name: '(\w+)'/g)) names.add(name)
    for (const [, name] of text.matchAll(/hostFunction(?:OfTwo)?\(\s*'(\w+)'/g)) names.add(name)
  }
  return [...names]
}

test('every declared op is checked, or has a reason not to be', () => {
  expect(declared().filter((name) => !seen.has(name) && !Object.hasOwn(without, name))).toEqual([])
})

test('ctcLoss refuses a second derivative, as in PyTorch', () => {
  const x = leaf([3, 1, 2])
  const labels = tensor([[1]], { dtype: 'int64' })
  const [once] = autograd.grad(ctcLoss(x, labels, [3], [1]), [x], { createGraph: true })
  expect(() => autograd.grad(once.sum(), [x])).toThrow('is not implemented')
})
