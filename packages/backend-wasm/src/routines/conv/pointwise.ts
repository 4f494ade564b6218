import type { View, Window } from '@gradus/core/backend'
import type { Pass } from './index.ts'

/** A product of matrices per image: the weight, or its transpose, times the positions of an image as columns. */
export interface PointwiseProduct {
  readonly weight: View
  readonly source: View
  readonly target: View
}

/** A convolution of single elements, or the gradient of its input, as a product of matrices; null if it is none. */
export function pointwiseProduct(
  pass: Pass,
  x: View,
  weight: View,
  out: View,
  { stride, padding }: Window,
  groups: number,
): PointwiseProduct | null {
  const [images, channels, ...input] = x.layout.shape
  const [filters, , ...kernel] = weight.layout.shape
  const isPointwise =
    pass !== 'weight' &&
    groups === 1 &&
    [...kernel, ...stride].every((n) => n === 1) &&
    padding.every((n) => n === 0)
  if (!isPointwise || out.layout.shape.slice(2).some((n, i) => n !== input[i])) return null
  const positions = input.reduce((a, b) => a * b, 1)
  const columns = x.layout.reshape([images, channels, positions])
  const results = out.layout.reshape([images, filters, positions])
  const factors = weight.layout.reshape([filters, channels])
  if (columns === null || results === null || factors === null) return null
  const under = ({ storage, dtype }: View, layout: View['layout']): View => ({ storage, dtype, layout })
  const [shared, source, target] =
    pass === 'forward'
      ? [factors, under(x, columns), under(out, results)]
      : [factors.permute([1, 0]), under(out, results), under(x, columns)]
  return { weight: under(weight, shared.expand([images, ...shared.shape])), source, target }
}
