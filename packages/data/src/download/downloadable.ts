import { ArgumentError } from '@gradus/core'
import {
  defineOptions,
  describeValue,
  functionKind,
  integer,
  kind,
  text,
  withDefaults,
} from '@gradus/core/internal'
import { DataError } from '../readers/data-error.ts'
import { nodeFiles } from '../readers/source.ts'
import { folderCache } from './folder-cache.ts'
import { pageCache } from './page-cache.ts'
import { received } from './received.ts'

/** How far a download has come. */
export interface DownloadProgress {
  /** Bytes that are there, those of an earlier try included. */
  readonly received: number
  /** Bytes of the whole file, null if the server does not say. */
  readonly total: number | null
}

/** Options of {@link downloadable}. */
export interface DownloadableOptions {
  /** The file's SHA-256 in hexadecimal digits: another file is refused. */
  sha256: string
  /** Node: the folder that files are kept in; `gradus` in the user's cache folder by default. */
  folder?: string
  /** Called as bytes come. */
  onProgress?: (progress: DownloadProgress) => void
  /** How often a connection that fails is tried again, going on where it ended; 3 by default. */
  retries?: number
}

const table = /* @__PURE__ */ defineOptions<DownloadableOptions>({
  sha256: /* @__PURE__ */ kind(
    '64 hexadecimal digits',
    (x) => typeof x === 'string' && /^[0-9a-f]{64}$/i.test(x),
  ),
  folder: text,
  onProgress: functionKind(),
  retries: /* @__PURE__ */ integer(0),
})

/** Where files are kept, by their sum. */
export interface Cache {
  /** The file, if it is there and has that sum. */
  find(sha256: string): Promise<string | Blob | null>
  /** A place for bytes that come one after the other; what an earlier try left is there. */
  part(sha256: string): Promise<Part>
}

/** A file that is not whole yet. */
export interface Part {
  /** Bytes that are there. */
  size: number
  /** What the server called the version of which they are, null if it did not. */
  version: string | null
  /** Begins anew, with bytes of that version. */
  restart(version: string | null): Promise<void>
  append(bytes: Uint8Array): Promise<void>
  /** The file, whole, if it has the sum; null, and nothing kept, if it has another. */
  finish(): Promise<{ file: string | Blob } | { found: string }>
  /** Keeps what is there for another try. */
  leave(): Promise<void>
}

/**
 * A file of the web, fetched once: its path in Node, a `Blob` in a page, both of which readers take. The file is kept under its sum,
 * and is checked whenever it is asked for. A download that was cut goes on where it ended, in the next call too.
 *
 * @throws DataError for a file with another sum, an answer that is not a file, and a connection that keeps failing
 * @example
 * ```ts norun
 * const file = await g.utils.data.downloadable('https://example.com/train-images-idx3-ubyte.gz', {
 *   sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
 * })
 * const images = await g.utils.data.readIdx(file)
 * ```
 */
export async function downloadable(url: string | URL, options: DownloadableOptions): Promise<string | Blob> {
  const given = withDefaults('downloadable', table, options, { retries: 3 })
  if (given.sha256 === undefined) {
    throw new ArgumentError('downloadable needs sha256, the sum of the file', {
      hint: '`sha256sum FILE` prints it: without it nobody knows whether the file is the one that was meant',
    })
  }
  const address = addressOf(url)
  const sha256 = given.sha256.toLowerCase()
  const cache = nodeFiles() === undefined ? pageCache() : folderCache(given.folder)
  const kept = await cache.find(sha256)
  if (kept !== null) return kept
  const part = await cache.part(sha256)
  await received(address, part, given.retries, given.onProgress ?? (() => {}))
  const done = await part.finish()
  if ('file' in done) return done.file
  throw new DataError(`${address.href} has the SHA-256 ${done.found}, not ${sha256}`, {
    hint: 'the file has changed, or was damaged or replaced on its way; nothing of it was kept',
  })
}

function addressOf(url: string | URL): URL {
  try {
    const address = new URL(url, typeof location === 'object' ? location.href : undefined)
    if (/^https?:$/.test(address.protocol)) return address
  } catch {
    // said below
  }
  throw new ArgumentError(`downloadable fetches an http or https URL, got ${describeValue(url)}`)
}
