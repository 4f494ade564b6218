import { checkCapacity } from '../../base/shape.ts'
import { count, flag, integer, kind, listOf, nullable, real } from '../../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../../base/options.ts'
import { isFloat, type DType } from '../../base/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../../base/errors.ts'
import { tensorBeside } from '../../op/host-kernel.ts'
import { hostNumbers, readsValues, type HostReader } from '../../op/host-values.ts'
import { encode } from '../../tensor/elements.ts'
import { aTensor, isTensor, takeTensor } from '../../tensor/kind.ts'
import type { Tensor } from '../../tensor/tensor.ts'

/** Options of {@link histc}. */
export interface HistcOptions {
  /** 100 by default. */
  bins?: number
  /** The lower bound; that of the data where `min` and `max` are equal, 0 by default. */
  min?: number
  /** The upper bound, in the last bin; 0 by default. */
  max?: number
}
const histcOptions = /* @__PURE__ */ defineOptions<HistcOptions>({
  bins: /* @__PURE__ */ integer(),
  min: real,
  max: real,
})

const histcValues = /* @__PURE__ */ readsValues('histc')

/** Both bounds, widened where they are one. */
function boundsOf(
  call: string,
  low: number,
  high: number,
  values: readonly number[],
  half = 0.5,
): [number, number] {
  if (low === high && values.length > 0) {
    low = values.reduce((a, b) => Math.min(a, b), Infinity)
    high = values.reduce((a, b) => Math.max(a, b), -Infinity)
  }
  if (low === high) [low, high] = [low - half, high + half]
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new ValueError(`${call}: range of [${low}, ${high}] is not finite`)
  if (low > high) throw new ValueError(`${call}: max must be larger than min`)
  return [low, high]
}

/**
 * How many elements lie in each of equal bins; those outside of the bounds are not counted.
 *
 * @returns [bins] in the dtype of `x`
 * @throws ValueError for no bins, bounds that are not finite or in the wrong order; DTypeError unless floating
 * @see https://pytorch.org/docs/stable/generated/torch.histc.html
 * @example
 * g.histc(g.tensor([1, 2, 1]), { bins: 4, min: 0, max: 3 }).tolist() // => [0, 2, 1, 0]
 */
export function histc(x: Tensor, options?: HistcOptions): Tensor {
  takeTensor('histc', 'x', x)
  const { bins = 100, min = 0, max = 0 } = takeOptions('histc', histcOptions, options)
  floating('histogram_cpu', x)
  if (bins <= 0) throw new ValueError(`bins must be > 0, but got ${bins}`)
  const values = hostNumbers(histcValues, x)
  const [low, high] = boundsOf('histc', min, max, values, 1)
  checkCapacity('histc', [bins])
  const counts = new Float64Array(bins)
  for (const v of values)
    if (v >= low && v <= high) counts[Math.min(bins - 1, Math.floor(((v - low) * bins) / (high - low)))]++
  return tensorBeside(x, encode(counts, x.dtype), [bins], x.dtype)
}

function floating(kernel: string, x: Tensor): void {
  if (!isFloat(x.dtype)) throw new DTypeError(`"${kernel}" not implemented for '${x.dtype}'`)
}

/** Options of {@link histogram}. */
export interface HistogramOptions {
  /** The lower and the upper bound of equal bins; those of the data by default. */
  range?: readonly number[] | null
  /** What each element counts, in the shape of `x`; 1 by default. */
  weight?: Tensor | null
  /** Whether the result integrates to 1 over the bins; false by default. */
  density?: boolean
}
const histogramOptions = /* @__PURE__ */ defineOptions<HistogramOptions>({
  range: /* @__PURE__ */ nullable(/* @__PURE__ */ listOf(real)),
  weight: /* @__PURE__ */ nullable(aTensor),
  density: flag,
})
const binCount = /* @__PURE__ */ integer(1, 2 ** 29)
const histogramValues = /* @__PURE__ */ readsValues('histogram')
const histogramddValues = /* @__PURE__ */ readsValues('histogramdd')

/**
 * The weight of the elements in each bin, and the edges of the bins; the last bin has its upper edge.
 *
 * @param bins - how many equal bins, or their edges: a vector that increases
 * @throws DTypeError unless floating; ValueError for a range that is none; ShapeError for weights of another shape
 * @see https://pytorch.org/docs/stable/generated/torch.histogram.html
 * @example
 * const { hist, binEdges } = g.histogram(g.tensor([1, 2, 1]), 4, { range: [0, 3] })
 * hist.tolist() // => [0, 2, 1, 0]
 * binEdges.tolist() // => [0, 0.75, 1.5, 2.25, 3]
 */
export function histogram(
  x: Tensor,
  bins: number | Tensor,
  options?: HistogramOptions,
): { hist: Tensor; binEdges: Tensor } {
  takeTensor('histogram', 'x', x)
  const { range = null, weight = null, density = false } = takeOptions('histogram', histogramOptions, options)
  if (isTensor(bins) && range !== null)
    throw new ValueError('histogram: edges say the range of the bins: give one of both')
  const { hist, binEdges } = binned(
    histogramValues,
    x.reshape([x.numel(), 1]),
    [isTensor(bins) ? bins : takeArgument('histogram', 'bins', binCount, bins)],
    { range, weight, density },
    x,
  )
  return { hist, binEdges: binEdges[0] }
}

