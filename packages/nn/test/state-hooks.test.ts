import { requireGrad } from '@gradus/autograd'
import { embedding, ones, setBackend, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import {
  Embedding,
  Linear,
  Module,
  padSequence,
  ReLU,
  Sequential,
  Tanh,
  unpadSequence,
} from '../src/index.ts'

setBackend(referenceBackend())

class Counter extends Module {
  seen = 0
  layer = new Linear(2, 1)
  forward(x: Tensor): Tensor {
    return this.layer(x)
  }
  override getExtraState(): Tensor {
    return tensor([this.seen])
  }
  override setExtraState(state: Tensor): void {
    this.seen = Number(state.tolist())
  }
}

test('extra state is saved and loaded', () => {
  const [from, to] = [new Counter(), new Counter()]
  from.seen = 7
  const state = from.stateDict()
  expect(Object.keys(state)).toEqual(['_extra_state', 'layer.weight', 'layer.bias'])
  to.loadStateDict(state)
  expect(to.seen).toBe(7)
  expect(to.layer.weight.equal(from.layer.weight)).toBe(true)
  expect(Object.keys(state)).toContain('_extra_state')
})

test('hooks of the state run around saving and loading', () => {
  const model = new Sequential(new Linear(2, 1))
  const calls: string[] = []
  model[0].registerStateDictPreHook((_, prefix, keepVars) => calls.push(`before ${prefix} ${keepVars}`))
  const handle = model.registerStateDictPostHook((_, state) => {
    state.added = ones(1)
  })
  expect(Object.keys(model.stateDict())).toEqual(['0.weight', '0.bias', 'added'])
  expect(calls).toEqual(['before 0. false'])
  handle.remove()
  model.registerLoadStateDictPreHook((_, state) => {
    state['0.bias'] = state.old
    delete state.old
  })
  model.registerLoadStateDictPostHook((_, keys) => calls.push(String(keys)))
  const given = { '0.weight': ones(1, 2), old: tensor([5]) }
  model.loadStateDict(given)
  expect(model[0].stateDict().bias.tolist()).toEqual([5])
  expect(Object.keys(given)).toEqual(['0.weight', 'old'])
  expect(calls).toContain('<All keys matched successfully>')
})

test('a submodule is put at a path', () => {
  const model = new Sequential(new Sequential(new Linear(2, 2), new ReLU()), new ReLU())
  model.setSubmodule('0.1', new Tanh())
  expect(String(model.getSubmodule('0.1'))).toBe('Tanh()')
  expect(() => model.setSubmodule('', new Tanh())).toThrow('Cannot set the submodule without a target name!')
  expect(() => model.setSubmodule('0.nothing', new Tanh(), { strict: true })).toThrow(
    'has no attribute `nothing`',
  )
})

// PyTorch 2.13: nn.functional.embedding with max_norm and scale_grad_by_freq
test('an embedding bounds the norms of rows and divides gradients by frequency', () => {
  const layer = new Embedding(2, 2, { maxNorm: 1, scaleGradByFreq: true })
  layer.weight.detach().copy_(tensor([[3, 4], [0.3, 0.4]])) // prettier-ignore
  const index = tensor([0, 0, 1], { dtype: 'int64' })
  layer(index).sum().backward()
  expect(layer.weight.detach().sub(tensor([[0.6, 0.8], [0.3, 0.4]])).abs().max().item()).toBeLessThan(1e-6) // prettier-ignore
  expect(layer.weight.grad?.tolist()).toEqual([[1, 1], [1, 1]]) // prettier-ignore
  expect(() => new Embedding(2, 2, { sparse: true })).toThrow('sparse gradients are not supported')
  const plain = requireGrad(ones(2, 2))
  embedding(index, plain).sum().backward()
  expect(plain.grad?.tolist()).toEqual([[2, 2], [1, 1]]) // prettier-ignore
})

test('sequences are padded at either side, and cut again', () => {
  const sequences = [tensor([1, 2, 3]), tensor([4])]
  expect(padSequence(sequences).shape).toEqual([3, 2])
  const left = padSequence(sequences, { batchFirst: true, paddingValue: -1, paddingSide: 'left' })
  expect(left.tolist()).toEqual([[1, 2, 3], [-1, -1, 4]]) // prettier-ignore
  const whole = padSequence(sequences, { batchFirst: true })
  expect(unpadSequence(whole, [3, 1], { batchFirst: true }).map((x) => x.tolist())).toEqual([[1, 2, 3], [4]]) // prettier-ignore
})
