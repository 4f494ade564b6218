import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from './tensor.ts'

const methods: Readonly<Record<string, string>> = {
  number: 'x.neg(), x.sub(y), x.mul(y), x.div(y), x.lt(y)',
  default: 'x.add(y), x.eq(y)',
}

/**
 * A tensor among the operands of one of JavaScript's operators, which know numbers and text alone.
 *
 * @param hint - `number` of `-x` and `x * 2`; `default` of `x + y`, where `y` may be text
 * @throws TypeError where the number would leave the graph, or stand for several elements
 */
export function primitiveOf(x: Tensor, hint: string): number | string {
  if (x.requiresGrad)
    throw refusal(x, hint, 'a tensor that requires a gradient', 'the gradient would be lost')
  if (x.numel() === 1) return Number(x.item())
  // `'' + x` cannot be told from `x + 1`: text serves both
  if (hint === 'default') return x.toString()
  throw refusal(x, hint, `a tensor of ${x.numel()} elements`, 'it is not one number')
}

const refusal = (x: Tensor, hint: string, what: string, why: string): ArgumentError =>
  new ArgumentError(`an operator of JavaScript was given ${what}: ${why}`, {
    where: `an expression with ${x.dtype}[${x.shape.join(', ')}]`,
    hint: `use ${methods[hint] ?? methods['number']}; x.item() is the number of one element, \`\${x}\` the text`,
  })
