import { ones, setBackend, tensor, zeros, type Tensor } from '@gradus/core'
import { internals, setMaster } from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import * as optim from '../src/index.ts'
import type { Optimizer, OptimizerStateDict } from '../src/index.ts'

setBackend(referenceBackend())

type Make = (params: Tensor[]) => Optimizer

const makers: Record<string, Make> = {
  'SGD with momentum': (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
  Adam: (p) => new optim.Adam(p),
  'Adam with amsgrad': (p) => new optim.Adam(p, { amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p),
  Adadelta: (p) => new optim.Adadelta(p),
  Adafactor: (p) => new optim.Adafactor(p),
  Adagrad: (p) => new optim.Adagrad(p),
  Adamax: (p) => new optim.Adamax(p),
  ASGD: (p) => new optim.ASGD(p),
  Lion: (p) => new optim.Lion(p),
  Muon: (p) => new optim.Muon(p),
  NAdam: (p) => new optim.NAdam(p),
  RAdam: (p) => new optim.RAdam(p),
  'RMSprop with all its state': (p) => new optim.RMSprop(p, { momentum: 0.9, centered: true }),
  Rprop: (p) => new optim.Rprop(p),
  LBFGS: (p) => new optim.LBFGS(p),
}

function stepped(make: Make, shape: number[] = [2, 3]): { p: Tensor; optimizer: Optimizer } {
  const p = ones(shape)
  const optimizer = make([p])
  for (let i = 0; i < 3; i++) {
    p.grad = ones(shape).mul(i + 1)
    optimizer.step(() => ones([]).mul(10 - i))
  }
  return { p, optimizer }
}

/** A state dict with one entry replaced. */
function withEntry(state: OptimizerStateDict, key: string, value: unknown): OptimizerStateDict {
  return { ...state, state: { 0: { ...state.state[0], [key]: value } as never } } // what a file may hold
}

describe.each(Object.entries(makers))('the state of %s', (_, make) => {
  test('is refused where one of its tensors has another shape, and nothing changes', () => {
    const { p, optimizer } = stepped(make)
    const state = optimizer.stateDict()
    const before = String(p)
    for (const [key, value] of Object.entries(state.state[0])) {
      const wrong = Array.isArray(value)
        ? [[zeros(7)]]
        : [zeros(7), 'a text', tensor([1, 2, 3], { dtype: 'int64' }), NaN]
      for (const entry of wrong) {
        expect(() => optimizer.loadStateDict(withEntry(state, key, entry)), key).toThrow(key)
      }
    }
    expect(String(p)).toBe(before)
    expect(String(Object.values(optimizer.stateDict().state[0]))).toBe(String(Object.values(state.state[0])))
  })

  test('is refused with an entry that it does not keep, and with one missing', () => {
    const { optimizer } = stepped(make)
    const state = optimizer.stateDict()
    expect(() => optimizer.loadStateDict(withEntry(state, 'exp_avgs', zeros(2, 3)))).toThrow('exp_avgs')
    const keys = Object.keys(state.state[0])
    // LBFGS begins anew without its vectors, SGD without its buffer
    const needed = keys.length > 1 ? keys[keys.length - 1] : null
    if (needed === null || optimizer instanceof optim.LBFGS) return
    const { [needed]: __, ...rest } = state.state[0]
    expect(() => optimizer.loadStateDict({ ...state, state: { 0: rest } })).toThrow(`has no ${needed}`)
  })

  test('goes through a state dict to another optimizer, which continues to the bit', () => {
    const { p, optimizer } = stepped(make)
    const [q, other] = [p.detach().clone(), make([ones(2, 3)])]
    other.paramGroups[0].params[0].data = q
    other.loadStateDict(optimizer.stateDict())
    for (const [x, o] of [
      [p, optimizer],
      [other.paramGroups[0].params[0], other],
    ] as const) {
      x.grad = ones(2, 3).mul(0.5)
      o.step(() => ones([]).mul(5))
    }
    expect(String(other.paramGroups[0].params[0])).toBe(String(p))
  })

  test('stops a step after the data of its parameter was replaced by another size', () => {
    const { p, optimizer } = stepped(make)
    p.data = ones(5, 4)
    expect(() => optimizer.step(() => ones([]))).toThrow(
      'gradient of parameter 0 of group 0 has shape [2, 3]',
    )
    p.grad = ones(5, 4)
    if (!(Object.keys(optimizer.stateDict().state[0]).length > 0)) return
    expect(() => optimizer.step(() => ones([]))).toThrow(/needs \[5, |has shape|20/)
    expect(p.tolist()).toEqual(ones(5, 4).tolist())
    optimizer.state.clear()
    optimizer.step(() => ones([]))
  })
})

test('a state whose dtype the parameter left behind is refused, and converted by loading it', () => {
  const { p, optimizer } = stepped(makers['Adam'])
  p.data = p.to('float64')
  p.grad = ones([2, 3], { dtype: 'float64' })
  expect(() => optimizer.step()).toThrow(
    'exp_avg of parameter 0 of group 0 is float32, the parameter is float64 now',
  )
  optimizer.loadStateDict(optimizer.stateDict())
  optimizer.step()
  expect(p.dtype).toBe('float64')
})

test('options of a loaded group are checked, and those of another optimizer refused', () => {
  const optimizer = new optim.SGD([ones(1)], { lr: 0.5 })
  const state = optimizer.stateDict()
  const withOptions = (options: object): OptimizerStateDict => ({
    ...state,
    param_groups: [{ ...state.param_groups[0], ...options }],
  })
  expect(() => optimizer.loadStateDict(withOptions({ lr: null }))).toThrow('Invalid learning rate: null')
  expect(() => optimizer.loadStateDict(withOptions({ nesterov: true }))).toThrow('Nesterov momentum')
  expect(() => optimizer.loadStateDict(new optim.Adam([ones(1)]).stateDict())).toThrow('SGD has no option')
  expect(optimizer.paramGroups[0].lr).toBe(0.5)
  optimizer.loadStateDict(withOptions({ initial_lr: 0.5, foreach: null, fused: true, differentiable: false }))
  expect(optimizer.paramGroups[0].initialLr).toBe(0.5)
})

test('what is no state dict is refused', () => {
  const optimizer = new optim.SGD([ones(1)])
  for (const wrong of [undefined, null, [], {}, { state: {} }, 'state']) {
    expect(() => optimizer.loadStateDict(wrong as never)).toThrow(
      'SGD.loadStateDict takes { state, param_groups }',
    )
  }
  const { param_groups } = optimizer.stateDict()
  expect(() => optimizer.loadStateDict({ state: { 7: {} }, param_groups })).toThrow('parameter 7')
})

test('a float32 master of another shape, and one for a parameter that is float32, are refused', () => {
  const p = ones([2], { dtype: 'bfloat16' })
  setMaster(p, { kind: 'float32', value: ones(2), version: internals(p).counter.value })
  const optimizer = new optim.SGD([p], { lr: 1 })
  const state = optimizer.stateDict()
  expect(() => optimizer.loadStateDict(withEntry(state, 'master', ones(64)))).toThrow('master')
  expect(() => new optim.SGD([ones(2)]).loadStateDict(state)).toThrow('float32 master')
  p.data = ones([64], { dtype: 'bfloat16' })
  p.grad = ones([64], { dtype: 'bfloat16' })
  expect(() => optimizer.step()).toThrow('the float32 master of parameter 0 of group 0 has shape [2]')
})
