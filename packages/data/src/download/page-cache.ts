import type { Cache, Part } from './downloadable.ts'

const cacheName = 'gradus-downloads'

/** Files are found by their sum; the address is none that a server answers. */
const keyOf = (sha256: string): string => `https://gradus.invalid/${sha256}`

/** Files in the page's cache. Bytes of an interrupted download are kept for the tries of one call. */
export function pageCache(): Cache {
  return {
    async find(sha256) {
      // pages that are not secure have no cache
      const found = await globalThis.caches?.open(cacheName).then((cache) => cache.match(keyOf(sha256)))
      return found ? found.blob() : null
    },
    part: async (sha256) => partOf(sha256),
  }
}

function partOf(sha256: string): Part {
  let pieces: Uint8Array<ArrayBuffer>[] = []
  const part: Part = {
    size: 0,
    version: null,
    async restart(version) {
      pieces = []
      part.size = 0
      part.version = version
    },
    async append(bytes) {
      pieces.push(Uint8Array.from(bytes))
      part.size += bytes.length
    },
    async finish() {
      const file = new Blob(pieces)
      const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
      const found = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
      if (found !== sha256) return { found }
      const cache = await globalThis.caches?.open(cacheName)
      await cache?.put(keyOf(sha256), new Response(file))
      return { file }
    },
    leave: async () => {},
  }
  return part
}
