/** A number as PyTorch prints a float: `1.0`, `0.1`, `1e-05`. */
export function float(x: number): string {
  if (Number.isInteger(x) && Math.abs(x) < 1e16) return `${x}.0`
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf'
  const exponent = Math.floor(Math.log10(Math.abs(x)))
  if (exponent >= -4 && exponent < 16) return String(x)
  const [digits, power] = x.toExponential().split('e')
  const size = Math.abs(Number(power))
  return `${digits}e${Number(power) < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`
}

/** Integers as PyTorch prints a tuple of them: `(3, 3)`, `(4,)`. */
export const tuple = (sizes: readonly number[]): string =>
  sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`

/** `True` or `False`. */
export const bool = (x: boolean): string => (x ? 'True' : 'False')

/** Sizes as PyTorch prints them where it keeps them as they were given: `3` or `(3, 5)`. */
export const sizesText = (sizes: number | readonly number[]): string =>
  typeof sizes === 'number' ? String(sizes) : tuple(sizes)
