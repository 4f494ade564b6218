import { ones, setBackend, setWarningHandler, tensor, zeros, type Tensor } from '@gradus/core'
import { internals } from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import { beforeEach, expect, test } from 'vitest'
import { Adam, AdamW, lrScheduler, SGD } from '../src/index.ts'

setBackend(referenceBackend())

let warnings: string[] = []
beforeEach(() => {
  warnings = []
  setWarningHandler((message) => warnings.push(message))
})

const withGrad = (values: number[], grad: number[] | null): Tensor => {
  const x = tensor(values)
  if (grad) x.grad = tensor(grad)
  return x
}

test('parameters without a gradient are skipped: no decay, no state', () => {
  const p = withGrad([1], null)
  const optimizer = new SGD([p], { lr: 1, momentum: 0.9, weightDecay: 0.5 })
  optimizer.step()
  expect(p.tolist()).toEqual([1])
  expect(optimizer.state.size).toBe(0)
})

test('a gradient of zeros still decays the parameter', () => {
  const p = withGrad([1], [0])
  new SGD([p], { lr: 1, weightDecay: 0.5 }).step()
  expect(p.tolist()).toEqual([0.5])
})

test('groups have their own options and the defaults for the rest', () => {
  const [a, b] = [withGrad([1], [1]), withGrad([1], [1])]
  const optimizer = new SGD([{ params: [a], lr: 0.5 }, { params: b }], { lr: 0.25 })
  optimizer.step()
  expect([a.item(), b.item()]).toEqual([0.5, 0.75])
  expect(optimizer.paramGroups[0].grads().map((g) => g?.tolist())).toEqual([[1]])
  expect(optimizer.defaults.lr).toBe(0.25)
})

test('a step counts as a write to the parameter', () => {
  const p = withGrad([1], [1])
  const before = internals(p).counter.value
  new Adam([p]).step()
  expect(internals(p).counter.value).toBe(before + 1)
})

test('a scalar, an empty and a transposed parameter are updated', () => {
  const scalar = tensor(1)
  scalar.grad = tensor(2)
  const empty = zeros(0)
  empty.grad = zeros(0)
  const transposed = tensor([
    [1, 2],
    [3, 4],
  ]).t()
  transposed.grad = tensor([
    [1, 0],
    [0, 0],
  ])
  new SGD([scalar, empty, transposed], { lr: 1, momentum: 0.5 }).step()
  expect(scalar.item()).toBe(-1)
  expect(transposed.tolist()).toEqual([
    [0, 3],
    [2, 4],
  ])
})

test('half-precision parameters have float32 state, also after loading', () => {
  const p = tensor([1, 2], { dtype: 'float16' })
  const optimizer = new AdamW([p])
  p.grad = tensor([1e-3, 1], { dtype: 'float16' })
  optimizer.step()
  const { state } = optimizer.stateDict()
  expect((state[0]['exp_avg_sq'] as Tensor).dtype).toBe('float32')
  optimizer.loadStateDict(optimizer.stateDict())
  expect((optimizer.state.get(p)?.['expAvgSq'] as Tensor).dtype).toBe('float32')
  expect(p.dtype).toBe('float16')
})

test('a loaded state continues the trajectory to the bit, and is a copy', () => {
  const make = (): [Tensor, Adam] => {
    const p = withGrad([1, -2], [0.5, 0.25])
    return [p, new Adam([p], { lr: 0.1, amsgrad: true })]
  }
  const [p, first] = make()
  first.step()
  const [q, second] = make()
  q.copy_(p)
  second.loadStateDict(first.stateDict())
  first.step()
  second.step()
  expect(q.tolist()).toEqual(p.tolist())
})

test('loading checks groups before it changes anything', () => {
  const optimizer = new SGD([ones(1), ones(1)], { lr: 0.5 })
  const state = new SGD([ones(1)], { lr: 0.25 }).stateDict()
  expect(() => optimizer.loadStateDict(state)).toThrow(
    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
  )
  expect(() => optimizer.loadStateDict({ state: {}, param_groups: [] })).toThrow(
    'loaded state dict has a different number of parameter groups',
  )
  expect(optimizer.paramGroups[0].lr).toBe(0.5)
})

