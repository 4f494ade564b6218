import { GradScaler } from '@gradus/amp'
import { requireGrad, tape } from '@gradus/autograd'
import { ones, setBackend, setTape, tensor, zeros, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { Parameter } from '@gradus/nn'
import { AdamW, SGD } from '@gradus/optim'
import { describe, expect, test } from 'vitest'

setBackend(referenceBackend())
setTape(tape)

function setup(grad: number | null = 1, options = {}): { w: Tensor; optimizer: SGD; scaler: GradScaler } {
  const w = requireGrad(ones(1))
  const scaler = new GradScaler({ initScale: 4, growthInterval: 2, ...options })
  scaler.scale(zeros([]))
  if (grad !== null) w.grad = tensor([grad * 4])
  return { w, optimizer: new SGD([w], { lr: 1 }), scaler }
}

describe('GradScaler', () => {
  test('multiplies losses, and outputs in the arrays they come in', () => {
    const scaler = new GradScaler({ initScale: 8 })
    expect(scaler.scale(tensor(2)).item()).toBe(16)
    const [a, [b]] = scaler.scale([ones(1), [tensor([3])]]) as [Tensor, [Tensor]] // as they were given
    expect([a.tolist(), b.tolist()]).toEqual([[8], [24]])
    expect(() => scaler.scale(3 as never)).toThrow('outputs must be a Tensor or an iterable of Tensors')
  })

  test('steps with the gradient that was there before scaling', () => {
    const { w, optimizer, scaler } = setup()
    scaler.step(optimizer)
    scaler.update()
    expect([w.item(), scaler.getScale()]).toEqual([0, 4])
  })

  test.each([Infinity, -Infinity, NaN])('skips a step on %s, and leaves everything to the bit', (value) => {
    const { w, scaler } = setup(value)
    const optimizer = new AdamW([w], { lr: 1 })
    expect(scaler.step(optimizer)).toBeNull()
    scaler.update()
    expect([w.item(), optimizer.state.size, scaler.getScale()]).toEqual([1, 0, 2])
  })

  test('grows after so many steps without an inf, not before', () => {
    const { w, optimizer, scaler } = setup(0)
    const scales = Array.from({ length: 5 }, () => {
      w.grad = zeros(1)
      scaler.step(optimizer)
      scaler.update()
      return scaler.getScale()
    })
    expect(scales).toEqual([4, 8, 8, 16, 16])
  })

  test('an inf starts the count anew', () => {
    const { w, optimizer, scaler } = setup(0)
    const scales = [0, Infinity, 0, 0].map((x) => {
      w.grad = tensor([x])
      scaler.step(optimizer)
      scaler.update()
      return scaler.getScale()
    })
    expect(scales).toEqual([4, 2, 2, 4])
  })

  test('never grows to infinity, and does not fall below a number with an inverse', () => {
    const { w, optimizer, scaler } = setup(0, { growthInterval: 1 })
    scaler.update(3e38)
    scaler.step(optimizer)
    scaler.update()
    expect(scaler.getScale()).toBe(Math.fround(3e38))
    scaler.update(1e-45)
    w.grad = tensor([NaN])
    scaler.step(optimizer)
    scaler.update()
    expect(scaler.getScale()).toBe(2 ** -126)
  })

  test('one inf in any optimizer lowers the scale; the others step', () => {
    const { optimizer, scaler } = setup(Infinity)
    const v = requireGrad(ones(1))
    v.grad = tensor([4])
    scaler.step(optimizer)
    scaler.step(new SGD([v], { lr: 1 }))
    scaler.update()
    expect([v.item(), scaler.getScale()]).toEqual([0, 2])
  })

  test('unscaled gradients are for clipping, whether finite or not', () => {
    const { w, optimizer, scaler } = setup()
    const v = requireGrad(ones(2))
    v.grad = tensor([Infinity, 8])
    optimizer.addParamGroup({ params: [v] })
    scaler.unscale_(optimizer)
    expect([w.grad!.tolist(), v.grad.tolist()]).toEqual([[1], [Infinity, 2]])
    expect(scaler.step(optimizer)).toBeNull()
  })

  test('refuses float16 gradients, before it changes any', () => {
    const { w, optimizer, scaler } = setup()
    const half = new Parameter(ones([1], { dtype: 'float16' }))
    half.grad = ones([1], { dtype: 'float16' })
    optimizer.addParamGroup({ params: [half] })
    expect(() => scaler.unscale_(optimizer)).toThrow('Attempting to unscale FP16 gradients.')
    expect(w.grad!.tolist()).toEqual([4])
  })

  test('takes bfloat16 and non-contiguous gradients', () => {
    const scaler = new GradScaler({ initScale: 2 })
    scaler.scale(zeros([]))
    const p = new Parameter(ones([2, 2], { dtype: 'bfloat16' }))
    p.grad = tensor(
      [
        [2, 4],
        [6, 8],
      ],
      { dtype: 'bfloat16' },
    ).t()
    scaler.unscale_(new SGD([p]))
    expect(p.grad.tolist()).toEqual([
      [1, 3],
      [2, 4],
    ])
  })

  test.each([
    ['unscale_', (s: GradScaler, o: SGD) => s.unscale_(o)],
    ['step', (s: GradScaler, o: SGD) => s.step(o)],
    ['update', (s: GradScaler) => s.update()],
  ])('%s before scale() is an error', (name, call) => {
    const { optimizer } = setup()
    expect(() => call(new GradScaler(), optimizer)).toThrow(
      `Attempted ${name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
    )
  })

  test('each optimizer is unscaled and stepped once per update', () => {
    const { optimizer, scaler } = setup()
    scaler.unscale_(optimizer)
    expect(() => scaler.unscale_(optimizer)).toThrow(
      'unscale_() has already been called on this optimizer since the last update().',
    )
    scaler.step(optimizer)
    expect(() => scaler.unscale_(optimizer)).toThrow('unscale_() is being called after step().')
    expect(() => scaler.step(optimizer)).toThrow('step() has already been called since the last update().')
    scaler.update()
    scaler.step(optimizer)
  })

  test('steps and updates without any gradient are errors', () => {
    const { optimizer, scaler } = setup(null)
    expect(() => scaler.step(optimizer)).toThrow('No inf checks were recorded for this optimizer.')
    expect(() => scaler.update()).toThrow('No inf checks were recorded prior to update.')
  })

  test('a closure is refused', () => {
    const { optimizer, scaler } = setup()
    expect(() => scaler.step(optimizer, () => ones(1))).toThrow(
      'Closure use is not currently supported if GradScaler is enabled.',
    )
  })

  test('factors on the wrong side of 1 are refused', () => {
    expect(() => new GradScaler({ growthFactor: 1 })).toThrow('The growth factor must be > 1.0.')
    expect(() => new GradScaler({ backoffFactor: 1 })).toThrow('The backoff factor must be < 1.0.')
  })

  test('a scale can be set by a number or a tensor', () => {
    const { scaler } = setup()
    scaler.update(3)
    expect(scaler.getScale()).toBe(3)
    scaler.update(tensor([5]))
    expect(scaler.getScale()).toBe(5)
    expect(() => scaler.update(requireGrad(ones(1)))).toThrow('new_scale should be a float or a 1-element')
  })

  test('the state is that of PyTorch, and comes back', () => {
    const { w, optimizer, scaler } = setup(0)
    scaler.step(optimizer)
    scaler.update()
    const state = scaler.stateDict()
    expect(state).toEqual({
      scale: 4,
      growth_factor: 2,
      backoff_factor: 0.5,
      growth_interval: 2,
      _growth_tracker: 1,
    })
    const other = new GradScaler()
    other.loadStateDict(state)
    expect(other.getScale()).toBe(4)
    other.scale(zeros([]))
    w.grad = zeros(1)
    other.step(optimizer)
    other.update()
    expect(other.getScale()).toBe(8)
  })

  test('one that is disabled passes everything through', () => {
    const { w, optimizer } = setup()
    const scaler = new GradScaler({ enabled: false, growthFactor: 0 })
    const loss = zeros([])
    expect(scaler.scale(loss)).toBe(loss)
    scaler.unscale_(optimizer)
    scaler.step(optimizer)
    scaler.update()
    expect([w.item(), scaler.getScale(), scaler.isEnabled(), scaler.stateDict()]).toEqual([-3, 1, false, {}])
    expect(() => new GradScaler().loadStateDict({})).toThrow(
      'The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.',
    )
  })

  test('getters tell what was set', () => {
    const scaler = new GradScaler()
    scaler.setGrowthFactor(3)
    scaler.setBackoffFactor(0.25)
    scaler.setGrowthInterval(7)
    expect([scaler.getGrowthFactor(), scaler.getBackoffFactor(), scaler.getGrowthInterval()]).toEqual([
      3, 0.25, 7,
    ])
    expect(scaler.getScale()).toBe(65536)
  })
})
