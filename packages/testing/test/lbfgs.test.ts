import { requireGrad } from '@gradus/autograd'
import { ones, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { LBFGS, lrScheduler, SGD, type LBFGSOptions } from '@gradus/optim'

setBackend(referenceBackend())

/** Rosenbrock's function of two elements. */
function rosenbrock(w: Tensor): Tensor {
  const [x, y] = w.unbind()
  return x.mul(-1).add(1).square().add(y.sub(x.square()).square().mul(100))
}

function start(options: Partial<LBFGSOptions>): { w: Tensor; optimizer: LBFGS; step: () => number } {
  const w = tensor([-1.5, 2], { dtype: 'float64' })
  requireGrad(w)
  const optimizer = new LBFGS([w], { maxIter: 5, historySize: 3, ...options })
  const step = (): number => {
    const loss = optimizer.step(() => {
      optimizer.zeroGrad()
      const value = rosenbrock(w)
      value.backward()
      return value
    })
    return loss!.item()
  }
  return { w, optimizer, step }
}

// loss before the step and parameters after it, from PyTorch 2.13
test('LBFGS by fixed steps goes where PyTorch goes', () => {
  const { w, optimizer, step } = start({ lr: 0.002 })
  const path = [
    [12.5, -1.49790955, 2.00068167],
    [12.1469487, -1.49719656, 2.00093604],
    [12.0277857, -1.49649428, 2.00120245],
    [11.9108234, -1.49580228, 2.00147961],
    [11.7960265, -1.49512014, 2.00176628],
    [11.6833598, -1.49444746, 2.00206128],
  ]
  for (const [loss, x, y] of path) {
    expect(step()).toBeCloseTo(loss, 6)
    expect(w.select(0, 0).item()).toBeCloseTo(x, 6)
    expect(w.select(0, 1).item()).toBeCloseTo(y, 6)
  }
  const state = optimizer.state.get(w)
  expect([state?.['funcEvals'], state?.['nIter']]).toEqual([30, 30])
})

// loss before the step and parameters after it, from PyTorch 2.13
test('LBFGS with a line search goes where PyTorch goes', () => {
  const { w, optimizer, step } = start({ lineSearchFn: 'strong_wolfe' })
  const path = [
    [12.5, -1.41901517, 2.01522888],
    [5.85189841, -1.13829966, 1.24462823],
    [4.83342499, -0.568002599, 0.323335908],
    [2.45868241, -0.0902669446, 0.0323311109],
    [1.24716371, 0.250743143, 0.0677941469],
    [0.56380847, 0.567880495, 0.302622323],
  ]
  for (const [loss, x, y] of path) {
    expect(step()).toBeCloseTo(loss, 6)
    expect(w.select(0, 0).item()).toBeCloseTo(x, 6)
    expect(w.select(0, 1).item()).toBeCloseTo(y, 6)
  }
  const state = optimizer.state.get(w)
  expect([state?.['funcEvals'], state?.['nIter']]).toEqual([37, 25])
})

test('LBFGS goes on from a state dict as if nothing had happened', () => {
  const [one, other] = [start({ lineSearchFn: 'strong_wolfe' }), start({})]
  one.step()
  other.w.detach().copy_(one.w.detach())
  other.optimizer.loadStateDict(one.optimizer.stateDict())
  one.step()
  other.step()
  // numbers go through float32 tensors in a state dict
  one.w.readSync().forEach((x, i) => expect(Number(other.w.readSync()[i])).toBeCloseTo(Number(x), 5))
})

test('LBFGS refuses a step without a closure, a second group, and another line search', () => {
  const { w, optimizer } = start({})
  expect(() => optimizer.step()).toThrow("missing 1 required positional argument: 'closure'")
  expect(() => optimizer.addParamGroup({ params: [ones(1)] })).toThrow(
    "LBFGS doesn't support per-parameter options (parameter groups)",
  )
  // what JavaScript may pass
  const unknown = { lineSearchFn: 'backtracking' } as unknown as Partial<LBFGSOptions>
  expect(() => new LBFGS([w], unknown)).toThrow("only 'strong_wolfe' is supported")
})

// from PyTorch 2.13
test('SWALR moves to its learning rate along a cosine, and stays', () => {
  const optimizer = new SGD([ones(1)], { lr: 1 })
  const scheduler = new lrScheduler.SWALR(optimizer, 0.05, { annealEpochs: 4 })
  for (const lr of [1.0, 0.86087572106361, 0.525, 0.18912427893638994, 0.05, 0.05]) {
    expect(optimizer.paramGroups[0].lr).toBeCloseTo(lr, 12)
    optimizer.step()
    scheduler.step()
  }
})