test('loading takes over options, and ignores which implementation PyTorch ran', () => {
  const optimizer = new Adam([ones(1)])
  const state = new Adam([ones(1)], { lr: 0.5, betas: [0.8, 0.9] }).stateDict()
  optimizer.loadStateDict({
    ...state,
    param_groups: [{ ...state.param_groups[0], foreach: null, fused: null }],
  })
  expect(optimizer.paramGroups[0].betas).toEqual([0.8, 0.9])
  expect('foreach' in optimizer.paramGroups[0]).toBe(false)
})

test('what is not a list of leaf tensors is refused with the words of PyTorch', () => {
  const made =
    (params: unknown): (() => SGD) =>
    () =>
      new SGD(params as never)
  expect(made([])).toThrow('optimizer got an empty parameter list')
  expect(made(ones(2))).toThrow(
    'params argument given to the optimizer should be an iterable of Tensors or dicts',
  )
  expect(made([3])).toThrow('optimizer can only optimize Tensors, but one of the params is number')
  expect(made([ones(1), ['name', ones(1)]])).toThrow('All optimizer params should be with/without names')
  const p = ones(1)
  expect(made([{ params: [p] }, { params: [p] }])).toThrow(
    'some parameters appear in more than one parameter group',
  )
  expect(() => new SGD([p]).addParamGroup([p] as never)).toThrow('param_group must be a dict, but got Array')
})

test('options out of range are refused with the words of PyTorch', () => {
  const p = [ones(1)]
  expect(() => new SGD(p, { lr: -1 })).toThrow('Invalid learning rate: -1')
  expect(() => new SGD(p, { momentum: -1 })).toThrow('Invalid momentum value: -1')
  expect(() => new SGD(p, { nesterov: true })).toThrow(
    'Nesterov momentum requires a momentum and zero dampening',
  )
  expect(() => new Adam(p, { betas: [1, 0.9] })).toThrow('Invalid beta parameter at index 0: 1')
  expect(() => new Adam(p, { eps: -1 })).toThrow('Invalid epsilon value: -1')
  expect(() => new Adam(p, { weightDecay: -1 })).toThrow('Invalid weight_decay value: -1')
})

test('a parameter twice in one group is reported', () => {
  const p = ones(1)
  new SGD([p, p])
  expect(warnings[0]).toContain('optimizer contains a parameter group with duplicate parameters')
})

test('names of parameters are kept', () => {
  const optimizer = new SGD([['w', ones(1)]])
  expect(optimizer.paramGroups[0].paramNames).toEqual(['w'])
  expect(optimizer.stateDict().param_groups[0]['param_names']).toEqual(['w'])
})

test('zeroGrad forgets gradients or fills them with zeros', () => {
  const p = withGrad([1], [5])
  const optimizer = new SGD([p])
  optimizer.zeroGrad({ setToNone: false })
  expect(p.grad?.tolist()).toEqual([0])
  optimizer.zeroGrad()
  expect(p.grad).toBeNull()
})

test('a closure is run before the update and its loss returned', () => {
  const p = withGrad([1], null)
  const optimizer = new SGD([p], { lr: 1 })
  const loss = optimizer.step(() => {
    p.grad = tensor([1])
    return tensor(7)
  })
  expect(loss?.item()).toBe(7)
  expect(p.item()).toBe(0)
})

test('hooks run around steps and state dicts until they are removed', () => {
  const order: string[] = []
  const optimizer = new SGD([withGrad([1], [1])])
  const handle = optimizer.registerStepPreHook(() => void order.push('pre'))
  optimizer.registerStepPostHook(() => void order.push('post'))
  optimizer.registerStateDictPostHook((_, state) => ({ ...state, state: {} }))
  optimizer.registerLoadStateDictPostHook(() => void order.push('loaded'))
  optimizer.step()
  handle.remove()
  optimizer.step()
  optimizer.loadStateDict(optimizer.stateDict())
  expect(order).toEqual(['pre', 'post', 'post', 'loaded'])
})

test('an optimizer prints its groups with sorted options', () => {
  expect(String(new Adam([['a', ones(1)]]))).toBe(
    'Adam (\nParameter Group 0\n    amsgrad: False\n    betas: (0.9, 0.999)\n    decoupled_weight_decay: False\n' +
      "    eps: 1e-08\n    lr: 0.001\n    maximize: False\n    param_names: ['a']\n    weight_decay: 0\n)",
  )
})

