import type { Tensor } from '@gradus/core'
import { expectTypeOf, test } from 'vitest'
import type { Linear, Sequential } from '../src/index.ts'
import { Module, type Layer } from '../src/index.ts'

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
