/**
 * `x` with `precision` decimals, as Python's `'%.{precision}f'`: the exact binary value, ties to even.
 *
 * @param precision - 0 to 48
 * @example
 * formatFixed(0.03125, 4) // => '0.0312', where toFixed(4) gives '0.0313'
 */
export function formatFixed(x: number, precision: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x)
  const magnitude = Math.abs(x)
  // toFixed turns to exponents there; such a double is an integer
  if (magnitude >= 1e21) {
    return signOf(x) + BigInt(magnitude) + (precision > 0 ? '.' + '0'.repeat(precision) : '')
  }
  const exact = magnitude.toFixed(Math.min(100, 2 * precision + 20))
  const end = exact.indexOf('.') + (precision > 0 ? 1 + precision : 0)
  const rest = exact.slice(precision > 0 ? end : end + 1)
  return (
    signOf(x) + (isTieToEven(exact.slice(0, end), rest) ? exact.slice(0, end) : magnitude.toFixed(precision))
  )
}

/**
 * `x` in scientific notation with `precision` decimals, as Python's `'%.{precision}e'`: ties to even, two
 * digits of exponent.
 *
 * @param precision - 0 to 48
 * @example
 * formatExponent(1e-8, 4) // => '1.0000e-08'
 */
export function formatExponent(x: number, precision: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x)
  const magnitude = Math.abs(x)
  const [exact, exponent] = magnitude.toExponential(Math.min(100, 2 * precision + 50)).split('e')
  const end = precision > 0 ? 2 + precision : 1
  const rest = exact.slice(precision > 0 ? end : 2)
  const [digits, power] = isTieToEven(exact.slice(0, end), rest)
    ? [exact.slice(0, end), exponent]
    : magnitude.toExponential(precision).split('e')
  return `${signOf(x)}${digits}e${power[0]}${power.slice(1).padStart(2, '0')}`
}

/** Whether digits followed by `rest` lie halfway and the even neighbour is below. JavaScript rounds every tie up. */
function isTieToEven(digits: string, rest: string): boolean {
  return /^50*$/.test(rest) && Number(digits[digits.length - 1]) % 2 === 0
}

const signOf = (x: number): string => (x < 0 || Object.is(x, -0) ? '-' : '')

const formatNonFinite = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf')
