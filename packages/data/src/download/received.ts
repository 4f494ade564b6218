import { DataError } from '../readers/data-error.ts'
import type { DownloadProgress, Part } from './downloadable.ts'

/** Milliseconds before the first try again; each pause is twice as long. */
const firstPause = 200

/**
 * Fetches what a part lacks.
 *
 * @throws DataError if the server refuses, or the connection fails more than `retries` times
 */
export async function received(
  url: URL,
  part: Part,
  retries: number,
  onProgress: (progress: DownloadProgress) => void,
): Promise<void> {
  for (let failures = 0; ;) {
    const before = part.size
    try {
      await receive(url, part, onProgress)
      return
    } catch (error) {
      if (error instanceof DataError) {
        await part.leave()
        throw error
      }
      // a try that got further does not count with those that did not
      failures = part.size > before ? 1 : failures + 1
      if (failures > retries) {
        await part.leave()
        const what = error instanceof Error ? error.message : String(error)
        throw new DataError(`${url.href} could not be fetched: ${what}`, {
          cause: error,
          hint: `the ${part.size} bytes that came are kept: another call goes on after them`,
        })
      }
      await new Promise((resolve) => setTimeout(resolve, firstPause * 2 ** (failures - 1)))
    }
  }
}

/** Of an error of the connection, which may be tried again. */
class Interrupted extends Error {}

async function receive(
  url: URL,
  part: Part,
  onProgress: (progress: DownloadProgress) => void,
): Promise<void> {
  const goesOn = part.size > 0 && part.version !== null
  const headers: Record<string, string> = goesOn
    ? { Range: `bytes=${part.size}-`, 'If-Range': part.version! } // not null, as goesOn says
    : {}
  const response = await fetch(url, { headers })
  const { body, status } = response
  if (status === 416 && goesOn) {
    // the server's file is not longer than what is here: it is whole, or another one
    await body?.cancel()
    if (totalOf(response) === part.size) return
    await part.restart(null)
    throw new Interrupted('the file on the server is shorter than before')
  }
  if (!response.ok || body === null) {
    await body?.cancel()
    const message =
      `${url.href} could not be fetched: the server answered ${status} ${response.statusText}`.trimEnd()
    throw status >= 500 || status === 429 ? new Interrupted(message) : new DataError(message)
  }
  const continues = status === 206 && goesOn && startOf(response) === part.size
  if (!continues) {
    if (status === 206) {
      await body.cancel()
      await part.restart(null)
      throw new Interrupted('the server sent another part than was asked for')
    }
    await part.restart(versionOf(response))
  }
  const total = totalOf(response)
  onProgress({ received: part.size, total })
  for await (const bytes of piecesOf(body)) {
    await part.append(bytes)
    onProgress({ received: part.size, total })
  }
  if (total !== null && part.size < total)
    throw new Interrupted(`the connection ended after ${part.size} of ${total} bytes`)
}

/** A strong name of the file's version: with another one bytes of two files would be joined. */
function versionOf({ headers }: Response): string | null {
  const tag = headers.get('etag')
  if (tag !== null && !tag.startsWith('W/')) return tag
  return headers.get('last-modified')
}

const rangeOf = ({ headers }: Response) =>
  /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')

function startOf(response: Response): number | null {
  const start = rangeOf(response)?.[1]
  return start === undefined ? null : Number(start)
}

/** Bytes of the whole file. A length says nothing where the answer is packed for its way. */
function totalOf(response: Response): number | null {
  const total = rangeOf(response)?.[2]
  if (total !== undefined) return total === '*' ? null : Number(total)
  const length = response.headers.get('content-length')
  return length === null || response.headers.has('content-encoding') ? null : Number(length)
}

async function* piecesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
