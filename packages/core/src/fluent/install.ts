import { MethodForms } from './forms.ts'
import { Methods } from './methods.ts'
import { Tensor } from './tensor.ts'

// gives the class all its methods: an import for its effect, which the entry without them leaves out
for (const { prototype } of [MethodForms, Methods]) {
  const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(prototype)
  Object.defineProperties(Tensor.prototype, methods)
}
