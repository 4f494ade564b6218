import { ValueError } from '@gradus/core'
import { defineOptions, oneOf, takeOptions } from '@gradus/core/internal'
import { inFile } from './file-error.ts'
import { exportState } from './json-state.ts'
import { checkNpy, writeNpy, writeNpz } from './npy/write.ts'
import { plan, writeFile, type TensorsToSave } from './safetensors/write.ts'
import { MemorySink } from './source/memory.ts'
import { openSink, type Writable } from './source/open.ts'
import type { ByteSink } from './source/types.ts'
import { planTorch, writeTorch } from './torch/write.ts'

/** Formats that are written. */
export type SaveFormat = 'pt' | 'safetensors' | 'npy' | 'npz' | 'json'

/** Options of {@link save}. */
export interface SaveOptions {
  /** By default what the name ends in says it: `.safetensors`, `.npy`, `.npz`, `.json`; anything else is `pt`. */
  format?: SaveFormat
}

const formats = ['pt', 'safetensors', 'npy', 'npz', 'json'] as const
const saveOptions = /* @__PURE__ */ defineOptions<SaveOptions>({ format: /* @__PURE__ */ oneOf(...formats) })

/**
 * Saves state: tensors, numbers, text, bytes, null, and arrays, objects and maps of them. By default in PyTorch's format, which
 * `torch.load(weights_only=True)` takes; tensors that share memory share it in the file. An optimizer's `stateDict()` has its parameters' numbers as integers there,
 * as PyTorch wants them.
 *
 * A file is written under another name, flushed, and renamed: under its own name is either the file of before or the whole new one.
 *
 * @param to - a path, a file handle of the browser, or a sink
 * @throws ValueError for what has no form in the file, naming where in the value it is; nothing is written then
 * @throws FileError if writing fails, as on a full disk; the file of before is untouched
 * @see https://pytorch.org/docs/stable/generated/torch.save.html
 * @example
 * const folder = g.io.memoryFolder()
 * await g.save({ step: 3, w: g.ones(2) }, await folder.create('state.pt'))
 * const { step } = await g.load(await folder.open('state.pt'))
 * step // => 3
 */
export async function save(value: unknown, to: Writable, options?: SaveOptions): Promise<void> {
  const { format = formatOf(to) } = takeOptions('save', saveOptions, options)
  const write = await prepare(value, format)
  const sink = await openSink(to)
  await inFile(`save(…, ${JSON.stringify(sink.name)})`, () => write(sink))
}

/**
 * The bytes that {@link save} would write.
 *
 * @param options.format - `pt` by default
 * @example
 * const bytes = await g.io.toBytes([1, 2, 3], { format: 'json' })
 * bytes.length // => 53
 */
export async function toBytes(value: unknown, options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { format = 'pt' } = takeOptions('toBytes', saveOptions, options)
  const write = await prepare(value, format)
  const sink = new MemorySink()
  await write(sink)
  return sink.bytes()
}

function formatOf(to: Writable): SaveFormat {
  const name = typeof to === 'string' ? to : to instanceof URL ? to.pathname : String(to?.name)
  const ending = /\.([a-z]+)$/i.exec(name)?.[1].toLowerCase()
  return formats.find((known) => known === ending) ?? 'pt'
}

/** Checks all of a value, and gives what writes it: before anything is written, what cannot be is known. */
async function prepare(value: unknown, format: SaveFormat): Promise<(sink: ByteSink) => Promise<void>> {
  if (format === 'safetensors') {
    const planned = plan(asRecord(value, format))
    return (sink) => writeFile(planned, { format: 'pt' }, sink)
  }
  if (format === 'json') {
    const text = new TextEncoder().encode(JSON.stringify(await exportState(value)))
    return closing((sink) => sink.write(text))
  }
  if (format === 'npy') {
    const x = checkNpy(value)
    return closing((sink) => writeNpy(x, sink))
  }
  if (format === 'npz') {
    const arrays = Object.entries(asRecord(value, format)).map(
      ([name, x]) => [name, checkNpy(x, JSON.stringify(name))] as const,
    )
    return closing((sink) => writeNpz(arrays, sink))
  }
  const planned = planTorch(value)
  return closing((sink) => writeTorch(planned, sink))
}

function asRecord(value: unknown, format: string): TensorsToSave {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !('storage' in value)) {
    // each of its values is checked to be a tensor next
    return value as TensorsToSave
  }
  throw new ValueError(
    `a ${format} file holds tensors by name, got ${value === null ? 'null' : `a ${typeof value}`}`,
    {
      hint: 'as a state dict does: { weight: tensor }',
    },
  )
}

/** Closes a sink that all was written to, and drops what was written otherwise. */
const closing =
  (write: (sink: ByteSink) => Promise<void>) =>
  async (sink: ByteSink): Promise<void> => {
    try {
      await write(sink)
    } catch (error) {
      await sink.abort()
      throw error
    }
    await sink.close()
  }
