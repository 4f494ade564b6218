import { GradError, ValueError, type Tensor } from '@gradus/core/functions'
import {
  atLeast,
  aTensor,
  defineOptions,
  flag,
  fromRaw,
  functionKind,
  listOf,
  nullable,
  sameShape,
  takeArgument,
  takeOptions,
  withDefaults,
} from '@gradus/core/internal'
import { asList } from './as-list.ts'
import { grad } from './grad.ts'
import { requireGrad } from './tape.ts'

/** Options of {@link gradcheck}. */
export interface GradcheckOptions {
  /** Step of the finite differences; 1e-6 by default. */
  eps?: number
  /** Largest absolute difference; 1e-5 by default. */
  atol?: number
  /** Largest relative difference; 1e-3 by default. */
  rtol?: number
  /** With false, a mismatch gives false instead of an error. */
  raiseException?: boolean
}

/** The kinds of {@link GradcheckOptions}. */
const gradcheckOptions = /* @__PURE__ */ defineOptions<GradcheckOptions>({
  eps: /* @__PURE__ */ atLeast(0, { exclusive: true }),
  atol: /* @__PURE__ */ atLeast(0),
  rtol: /* @__PURE__ */ atLeast(0),
  raiseException: flag,
})
const defaults = { eps: 1e-6, atol: 1e-5, rtol: 1e-3, raiseException: true }
const aFunction = /* @__PURE__ */ functionKind<Fn>()
const inputTensors = /* @__PURE__ */ listOf(aTensor)
const seedTensors = /* @__PURE__ */ nullable(inputTensors)

type Fn = (...inputs: Tensor[]) => Tensor | readonly Tensor[]

/**
 * Compares the gradients of `fn` with central differences, element by element, in float64.
 *
 * @param inputs - those that require a gradient are checked; float64
 * @returns true, or false with `raiseException: false`
 * @throws GradError naming output and input on a mismatch; ValueError if no input requires a gradient
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 * @example
 * const x = g.tensor([0.5, 2], { dtype: 'float64', requiresGrad: true })
 * g.autograd.gradcheck((x) => x.mul(x), [x]) // => true
 */
export function gradcheck(fn: Fn, inputs: readonly Tensor[], options?: GradcheckOptions): boolean {
  takeArgument('gradcheck', 'fn', aFunction, fn)
  takeArgument('gradcheck', 'inputs', inputTensors, inputs)
  const { eps, atol, rtol, raiseException } = withDefaults('gradcheck', gradcheckOptions, options, defaults)
  const checked = inputs.filter((x) => x.requiresGrad)
  if (checked.length === 0) {
    throw new ValueError(
      'gradcheck expects at least one input tensor to require gradient, but none of them have requiresGrad: true.',
    )
  }
  for (const x of checked) {
    if (x.dtype !== 'float64') {
      throw new ValueError(
        `gradcheck needs float64 inputs, got ${x.dtype}: differences of float32 say nothing`,
      )
    }
    if (x.layout.overlaps) {
      throw new ValueError('gradcheck needs inputs whose elements do not share memory; pass x.contiguous()')
    }
  }
  const problem = compare(fn, inputs, checked, { eps, atol, rtol })
  if (problem === null) return true
  if (raiseException) throw new GradError(problem)
  return false
}

interface Tolerance {
  eps: number
  atol: number
  rtol: number
}

function compare(
  fn: Fn,
  inputs: readonly Tensor[],
  checked: readonly Tensor[],
  tol: Tolerance,
): string | null {
  const outputs = asList(fn(...inputs)).filter((y) => y.requiresGrad)
  if (outputs.length === 0)
    return 'Numerical gradient for function expected to be zero: no output requires a gradient'
  const numerical = checked.map((x) => differences(fn, inputs, x, tol.eps))
  for (const [o, y] of outputs.entries()) {
    const analytical = jacobian(y, checked)
    for (const [i, columns] of analytical.entries()) {
      const expected = numerical[i].map((column) => column[o])
      for (let j = 0; j < expected.length; j++) {
        for (let k = 0; k < expected[j].length; k++) {
          const a = columns[j][k]
          const n = expected[j][k]
          if (!(Math.abs(a - n) <= tol.atol + tol.rtol * Math.abs(n)) && !Object.is(a, n)) {
            return `Jacobian mismatch for output ${o} with respect to input ${i},\nnumerical:${n} (element ${j} of the input, ${k} of the output)\nanalytical:${a}`
          }
        }
      }
    }
    const zero = grad(y, checked, { gradOutputs: y.detach().mul(0), allowUnused: true, retainGraph: true })
    if (zero.some((g) => g && g.readSync().some((v) => Number(v) !== 0)))
      return 'backward not multiplied by grad_output'
    for (const [i, g] of zero.entries()) {
      if (g && !sameShape(g.shape, checked[i].shape))
        return `grad is incorrect size for input ${i}: [${g.shape.join(', ')}]`
    }
  }
  return null
}

