import { kind, takeArgument, text } from '@gradus/core/internal'
import { FileError } from '../file-error.ts'
import { checkRange } from './range.ts'
import type { ByteSource } from './types.ts'

const blobKind = /* @__PURE__ */ kind<Blob>('a Blob or File', (x) => x instanceof Blob)

/** A `Blob` or `File` as a source: parts of it are read as they are asked for. */
export function blobSource(blob: Blob, name?: string): ByteSource {
  takeArgument('blobSource', 'blob', blobKind, blob)
  if (name !== undefined) takeArgument('blobSource', 'name', text, name)
  // a File has a name, a Blob that is none has not
  const own = 'name' in blob && typeof blob.name === 'string' ? blob.name : 'Blob'
  const source = {
    name: name ?? own,
    size: blob.size,
    async read(offset: number, length: number) {
      checkRange(source, offset, length)
      try {
        return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer())
      } catch (cause) {
        throw new FileError(`reading ${JSON.stringify(source.name)} failed: ${String(cause)}`, {
          cause,
          hint: 'a file that changed after it was chosen has to be chosen again',
        })
      }
    },
    async close() {},
  }
  return source
}
