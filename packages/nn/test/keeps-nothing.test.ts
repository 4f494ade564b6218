import { Function as CustomFunction, noGrad, requireGrad, type Context } from '@gradus/autograd'
import { ones, randn, setBackend, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  BatchNorm1d,
  Dropout,
  Linear,
  LSTM,
  Module,
  ReLU,
  Sequential,
  Tanh,
  TransformerEncoderLayer,
} from '../src/index.ts'

setBackend(referenceBackend())

/** Every tensor that passed through. */
let seen: Tensor[] = []
beforeEach(() => {
  seen = []
})

/** A layer of the user, which keeps what it is given and what it makes. */
class Keeping extends Module {
  forward(x: Tensor): Tensor {
    const y = x.mul(2)
    seen.push(x, y)
    return y
  }
}

/** A layer of gradus with a forward of the user. */
class KeepingTanh extends Tanh {
  override forward(x: Tensor): Tensor {
    const y = super.forward(x)
    seen.push(x, y)
    return y
  }
}

const readable = () => seen.map((x) => x.sum().item()).every(Number.isFinite)

const live = () => ones(1).storage.backend.memory().live

/** Bytes that stay after a call whose result is small; below this are results, and what no backend counts. */
const small = 4096
const left = (run: () => unknown): number => {
  const before = live()
  run()
  return live() - before
}

describe('a module that keeps nothing', () => {
  test('frees what is between its layers at once where nothing is recorded', () => {
    const model = new Sequential(new Linear(4, 100), new ReLU(), new Tanh(), new Linear(100, 2))
    const x = ones(50, 4)
    expect(left(() => noGrad(() => model(x)))).toBeLessThan(small)
  })

  test('keeps what backward needs, and frees it with backward', () => {
    const model = new Sequential(new Linear(4, 100), new ReLU(), new Tanh(), new Linear(100, 2))
    const x = ones(50, 4)
    expect(left(() => model(x))).toBeGreaterThan(50 * 100 * 4)
    const step = () => {
      model(x).sum().backward()
      model.zeroGrad()
    }
    expect(left(step)).toBeLessThan(small)
  })

  test('gives the gradients that it gave before', () => {
    const model = new Sequential(
      new Linear(4, 8),
      new BatchNorm1d(8),
      new Dropout(0.5),
      new Linear(8, 1),
    ).eval()
    const x = requireGrad(ones(3, 4))
    model(x).sum().backward()
    const [first, , , last] = [...model] as [Linear, BatchNorm1d, Dropout, Linear]
    const scale = 1 / Math.sqrt(1 + 1e-5)
    const expected = last.weight.matmul(first.weight).mul(scale).expand(3, 4)
    expect(x.grad!.sub(expected).abs().max().item()).toBeLessThan(1e-6)
  })

  test('keeps all that a recurrent layer returns, and nothing of its steps', () => {
    const layer = new LSTM(4, 32, { numLayers: 2 })
    const x = ones(16, 4, 4)
    const first = noGrad(() => layer(x))
    const [output, [h, c]] = first
    const step = () => noGrad(() => layer(x))
    // output [16, 4, 32], and two states [2, 4, 32]
    expect(left(step)).toBeLessThan(16 * 4 * 32 * 4 + small)
    expect(output.select(0, 15).equal(h.select(0, 1))).toBe(true)
    expect(Number.isFinite(c.sum().item())).toBe(true)
  })

  test('frees nothing that it was given', () => {
    const x = randn(3, 4)
    const model = new Sequential(new ReLU({ inplace: true }))
    expect(noGrad(() => model(x)).equal(x)).toBe(true)
    expect(new Sequential()(x)).toBe(x)
  })

  test('may be left by an error', () => {
    const model = new Sequential(new Linear(4, 1000), new Linear(4, 8))
    const x = ones(20, 4)
    const failing = () => expect(() => noGrad(() => model(x))).toThrow('cannot be multiplied')
    expect(left(failing)).toBeLessThan(small)
  })
})

describe('what the user may keep is never freed', () => {
  test('in a module of the user between layers of gradus', () => {
    const model = new Sequential(new Linear(4, 8), new Keeping(), new ReLU(), new Linear(8, 1))
    model(ones(2, 4)).sum().backward()
    noGrad(() => model(ones(2, 4)))
    expect(seen).toHaveLength(4)
    expect(readable()).toBe(true)
  })

  test('in a class that gives a layer of gradus another forward', () => {
    const model = new Sequential(new Linear(4, 8), new KeepingTanh(), new Linear(8, 1))
    noGrad(() => model(ones(2, 4)))
    expect(readable()).toBe(true)
  })

  test('in a forward that was put in place of a layer’s', () => {
    const layer = new Tanh()
    const model = new Sequential(new Linear(4, 8), layer, new Linear(8, 1))
    const run = () => noGrad(() => model(ones(2, 4)))
    run()
    const before = layer.forward.bind(layer)
    layer.forward = (x) => {
      seen.push(x)
      return before(x)
    }
    run()
    expect(seen).toHaveLength(1)
    expect(readable()).toBe(true)
  })

  test('in hooks before and after a layer', () => {
    const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 1))
    model.at(1).registerForwardPreHook((_, [x]) => void seen.push(x as Tensor))
    model.at(1).registerForwardHook((_, [x], y) => void seen.push(x as Tensor, y as Tensor))
    model.at(1).registerFullBackwardHook((_, gradsIn, gradsOut) => {
      for (const g of [...gradsIn, ...gradsOut]) if (g) seen.push(g)
    })
    model(ones(2, 4)).sum().backward()
    noGrad(() => model(ones(2, 4)))
    expect(seen.length).toBeGreaterThanOrEqual(8)
    expect(readable()).toBe(true)
  })

  test('in the activation of a transformer layer', () => {
    const layer = new TransformerEncoderLayer(8, 2, {
      dimFeedforward: 16,
      dropout: 0,
      activation: (x) => {
        const y = x.relu()
        seen.push(x, y)
        return y
      },
    })
    layer(ones(3, 1, 8))
      .sum()
      .backward()
    noGrad(() => layer(ones(3, 1, 8)))
    expect(readable()).toBe(true)
  })

  test('in a function of the user', () => {
    class Halve extends CustomFunction {
      static forward(ctx: Context, x: Tensor): Tensor {
        seen.push(x)
        ctx.saveForBackward(x)
        return x.div(2)
      }
      static backward(ctx: Context, g: Tensor): Tensor {
        seen.push(g, ...ctx.savedTensors.filter((x) => x !== null))
        return g.div(2)
      }
    }
    class Halving extends Module {
      forward(x: Tensor): Tensor {
        return Halve.apply(x)
      }
    }
    new Sequential(new Linear(4, 8), new Halving(), new Linear(8, 1))(ones(2, 4)).sum().backward()
    expect(readable()).toBe(true)
  })
})

test('a class of the user may say that it keeps nothing', () => {
  class Wide extends Module {
    static override readonly keepsNothing = true
    layer = new Linear(4, 100)
    forward(x: Tensor): Tensor {
      return this.layer(x).exp().log().sum(1)
    }
  }
  const model = new Wide()
  expect(left(() => noGrad(() => model(ones(50, 4))))).toBeLessThan(small)
})
