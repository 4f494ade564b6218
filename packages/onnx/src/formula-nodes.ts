import { ValueError, type DType, type Tensor } from '@gradus/core'
import { dtypeOfNum, type Binary, type Expr, type Num, type Unary } from '@gradus/core/backend'
import type { FormulaOf } from '@gradus/core/internal'
import type { Graph } from './graph.ts'
import { dataTypes, type TracedCall } from './traced-call.ts'

/** Functions that ONNX has under one name. */
const named: Partial<Record<Unary | Binary, string>> = {
  neg: 'Neg', abs: 'Abs', sign: 'Sign', floor: 'Floor', ceil: 'Ceil', round: 'Round', sqrt: 'Sqrt', exp: 'Exp', log: 'Log',
  sin: 'Sin', cos: 'Cos', tan: 'Tan', asin: 'Asin', acos: 'Acos', atan: 'Atan', sinh: 'Sinh', cosh: 'Cosh', tanh: 'Tanh',
  asinh: 'Asinh', acosh: 'Acosh', atanh: 'Atanh', erf: 'Erf',
  add: 'Add', sub: 'Sub', mul: 'Mul', div: 'Div', pow: 'Pow', max: 'Max', min: 'Min', eq: 'Equal', lt: 'Less', le: 'LessOrEqual',
  gt: 'Greater', ge: 'GreaterOrEqual',
} // prettier-ignore

/** Those that are made of others: `number` makes a constant of their type. */
const composed: Partial<Record<Unary | Binary, (add: Graph['add'], args: readonly string[], number: (x: number) => string) => string>> = {
  rsqrt: (add, [x]) => add('Reciprocal', [add('Sqrt', [x])]),
  exp2: (add, [x], number) => add('Pow', [number(2), x]),
  log2: (add, [x], number) => add('Div', [add('Log', [x]), number(Math.LN2)]),
  log10: (add, [x], number) => add('Div', [add('Log', [x]), number(Math.LN10)]),
  // tanh(x / 2) · (eˣ + 1), which keeps the digits of a small x
  expm1: (add, [x], number) =>
    add('Mul', [add('Tanh', [add('Mul', [x, number(0.5)])]), add('Add', [add('Exp', [x]), number(1)])]),
  // 2 · atanh(x / (2 + x)) for a small x
  log1p: (add, [x], number) => {
    const small = add('Atanh', [add('Div', [x, add('Add', [x, number(2)])])])
    const isSmall = add('Less', [add('Abs', [x]), number(0.5)])
    return add('Where', [isSmall, add('Mul', [small, number(2)]), add('Log', [add('Add', [x, number(1)])])])
  },
  erfc: (add, [x], number) => add('Sub', [number(1), add('Erf', [x])]),
  trunc: (add, [x]) => add('Mul', [add('Sign', [x]), add('Floor', [add('Abs', [x])])]),
  ne: (add, args) => add('Not', [add('Equal', args)]),
  floordiv: (add, args) => add('Floor', [add('Div', args)]),
  remainder: (add, [x, y]) => add('Sub', [x, add('Mul', [add('Floor', [add('Div', [x, y])]), y])]),
  fmod: (add, args) => add('Mod', args, { fmod: 1 }),
  fmax: (add, [x, y]) => add('Where', [add('IsNaN', [x]), y, add('Where', [add('IsNaN', [y]), x, add('Max', [x, y])])]),
  fmin: (add, [x, y]) => add('Where', [add('IsNaN', [x]), y, add('Where', [add('IsNaN', [y]), x, add('Min', [x, y])])]),
} // prettier-ignore

const logical: Partial<Record<Unary | Binary, string>> = { not: 'Not', and: 'And', or: 'Or', xor: 'Xor' }
const floats: ReadonlySet<Num> = new Set(['f32', 'f64'])
/** Rounded by their definition, where ONNX's division of integers is another. */
const ofFloats: ReadonlySet<string> = new Set([
  'floordiv',
  'remainder',
  'fmax',
  'fmin',
  'trunc',
  'floor',
  'ceil',
  'round',
])

/**
 * A pointwise call as nodes, by the formula of its op.
 *
 * @returns the name of its result
 * @throws ValueError naming a function that ONNX has not
 */
export function formulaNodes(graph: Graph, call: TracedCall, { program, tensors, dtype }: FormulaOf): string {
  const coefficients = call.attrs as readonly number[] // those of a pointwise call
  const numbers = [...call.inputs.flatMap((x) => (typeof x === 'object' ? [] : [Number(x)])), ...coefficients]
  const add = graph.add.bind(graph)
  const cast = (name: string, from: DType, to: DType): string =>
    from === to ? name : add('Cast', [name], { to: dataTypes[to] })
  const done = new Map<Expr, string>()

  const functionOf = (op: Unary | Binary, args: readonly string[], type: Num): string => {
    const isBool = type === 'bool'
    const direct = isBool ? (logical[op] ?? (op === 'eq' ? 'Equal' : undefined)) : named[op]
    if (direct !== undefined && (floats.has(type) || !ofFloats.has(op))) return add(direct, args)
    if (isBool && op === 'ne') return add('Xor', args)
    const made = isBool || (!floats.has(type) && ofFloats.has(op)) ? undefined : composed[op]
    if (made) return made(add, args, (x) => graph.scalar(x, dtypeOfNum[type]))
    throw new ValueError(`${op} of ${dtypeOfNum[type]} has no form in ONNX here`)
  }
  const make = (e: Expr): string => {
    const to = dtypeOfNum[e.type]
    switch (e.op) {
      case 'input': {
        const x = call.inputs[tensors[e.i]] as Tensor // the program's inputs are the tensors among the operands
        return cast(graph.nameOf(x), x.dtype, to)
      }
      case 'param':
        return graph.scalar(numbers[e.i], to)
      case 'const':
        return graph.scalar(Number(e.value), to)
      case 'where':
        return add('Where', [nodeOf(e.c), nodeOf(e.x), nodeOf(e.y)])
      case 'cast':
        return cast(nodeOf(e.x), dtypeOfNum[e.x.type], to)
      case 'reduced':
      case 'index':
      case 'size':
        throw new ValueError('a formula that depends on positions has no form in ONNX here')
    }
    if ('to' in e) return cast(cast(nodeOf(e.x), to, e.to), e.to, to)
    return 'y' in e
      ? functionOf(e.op, [nodeOf(e.x), nodeOf(e.y)], e.x.type)
      : functionOf(e.op, [nodeOf(e.x)], e.type)
  }
  const nodeOf = (e: Expr): string => {
    let name = done.get(e)
    if (name === undefined) done.set(e, (name = make(e)))
    return name
  }
  const { value } = program.outputs[0]
  return cast(nodeOf(value), dtypeOfNum[value.type], dtype)
}
