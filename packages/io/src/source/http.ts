import { kind, takeArgument } from '@gradus/core/internal'
import { FileError } from '../file-error.ts'
import { bytesSource } from './memory.ts'
import { checkRange } from './range.ts'
import type { ByteSource } from './types.ts'

// formats begin with what says where everything is: one request usually brings it all
const firstBytes = 64 * 1024

const urlKind = /* @__PURE__ */ kind<URL>('a URL', (x) => x instanceof URL)

/**
 * What is behind a URL, read by range requests; a server that does not know them sends all of it once.
 *
 * @throws FileError for an answer that is not 200 or 206, and if the file changes between two requests
 */
export async function httpSource(url: URL): Promise<ByteSource> {
  takeArgument('httpSource', 'url', urlKind, url)
  const name = url.protocol === 'data:' ? 'data URL' : url.href
  const first = await request(url, name, 0, firstBytes)
  const sibling = async (other: string): Promise<ByteSource> =>
    httpSource(new URL(encodeURIComponent(other), url))
  if (first.status !== 206) {
    const whole = bytesSource(await first.arrayBuffer(), name)
    return { ...whole, sibling }
  }
  const size = totalOf(first, name)
  const tag = first.headers.get('etag') ?? first.headers.get('last-modified')
  const head = new Uint8Array(await first.arrayBuffer())
  const source: ByteSource = {
    name,
    size,
    async read(offset, length) {
      checkRange(source, offset, length)
      if (length === 0) return new Uint8Array(0)
      if (offset + length <= head.length) return head.subarray(offset, offset + length)
      const response = await request(url, name, offset, length)
      const changed = (response.headers.get('etag') ?? response.headers.get('last-modified')) !== tag
      if (response.status !== 206 || changed || totalOf(response, name) !== size) {
        await response.body?.cancel()
        throw new FileError(`${name} changed while it was read`, { hint: 'load it again' })
      }
      const bytes = new Uint8Array(await response.arrayBuffer())
      if (bytes.length !== length)
        throw new FileError(`${name} sent ${bytes.length} of the ${length} bytes at ${offset}`)
      return bytes
    },
    sibling,
    async close() {},
  }
  return source
}

async function request(url: URL, name: string, offset: number, length: number): Promise<Response> {
  // what answers from memory knows no ranges
  const headers = new Headers()
  if (/^https?:$/.test(url.protocol)) headers.set('Range', `bytes=${offset}-${offset + length - 1}`)
  let response: Response
  try {
    response = await fetch(url, { headers })
  } catch (cause) {
    throw new FileError(`${name} cannot be fetched: ${String(cause)}`, { cause })
  }
  // a range of an empty file cannot be satisfied
  if (response.status === 416 && offset === 0) return new Response(new Uint8Array(0))
  if (response.status !== 200 && response.status !== 206) {
    await response.body?.cancel()
    throw new FileError(`${name} answered ${response.status} ${response.statusText}`.trimEnd())
  }
  return response
}

function totalOf(response: Response, name: string): number {
  const range = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  if (!range) {
    throw new FileError(`${name} does not say how long it is`, {
      hint: 'the server must send Content-Range, and across origins list it in Access-Control-Expose-Headers',
    })
  }
  return Number(range[1])
}
