import { ofAnotherCopy } from './copy.ts'

/**
 * A value as errors name it: `2.5`, `'sum'`, `null`, `an array of 3`, `a Linear`. Never long, whatever the value.
 */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return 'a symbol'
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value)
  if (Array.isArray(value)) {
    const short = value.length <= 6 && value.every((x) => typeof x !== 'object' && typeof x !== 'function')
    return short ? `[${value.map(describeValue).join(', ')}]` : `an array of ${value.length}`
  }
  // a tensor, recognised by what it has: tensors come later than this file
  if ('layout' in value && 'dtype' in value && 'shape' in value && Array.isArray(value.shape))
    return `a tensor ${String(value.dtype)}[${value.shape.join(', ')}]${ofAnotherCopy(value)}`
  // a module is a function whose constructor is its class
  const name: unknown = value.constructor?.name
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object'
  return name === 'Function' || name === 'AsyncFunction' ? 'a function' : `a ${name}`
}
