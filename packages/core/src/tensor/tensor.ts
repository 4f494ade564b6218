/*
 * The type alone. The class has ops for methods and lies above them (fluent/tensor.ts). The files below the class see a
 * tensor through this file.
 */
export type { Tensor } from '../fluent/tensor.ts'
