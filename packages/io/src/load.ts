import { FileError, inFile } from './file-error.ts'
import { importState } from './json-state.ts'
import { isNpy } from './npy/header.ts'
import { isNpz, readNpy, readNpz } from './npy/read.ts'
import { readAll } from './safetensors/file.ts'
import { openFile } from './safetensors/one-file.ts'
import { isIndex, openShards } from './safetensors/shards.ts'
import { openSource, type Readable } from './source/open.ts'
import type { ByteSource } from './source/types.ts'
import type { Loaded } from './loaded.ts'
import { isTorchLegacy, readTorchLegacy } from './torch/legacy-file.ts'
import { isTorchZip, readTorchZip } from './torch/zip-file.ts'
import { readDirectory } from './zip/directory.ts'

/**
 * Loads what PyTorch, safetensors, NumPy or gradus saved. Which of them it was is seen by the content, not by the name: `.pt` of
 * `torch.save` (both formats), safetensors and the index of a sharded one, `.npy`, `.npz`, and the JSON of `exportState`.
 *
 * Nothing in a file is run: classes and functions that a `.pt` names are refused, but for those that make tensors. Dictionaries become objects
 * without a prototype, or maps where a key is not text; tuples arrays; integers beyond 2^53 bigints. Dtypes and devices become text. Time and memory are bounded by the
 * size of the file.
 *
 * @typeParam T - what the caller knows the file to hold
 * @param from - a path, URL, `Blob` or `File`, bytes, or a source; in a page a path is a URL beside the page
 * @throws FileError for what is not there, is damaged, or is none of these
 * @see https://pytorch.org/docs/stable/generated/torch.load.html
 * @example
 * const model = new g.nn.Linear(2, 1)
 * const bytes = await g.io.toBytes(model.stateDict())
 * model.loadStateDict(await g.load(bytes)).missingKeys // => []
 */
export async function load<T = Loaded>(from: Readable): Promise<T> {
  const source = await openSource(from)
  try {
    // what the caller says that the file holds
    return (await inFile(`load(${JSON.stringify(source.name)})`, () => read(source))) as T
  } finally {
    if (source !== from) await source.close()
  }
}

async function read(source: ByteSource): Promise<unknown> {
  if (source.size === 0) throw new FileError('the file is empty')
  const head = await source.read(0, Math.min(source.size, 64))
  if (isNpy(head)) return readNpy(source)
  if (startsWith(head, [0x50, 0x4b, 3, 4]) || startsWith(head, [0x50, 0x4b, 5, 6])) return readZip(source)
  if (isTorchLegacy(head)) return readTorchLegacy(source)
  if (head[0] === 0x7b && (await isIndex(source))) return readJson(source)
  if (looksLikeSafetensors(head) || /\.safetensors$/i.test(source.name))
    return readAll(await openFile(source))
  throw unknown(head)
}

const startsWith = (head: Uint8Array, bytes: readonly number[]): boolean =>
  bytes.every((byte, i) => head[i] === byte)

/** After the eight bytes of its length, a header is JSON. */
const looksLikeSafetensors = (head: Uint8Array): boolean => head[8] === 0x7b || head[8] === 0x5b

async function readZip(source: ByteSource): Promise<unknown> {
  const entries = await readDirectory(source)
  if (isTorchZip(entries)) return readTorchZip(source, entries)
  if (isNpz(entries)) return readNpz(source, entries)
  const names = entries.slice(0, 5).map(({ name }) => JSON.stringify(name))
  throw new FileError(
    `the archive holds neither what torch.save writes nor arrays of NumPy, but ${names.join(', ') || 'nothing'}`,
  )
}

async function readJson(source: ByteSource): Promise<unknown> {
  const text = new TextDecoder().decode(await source.read(0, source.size))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new FileError(
      `the file begins as JSON and is none: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
  if (typeof json === 'object' && json !== null && 'weight_map' in json) {
    const shards = await openShards(source)
    try {
      return await readAll(shards)
    } finally {
      await shards.close()
    }
  }
  return importState(json)
}

/** What other files begin with, in lower case. */
const beginnings: readonly (readonly [string, string])[] = [
  ['gguf', 'a GGUF file'],
  ['\u2030hdf', 'an HDF5 file'],
  ['\u001f\u2039', 'compressed by gzip: unpack it first'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file itself'],
  ['<!doctype', 'a web page'],
  ['<html', 'a web page'],
]

function unknown(head: Uint8Array): FileError {
  const text = new TextDecoder('latin1').decode(head)
  const known = beginnings.find(([begins]) => text.trimStart().toLowerCase().startsWith(begins))
  const isPickle = head[0] === 0x80 && head[1] >= 2 && head[1] <= 5
  const kind = isPickle ? 'a pickle, but not one of torch.save' : known?.[1]
  const shown = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  return new FileError(
    kind
      ? `the file is ${kind}`
      : `the file is neither a zip archive nor a pickle, nor safetensors, NumPy's or JSON: it begins with ${shown}`,
    {
      hint: 'files of torch.save, safetensors, .npy, .npz and exportState() are read',
    },
  )
}
