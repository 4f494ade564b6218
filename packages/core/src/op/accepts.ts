import { isFloat, type DType } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'

/** Refuses bool with the given text. */
export const noBool = (what: string) => (dtype: DType) => {
  if (dtype === 'bool') throw new DTypeError(what)
}

/** Refuses bool in PyTorch's words for a kernel that it lacks. */
export const noBoolKernel = (name: string) => noBool(`"${name}" not implemented for 'bool'`)

/** Refuses dtypes that are not floating. */
export const floatsOnly = (name: string) => (dtype: DType) => {
  if (!isFloat(dtype)) throw new DTypeError(`"${name}" not implemented for '${dtype}'`)
}

/** Refuses floating point. */
export const noFloats = (name: string) => (dtype: DType) => {
  if (isFloat(dtype)) throw new DTypeError(`"${name}" not implemented for '${dtype}'`)
}
