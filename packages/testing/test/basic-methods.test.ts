import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Which methods of a tensor that only the full entry has are called, and where. */
function uses(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, (path) => readFileSync(path, 'utf8'))
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(files, { ...options, types: [] })
  const checker = program.getTypeChecker()
  const found: string[] = []
  for (const source of program.getSourceFiles()) {
    const file = relative(root, source.fileName)
    if (
      !/^packages\/(core|autograd|nn|optim|amp|distributions)\/src\//.test(file) ||
      /fluent\/(methods|forms)\.ts$/.test(file)
    )
      continue
    const visit = (node: ts.Node): void => {
      if (ts.isPropertyAccessExpression(node)) {
        const from = checker.getSymbolAtLocation(node.name)?.declarations?.[0]?.getSourceFile().fileName ?? ''
        if (/core\/src\/fluent\/(methods|forms)\.ts$/.test(from)) found.push(`${file}: ${node.name.text}`)
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}

// packages that `@gradus/core/functions` is enough for; a method in scripts/basic-methods.json is there too
test('the library calls only methods that a tensor has without the full entry', () => {
  const entries = ['core', 'autograd', 'nn', 'optim', 'amp', 'distributions'].map(
    (name) => `${root}/packages/${name}/src/index.ts`,
  )
  expect(uses(entries)).toEqual([])
})
