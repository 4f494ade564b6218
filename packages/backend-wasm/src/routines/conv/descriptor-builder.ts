import { elementBytes } from '../../elements/index.ts'
import { scratchBytes } from '../gemm/packed.ts'
import { convBlock, phaseBlock, type Field } from './descriptor.ts'
import { spatialStrides } from './convolution.ts'
import type { ConvGeometry } from './convolution.ts'

/** Collects the words of a descriptor and the tables behind them. */
export class DescriptorBuilder {
  readonly #header: Partial<Record<Field, number>> = {}
  readonly #tables: (readonly number[])[] = []
  #length = convBlock.words

  set(values: Readonly<Partial<Record<Field, number>>>): void {
    Object.assign(this.#header, values)
  }

  /** Adds a table; the result is its place in bytes from the descriptor. */
  append(table: readonly number[]): number {
    const place = 4 * this.#length
    this.#tables.push(table)
    this.#length += table.length
    return place
  }

  /** All words; those that were not set are 0. */
  finish(): Int32Array {
    return Int32Array.from([convBlock.list(this.#header), ...this.#tables].flat())
  }
}

/** The words on the copied operand, its padded copy, and the places of results. */
export function describeCopy(
  geometry: ConvGeometry,
  operands: { source: readonly number[]; target: readonly number[]; sourceChannels: number; rows: number },
): DescriptorBuilder {
  const { convolution, copy, x, dtype } = geometry
  const bytes = elementBytes(dtype)
  const builder = new DescriptorBuilder()
  const strides = spatialStrides(operands.source)
  const phases = copy.axes.flatMap((axis, i) =>
    axis.phases.flatMap(({ first, last, offset, step }) =>
      phaseBlock.list({
        first,
        last,
        offset: offset * strides[i] * bytes,
        step: step * strides[i] * bytes,
      }),
    ),
  )
  builder.set({
    sourceImage: operands.source[0] * bytes,
    sourceChannel: operands.source[1] * bytes,
    targetImage: operands.target[0] * bytes,
    targetChannel: operands.target[1] * bytes,
    images: convolution.images,
    groups: convolution.groups,
    channels: operands.sourceChannels,
    rows: operands.rows,
    slabAxis: copy.slabAxis,
    slabSize: copy.slabSize,
    slabs: copy.slabs,
    slabStart: copy.slabStart,
    slabExtent: copy.slabExtent,
    pitchX: copy.pitchX * x.laneBytes,
    pitchY: copy.pitchY * copy.pitchX * x.laneBytes,
    phaseBytes: copy.phaseSize * x.laneBytes,
    phaseCount: copy.phaseCount,
    phasesZ: copy.axes[0].phases.length,
    phasesY: copy.axes[1].phases.length,
    phasesX: copy.axes[2].phases.length,
    phaseTable: builder.append(phases),
  })
  return builder
}

/** Places in a thread's workspace for regions of these sizes, one after the other, and the bytes they take. */
export function placesFor<N extends string>(
  sizes: Readonly<Record<N, number>>,
): Record<N, number> & { workspaceBytes: number } {
  let next = scratchBytes
  const places: Record<string, number> = {}
  for (const [name, size] of Object.entries<number>(sizes)) {
    places[name] = next
    next += Math.ceil(size / 64) * 64
  }
  // a place for each of the names
  return { ...(places as Record<N, number>), workspaceBytes: next }
}
