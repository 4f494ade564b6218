import { convert, input, numOf, param, Program, type DType, type Expr } from '@gradus/core/backend'
import * as f from '@gradus/core/formula'

/** Numbers that a program is given at each step, and flags: there is one program for each combination of them. */
export type Numbers = Readonly<Record<string, number | boolean>>

/** Numbers as expressions; flags as they are. */
export type Terms<N> = {
  readonly [K in keyof N]: Extract<N[K], boolean> | (number extends N[K] ? Expr : never)
}

/** Numbers that act before the formula of an update; `false` for none. */
export type Acting = {
  /** Multiplies the gradient. */
  readonly factor: number | false
  readonly negated: boolean
  /** The share of the parameter that is added to the gradient. */
  readonly penalty: number | false
  /** Multiplies the parameter. */
  readonly shrink: number | false
}

/** Computes the next parameter and state. */
export type Formula = (
  tensors: Readonly<Record<string, Expr>>,
  numbers: Terms<Numbers>,
) => Readonly<Record<string, Expr>>

/** An update that a program is made of. */
export interface Update {
  readonly p: DType
  readonly g: DType
  /** Dtype of the state, which the program computes in. */
  readonly state: DType
  /** Names of the state. */
  readonly names: readonly string[]
  readonly acting: Acting
  readonly numbers: Numbers
  readonly formula: Formula
}

const allOf = ({ acting, numbers }: Update): (number | boolean)[] =>
  [acting, numbers].flatMap(Object.values<number | boolean>)

/** The numbers that the program of an update takes, in its order. */
export const valuesOf = (update: Update): number[] =>
  allOf(update).filter((value) => typeof value === 'number')

/** The same text for updates of one formula that are one program. */
export const keyOf = (update: Update): string =>
  [update.p, update.g, ...update.names, ...allOf(update).map((value) => value !== false)].join()

/** The program of an update: it reads parameter, gradient and state, and writes parameter and state. */
export function programOf({ p, g, state, names, acting, numbers, formula }: Update): Program {
  const num = numOf(state)
  const dtypes = [p, g, ...names.map(() => state)]
  const [weights, gradient, ...own] = dtypes.map((dtype, i) => convert(input(i, numOf(dtype)), num))
  let count = 0
  const termsOf = <N extends object>(values: N): Terms<N> =>
    // each by its own name
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'number' ? param(count++, num) : value,
      ]),
    ) as Terms<N>
  const { factor, negated, penalty, shrink } = termsOf(acting)
  const scaled = factor ? f.mul(gradient, factor) : gradient
  const signed = negated ? f.neg(scaled) : scaled
  const next = formula(
    {
      p: shrink ? f.mul(weights, shrink) : weights,
      g: penalty ? f.add(signed, f.mul(penalty, weights)) : signed,
      ...Object.fromEntries(names.map((name, i) => [name, own[i]])),
    },
    termsOf(numbers),
  )
  const output = (dtype: DType, name: string) => ({
    dtype,
    value: convert(next[name], numOf(dtype)),
    over: 'all' as const,
  })
  return new Program({
    inputs: dtypes.map((dtype) => ({ dtype, over: 'all' })),
    params: new Array(count).fill(num),
    outputs: [output(p, 'p'), ...names.map((name) => output(state, name))],
  })
}
