import { currentBackend, linear, setBackend, setTape, tensor, zeros, type Tensor } from '@gradus/core'
import { internals } from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import {
  backward,
  enableGrad,
  Function,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  tape,
  type Context,
} from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

const leaf = (data: number | number[] | number[][]): Tensor => tensor(data, { requiresGrad: true })
const f64 = (data: number | number[] | number[][]): Tensor =>
  tensor(data, { dtype: 'float64', requiresGrad: true })

describe('accumulation into leaves', () => {
  test('a leaf receives the gradient of a sum of products', () => {
    const x = leaf([1, 2, 3])
    x.mul(x).sum().backward()
    expect(x.grad?.tolist()).toEqual([2, 4, 6])
  })

  test('a second backward adds in place and keeps the identity of grad', () => {
    const x = leaf([1, 2])
    x.sum().backward()
    const first = x.grad
    x.mul(3).sum().backward()
    expect(x.grad).toBe(first)
    expect(x.grad?.tolist()).toEqual([4, 4])
  })

  test('two leaves of a sum never share the memory of their gradients', () => {
    const [x, y] = [leaf([1, 2]), leaf([3, 4])]
    x.add(y).backward(tensor([1, 1]))
    expect(x.grad!.storage).not.toBe(y.grad!.storage)
  })

  test('the gradient never aliases the one that was passed in', () => {
    const x = leaf([1, 2])
    const g = tensor([5, 6])
    x.backward(g)
    g.fill_(0)
    expect(x.grad?.tolist()).toEqual([5, 6])
  })

  test('an expanded gradient is materialised', () => {
    const x = leaf([1, 2, 3])
    x.sum().backward()
    expect(x.grad?.stride()).toEqual([1])
  })

  test('the gradient lies as its parameter does', () => {
    const w = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
      .t()
      .detach()
      .requiresGrad_()
    w.mul(w).sum().backward()
    expect(w.grad?.stride()).toEqual([1, 3])
    expect(w.grad?.tolist()).toEqual([
      [2, 8],
      [4, 10],
      [6, 12],
    ])
  })

  test('the gradient has the dtype of its leaf', () => {
    const x = tensor([1, 2], { dtype: 'float16', requiresGrad: true })
    x.mul(tensor([2, 3]))
      .sum()
      .backward()
    expect(x.grad?.dtype).toBe('float16')
    expect(x.grad?.tolist()).toEqual([2, 3])
  })

  test('broadcasting is undone', () => {
    const [x, b] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      leaf([10, 20]),
    ]
    x.add(b).sum().backward()
    expect(b.grad?.tolist()).toEqual([2, 2])
  })

  test('backward with inputs accumulates only there', () => {
    const [x, y] = [leaf([1]), leaf([2])]
    x.mul(y)
      .sum()
      .backward(null, { inputs: [x] })
    expect([x.grad?.tolist(), y.grad]).toEqual([[2], null])
  })

  test('several roots are differentiated together', () => {
    const x = leaf([1, 2])
    backward([x.sum(), x.mul(2).sum()])
    expect(x.grad?.tolist()).toEqual([3, 3])
  })
})

describe('messages', () => {
  const twice = 'Trying to backward through the graph a second time'

  test('a freed graph says so', () => {
    const x = leaf([1, 2])
    const y = x.mul(x).sum()
    y.backward()
    expect(() => y.backward()).toThrow(twice)
  })

  test('a graph that saved nothing can be used again', () => {
    const x = leaf([1, 2])
    const y = x.add(1).sum()
    y.backward()
    y.backward()
    expect(x.grad?.tolist()).toEqual([2, 2])
  })

  test('retainGraph allows a second pass', () => {
    const x = leaf([1, 2])
    const y = x.mul(x).sum()
    y.backward(null, { retainGraph: true })
    y.backward()
    expect(x.grad?.tolist()).toEqual([4, 8])
  })

  test('a vector needs a gradient', () => {
    expect(() => leaf([1, 2]).mul(2).backward()).toThrow(
      'grad can be implicitly created only for scalar outputs',
    )
  })

  test('a gradient of another shape is refused', () => {
    expect(() =>
      leaf([1, 2, 3])
        .mul(2)
        .backward(tensor([1, 2])),
    ).toThrow('Mismatch in shape: gradOutputs[0] has a shape of [2] and output[0] has a shape of [3].')
  })

  test('nothing to differentiate', () => {
    const message = 'element 0 of tensors does not require grad and does not have a grad_fn'
    expect(() => tensor([1]).backward()).toThrow(message)
    expect(() => noGrad(() => leaf([1]).mul(2)).backward()).toThrow(message)
  })

  test('a saved value that was written in place is an error with its version', () => {
    const x = leaf([1, 2, 3])
    const y = x.add(1)
    const z = y.mul(y)
    y.add_(1)
    expect(() => z.sum().backward()).toThrow(
      'one of the variables needed for gradient computation has been modified by an inplace operation: [float32 [3]], which is output 0 of Add, is at version 1; expected version 0 instead',
    )
  })

  test('a write through detach() is noticed, through data not', () => {
    const make = () => {
      const y = leaf([1, 2]).mul(2)
      return [y, y.mul(y).sum()] as const
    }
    const [a, first] = make()
    a.detach().zero_()
    expect(() => first.backward()).toThrow('modified by an inplace operation')
    const [b, second] = make()
    b.data.zero_()
    expect(() => second.backward()).not.toThrow()
  })

  test('in-place on a leaf, on its view, and on integers', () => {
    const x = leaf([1, 2])
    expect(() => x.add_(1)).toThrow(
      'a leaf Variable that requires grad is being used in an in-place operation.',
    )
    expect(() => x.select(0, 0).add_(1)).toThrow(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    )
    expect(() => tensor([1], { dtype: 'int32' }).requiresGrad_()).toThrow(
      'Only Tensors of floating point and complex dtype can require gradients',
    )
    expect(x.tolist()).toEqual([1, 2])
  })

  test('a view made under noGrad cannot be written with recording on', () => {
    const x = leaf([1, 2]).mul(1)
    const v = noGrad(() => x.select(0, 0))
    expect(() => v.mul_(x.select(0, 1))).toThrow(
      'A view was created in no_grad mode and is being modified inplace with grad mode enabled.',
    )
  })

  test('requiresGrad cannot be taken from a result', () => {
    expect(() => leaf([1]).mul(2).requiresGrad_(false)).toThrow(
      'you can only change requiresGrad of leaf variables.',
    )
  })
})

