import { setBackend, Tensor, type DType } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} from '@gradus/optim'
import { describe, expect, test } from 'vitest'
import { goldenMissing } from '../src/golden/index.ts'
import { camel, gradAt, readOptimCases, startOf, type OptimCase } from '../src/golden/optim.ts'
import { close, toleranceOf } from '../src/golden/tolerance.ts'

setBackend(referenceBackend())

const optimizers = {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  ASGD,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  Rprop,
  SGD,
} as const

function expectClose(
  actual: ArrayLike<number | bigint>,
  expected: readonly number[],
  dtype: DType,
  what: string,
): void {
  const bound = toleranceOf('', dtype)
  expect(actual.length, what).toBe(expected.length)
  expected.forEach((y, i) => {
    const x = Number(actual[i])
    if (!close(x, y, bound)) expect.fail(`${what}[${i}]: ${x}, PyTorch has ${y}`)
  })
}

function run(golden: OptimCase): void {
  const Class = optimizers[golden.optim as keyof typeof optimizers] // only cases of these are run
  const params = startOf(golden)
  const options = Object.fromEntries(Object.entries(golden.kwargs).map(([k, v]) => [camel(k), v]))
  const optimizer = new Class(params, options)
  golden.traj.forEach((expected, t) => {
    for (const p of params) p.grad = gradAt(p, t)
    optimizer.step()
    params.forEach((p, i) =>
      expectClose(p.readSync(), expected[i], golden.dtype, `step ${t}, parameter ${i}`),
    )
  })
  const { state, param_groups } = optimizer.stateDict()
  expect(Object.keys(state)).toEqual(Object.keys(golden.state.state))
  for (const [number, own] of Object.entries(golden.state.state)) {
    expect(Object.keys(state[number]).sort()).toEqual(Object.keys(own).sort())
    for (const [key, value] of Object.entries(own)) {
      const mine = state[number][key]
      if (typeof value !== 'object' || value === null) expect(mine).toBe(value)
      else {
        expect(mine).toBeInstanceOf(Tensor)
        const found = mine as Tensor // expected just above
        expect([found.dtype, found.shape]).toEqual([value.$t, value.shape])
        expectClose(found.readSync(), value.v, golden.dtype, `${key} of parameter ${number}`)
      }
    }
  }
  // which of PyTorch's implementations runs is not ours to say
  golden.state.param_groups.forEach((group, i) => {
    const { foreach, capturable, differentiable, fused, ...rest } = group
    expect(param_groups[i]).toEqual(rest)
  })
}

describe('optimizers follow PyTorch over ten steps and end in its state', () => {
  if (goldenMissing !== null) {
    test.skip(`all trajectories: ${goldenMissing}`, () => {})
    return
  }
  const cases = readOptimCases()
  for (const golden of cases) {
    test(`${golden.optim} ${golden.desc} ${golden.dtype} ${JSON.stringify(golden.kwargs)}`, () => run(golden))
  }
})