/** d y[k] / d x[j], per input: columns by j. */
function jacobian(y: Tensor, inputs: readonly Tensor[]): number[][][] {
  const columns = inputs.map((x) =>
    Array.from({ length: x.numel() }, () => new Array<number>(y.numel()).fill(0)),
  )
  for (let k = 0; k < y.numel(); k++) {
    const seed = new Float64Array(y.numel())
    seed[k] = 1
    const gradOutputs = fromRaw(seed, y.shape, 'float64')
    const grads = grad(y, inputs, { gradOutputs, allowUnused: true, retainGraph: true })
    grads.forEach((g, i) => g?.readSync().forEach((v, j) => (columns[i][j][k] = Number(v))))
  }
  return columns
}

/** Central differences: per element of x, per output, its elements. */
function differences(fn: Fn, inputs: readonly Tensor[], x: Tensor, eps: number): number[][][] {
  const at = inputs.indexOf(x)
  const values = Float64Array.from(x.detach().readSync(), Number)
  // with the graph: a function that differentiates inside needs it
  const evaluate = (moved: Float64Array): number[][] => {
    const args = inputs.map((v, i) => (i === at ? requireGrad(fromRaw(moved, x.shape, 'float64')) : v))
    return asList(fn(...args))
      .filter((y) => y.requiresGrad)
      .map((y) => Array.from(y.readSync(), Number))
  }
  return Array.from(values, (v, j) => {
    const up = evaluate(values.with(j, v + eps))
    const down = evaluate(values.with(j, v - eps))
    return up.map((y, o) => y.map((u, k) => (u - down[o][k]) / (2 * eps)))
  })
}

/**
 * {@link gradcheck} of the gradient itself: whether `fn` may be differentiated twice.
 *
 * @param gradOutputs - gradients of the outputs; fixed values that vary from element to element by default
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
 */
export function gradgradcheck(
  fn: Fn,
  inputs: readonly Tensor[],
  gradOutputs: readonly Tensor[] | null = null,
  options?: GradcheckOptions,
): boolean {
  takeArgument('gradgradcheck', 'fn', aFunction, fn)
  takeArgument('gradgradcheck', 'inputs', inputTensors, inputs)
  takeArgument('gradgradcheck', 'gradOutputs', seedTensors, gradOutputs)
  takeOptions('gradgradcheck', gradcheckOptions, options)
  const outputs = asList(fn(...inputs)).filter((y) => y.requiresGrad)
  const seeds =
    gradOutputs ??
    outputs.map((y, o) =>
      requireGrad(
        fromRaw(
          Float64Array.from({ length: y.numel() }, (_, k) => Math.sin(1.7 * k + o) + 0.3),
          y.shape,
          'float64',
        ),
      ),
    )
  const positions = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []))
  const gradient = (...args: Tensor[]): Tensor[] => {
    const own = args.slice(0, inputs.length)
    const ys = asList(fn(...own)).filter((y) => y.requiresGrad)
    const results = grad(
      ys,
      positions.map((i) => own[i]),
      {
        gradOutputs: args.slice(inputs.length),
        createGraph: true,
        allowUnused: true,
      },
    )
    return results.filter((g): g is Tensor => g !== null && g.requiresGrad)
  }
  // the gradient of a step function is zero and depends on nothing
  if (gradient(...inputs, ...seeds).length === 0) return true
  return gradcheck(gradient, [...inputs, ...seeds], options)
}