describe('grad()', () => {
  test('touches no .grad and answers unused inputs with an error or null', () => {
    const [x, y] = [leaf([3]), leaf([4])]
    const z = x.mul(x).sum()
    expect(() => grad(z, [y])).toThrow(
      'The differentiated Tensor at index 0 appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.',
    )
    const [gx, gy] = grad(x.mul(x).sum(), [x, y], { allowUnused: true })
    expect([gx?.tolist(), gy, x.grad]).toEqual([[6], null, null])
  })

  test('of a result in the middle of the graph', () => {
    const x = leaf([3])
    const y = x.mul(2)
    expect(grad(y.mul(y).sum(), y)[0].tolist()).toEqual([12])
  })

  test('of gradients: the third derivative of x⁴', () => {
    const x = f64([2])
    const y = x.mul(x).mul(x).mul(x).sum()
    const [d1] = grad(y, x, { createGraph: true })
    const [d2] = grad(d1.sum(), x, { createGraph: true })
    const [d3] = grad(d2.sum(), x)
    expect([d1.item(), d2.item(), d3.item()]).toEqual([32, 48, 48])
  })

  test('batched gradients make the Jacobian', () => {
    const x = leaf([1, 2])
    const eye = tensor([
      [1, 0],
      [0, 1],
    ])
    const [jacobian] = grad(x.mul(x), x, { gradOutputs: eye, isGradsBatched: true })
    expect(jacobian.tolist()).toEqual([
      [2, 0],
      [0, 4],
    ])
  })
})

describe('views and in-place writes', () => {
  test('a view made before its base was written has the gradient of the new value', () => {
    const w = leaf([1, 2, 3])
    const b = w.mul(1)
    const v = b.select(0, 0)
    b.mul_(2)
    v.sum().backward()
    expect(w.grad?.tolist()).toEqual([2, 0, 0])
  })

  test('writing a view of a tensor without history gives it one', () => {
    const w = leaf(5)
    const out = zeros(3)
    out.select(0, 0).copy_(w)
    expect(out.requiresGrad).toBe(true)
    out
      .mul(tensor([7, 8, 9]))
      .sum()
      .backward()
    expect(w.grad?.item()).toBe(7)
  })

  test('overwriting with a constant ends the history of what was overwritten', () => {
    const x = leaf([1, 2])
    const y = x.mul(3)
    y.zero_()
    y.add(x).sum().backward()
    expect(x.grad?.tolist()).toEqual([1, 1])
    const z = leaf([
      [1, 2],
      [3, 4],
    ])
    const w = z.mul(3)
    w.select(0, 1).fill_(7)
    w.sum().backward()
    expect(z.grad?.tolist()).toEqual([
      [3, 3],
      [0, 0],
    ])
  })

  test('an in-place product differentiates both factors at their old values', () => {
    const [x, y] = [leaf([2, 3]), leaf([5, 7])]
    const z = x.mul(1)
    z.mul_(y)
    z.sum().backward()
    expect([x.grad?.tolist(), y.grad?.tolist()]).toEqual([
      [5, 7],
      [2, 3],
    ])
  })

  test('an in-place write in the middle of a row', () => {
    const [x, y] = [
      f64([
        [1, 2],
        [3, 4],
      ]),
      f64([5, 6]),
    ]
    const fn = (a: Tensor, b: Tensor): Tensor => {
      const c = a.mul(2)
      c.select(0, 1).mul_(b)
      c.t().select(0, 0).add_(b)
      return c.mul(c)
    }
    expect(gradcheck(fn, [x, y])).toBe(true)
    expect(gradgradcheck(fn, [x, y])).toBe(true)
  })
})

