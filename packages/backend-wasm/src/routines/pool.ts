import {
  categoryOf, covered, DTypeError, dtypeOfNum, eachKernelElement, eachRun, iinfo, numOf, windowAxes,
} from '@gradus/core/backend' // prettier-ignore
import type { DType, TypedArray, View, Window, WindowAxis } from '@gradus/core/backend'
import type { Staging } from './staging.ts'

type Axes = readonly [WindowAxis, WindowAxis, WindowAxis]

function geometry(x: View, out: View, kernel: readonly number[], window: Window) {
  const lead = x.layout.rank - kernel.length
  const axes = windowAxes(x.layout.shape.slice(lead), out.layout.shape.slice(lead), kernel, window)
  const plane = axes[0].length * axes[1].length * axes[2].length
  const outPlane = axes[0].count * axes[1].count * axes[2].count
  const planes = x.layout.shape.slice(0, lead).reduce((a, b) => a * b, 1)
  return { axes, plane, outPlane, planes }
}

/** The largest value of each window and its position in the plane: of equals the first, of NaNs the last. */
export function maxPool(staging: Staging, x: View, out: View, kernel: readonly number[], window: Window, indices: View): void {
  const { axes, plane, outPlane, planes } = geometry(x, out, kernel, window)
  const dtype = dtypeOfNum[numOf(x.dtype)]
  const from = staging.read(x, dtype)
  const to = staging.write(out, dtype)
  const at = staging.write(indices, 'int32')
  const values = staging.array(from, dtype, planes * plane)
  const result = staging.array(to, dtype, planes * outPlane)
  const positions = staging.array(at, 'int32', planes * outPlane)
  const lowest = categoryOf(x.dtype) === 'int' ? iinfo(x.dtype).min : -Infinity
  for (let p = 0; p < planes; p++) {
    maxOfPlane(axes, values.subarray(p * plane, (p + 1) * plane), result, positions, p * outPlane, lowestOf(dtype, lowest))
  }
  staging.finish()
}

const lowestOf = (dtype: DType, lowest: number | bigint): number | bigint => (dtype === 'int64' ? lowest : Number(lowest))

function maxOfPlane(
  [z, y, x]: Axes,
  values: TypedArray,
  result: TypedArray,
  positions: TypedArray,
  first: number,
  lowest: number | bigint,
): void {
  let p = first
  for (let oz = 0; oz < z.count; oz++) {
    for (let oy = 0; oy < y.count; oy++) {
      for (let ox = 0; ox < x.count; ox++) {
        let winner = -1
        let best = lowest
        for (let kz = 0; kz < z.kernel; kz++) {
          const iz = covered(z, oz, kz)
          if (iz < 0 || iz >= z.length) continue
          for (let ky = 0; ky < y.kernel; ky++) {
            const iy = covered(y, oy, ky)
            if (iy < 0 || iy >= y.length) continue
            const row = (iz * y.length + iy) * x.length
            for (let kx = 0; kx < x.kernel; kx++) {
              const ix = covered(x, ox, kx)
              if (ix < 0 || ix >= x.length) continue
              const value = values[row + ix]
              if (winner < 0 || value > best || value !== value) {
                winner = row + ix
                best = value
              }
            }
          }
        }
        result[p] = best
        positions[p++] = Math.max(0, winner)
      }
    }
  }
}

/** `sum` adds each window up; `spread` is its transpose. Both sum in double and round once. */
export function sumPool(
  staging: Staging,
  kind: 'sum' | 'spread',
  x: View,
  out: View,
  kernel: readonly number[],
  window: Window,
): void {
  if (x.dtype === 'int64') throw new DTypeError('pool does not take int64')
  const { axes, plane, outPlane, planes } = geometry(x, out, kernel, window)
  const [source, target] = kind === 'sum' ? [x, out] : [out, x]
  const from = staging.read(source, 'float64')
  const to = staging.write(target, 'float64')
  const read = staging.array(from, 'float64', source.layout.size)
  const written = staging.array(to, 'float64', target.layout.size)
  if (!(read instanceof Float64Array && written instanceof Float64Array)) return
  written.fill(0)
  eachKernelElement(axes, (k) => {
    for (let p = 0; p < planes; p++) {
      eachRun(axes, k, (oAt, xAt, step, n) => {
        const o = p * outPlane + oAt
        const i = p * plane + xAt
        if (kind === 'sum') for (let j = 0; j < n; j++) written[o + j] += read[i + j * step]
        else for (let j = 0; j < n; j++) written[i + j * step] += read[o + j]
      })
    }
  })
  staging.finish()
}
