import * as g from 'gradus'
import { describe, expectTypeOf, test } from 'vitest'

describe('what does not compile', () => {
  test('a dtype that there is not', () => {
    // @ts-expect-error float8 is no dtype
    g.zeros(2, { dtype: 'float8' })
  })

  test('a matrix product with a number', () => {
    // @ts-expect-error a product is of tensors
    g.ones(2, 2).matmul(2)
  })

  test('a misspelt option of an optimizer', () => {
    // @ts-expect-error the option is lr
    void new g.optim.SGD([g.ones(1)], { learningRate: 0.1 })
  })

  test('a module called with what its forward does not take', () => {
    const layer = new g.nn.Linear(2, 2)
    // @ts-expect-error forward takes a tensor
    layer('x')
    // @ts-expect-error and needs one
    layer()
  })

  test('a module without forward', () => {
    // @ts-expect-error forward is abstract
    class Nothing extends g.nn.Module {}
    void Nothing
  })

  test('a model made with numbers for layers', () => {
    // @ts-expect-error Sequential takes layers
    void new g.nn.Sequential(1, 2)
  })

  test('an option object where a number is wanted', () => {
    // @ts-expect-error the second argument is outFeatures
    void new g.nn.Linear(2, { outFeatures: 2 })
  })
})

describe('the type of a call is that of forward', () => {
  class Pair extends g.nn.Module {
    forward(x: g.Tensor, scale = 1): [g.Tensor, number] {
      return [x.mul(scale), scale]
    }
  }
  class Twice extends Pair {}

  test('tuples, optional arguments and subclasses included', () => {
    const pair = new Pair()
    expectTypeOf(pair(g.ones(1))).toEqualTypeOf<[g.Tensor, number]>()
    expectTypeOf(new Twice()(g.ones(1), 2)).toEqualTypeOf<[g.Tensor, number]>()
  })
})
