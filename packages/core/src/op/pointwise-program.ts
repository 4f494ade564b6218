import { canCast, dtypeOfNum, isFloat, numOf, resultType, type DType, type Num } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'
import { convert, input, param, roundTo, type Expr } from '../program/expr.ts'
import { Program } from '../program/program.ts'
import { operandOf, type Operand } from './operands.ts'
import type { FormulaOf } from './declaration.ts'
import type { PointwiseForm } from './pointwise-form.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The program of a pointwise op for operands of these dtypes, numbers as params.
 *
 * @throws DTypeError where the op refuses the dtype, or cannot write its result in place
 */
export function variantFor(form: PointwiseForm, operands: readonly Operand[], inplace: boolean): FormulaOf {
  const { compute, dtype } = dtypesOf(form, operands, inplace)
  const num = numOf(compute)
  const used = form.reads(num, dtypeOfNum[num])
  const inputs: { dtype: DType; over: 'all' }[] = []
  const tensors: number[] = []
  const params: Num[] = []
  const number = (type: Num): Expr => {
    params.push(type)
    return param(params.length - 1, type)
  }
  const terms = operands.map((x, i): Expr => {
    const type = form.conditions[i] ? 'bool' : num
    if (typeof x !== 'object') return number(type)
    // an operand that the formula does not read is no operand of the program: `copy_` reads only its source
    if (!used.has(i)) return input(i, type)
    tensors.push(i)
    inputs.push({ dtype: x.dtype, over: 'all' })
    const value = convert(input(inputs.length - 1, numOf(x.dtype)), type)
    // an operand of another dtype is first rounded to the dtype the op runs in
    return form.conditions[i] || x.dtype === compute || compute === 'float64'
      ? value
      : rounded(value, x.dtype, compute)
  })
  const coefficients = Array.from({ length: form.spec.params ?? 0 }, () => number(num))
  const value = form.formula(...terms, ...coefficients)
  const program = new Program({
    inputs,
    params,
    outputs: [{ dtype, value: convert(value, numOf(dtype)), over: 'all' }],
    checks: form.spec.checks?.(terms, compute) ?? [],
  })
  return { program, dtype, tensors }
}

/** The dtype that the op is computed in, and that of its result. */
function dtypesOf(
  { name, spec, conditions }: PointwiseForm,
  operands: readonly Operand[],
  inplace: boolean,
): { compute: DType; dtype: DType } {
  const promoted = resultType(operands.flatMap((x, i) => (conditions[i] ? [] : [operandOf(x)])))
  const compute = spec.result === 'float' && !isFloat(promoted) ? 'float32' : promoted
  spec.accept?.(compute)
  const first = operands[0] as Tensor // only looked at for `first` and in place, where operand 0 is a tensor
  const natural = spec.result === 'bool' ? 'bool' : spec.result === 'first' ? first.dtype : compute
  if (inplace && !canCast(natural, first.dtype)) {
    throw new DTypeError(`result type ${natural} can't be cast to the desired output type ${first.dtype}`, {
      hint: `use ${name}() and keep its result, or convert with .to('${natural}') first`,
    })
  }
  return { compute, dtype: inplace ? first.dtype : natural }
}

const rounded = (value: Expr, from: DType, to: DType): Expr =>
  numOf(to) === 'f32' && to === 'float32' && numOf(from) !== 'f64' ? value : roundTo(value, to)
