export { arithmeticOf, vectorBytes, zero } from './arithmetic.ts'
export type { Arithmetic, ComputeType } from './arithmetic.ts'
export { computeTypeOf, elementBytes, elementsOf, elementType, isComputedAsStored } from './elements.ts'
export type { Elements, ElementType } from './elements.ts'
