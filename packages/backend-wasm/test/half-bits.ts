/** The number that 16 bits stand for. */
export function fromHalf(dtype: 'float16' | 'bfloat16', bits: number): number {
  if (dtype === 'bfloat16') return toFloat(bits << 16)
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** The nearest 16-bit float, ties to even, found by distance to its neighbours: slow and independent of bit tricks. */
export function toHalf(dtype: 'float16' | 'bfloat16', value: number): number {
  const known = found[dtype].get(value)
  // -0 and 0 are one key
  if (known !== undefined && value !== 0) return known
  const bits = nearestHalf(dtype, value)
  found[dtype].set(value, bits)
  return bits
}

const found = { float16: new Map<number, number>(), bfloat16: new Map<number, number>() }

function nearestHalf(dtype: 'float16' | 'bfloat16', value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  const infinity = dtype === 'float16' ? 0x7c00 : 0x7f80
  if (Number.isNaN(value)) return infinity | (dtype === 'float16' ? 0x200 : 0x40)
  let low = 0
  let high = infinity
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (fromHalf(dtype, middle) <= magnitude) low = middle
    else high = middle
  }
  // what infinity stands for when it is rounded to: the number after the largest
  const next = dtype === 'float16' ? 65536 : 2 ** 128
  const above = high === infinity ? next : fromHalf(dtype, high)
  const down = magnitude - fromHalf(dtype, low)
  const up = above - magnitude
  const nearest = down < up || (down === up && low % 2 === 0) ? low : high
  return sign | nearest
}

const word = new DataView(new ArrayBuffer(4))

function toFloat(bits: number): number {
  word.setInt32(0, bits)
  return word.getFloat32(0)
}
