/*
 * The type alone: the class has ops for methods and lies above them (fluent/tensor.ts), and whatever lies below sees a
 * tensor through this file.
 */
export type { Tensor } from '../fluent/tensor.ts'