test('a scheduler that steps before its optimizer says so, once', () => {
  const optimizer = new SGD([withGrad([1], [1])], { lr: 1 })
  const scheduler = new lrScheduler.StepLR(optimizer, 1)
  scheduler.step()
  expect(warnings[0]).toContain('Detected call of `scheduler.step()` before `optimizer.step()`')
})

test('a scheduler that steps after its optimizer says nothing', () => {
  const optimizer = new SGD([withGrad([1], [1])], { lr: 1 })
  const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5)
  optimizer.step()
  scheduler.step()
  expect(warnings).toEqual([])
  expect(scheduler.getLastLr()).toEqual([0.5])
})

test('getLr outside of a step points to getLastLr', () => {
  const scheduler = new lrScheduler.StepLR(new SGD([ones(1)], { lr: 1 }), 2)
  scheduler.getLr()
  expect(warnings[0]).toContain('please use `getLastLr()`')
})

test('a scheduler state has the keys of PyTorch and continues where it was', () => {
  const make = () => {
    const optimizer = new SGD([ones(1)], { lr: 1 })
    return { optimizer, scheduler: new lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 }) }
  }
  const a = make()
  for (let i = 0; i < 3; i++) {
    a.optimizer.step()
    a.scheduler.step()
  }
  const state = a.scheduler.stateDict()
  expect(state).toEqual({
    base_lrs: [1],
    last_epoch: 3,
    _step_count: 4,
    _is_initial: false,
    _get_lr_called_within_step: false,
    _last_lr: [0.5],
    step_size: 2,
    gamma: 0.5,
  })
  const b = make()
  b.optimizer.loadStateDict(a.optimizer.stateDict())
  b.scheduler.loadStateDict(state)
  b.optimizer.step()
  b.scheduler.step()
  expect(b.scheduler.getLastLr()).toEqual([0.25])
})

test('resuming a scheduler on a fresh optimizer is an error', () => {
  const optimizer = new SGD([ones(1)])
  expect(() => new lrScheduler.StepLR(optimizer, 1, { lastEpoch: 3 })).toThrow(
    "param 'initialLr' is not specified in paramGroups[0] when resuming scheduler with lastEpoch >= 0.",
  )
})

test('schedulers refuse factors and combinations that PyTorch refuses', () => {
  const optimizer = new SGD([ones(1)])
  expect(() => new lrScheduler.ConstantLR(optimizer, { factor: 2 })).toThrow(
    'Constant multiplicative factor expected to be between 0 and 1.',
  )
  expect(() => new lrScheduler.LinearLR(optimizer, { startFactor: 0 })).toThrow(
    'Starting multiplicative factor expected to be greater than 0 and less or equal to 1.',
  )
  expect(() => new lrScheduler.ReduceLROnPlateau(optimizer, { factor: 1 })).toThrow('Factor should be < 1.0.')
  expect(() => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 0)).toThrow(
    'Expected positive integer T_0, but got 0',
  )
  expect(() => new lrScheduler.OneCycleLR(optimizer, 1)).toThrow(
    'You must define either total_steps OR (epochs AND steps_per_epoch)',
  )
  const plateau = new lrScheduler.ReduceLROnPlateau(optimizer)
  expect(() => new lrScheduler.ChainedScheduler([plateau])).toThrow('does not support `ReduceLROnPlateau`')
})

test('a one-cycle scheduler cannot step beyond its end', () => {
  const optimizer = new SGD([ones(1)], { momentum: 0.9 })
  const scheduler = new lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 2 })
  scheduler.step()
  scheduler.step()
  expect(() => scheduler.step()).toThrow('Tried to step 3 times. The specified number of total steps is 2')
})

test('restarts begin again after each cycle, each longer than the one before', () => {
  const optimizer = new SGD([ones(1)], { lr: 1 })
  const scheduler = new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2, { tMult: 2 })
  const rates = [0, 1, 2, 3, 4, 5, 6].map(() => {
    const [lr] = scheduler.getLastLr()
    scheduler.step()
    return lr
  })
  const expected = [1, 0.5, 1, 0.5 + Math.SQRT1_2 / 2, 0.5, 0.5 - Math.SQRT1_2 / 2, 1]
  rates.forEach((lr, i) => expect(lr).toBeCloseTo(expected[i], 12))
})
