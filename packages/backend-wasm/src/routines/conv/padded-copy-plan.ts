import type { CorrelationAxis, PartAxis, Tap } from './axis.ts'

/** Three values, for the axes z, y and x. */
export type Triple<T> = readonly [T, T, T]

/** Positions of the output that share their taps, along all axes. */
export interface Part {
  axes: Triple<PartAxis>
  /** Taps in the order of the kernel, as offsets into a padded copy of one channel, and their place in the kernel. */
  taps: { offset: number; tap: number }[]
  /** Where position 0 of the output reads, in a copy that begins with the first slab. */
  start: number
}

/**
 * How the source is copied with its padding: one slab at a time, a range of the output along one axis. All sizes are in
 * positions of the copy.
 */
export interface PaddedCopy {
  axes: Triple<CorrelationAxis>
  slabAxis: 0 | 1 | 2
  /** Outputs of a slab along its axis, and how many slabs there are. */
  slabSize: number
  slabs: number
  /** First position along that axis that the first slab reads, and how many each reads. */
  slabStart: number
  slabExtent: number
  pitchX: number
  pitchY: number
  /** One channel of one phase. */
  phaseSize: number
  phaseCount: number
  /** Positions from the first to the last output of a slab, over all parts. */
  outputs: number
}

/** Positions of a slab: their sums stay in the second-level cache. */
const slabPositions = 1024
// a smaller slab would mostly copy elements that its neighbours copy too
const leastPositions = 96

/** Plans the copy. With `minSlabs` slabs are cut smaller than the cache asks for, so that threads can share them. */
export function planCopy(
  axes: Triple<CorrelationAxis>,
  kernel: Triple<number>,
  minSlabs: number,
): { copy: PaddedCopy; parts: Part[] } {
  const { slabAxis, slabSize, slabs } = cutSlabs(axes, minSlabs)
  const slabParts = axes[slabAxis].parts
  const slabStart = Math.min(...slabParts.map(({ start }) => start), Infinity)
  const slabEnd = Math.max(...slabParts.map((part) => part.start + reachOf(part)), slabStart)
  const slabExtent = slabSize + (slabParts.length === 0 ? 0 : slabEnd - slabStart)
  const extents = axes.map((axis, i) => (i === slabAxis ? slabExtent : axis.extent))
  const pitchY = slabAxis === 1 ? slabExtent : axes[1].pitch
  const pitchX = slabAxis === 2 ? slabExtent : axes[2].pitch
  const phaseSize = ((extents[0] - 1) * pitchY + extents[1] - 1) * pitchX + extents[2]
  const position = (z: number, y: number, x: number): number => (z * pitchY + y) * pitchX + x

  const parts: Part[] = []
  let outputs = 0
  for (const z of axes[0].parts) {
    for (const y of axes[1].parts) {
      for (const x of axes[2].parts) {
        const first = [z, y, x].map((part, i) => part.start - (i === slabAxis ? slabStart : 0))
        const ends = [z, y, x].map(
          (part, i) => (i === slabAxis ? Math.min(part.count, slabSize) : part.count) - 1,
        )
        outputs = Math.max(outputs, position(ends[0], ends[1], ends[2]) + 1)
        const taps = tapsOf([z, y, x], { axes, kernel, phaseSize, position })
        parts.push({ axes: [z, y, x], taps, start: position(first[0], first[1], first[2]) })
      }
    }
  }
  const phaseCount = axes.reduce((product, { phases }) => product * phases.length, 1)
  const start = slabParts.length === 0 ? 0 : slabStart
  const slab = { slabAxis, slabSize, slabs, slabExtent, slabStart: start }
  return { copy: { axes, ...slab, pitchX, pitchY, phaseSize, phaseCount, outputs }, parts }
}

/** Cuts the output along its outermost axis of several positions. */
function cutSlabs(
  axes: Triple<CorrelationAxis>,
  minSlabs: number,
): Pick<PaddedCopy, 'slabAxis' | 'slabSize' | 'slabs'> {
  const counts = axes.map(({ parts }) => Math.max(0, ...parts.map(({ count }) => count)))
  const slabAxis = counts[0] > 1 ? 0 : counts[1] > 1 ? 1 : 2
  const positionsPerStep = slabAxis === 0 ? axes[1].pitch * axes[2].pitch : slabAxis === 1 ? axes[2].pitch : 1
  const count = Math.max(1, counts[slabAxis])
  const stepsFor = (positions: number): number => Math.max(1, Math.floor(positions / positionsPerStep))
  const byCache = Math.ceil(count / stepsFor(slabPositions))
  const atMost = Math.ceil(count / stepsFor(leastPositions))
  const slabSize = Math.ceil(count / Math.max(byCache, Math.min(atMost, minSlabs)))
  return { slabAxis, slabSize, slabs: Math.ceil(count / slabSize) }
}

/** Where the taps of a part read, in the order of the kernel. */
function tapsOf(
  [z, y, x]: Triple<PartAxis>,
  copy: {
    axes: Triple<CorrelationAxis>
    kernel: Triple<number>
    phaseSize: number
    position: (z: number, y: number, x: number) => number
  },
): Part['taps'] {
  const { axes, kernel, phaseSize, position } = copy
  const taps: Part['taps'] = []
  const place = (tz: Tap, ty: Tap, tx: Tap): void => {
    const phase = (tz.phase * axes[1].phases.length + ty.phase) * axes[2].phases.length + tx.phase
    taps.push({
      offset: phase * phaseSize + position(tz.shift, ty.shift, tx.shift),
      tap: (tz.tap * kernel[1] + ty.tap) * kernel[2] + tx.tap,
    })
  }
  for (const tz of z.taps) for (const ty of y.taps) for (const tx of x.taps) place(tz, ty, tx)
  return taps
}

const reachOf = (part: PartAxis): number => Math.max(0, ...part.taps.map(({ shift }) => shift))
