import {
  asStrided,
  ones,
  scatterReduce_,
  setBackend,
  setTape,
  tensor,
  tensorSplit,
  zeros,
  type Tensor,
} from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import {
  Function,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  requireGrad,
  tape,
  type Context,
} from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

const leaf = (...shape: number[]): Tensor => requireGrad(ones(shape))

describe('a write to a view', () => {
  test('is followed when the view itself is read', () => {
    const x = leaf(2, 3)
    const y = x.mul(2).view([3, 2])
    y.mul_(3)
    y.sum().backward()
    expect(x.grad?.tolist()).toEqual([
      [6, 6, 6],
      [6, 6, 6],
    ])
  })

  test('is followed when another view is read that took part in it', () => {
    const x = leaf(4)
    const y = x.mul(2)
    const [all, first] = [y.view([4]), y.slice(0, 2)]
    first.mul_(all.slice(2, 4))
    all.sum().backward()
    // y₀y₂ + y₁y₃ + y₂ + y₃ at y = 2
    expect(x.grad?.tolist()).toEqual([4, 4, 6, 6])
  })

  test('of a base with gaps goes to the right elements', () => {
    const w = leaf(2)
    const base = zeros(6).slice(0, 6, { step: 2 }).detach()
    base.slice(1, 3).copy_(w)
    base
      .mul(tensor([1, 20, 200]))
      .sum()
      .backward()
    expect(w.grad?.tolist()).toEqual([20, 200])
  })

  test('of a base in column order goes to the right elements', () => {
    const w = leaf(2)
    const base = zeros(3, 2).t().detach()
    base.select(0, 1).slice(0, 2).copy_(w)
    base
      .mul(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      )
      .sum()
      .backward()
    expect(w.grad?.tolist()).toEqual([4, 5])
  })

  test('is refused where the elements of the base share memory', () => {
    const base = zeros(1).expand([3]).detach()
    expect(() => base.select(0, 0).copy_(leaf())).toThrow(
      'more than one element of the written-to tensor refers to a single memory location',
    )
  })

  test('has right second derivatives, on a base with gaps too', () => {
    const x = tensor([0.3, -1.2, 2], { dtype: 'float64', requiresGrad: true })
    const fn = (x: Tensor): Tensor => {
      const base = zeros(6, { dtype: 'float64' }).slice(0, 6, { step: 2 }).detach()
      base.copy_(x.mul(x))
      const part = base.slice(1)
      part.mul_(base.slice(0, 2))
      return part.mul(base.slice(0, 2)).exp()
    }
    expect(gradcheck(fn, [x])).toBe(true)
    expect(gradgradcheck(fn, [x])).toBe(true)
  })

  test('through a view that a constant took part in leaves the constant one', () => {
    const x = tensor([3], { dtype: 'float64', requiresGrad: true })
    // y · stop(y): the first derivative is stop(y), the second 0
    const fn = (x: Tensor): Tensor => {
      const y = x.mul(1)
      return y.mul_(y.detach())
    }
    const z = fn(x)
    z.backward(null, { createGraph: true })
    expect(x.grad?.tolist()).toEqual([3])
    expect(x.grad?.requiresGrad).toBe(false)
  })

  test('under noGrad is the identity to gradients', () => {
    const x = leaf(3)
    const y = x.mul(2)
    const v = y.view([3])
    noGrad(() => v.mul_(5))
    v.sum().add(y.sum()).backward()
    expect(x.grad?.tolist()).toEqual([4, 4, 4])
  })

  test('whose base was given other memory changes the view alone', () => {
    const x = leaf(3)
    const y = x.mul(2)
    const v = y.view([3])
    y.data = zeros(2)
    v.mul_(5)
    v.sum().backward()
    expect([v.tolist(), y.tolist(), x.grad?.tolist()]).toEqual([
      [10, 10, 10],
      [0, 0],
      [10, 10, 10],
    ])
  })
})

describe('retainGrad() and hooks', () => {
  test('a view that is written retains the gradient of its new value', () => {
    const x = leaf(3)
    const v = x.mul(2).view([3])
    v.retainGrad()
    v.mul_(3)
    v.mul(v).sum().backward()
    expect([v.grad?.tolist(), x.grad?.tolist()]).toEqual([
      [12, 12, 12],
      [72, 72, 72],
    ])
  })

  test('a view whose base is written retains the gradient of its new value', () => {
    const y = leaf(3).mul(2)
    const v = y.view([3])
    v.retainGrad()
    y.mul_(3)
    v.mul(v).sum().backward()
    expect(v.grad?.tolist()).toEqual([12, 12, 12])
  })

  test('a hook on a view sees, once, the gradient of the value before the write', () => {
    const x = leaf(3)
    const y = x.mul(2)
    const v = y.slice(0, 2)
    const seen: unknown[] = []
    v.registerHook((g) => {
      seen.push(g.tolist())
      return g.mul(10)
    })
    const early = v.mul(7).sum()
    v.mul_(3)
    early.add(y.sum()).backward()
    expect(seen).toEqual([[10, 10]])
    expect(x.grad?.tolist()).toEqual([200, 200, 2])
  })
})

