import type { Window } from './types.ts'
import { ShapeError } from '../base/errors.ts'

/** One axis that windows slide along: `length` positions, `count` windows of `kernel` of them. */
export interface WindowAxis {
  readonly length: number
  readonly count: number
  readonly kernel: number
  readonly stride: number
  readonly padding: number
  readonly dilation: number
}

const point: WindowAxis = { length: 1, count: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 }

/** The spatial axes as three: missing ones are single points in front. */
export function windowAxes(
  lengths: readonly number[],
  counts: readonly number[],
  kernel: readonly number[],
  window: Window,
): [WindowAxis, WindowAxis, WindowAxis] {
  const axes = kernel.map((size, i) => ({
    length: lengths[i],
    count: counts[i],
    kernel: size,
    stride: window.stride[i],
    padding: window.padding[i],
    dilation: window.dilation[i],
  }))
  if (axes.length > 3) throw new ShapeError(`windows have 1 to 3 spatial axes, got ${axes.length}`)
  const at = (i: number): WindowAxis => axes[axes.length - 3 + i] ?? point
  return [at(0), at(1), at(2)]
}

/** Position along the axis that element `k` of window `o` covers; outside of [0, length) it is padding. */
export const covered = (axis: WindowAxis, o: number, k: number): number =>
  o * axis.stride - axis.padding + k * axis.dilation

/** The windows `[from, to)` whose element `k` is not padding. */
export function windowsWithin(axis: WindowAxis, k: number): { from: number; to: number } {
  const first = covered(axis, 0, k)
  const from = Math.max(0, Math.ceil(-first / axis.stride))
  const to = Math.min(axis.count, Math.floor((axis.length - 1 - first) / axis.stride) + 1)
  return { from, to: Math.max(from, to) }
}

/**
 * Visits runs of windows along the last axis whose element (kz, ky, kx) is not padding: `count` windows from flat window
 * `out` on, the first covering flat position `at`, each `step` further.
 */
export function eachRun(
  [z, y, x]: readonly [WindowAxis, WindowAxis, WindowAxis],
  [kz, ky, kx]: readonly [number, number, number],
  visit: (out: number, at: number, step: number, count: number) => void,
): void {
  const zs = windowsWithin(z, kz)
  const ys = windowsWithin(y, ky)
  const xs = windowsWithin(x, kx)
  const count = xs.to - xs.from
  if (count === 0) return
  const start = covered(x, xs.from, kx)
  for (let oz = zs.from; oz < zs.to; oz++) {
    for (let oy = ys.from; oy < ys.to; oy++) {
      const at = (covered(z, oz, kz) * y.length + covered(y, oy, ky)) * x.length + start
      visit((oz * y.count + oy) * x.count + xs.from, at, x.stride, count)
    }
  }
}

/** Visits the elements of a window's kernel, in row-major order. */
export function eachKernelElement(
  [z, y, x]: readonly [WindowAxis, WindowAxis, WindowAxis],
  visit: (k: [number, number, number], flat: number) => void,
): void {
  let flat = 0
  for (let kz = 0; kz < z.kernel; kz++) {
    for (let ky = 0; ky < y.kernel; ky++) {
      for (let kx = 0; kx < x.kernel; kx++) visit([kz, ky, kx], flat++)
    }
  }
}
