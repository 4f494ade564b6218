import { isDType, Layout, Tensor, ValueError, type Shape } from '@gradus/core'
import { bytesOf } from '@gradus/core/backend'
import { defineOptions, kind, takeOptions } from '@gradus/core/internal'
import { inFile } from '../file-error.ts'
import { openSink, type Writable } from '../source/open.ts'
import type { ByteSink } from '../source/types.ts'
import { writeElements } from '../tensor-bytes.ts'
import { headerName } from './dtypes.ts'
import type { LazyTensor } from './file.ts'

/** Tensors by name, those that are there and those that are read when their turn comes. */
export type TensorsToSave = Readonly<Record<string, Tensor | LazyTensor>>

/** Options of {@link saveSafetensors}. */
export interface SafetensorsOptions {
  /** Text by name, kept in the header; `{ format: 'pt' }` by default, which other programs look for. */
  metadata?: Readonly<Record<string, string>>
}

/** Text by name, as headers have it. */
export const metadataKind = /* @__PURE__ */ kind<Readonly<Record<string, string>>>(
  'an object of text',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string'),
)
const safetensorsOptions = /* @__PURE__ */ defineOptions<SafetensorsOptions>({ metadata: metadataKind })

/** A tensor with its place in the file. */
export interface Planned {
  readonly name: string
  readonly tensor: Tensor | LazyTensor
  readonly bytes: number
}

/**
 * Writes tensors as a safetensors file, row-major. A tensor that is lazy is read when its turn comes, so that a file may be larger than memory.
 * Tensors that share memory are written one by one: the format knows no sharing.
 *
 * @param to - a path, file handle or sink
 * @throws ValueError for what is no tensor, and metadata that is not text; nothing is written then
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * const folder = g.io.memoryFolder()
 * await g.io.saveSafetensors({ w: g.ones(2) }, await folder.create('w.safetensors'), { metadata: { step: '20' } })
 * const file = await g.io.openSafetensors(await folder.open('w.safetensors'))
 * file.metadata['step'] // => 20
 */
export async function saveSafetensors(
  tensors: TensorsToSave,
  to: Writable,
  options?: SafetensorsOptions,
): Promise<void> {
  const { metadata = { format: 'pt' } } = takeOptions('saveSafetensors', safetensorsOptions, options)
  const planned = plan(tensors)
  const sink = await openSink(to)
  await inFile(`saveSafetensors(${JSON.stringify(sink.name)})`, () => writeFile(planned, metadata, sink))
}

/** Tensors in the order of the file: those of wide elements first, so that each begins at a multiple of its elements' length. */
export function plan(tensors: TensorsToSave): Planned[] {
  const planned = Object.entries(tensors).map(([name, tensor]): Planned => {
    if (name === '__metadata__')
      throw new ValueError('a tensor cannot be named __metadata__ in a safetensors file')
    checkTensor(name, tensor)
    return { name, tensor, bytes: countOf(tensor.shape) * bytesOf(tensor.dtype) }
  })
  const width = ({ tensor }: Planned): number => bytesOf(tensor.dtype)
  return planned.sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1))
}

const countOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

function checkTensor(name: string, tensor: unknown): void {
  if (tensor instanceof Tensor) return
  const lazy =
    typeof tensor === 'object' &&
    tensor !== null &&
    'read' in tensor &&
    'dtype' in tensor &&
    isDType(tensor.dtype)
  if (lazy) return
  const kind =
    typeof tensor === 'object' && tensor !== null
      ? `an object of class ${tensor.constructor?.name ?? 'none'}`
      : typeof tensor
  throw new ValueError(`a safetensors file holds tensors: ${JSON.stringify(name)} is ${kind}`, {
    hint: 'numbers, text and nested state are kept by a .pt file',
  })
}

/** Writes a file of what was planned, and closes it. */
export async function writeFile(
  planned: readonly Planned[],
  metadata: Readonly<Record<string, string>>,
  sink: ByteSink,
): Promise<void> {
  try {
    await sink.write(headerOf(planned, metadata))
    for (const { name, tensor } of planned) await writeTensor(name, tensor, sink)
  } catch (error) {
    await sink.abort()
    throw error
  }
  await sink.close()
}

function headerOf(planned: readonly Planned[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let at = 0
  const header: [string, unknown][] = []
  if (Object.keys(metadata).length > 0) header.push(['__metadata__', metadata])
  for (const { name, tensor, bytes } of planned) {
    header.push([
      name,
      { dtype: headerName(tensor.dtype), shape: tensor.shape, data_offsets: [at, (at += bytes)] },
    ])
  }
  // names are data: written one by one, so that __proto__ is one like any other
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  const text = new TextEncoder().encode(json)
  const length = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(text, 8)
  return bytes
}

async function writeTensor(name: string, given: Tensor | LazyTensor, sink: ByteSink): Promise<void> {
  const tensor = given instanceof Tensor ? given : await given.read()
  if (tensor.dtype !== given.dtype || Layout.of(tensor.shape) !== Layout.of(given.shape)) {
    throw new ValueError(
      `the lazy tensor ${JSON.stringify(name)} said ${given.dtype}[${given.shape.join(', ')}] and read ${tensor.dtype}[${tensor.shape.join(', ')}]`,
    )
  }
  await writeElements(tensor, sink)
}
