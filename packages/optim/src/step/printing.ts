import type { Group } from './param-group.ts'
import { snake } from './state-dict.ts'

/** The options of a group as PyTorch prints them: sorted, numbers as Python writes them. */
export function describeGroup(group: Group): string {
  const options = Object.entries(group).filter(([key, value]) => key !== 'params' && value !== undefined)
  return options
    .map(([key, value]) => `    ${snake(key)}: ${text(value)}\n`)
    .sort()
    .join('')
}

function text(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return numberText(value)
  if (Array.isArray(value)) {
    const names = value.every((x) => typeof x === 'string')
    return names ? `[${value.map((x) => `'${x}'`).join(', ')}]` : `(${value.map(text).join(', ')})`
  }
  return value === null ? 'None' : String(value)
}

/** A number as Python's `repr` has it: exponents below 1e-4 and from 1e16 on, of two digits. Whole numbers stay whole. */
function numberText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf'
  const [digits, exponent] = x.toExponential().split('e')
  const power = Number(exponent)
  if (x === 0 || (power >= -4 && power < 16)) return String(x)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