describe('modes', () => {
  test('noGrad as a resource ends with its block', () => {
    const x = leaf([1])
    {
      using _ = noGrad()
      expect(x.mul(2).requiresGrad).toBe(false)
      expect(enableGrad(() => x.mul(2)).requiresGrad).toBe(true)
    }
    expect(x.mul(2).requiresGrad).toBe(true)
  })

  test('an async function is refused', () => {
    expect(() => noGrad(async () => 1)).toThrow('noGrad got an async function')
  })
})

describe('hooks', () => {
  test('run before accumulation in order, may replace, and can be removed', () => {
    const x = leaf([1, 2])
    const seen: string[] = []
    const handle = x.registerHook((g) => {
      seen.push('first')
      return g.mul(10)
    })
    x.registerHook(() => void seen.push('second'))
    x.registerPostAccumulateGradHook((p) => void seen.push(`post ${String(p.grad?.tolist())}`))
    x.sum().backward()
    handle.remove()
    expect(seen).toEqual(['first', 'second', 'post 10,10'])
  })

  test('a replacement of another shape is refused', () => {
    const x = leaf([1, 2])
    x.registerHook(function wide() {
      return zeros(3)
    })
    expect(() => x.sum().backward()).toThrow("hook 'wide' has changed the size of value")
  })

  test('retainGrad keeps the gradient of a result', () => {
    const y = leaf([1, 2]).mul(3)
    y.retainGrad()
    y.mul(y).sum().backward()
    expect(y.grad?.tolist()).toEqual([6, 12])
  })
})

describe('custom functions', () => {
  class Cube extends Function {
    static forward(ctx: Context, x: Tensor): Tensor {
      ctx.saveForBackward(x)
      return x.mul(x).mul(x)
    }
    static backward(ctx: Context, g: Tensor): Tensor {
      const [x] = ctx.savedTensors
      return g.mul(x).mul(x).mul(3)
    }
  }

  test('are differentiated by their backward, to any order', () => {
    expect(gradcheck((x) => Cube.apply(x), [f64([1, -2])])).toBe(true)
    expect(gradgradcheck((x) => Cube.apply(x), [f64([1, -2])])).toBe(true)
    expect(Cube.apply(leaf([1])).gradFn?.name).toBe('CubeBackward')
  })

  test('a wrong number or shape of gradients is named', () => {
    class Two extends Function {
      static forward(_: Context, x: Tensor): Tensor {
        return x.mul(1)
      }
      static backward(_: Context, g: Tensor): Tensor[] {
        return [g, g]
      }
    }
    class Wide extends Two {
      static override backward(): Tensor[] {
        return [zeros(5)]
      }
    }
    expect(() =>
      Two.apply(leaf([1, 2, 3]))
        .sum()
        .backward(),
    ).toThrow('function TwoBackward returned an incorrect number of gradients (expected 1, got 2)')
    expect(() =>
      Wide.apply(leaf([1, 2, 3]))
        .sum()
        .backward(),
    ).toThrow(
      'function WideBackward returned an invalid gradient at index 0 - got [5] but expected shape compatible with [3]',
    )
  })
})

test('linear and matmul have right gradients to second order', () => {
  const [x, w, b] = [
    f64([
      [0.1, 0.2, 0.3],
      [0.4, 0.5, 0.6],
    ]),
    f64([
      [1, -1, 0.5],
      [0.3, 2, 1],
    ]),
    f64([0.5, -0.5]),
  ]
  const fn = (x: Tensor, w: Tensor, b: Tensor): Tensor => linear(x, w, b).mul(2)
  expect(gradcheck(fn, [x, w, b])).toBe(true)
  expect(gradgradcheck(fn, [x, w, b])).toBe(true)
})

test('a gradient that the user never read is freed when it is dropped, one that was read is not', () => {
  const x = leaf([1, 2, 3, 4])
  const drop = (): boolean => {
    const { storage } = internals(x).gradSlot!
    internals(x).storeGrad(null)
    return storage.freed
  }
  x.mul(x).sum().backward()
  expect(drop()).toBe(true)
  x.mul(x).sum().backward()
  const seen = x.grad
  expect(drop()).toBe(false)
  expect(seen?.tolist()).toEqual([2, 4, 6, 8])
})

test('backward frees the gradients that it passes through', () => {
  const x = tensor(new Float32Array(4096), { requiresGrad: true })
  const y = x.mul(2).mul(3).mul(4).sum()
  const before = currentBackend().memory().live
  y.backward()
  // only the gradient of the leaf is left: 16 kB
  expect(currentBackend().memory().live - before).toBe(4 * 4096)
})
