/** One spatial axis of a convolution. */
export interface ConvAxis {
  /** Size of x and of the output. */
  input: number
  output: number
  kernel: number
  stride: number
  padding: number
  dilation: number
}

/** Every `step`-th element of an axis from `offset` on, as positions `first` to `last` of a padded copy. */
export interface Phase {
  first: number
  last: number
  /** Element at position 0; it may lie before the axis. */
  offset: number
  step: number
}

/** One tap of the kernel: position t of the output reads position `start + t + shift` of a phase. */
export interface Tap {
  tap: number
  phase: number
  shift: number
}

/** Positions of the output that share their taps: `outStart`, `outStart + outStep`, … */
export interface PartAxis {
  count: number
  start: number
  outStart: number
  outStep: number
  taps: Tap[]
}

/** A convolution along one axis as correlations without stride over a padded copy of its source. */
export interface CorrelationAxis {
  phases: Phase[]
  parts: PartAxis[]
  /** Positions that are read. */
  extent: number
  /**
   * Positions from one row to the next. The zeros after a row are those before the next: at least as many as either
   * needs.
   */
  pitch: number
}

/**
 * The output from x. With a stride, x is split into phases, the elements that the same taps read, so that neighbouring
 * outputs read neighbours.
 */
export function forwardAxis({ input, output, kernel, stride, padding, dilation }: ConvAxis): CorrelationAxis {
  const remainders: number[] = []
  const taps: Tap[] = []
  for (let tap = 0; tap < kernel; tap++) {
    const remainder = (tap * dilation) % stride
    if (!remainders.includes(remainder)) remainders.push(remainder)
    taps.push({ tap, phase: remainders.indexOf(remainder), shift: Math.floor((tap * dilation) / stride) })
  }
  const extent = output + maximum(taps.map(({ shift }) => shift))
  const phases = remainders.map((remainder) => ({
    first: Math.max(0, Math.ceil((padding - remainder) / stride)),
    last: Math.min(extent - 1, Math.floor((input - 1 + padding - remainder) / stride)),
    offset: remainder - padding,
    step: stride,
  }))
  return withPitch(phases, [{ count: output, start: 0, outStart: 0, outStep: 1, taps }], extent)
}

/**
 * The gradient of x from that of the output. Elements of x that are `stride` apart receive from the same taps, so there
 * is one part per remainder.
 */
export function inputGradientAxis({
  input,
  output,
  kernel,
  stride,
  padding,
  dilation,
}: ConvAxis): CorrelationAxis {
  const parts: PartAxis[] = []
  for (let remainder = 0; remainder < stride; remainder++) {
    // element j · stride + remainder - padding of x receives, through tap t, element j - (t · dilation - remainder) / stride
    const from = Math.ceil((padding - remainder) / stride)
    const count = Math.floor((input - 1 + padding - remainder) / stride) - from + 1
    if (count <= 0) continue
    const reach: { tap: number; distance: number }[] = []
    for (let tap = 0; tap < kernel; tap++) {
      if ((tap * dilation) % stride !== remainder) continue
      reach.push({ tap, distance: (tap * dilation - remainder) / stride })
    }
    const farthest = maximum(reach.map(({ distance }) => distance))
    parts.push({
      count,
      start: from - farthest,
      outStart: remainder + stride * from - padding,
      outStep: stride,
      taps: reach.map(({ tap, distance }) => ({ tap, phase: 0, shift: farthest - distance })),
    })
  }
  const before = Math.max(0, ...parts.map(({ start }) => -start))
  for (const part of parts) part.start += before
  const extent = Math.max(
    1,
    ...parts.map((part) => part.start + part.count + maximum(part.taps.map(({ shift }) => shift))),
  )
  const phase = { first: before, last: Math.min(extent, before + output) - 1, offset: -before, step: 1 }
  return withPitch([phase], parts, extent)
}

function withPitch(phases: Phase[], parts: PartAxis[], extent: number): CorrelationAxis {
  const first = Math.min(...phases.map((phase) => phase.first))
  const last = Math.max(...phases.map((phase) => phase.last))
  const pitch = Math.max(1, last + 1, extent - first, ...parts.map(({ count }) => count))
  return { phases, parts, extent, pitch }
}

const maximum = (list: readonly number[]): number => Math.max(0, ...list)
