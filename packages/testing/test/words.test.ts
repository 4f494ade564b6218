import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { readErrors, messageOf, unlike } from '../src/golden/errors.ts'
import { goldenMissing } from '../src/golden/index.ts'
import { root } from '../src/program.ts'
import { setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'

setBackend(referenceBackend())

/** Words of PyTorch that cannot be typed in a program of gradus. */
const foreign =
  /\btorch\.|retain_graph|create_graph|allow_unused|materialize_grads|requires_grad=|retain_grad\b|sparse_coo|set_detect_anomaly|\b(Float|Double|Long)Tensor\b|=(True|False)\b/

/** Sources whose text holds such words, and why. */
const exempt: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^packages\/io\//, 'files of PyTorch hold its names'],
  [/^packages\/core\/src\/tensor\/format\.ts$/, 'a tensor is printed as PyTorch prints it'],
  [
    /^packages\/nn\/src\/layers\/(activation|conv|dense|recurrent)\//,
    'layers are printed as PyTorch prints them',
  ],
]

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name) ? [join(entry.parentPath, entry.name)] : [],
  )

/** The texts of a program without its comments. */
function textsOf(path: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node)
    )
      found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest))
  return found
}

test('no text of the sources has words that cannot be typed here', () => {
  const found = [
    'amp',
    'autograd',
    'backend-wasm',
    'core',
    'data',
    'distributions',
    'io',
    'nn',
    'onnx',
    'optim',
  ]
    .flatMap((name) => sources(join(root, 'packages', name, 'src')))
    .filter((path) => !exempt.some(([of]) => of.test(relative(root, path))))
    .flatMap((path) =>
      textsOf(path)
        .filter((text) => foreign.test(text))
        .map((text) => `${relative(root, path)}: ${text}`),
    )
  expect(found).toEqual([])
})

test.skipIf(goldenMissing !== null)('no refused call of PyTorch is refused in such words', () => {
  const found = readErrors()
    .filter((golden) => unlike(golden) === null)
    .map((golden) => messageOf(golden) ?? '')
    .filter((message) => foreign.test(message))
  expect(found).toEqual([])
})
