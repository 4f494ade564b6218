import { readFileSync } from 'node:fs'
import * as g from '@gradus/core'
import * as distributions from '../src/index.ts'
import type { Distribution, Transform } from '../src/index.ts'

/** A tensor of the golden data. */
export interface Numbers {
  shape: number[]
  dtype: string
  data: (number | boolean | string)[]
}

type Argument = number | NestedNumbers
type NestedNumbers = (number | string | NestedNumbers)[]

/** A distribution of PyTorch, and what it gave: null where it does not implement it. */
export interface Case {
  name: string
  args: Argument[]
  options: Record<string, Argument>
  batchShape: number[]
  eventShape: number[]
  hasRsample: boolean
  hasEnumerateSupport: boolean
  mean: Numbers | null
  mode: Numbers | null
  variance: Numbers | null
  stddev: Numbers | null
  entropy: Numbers | null
  value?: Numbers
  logProb?: Numbers
  logProbGrads?: Record<string, Numbers> | null
  cdf?: Numbers | null
  quantile?: Numbers
  icdf?: Numbers | null
  enumerated: Numbers | null
  sampleShape: number[]
  sample: Numbers
  rsample?: Numbers
  rsampleGrads?: Record<string, Numbers> | null
}

/** A transform of PyTorch, and what it gave. */
export interface TransformCase {
  name: string
  args: unknown[]
  options: object
  bijective: boolean
  domain: number
  codomain: number
  x: Numbers
  y: Numbers
  inverse: Numbers
  logAbsDetJacobian: Numbers | null
  forwardShape: number[]
  inverseShape: number[]
}

/** A divergence of PyTorch. */
export interface DivergenceCase {
  p: string
  q: string
  ofP: Argument[]
  ofQ: Argument[]
  kl: Numbers
}

/** Made by fixtures/make-golden.py with PyTorch 2.13. */
export const golden = JSON.parse(readFileSync(new URL('fixtures/golden.json', import.meta.url), 'utf8')) as {
  cases: Case[]
  transforms: TransformCase[]
  divergences: DivergenceCase[]
} // as that script writes it

/** The tensor that golden data hold. */
export const tensorOf = ({ shape, dtype, data }: Numbers): g.Tensor =>
  // the script writes names of dtypes that are known here
  g.tensor(data.map(Number), { dtype: dtype as g.DType }).reshape(shape)

/** Whether a value of the golden data is a class with its arguments. */
const isMade = (value: unknown): boolean => Array.isArray(value) && typeof value[0] === 'string'

function construct(name: string, args: readonly unknown[]): unknown {
  // names of PyTorch's classes, as here
  const Class = Reflect.get(distributions, name) as new (...args: readonly unknown[]) => unknown
  return new Class(...args)
}

/** The distribution of a case, and its parameters that are tensors. */
export function build(
  { name, args, options }: Pick<Case, 'name' | 'args' | 'options'>,
  dtype: g.DType,
): { p: Distribution; leaves: Record<string, g.Tensor> } {
  const leaves: Record<string, g.Tensor> = {}
  const given = (key: string, value: unknown): unknown => {
    if (!Array.isArray(value) || key === 'lims') return value
    const parts: unknown[] = value
    if (isMade(parts))
      return construct(
        parts[0] as string,
        parts.slice(1).map((a, i) => given(`${key}.${i}`, a)),
      ) // as isMade says
    if (parts.some(isMade)) return parts.map((part, i) => given(`${key}.${i}`, part))
    return (leaves[key] = g.tensor(value as number[], { dtype })) // numbers, as the script has them
  }
  const named = Object.entries(options).map(([key, value]) => [key, given(key, value)])
  const positional = args.map((value, i) => given(String(i), value))
  // the names of cases are those of distributions
  const p = construct(name, [
    ...positional,
    ...(named.length > 0 ? [Object.fromEntries(named)] : []),
  ]) as Distribution
  return { p, leaves }
}

/** The transform of a case: arrays that begin with a name are transforms or distributions, others of fractions tensors. */
export function buildTransform({ name, args, options }: TransformCase): Transform {
  const isFloats = name === 'PowerTransform' || name === 'AffineTransform'
  const made = (arg: unknown): unknown => {
    if (!Array.isArray(arg)) return arg
    if (typeof arg[0] === 'string') {
      // names of PyTorch's classes, as here
      const Class = Reflect.get(distributions, arg[0]) as new (...args: unknown[]) => unknown
      return new Class(...arg.slice(1).map(made))
    }
    if (isFloats) return g.tensor(arg as number[], { dtype: 'float64' }) // numbers, as the script has them
    return arg.map(made)
  }
  const Class = Reflect.get(distributions, name) as new (...args: unknown[]) => Transform // likewise
  const named = Object.keys(options).length > 0 ? [options] : []
  return new Class(...args.map(made), ...named)
}
