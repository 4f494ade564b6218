import { isDType, ones, TensorError } from '@gradus/core'
import { readGolden } from './files.ts'
import { resolveOp } from './registry.ts'

/** A call that PyTorch refuses, and its error; null where it accepts the call after all. */
export interface ErrorCase {
  readonly op: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly err: readonly [kind: string, message: string] | null
}

/** All refused calls. */
export const readErrors = (): ErrorCase[] => readGolden<ErrorCase[]>('errors.json')

// functions that take numbers where PyTorch takes tensors too, from this argument on
const numbersFrom: Readonly<Record<string, number>> = { linspace: 0, logspace: 0, narrow: 1 }

const isTensor = (value: unknown): boolean => typeof value === 'object' && value !== null && 'shape' in value

/** Why a case has no counterpart in gradus, or null. */
export function unlike({ op, kwargs, args, err }: ErrorCase): string | null {
  const text = JSON.stringify([args, kwargs])
  if (err && /element < 0|sum of probabilities|entry < 0|cannot be negative/.test(err[1])) {
    return 'the values that are refused are not in the file'
  }
  if (op === 'nn.functional.max_unpool1d' && err?.[1].includes('indices')) {
    return 'PyTorch names the shapes with the axis that it adds'
  }
  if ('out' in kwargs) return 'gradus has no out='
  if (err?.[0] === 'TypeError' || (numbersFrom[op] ?? Infinity) <= args.findLastIndex(isTensor))
    return 'the types of TypeScript forbid the call'
  if (text.includes('complex')) return 'gradus has no complex dtypes'
  if (text.includes('sparse')) return 'gradus has no sparse layouts'
  if (!text.includes('shape') && /^__r\w+__$/.test(op)) return "operators of plain numbers are JavaScript's"
  return err?.[1].includes('devices cpu and meta') ? 'gradus has no devices' : null
}

/** The first line of the error that a call throws, null if none, undefined where the operator is absent. */
export function messageOf({ op, args, kwargs }: ErrorCase): string | null | undefined {
  const call = resolveOp({ name: op, op })
  if (call === null) return undefined
  try {
    call(args.map(argument), Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, argument(v)])))
    return null
  } catch (error) {
    if (error instanceof TensorError) return error.what
    throw error
  }
}

function argument(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^torch\./, '')
  if (Array.isArray(value)) return value.map(argument)
  if (typeof value !== 'object' || value === null) return value
  // tensors stand as their shape and dtype; the refusals do not depend on values
  const { shape, dtype } = value as { shape: number[]; dtype: string }
  if (!isDType(dtype)) throw new Error(`no dtype ${dtype}`)
  return ones(shape, { dtype })
}

const dtypeNames: Readonly<Record<string, string>> = {
  Half: 'float16',
  BFloat16: 'bfloat16',
  Float: 'float32',
  float: 'float32',
  Double: 'float64',
  double: 'float64',
  Bool: 'bool',
  Byte: 'uint8',
  Char: 'int8',
  Short: 'int16',
  Int: 'int32',
  Long: 'int64',
  'long int': 'int64',
  int64_t: 'int64',
}

/**
 * An error's first line with what the two languages name differently named alike: dtypes, snake_case, `None`, `torch.Size` and `torch.`,
 * the kinds of tensors that gradus has not, and spaces. Nothing else is forgiven.
 */
export const normalised = (message: string): string =>
  message
    .split('\n')[0]
    .replace(
      /\b(long int|int64_t|BFloat16|Half|Float|float|Double|double|Bool|Byte|Char|Short|Int|Long)\b/g,
      (n) => dtypeNames[n],
    )
    .replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1')
    .replace(/\btorch\./g, '')
    .replace(/\(sparse_coo\)|\w+Tensor\{(\[[^\]]*\])\}/g, '$1')
    .replace(/\bNone\b/g, 'null')
    .replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase())
    .replace(/\s+/g, ' ')
    .trim()
