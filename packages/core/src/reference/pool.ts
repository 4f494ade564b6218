import type { View, Window } from '../backend/types.ts'
import { categoryOf, dtypeOfNum, iinfo, numOf, type DType } from '../base/dtype.ts'
import { DTypeError } from '../base/errors.ts'
import { dense, denseDoubles, registerOf, storeDense, storeElement, storeIndices } from './access.ts'
import { covered, eachKernelElement, eachRun, windowAxes } from '../backend/window.ts'

function geometry(x: View, out: View, kernel: readonly number[], window: Window) {
  const lead = x.layout.rank - kernel.length
  const axes = windowAxes(x.layout.shape.slice(lead), out.layout.shape.slice(lead), kernel, window)
  const plane = axes[0].length * axes[1].length * axes[2].length
  const outPlane = axes[0].count * axes[1].count * axes[2].count
  const planes = x.layout.shape.slice(0, lead).reduce((a, b) => a * b, 1)
  return { axes, plane, outPlane, planes }
}

/**
 * The largest value of each window and its position in the flat spatial plane: of equals the first, of NaNs the last, as
 * PyTorch. A window of padding alone gives the lowest value of the dtype at position 0.
 */
export function maxPool(x: View, out: View, kernel: readonly number[], window: Window, indices: View): void {
  const { axes, plane, outPlane, planes } = geometry(x, out, kernel, window)
  const [az, ay, ax] = axes
  const values = dense(x)
  const winners = new Float64Array(planes * outPlane)
  for (let p = 0; p < winners.length; p++) {
    const base = Math.floor(p / outPlane) * plane
    const o = p % outPlane
    const oz = Math.floor(o / (ay.count * ax.count))
    const oy = Math.floor(o / ax.count) % ay.count
    const ox = o % ax.count
    let winner = -1
    eachKernelElement(axes, ([kz, ky, kx]) => {
      const z = covered(az, oz, kz)
      const y = covered(ay, oy, ky)
      const x = covered(ax, ox, kx)
      if (z < 0 || y < 0 || x < 0 || z >= az.length || y >= ay.length || x >= ax.length) return
      const at = (z * ay.length + y) * ax.length + x
      const value = values[base + at]
      if (winner < 0 || value > values[base + winner] || value !== value) winner = at
    })
    winners[p] = winner
  }
  const num = numOf(out.dtype)
  const result = registerOf(num, winners.length)
  winners.forEach((winner, p) => {
    const value = winner < 0 ? lowest(x.dtype) : values[Math.floor(p / outPlane) * plane + winner]
    storeElement(result, dtypeOfNum[num], p, value)
  })
  storeDense(result, out)
  storeIndices(
    winners.map((winner) => Math.max(0, winner)),
    indices,
  )
}

const lowest = (dtype: DType): number | bigint => (categoryOf(dtype) === 'int' ? iinfo(dtype).min : -Infinity)

/** `sum` adds each window up; `spread` is its transpose. Both sum in double and round once. */
export function sumPool(
  kind: 'sum' | 'spread',
  x: View,
  out: View,
  kernel: readonly number[],
  window: Window,
): void {
  if (x.dtype === 'int64') throw new DTypeError('pool does not take int64')
  const { axes, plane, outPlane, planes } = geometry(x, out, kernel, window)
  const xs = kind === 'sum' ? denseDoubles(x) : new Float64Array(x.layout.size)
  const os = kind === 'sum' ? new Float64Array(out.layout.size) : denseDoubles(out)
  eachKernelElement(axes, (k) => {
    for (let p = 0; p < planes; p++) {
      eachRun(axes, k, (oAt, xAt, step, n) => {
        const o = p * outPlane + oAt
        const i = p * plane + xAt
        if (kind === 'sum') for (let j = 0; j < n; j++) os[o + j] += xs[i + j * step]
        else for (let j = 0; j < n; j++) xs[i + j * step] += os[o + j]
      })
    }
  })
  if (kind === 'sum') storeDense(os, out)
  else storeDense(xs, x)
}
