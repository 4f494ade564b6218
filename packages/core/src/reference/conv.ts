import type { View, Window } from '../backend/types.ts'
import { DTypeError } from '../base/errors.ts'
import { denseDoubles, storeDense } from './access.ts'
import { eachKernelElement, eachRun, windowAxes } from '../backend/window.ts'

/**
 * Cross-correlation and its two gradients. Products are summed in double, with the bias, and rounded once.
 *
 * All three passes visit the same pairs of an element of x and one of out, tied by an element of the weight.
 */
export function conv(
  pass: 'forward' | 'input' | 'weight',
  x: View,
  weight: View,
  out: View,
  window: Window,
  groups: number,
  bias?: View,
): void {
  if (out.dtype === 'int64') throw new DTypeError('conv does not take int64')
  const [batch, channels, ...lengths] = x.layout.shape
  const [outputs, perGroup, ...kernel] = weight.layout.shape
  const counts = out.layout.shape.slice(2)
  const axes = windowAxes(lengths, counts, kernel, window)
  const target = pass === 'forward' ? out : pass === 'input' ? x : weight
  // the result begins at zero
  const load = (view: View): Float64Array =>
    view === target ? new Float64Array(view.layout.size) : denseDoubles(view)
  const xs = load(x)
  const ws = load(weight)
  const os = load(out)
  const add = { forward: addForward, input: addInput, weight: addWeight }[pass]
  const plane = lengths.reduce((a, b) => a * b, 1)
  const outPlane = counts.reduce((a, b) => a * b, 1)
  const kernelSize = kernel.reduce((a, b) => a * b, 1)
  if (bias) {
    const added = denseDoubles(bias)
    for (let i = 0; i < os.length; i++) os[i] = added[Math.floor(i / outPlane) % outputs]
  }
  const outputsPerGroup = outputs / groups
  for (let o = 0; o < outputs; o++) {
    const firstChannel = Math.floor(o / outputsPerGroup) * perGroup
    for (let c = 0; c < perGroup; c++) {
      eachKernelElement(axes, (k, flat) => {
        const w = (o * perGroup + c) * kernelSize + flat
        for (let b = 0; b < batch; b++) {
          const xFrom = (b * channels + firstChannel + c) * plane
          const oFrom = (b * outputs + o) * outPlane
          eachRun(axes, k, (oAt, xAt, step, n) => add(xs, xFrom + xAt, step, ws, w, os, oFrom + oAt, n))
        }
      })
    }
  }
  storeDense(target === out ? os : target === x ? xs : ws, target)
}

type Add = (
  x: Float64Array,
  xAt: number,
  step: number,
  weight: Float64Array,
  w: number,
  out: Float64Array,
  oAt: number,
  n: number,
) => void

const addForward: Add = (x, xAt, step, weight, w, out, oAt, n) => {
  const s = weight[w]
  for (let i = 0; i < n; i++) out[oAt + i] += s * x[xAt + i * step]
}

const addInput: Add = (x, xAt, step, weight, w, out, oAt, n) => {
  const s = weight[w]
  for (let i = 0; i < n; i++) x[xAt + i * step] += s * out[oAt + i]
}

const addWeight: Add = (x, xAt, step, weight, w, out, oAt, n) => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += x[xAt + i * step] * out[oAt + i]
  weight[w] += sum
}
