import type { Tensor } from '@gradus/core'
import { expectTypeOf, test } from 'vitest'
import { Module, Sequential, type Layer, type Linear, type ReLU } from '../src/index.ts'

class Masked extends Module {
  forward(x: Tensor, mask?: Tensor | null): [Tensor, number] {
    return [mask ? x.mul(mask) : x, 1]
  }
}

class Narrower extends Masked {
  override forward(x: Tensor): [Tensor, number] {
    return super.forward(x, null)
  }
}

test('a module is called with the arguments of its forward, optional ones included', () => {
  expectTypeOf<Masked>().toBeCallableWith({} as Tensor)
  expectTypeOf<Masked>().toBeCallableWith({} as Tensor, null)
  expectTypeOf<ReturnType<Masked['forward']>>().toEqualTypeOf<[Tensor, number]>()
  expectTypeOf((model: Masked, x: Tensor) => model(x)).returns.toEqualTypeOf<[Tensor, number]>()
})

test('a subclass is called with the arguments of its own forward', () => {
  expectTypeOf((model: Narrower, x: Tensor) => model(x)).returns.toEqualTypeOf<[Tensor, number]>()
  // @ts-expect-error forward of the subclass takes one argument
  expectTypeOf((model: Narrower, x: Tensor) => model(x, null)).toBeFunction()
})

test('layers of a sequential go from a tensor to a tensor', () => {
  expectTypeOf<Linear>().toExtend<Layer>()
  expectTypeOf<Sequential>().toExtend<Layer>()
  expectTypeOf<Masked>().not.toExtend<Layer>()
})

test('a sequential knows its layers one by one, or by name', () => {
  const net = (linear: Linear, relu: ReLU) => new Sequential(linear, relu)
  expectTypeOf(net).returns.toExtend<Sequential>()
  expectTypeOf(net).returns.toExtend<Layer>()
  expectTypeOf((x: ReturnType<typeof net>) => x[0].inFeatures).returns.toBeNumber()
  expectTypeOf((x: ReturnType<typeof net>) => x[1]).returns.toEqualTypeOf<ReLU>()
  // @ts-expect-error an activation has no weight
  void ((x: ReturnType<typeof net>) => x[1].weight)
  expectTypeOf((fc: Linear) => new Sequential({ fc }).fc).returns.toEqualTypeOf<Linear>()
  expectTypeOf((fc: Linear) => new Sequential(fc)[0]).returns.toEqualTypeOf<Linear>()
  expectTypeOf((layers: Layer[]) => new Sequential(...layers)[3]).returns.toEqualTypeOf<Layer>()
})

test('a class may extend a sequential', () => {
  class Net extends Sequential {
    constructor(linear: Linear) {
      super(linear, linear)
    }
  }
  expectTypeOf<Net>().toExtend<Layer>()
  expectTypeOf<Net>().toExtend<Sequential>()
})
