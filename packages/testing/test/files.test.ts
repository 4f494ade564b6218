import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as g from 'gradus'
import { describe, expect, test } from 'vitest'
import { expectedFiles, expectedForm, filesFolder, simplified } from '../src/golden/shared-files.ts'

/** Words that a refusal must have, so that it says as much as the reason beside the file. */
const words: Record<string, RegExp> = {
  'torch/whole_module.pt':
    /torch\.nn\.modules\.linear\.Linear is not allowed: it is a class or function, not data/,
  'torch/sparse.pt': /sparse tensor/,
  'torch/quantized.pt': /quantized tensor/,
  'npy/object.npy': /Python objects, which are pickles/,
  'npy/structured.npy': /structured dtype/,
  'hostile/os_system.pt': /global posix\.system is not allowed/,
  'hostile/eval.pt': /global builtins\.eval is not allowed/,
  'hostile/exec.pt': /global builtins\.exec is not allowed/,
  'hostile/getattr.pt': /global builtins\.getattr is not allowed/,
  'hostile/open.pt': /global io\.open is not allowed/,
  'hostile/dotted_global.pt':
    /global torch\._utils\.os\.system is not allowed: its name reaches through a module/,
  'hostile/build_setstate.pt': /BUILD may not set __class__/,
  'hostile/deep.pt': /nested too deeply/,
  'hostile/memo_bomb.pt': /a walk would meet 2\.\de\+18 elements/,
  'hostile/long_string.pt': /claims 2\.15 GB of text, and 4 bytes are left/,
  'hostile/truncated.pt': /the end of the zip directory is missing/,
  'hostile/storage_cut.pt': /storage 0 has 17 of 256 bytes/,
  'hostile/zip_bomb.pt': /compressed and would inflate from 291590 to 300000000 bytes/,
  'hostile/not_zip.pt': /neither a zip archive nor a pickle/,
  'hostile/empty.pt': /the file is empty/,
  'hostile/header_huge.safetensors':
    /the header's length, 1152921504606846976 bytes, reaches beyond the file/,
  'hostile/header_100mb.safetensors': /the header's length, 200000000 bytes, reaches beyond the file/,
  'hostile/overlap.safetensors': /the tensors "a" and "b" overlap/,
  'hostile/hole.safetensors': /a hole of 4 bytes before the tensor "b"/,
  'hostile/beyond.safetensors': /offsets end at 16, beyond the file/,
  'hostile/shape_mismatch.safetensors': /shape \[3\] of F32 needs 12 bytes, its offsets span 8/,
  'hostile/overflow.safetensors': /sizes overflow/,
  'hostile/negative.safetensors': /a negative size, -1/,
  'hostile/reversed.safetensors': /offsets run backwards, from 4 to 0/,
  'hostile/duplicate.safetensors': /the name "a" is there twice/,
  'hostile/dtype.safetensors': /the dtype "F99" is unknown/,
  'hostile/not_json.safetensors': /the header is not JSON/,
  'hostile/trailing.safetensors': /5 bytes follow the last tensor/,
  'hostile/metadata_type.safetensors': /metadata must be text: "a" is of type number/,
  'hostile/array_header.safetensors': /the header is not an object/,
  'hostile/npy_header.npy': /the header claims 65535 bytes and is longer than the file/,
  'hostile/npy_code.npy': /the header is not the literal that NumPy writes/,
  'hostile/npy_claim.npy': /the array claims 8 TB and the file has 8 bytes/,
}

g.setWarningHandler(() => {})

describe.skipIf(filesFolder === null)('files of other programs', () => {
  for (const [path, expected] of expectedFiles()) {
    const file = join(filesFolder ?? '', path)
    if ('holds' in expected) {
      test(`${path} holds what it was given, to the bit`, async () => {
        expect(simplified(await g.load(file))).toEqual(expectedForm(expected.holds))
      })
    } else if (expected.refuse.includes('reading is allowed')) {
      test(`${path} is read, and changes nothing`, async () => {
        await g.load(file)
        expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted')
        expect({}).not.toHaveProperty('polluted')
      })
    } else {
      test(`${path} is refused: ${expected.refuse}`, async () => {
        const before = performance.now()
        const error: unknown = await g.load(file).catch((e: unknown) => e)
        expect(error).toBeInstanceOf(g.io.FileError)
        expect(String(error)).toMatch(words[path])
        expect(performance.now() - before).toBeLessThan(200 + statSync(file).size / 1000)
      })
    }
  }

  test('a tensor named __proto__ is one like any other', async () => {
    const tensors = await g.load<Record<string, g.Tensor>>(
      join(filesFolder ?? '', 'hostile/proto.safetensors'),
    )
    expect(Object.keys(tensors)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(tensors)).toBe(null)
    const dict = await g.load<Record<string, unknown>>(join(filesFolder ?? '', 'hostile/proto_key.pt'))
    expect(Object.keys(dict)).toEqual(['__proto__', 'constructor'])
  })
})