/**
 * {@link histogram} of points in several dimensions: `[..., d]`, with bins for each of the d coordinates.
 *
 * @param bins - how many equal bins for every coordinate, or for each of them; or their edges
 * @param options - `range` holds a lower and an upper bound for each coordinate
 * @returns the weights `[bins of the first, bins of the second, …]`, and edges for each coordinate
 * @see https://pytorch.org/docs/stable/generated/torch.histogramdd.html
 * @example
 * g.histogramdd(g.tensor([[0, 1], [1, 0]]), 2).hist.tolist() // => [[0, 1], [1, 0]]
 */
export function histogramdd(
  x: Tensor,
  bins: number | readonly (number | Tensor)[],
  options?: HistogramOptions,
): { hist: Tensor; binEdges: Tensor[] } {
  takeTensor('histogramdd', 'x', x)
  const taken = takeOptions('histogramdd', histogramOptions, options)
  if (x.ndim < 2) throw new ShapeError('histogramdd: input tensor should have at least 2 dimensions')
  const d = x.shape[x.ndim - 1]
  const list = typeof bins === 'number' ? Array.from({ length: d }, () => bins) : bins
  takeArgument('histogramdd', 'bins', /* @__PURE__ */ listOf(oneAxis), list)
  if (list.length !== d) {
    throw new ShapeError(
      `histogramdd: The size of bins must be equal to the innermost dimension of the input.`,
    )
  }
  const points = x.reshape([x.numel() / Math.max(1, d), d])
  return binned(histogramddValues, points, list, taken, x)
}
const oneAxis = /* @__PURE__ */ kind<number | Tensor>(
  'a number of bins or a tensor of edges',
  (x) => isTensor(x) || (count.accepts(x) && x > 0),
)

/** Where a value lies among edges: the bin whose lower edge it is not below; the last has its upper edge too. */
function binOf(edges: ArrayLike<number>, value: number): number {
  const last = edges.length - 1
  if (!(value >= edges[0] && value <= edges[last])) return -1
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (edges[middle] <= value) low = middle
    else high = middle
  }
  return low
}

function binned(
  reader: HostReader,
  points: Tensor,
  bins: readonly (number | Tensor)[],
  { range = null, weight = null, density = false }: HistogramOptions,
  x: Tensor,
): { hist: Tensor; binEdges: Tensor[] } {
  floating('histogramdd', x)
  const [n, d] = points.shape
  if (weight !== null && weight.numel() !== n) {
    throw new ShapeError(
      `${reader.op}(): if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, got input with ${n} points and weight with shape [${weight.shape.join(', ')}]`,
    )
  }
  if (range !== null && range.length !== 2 * d)
    throw new ValueError(`${reader.op}(): expected range to have ${2 * d} elements, but got ${range.length}`)
  const values = hostNumbers(reader, points)
  const weights = weight === null ? null : hostNumbers(reader, weight)
  const edges = bins.map((of, a) =>
    typeof of === 'number'
      ? equalEdges(
          reader.op,
          values.filter((_, i) => i % d === a),
          of,
          x.dtype,
          range?.slice(2 * a, 2 * a + 2),
        )
      : hostNumbers(reader, of.to(x.dtype)),
  )
  const shape = edges.map((e) => e.length - 1)
  const counts = new Float64Array(shape.reduce((a, b) => a * b, 1))
  for (let i = 0; i < n; i++) {
    let at = 0
    for (let a = 0; a < d && at >= 0; a++) {
      const bin = binOf(edges[a], values[i * d + a])
      at = bin < 0 ? -1 : at * shape[a] + bin
    }
    if (at >= 0) counts[at] += weights === null ? 1 : weights[i]
  }
  if (density) toDensity(counts, edges)
  return {
    hist: tensorBeside(x, encode(counts, x.dtype), shape, x.dtype),
    binEdges: edges.map((e) => tensorBeside(x, encode(e, x.dtype), [e.length], x.dtype)),
  }
}

function equalEdges(
  call: string,
  values: readonly number[],
  bins: number,
  dtype: DType,
  range?: readonly number[],
): number[] {
  const [low, high] = range
    ? boundsOf(call, range[0], range[1], range[0] === range[1] ? [range[0]] : [])
    : boundsOf(call, 0, 0, values.length > 0 ? values : [0, 1])
  const round = dtype === 'float64' ? (v: number): number => v : Math.fround
  return Array.from({ length: bins + 1 }, (_, i) =>
    i === bins ? round(high) : round(low + (i * (high - low)) / bins),
  )
}

/** Divides weights by their sum and by the volume of their bins. */
function toDensity(counts: Float64Array, edges: readonly (readonly number[])[]): void {
  const total = counts.reduce((a, b) => a + b, 0)
  counts.forEach((c, i) => {
    let rest = i
    let volume = 1
    for (let a = edges.length - 1; a >= 0; a--) {
      const length = edges[a].length - 1
      const bin = rest % length
      rest = Math.floor(rest / length)
      volume *= edges[a][bin + 1] - edges[a][bin]
    }
    counts[i] = c / total / volume
  })
}