describe('refused', () => {
  test('a write to one of several views', () => {
    const y = leaf(2, 2).mul(1)
    expect(() => y.unbind()[0].mul_(2)).toThrow(
      'Output 0 of Unbind is a view and is being modified inplace. This view is the output of a function that returns multiple views.',
    )
  })

  test('but such a view is read after its base was written', () => {
    const x = leaf(2, 2)
    const y = x.mul(1)
    const [first] = y.unbind()
    y.mul_(3)
    first.sum().backward()
    expect(x.grad?.tolist()).toEqual([
      [3, 3],
      [0, 0],
    ])
  })

  test('a write to a leaf through a view made before it was one, or under noGrad', () => {
    const x = zeros(3)
    const v = x.view([3])
    x.requiresGrad_()
    expect(() => v.add_(1)).toThrow(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    )
    expect(() => noGrad(() => x.view([3])).add_(1)).toThrow('A view was created in no_grad mode and is being')
    expect(() => zeros(3).view([3]).requiresGrad_().add_(1)).toThrow('a view of a leaf Variable')
    expect(x.tolist()).toEqual([0, 0, 0])
  })

  test('a read of a view made under noGrad once its base was written with recording on', () => {
    const y = leaf(3).mul(2)
    const v = noGrad(() => y.view([3]))
    expect(v.mul(2).requiresGrad).toBe(false)
    noGrad(() => y.add_(1))
    expect(v.mul(2).requiresGrad).toBe(false)
    y.add_(1)
    expect(() => v.mul(2)).toThrow(
      'A view was created in no_grad mode and its base or another view of its base has been modified inplace',
    )
    expect(noGrad(() => v.mul(2)).requiresGrad).toBe(false)
  })

  test('but a view made under noGrad of a tensor without history may be written', () => {
    const w = leaf(3)
    const y = zeros(3)
    const v = noGrad(() => y.view([3]))
    v.copy_(w)
    y.sum().add(v.sum()).backward()
    expect(w.grad?.tolist()).toEqual([2, 2, 2])
  })
})

describe('custom functions', () => {
  class Scale extends Function {
    static forward(ctx: Context, x: Tensor): Tensor {
      ctx.markDirty(x)
      return x.mul_(5)
    }
    static backward(_: Context, g: Tensor): Tensor {
      return g.mul(5)
    }
  }
  class Same extends Function {
    static forward(_: Context, x: Tensor): Tensor {
      return x
    }
    static backward(_: Context, g: Tensor): Tensor {
      return g.mul(100)
    }
  }

  test('that write a view give its base the right history', () => {
    const x = leaf(4)
    const y = x.mul(2)
    const v = y.slice(1, 3)
    Scale.apply(v)
    y.sum().add(v.sum()).backward()
    expect(x.grad?.tolist()).toEqual([2, 20, 20, 2])
  })

  test('that write something else than their arguments and results are refused', () => {
    class Lost extends Scale {
      static override forward(ctx: Context, x: Tensor): Tensor {
        ctx.markDirty(x)
        return x.mul(5)
      }
    }
    expect(() => Lost.apply(leaf(2).mul(1))).toThrow(
      'marked as dirty during the forward method were not returned',
    )
    expect(() => Scale.apply(leaf(2))).toThrow('a leaf Variable that requires grad')
  })

  test('whose result is their argument do not let it be written', () => {
    const x = leaf(2).mul(1)
    const y = Same.apply(x)
    expect(() => y.mul_(2)).toThrow(
      'Output 0 of Same is a view and is being modified inplace. This view was created inside a custom Function',
    )
    x.mul_(2)
    expect(() => y.sum()).toThrow(
      'its base or another view of its base has been modified inplace. This view was created inside',
    )
  })

  test('whose result is a view of what they made let it be written', () => {
    class Reshaped extends Same {
      static override forward(_: Context, x: Tensor): Tensor {
        return x.mul(100).view([2, 1])
      }
      static override backward(_: Context, g: Tensor): Tensor {
        return g.view([2]).mul(100)
      }
    }
    const x = leaf(2)
    Reshaped.apply(x).mul_(2).sum().backward()
    expect(x.grad?.tolist()).toEqual([200, 200])
  })
})

test('a written view of asStrided goes to the elements it reaches', () => {
  const x = leaf(6)
  const y = x.mul(1)
  const v = asStrided(y, [2, 2], [3, 1], 1)
  v.mul_(4)
  v.sum().add(y.sum()).backward()
  expect(x.grad?.tolist()).toEqual([1, 8, 8, 1, 8, 8])
})

describe('goes on as in PyTorch', () => {
  test('any() and all() of a tensor that requires a gradient', () => {
    expect([leaf(2).any().item(), leaf(2).all().requiresGrad]).toEqual([true, false])
  })

  test('a write to a part of tensorSplit', () => {
    const x = leaf(5)
    const y = x.mul(1)
    tensorSplit(y, 2)[1].mul_(3)
    y.sum().backward()
    expect(x.grad?.tolist()).toEqual([1, 1, 1, 3, 3])
  })

  test('scatterReduce_ by maximum', () => {
    const x = requireGrad(tensor([1, 5]))
    const y = x.mul(1)
    const src = requireGrad(tensor([3, 4]))
    scatterReduce_(y, 0, tensor([0, 1], { dtype: 'int32' }), src, 'amax')
    y.sum().backward()
    expect([x.grad?.tolist(), src.grad?.tolist()]).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('a quotient that is written after its use', () => {
    const [x, y] = [leaf(2), leaf(2)]
    const z = x.div(y)
    z.add_(1)
    z.sum().backward()
    expect(y.grad?.tolist()).toEqual([-1, -1])
  })
})

test('grad() runs no rule of an input that was not asked for', () => {
  const [x, w] = [leaf(2), leaf(2)]
  const [a, b] = [x.mul(2), w.mul(3)]
  const z = a.mul(b)
  // the rule of w alone reads what is overwritten here
  noGrad(() => a.zero_())
  expect(grad(z.sum(), x, { retainGraph: true })[0]?.tolist()).toEqual([6, 6])
  expect(() => grad(z.sum(), w)).toThrow('modified by an inplace operation')
})
