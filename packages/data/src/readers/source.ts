import { ArgumentError } from '@gradus/core'
import { describeValue } from '@gradus/core/internal'
import { DataError } from './data-error.ts'

/** Bytes that are read piece by piece: what `@gradus/io` opens, or an object of one's own. */
export interface ByteSource {
  /** How errors name it. */
  readonly name: string
  /** Length in bytes. */
  readonly size: number
  /** Exactly `length` bytes from `offset`. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Where a file is: a path or URL, a `Blob` or `File`, bytes, or a {@link ByteSource}. In a page a path is a URL beside the page.
 */
export type Readable = string | URL | Blob | ArrayBuffer | ArrayBufferView | ByteSource

/** Bytes asked of a file at once. */
const pieceSize = 1 << 18

/** Node's files, without an import that a bundle for pages would have to resolve. */
export const nodeFiles = () =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'
    ? process.getBuiltinModule('node:fs')
    : undefined

/** How errors name a file. */
export function nameOf(from: Readable): string {
  if (typeof from === 'string') return from
  if (from instanceof URL) return from.protocol === 'data:' ? 'a data URL' : from.href
  if (isBytes(from)) return 'bytes'
  return 'name' in from && typeof from.name === 'string' ? from.name : 'a Blob'
}

const isBytes = (from: unknown): from is ArrayBuffer | ArrayBufferView =>
  from instanceof ArrayBuffer || ArrayBuffer.isView(from)

const isSource = (from: unknown): from is ByteSource =>
  typeof from === 'object' && from !== null && 'read' in from && typeof from.read === 'function'

/**
 * Refuses at once what cannot be a file, before anything waits.
 *
 * @throws ArgumentError
 */
export function checkReadable(call: string, from: Readable): void {
  const isReadable =
    (typeof from === 'string' && from !== '') ||
    from instanceof URL ||
    from instanceof Blob ||
    isBytes(from) ||
    isSource(from)
  if (isReadable) return
  throw new ArgumentError(`${call} reads a path, a URL, a Blob or bytes, got ${describeValue(from)}`)
}

/**
 * The bytes of a file, piece by piece.
 *
 * @throws DataError for a file that cannot be read
 */
export async function* piecesOf(from: Readable): AsyncGenerator<Uint8Array, void> {
  if (isBytes(from)) yield bytesOf(from)
  else if (from instanceof Blob) yield* streamed(from.stream())
  else if (isSource(from)) {
    for (let at = 0; at < from.size; at += pieceSize) yield from.read(at, Math.min(pieceSize, from.size - at))
  } else {
    const path = pathOf(from)
    yield* path === null ? fetched(from) : fileRead(path)
  }
}

function bytesOf(from: ArrayBuffer | ArrayBufferView): Uint8Array {
  return from instanceof ArrayBuffer
    ? new Uint8Array(from)
    : new Uint8Array(from.buffer, from.byteOffset, from.byteLength)
}

/** The path of a file in Node; null for what has to be fetched. */
function pathOf(from: string | URL): string | null {
  if (nodeFiles() === undefined) return null
  const isUrl = from instanceof URL || /^(https?|file|data|blob):/i.test(from)
  if (!isUrl) return String(from)
  const url = new URL(from)
  return url.protocol === 'file:' ? process.getBuiltinModule('node:url').fileURLToPath(url) : null
}

async function* fileRead(path: string): AsyncGenerator<Uint8Array, void> {
  const handle = await attempt(path, async () => nodeFiles()!.promises.open(path)) // the caller has a path in Node only
  try {
    for (;;) {
      const piece = new Uint8Array(pieceSize)
      const { bytesRead } = await attempt(path, () => handle.read(piece, 0, pieceSize, null))
      if (bytesRead === 0) return
      yield piece.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

async function* fetched(from: string | URL): AsyncGenerator<Uint8Array, void> {
  const name = nameOf(from)
  const url = new URL(from, typeof location === 'object' ? location.href : undefined)
  const response = await attempt(name, () => fetch(url))
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw new DataError(
      `${name} cannot be read: the server answered ${response.status} ${response.statusText}`,
    )
  }
  yield* streamed(response.body, name)
}

async function* streamed(
  stream: ReadableStream<Uint8Array>,
  name = 'a Blob',
): AsyncGenerator<Uint8Array, void> {
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await attempt(name, () => reader.read())
      ended = done
      if (value === undefined) return
      yield value
    }
  } finally {
    // a stream that failed rejects this too, with what was thrown above
    if (!ended) await reader.cancel().catch(() => {})
  }
}

async function attempt<T>(name: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw new DataError(`${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

/**
 * All bytes of a file.
 *
 * @param limit - no more than this is kept
 * @throws DataError for a file that is longer, or cannot be read
 */
export async function allOf(from: Readable, limit = Infinity): Promise<Uint8Array> {
  if (isBytes(from)) return bytesOf(from)
  return joined(piecesOf(from), limit, nameOf(from))
}

/** Pieces as one array. */
export async function joined(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
  name: string,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > limit) throw new DataError(`${name} has more than ${limit} bytes`)
    kept.push(piece)
  }
  if (kept.length === 1) return kept[0]
  const all = new Uint8Array(size)
  let at = 0
  for (const piece of kept) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/**
 * What gzip or zlib packed, piece by piece.
 *
 * @throws DataError for damaged data
 */
export function unpacked(
  pieces: AsyncIterable<Uint8Array>,
  format: 'gzip' | 'deflate',
  name: string,
): AsyncGenerator<Uint8Array, void> {
  const iterator = pieces[Symbol.asyncIterator]()
  const input = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done === true) controller.close()
      else controller.enqueue(value as Uint8Array<ArrayBuffer>) // pieces never lie in shared memory
    },
    cancel: async () => void (await iterator.return?.()),
  })
  return streamed(input.pipeThrough(new DecompressionStream(format)), name)
}
