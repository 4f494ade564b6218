// Turns the `@example` blocks of the packages' doc comments into tests, one file for each source file.
//
// An example may use, without importing them, the exports of gradus, of its own package and of its own file, and `g`
// for all of gradus. The seed is 0 at its start. Comments at the end of a statement are checked (doc-check.ts):
//   expression // => what it prints        numbers to the digits given, `...` for anything, prose after a comma
//   const x = ... // => what x prints
//   console.log(...) // => the line        longer output goes on in comment lines below: `//    more`
//   expression // throws ShapeError: inner dimensions differ
// A fenced example marked `ts norun` is only shown.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type * as Compiler from 'typescript'

const output = 'packages/testing/.doc-examples'

interface Example {
  line: number
  code: string
}

/** Writes the tests of all examples under packages/testing; only what changed since the last time is written. */
export async function writeDocExamples(): Promise<void> {
  // examples are written against gradus: without it there is nothing to run
  if (!existsSync('packages/gradus/src/index.ts')) return
  mkdirSync(output, { recursive: true })
  const self = readFileSync('scripts/doc-examples.ts', 'utf8')
  const kept = new Set<string>()
  for (const dir of readdirSync('packages')) {
    const manifest = join('packages', dir, 'package.json')
    if (!existsSync(manifest) || JSON.parse(readFileSync(manifest, 'utf8')).private) continue
    const entries = packageEntries(manifest)
    for (const source of sources(join('packages', dir, 'src'))) {
      // the parts of the compiled backend are not public; their examples are for its readers
      if (/backend-wasm\/src\/(?!index|wasm-backend)/.test(source)) continue
      const text = readFileSync(source, 'utf8')
      const examples = findExamples(text)
      if (examples.length === 0) continue
      const name = `${source
        .replace(/^packages\//, '')
        .replace('/src/', '/')
        .replaceAll('/', '.')}`.replace(/ts$/, 'test.ts')
      kept.add(name)
      const stamp = createHash('sha256').update(self).update(entries.join()).update(text).digest('hex')
      const path = join(output, name)
      const head = `// ${stamp}\n`
      if (existsSync(path) && readFileSync(path, 'utf8').startsWith(head)) continue
      // the compiler takes a quarter of a second to load, and is needed only after a change
      const { default: ts } = await import('typescript')
      writeFileSync(path, head + testFile(ts, source, entries, examples))
    }
  }
  for (const name of readdirSync(output)) if (!kept.has(name)) rmSync(join(output, name))
}

function packageEntries(manifest: string): string[] {
  const { name, exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string; exports: object } // our own
  return Object.keys(exports)
    .filter((path) => path !== './package.json' && existsSync(join(manifest, '..', 'src', path, 'index.ts')))
    .map((path) => name + path.slice(1))
}

function sources(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(test|test-d|d)\.ts$/.test(path))
    .map((path) => join(dir, path))
    .sort()
}

function findExamples(text: string): Example[] {
  const examples: Example[] = []
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, comment.index).split('\n').length
    const lines = comment[0]
      .replace(/\s*\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*\/?\*+ ?/, ''))
    lines.forEach((line, i) => {
      if (!line.startsWith('@example')) return
      const next = lines.findIndex((other, j) => j > i && /^@\w/.test(other))
      const body = [line.slice('@example'.length), ...lines.slice(i + 1, next < 0 ? undefined : next)].join(
        '\n',
      )
      const fences = [...body.matchAll(/```(.*)\n([\s\S]*?)```/g)]
      const runs = fences.filter(([, mark]) => mark.trim() === 'ts' || mark.trim() === '')
      const code = fences.length > 0 ? runs.map((fence) => fence[2]).join('\n') : body
      if (code.trim() !== '') examples.push({ line: firstLine + i, code })
    })
  }
  return examples
}

function testFile(ts: typeof Compiler, source: string, entries: string[], examples: Example[]): string {
  const isEntry = basename(source) === 'index.ts'
  const modules = [...entries, ...(isEntry ? [] : [`../../../${source}`])]
  return [
    `import { test as $test } from 'vitest'`,
    `import { equals as $equals, names as $names, throws as $throws } from '../../../scripts/doc-check.ts'`,
    `import * as $gradus from 'gradus'`,
    ...modules.map((path, i) => `import * as $${i} from '${path}'`),
    `const $scope = { ...$gradus, ${modules.map((_, i) => `...$${i}`).join(', ')}, g: $gradus }`,
    ...examples.map((example) => testBody(ts, source, example)),
    '',
  ].join('\n')
}

function testBody(ts: typeof Compiler, source: string, { line, code }: Example): string {
  const title = JSON.stringify(`${source}:${line}`)
  const file = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true)
  const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true })
  if (diagnostics && diagnostics.length > 0) {
    const message = ts.flattenDiagnosticMessageText(diagnostics[0].messageText, ' ')
    return `$test(${title}, () => { throw new Error(${JSON.stringify(`the example does not parse: ${message}`)}) })`
  }
  const edits: { from: number; to: number; text: string }[] = []
  const declared = new Set<string>()
  const used = new Set<string>()

  const visit = (node: Compiler.Node): void => {
    if (ts.isImportDeclaration(node)) {
      edits.push({ from: node.getStart(), to: node.end, text: dynamicImport(ts, node, declared) })
      return
    }
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) check(node)
    if (ts.isIdentifier(node)) {
      const parent = node.parent
      const isDeclaration = 'name' in parent && parent.name === node && !ts.isPropertyAccessExpression(parent)
      if (isDeclaration && !ts.isPropertyAssignment(parent)) declared.add(node.text)
      const isMember = 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)
      const isLabel = ts.isBindingElement(parent) && parent.propertyName === node
      if (!isMember && !isLabel) used.add(node.text)
    }
    // types vanish before the example runs, but `extends Module` counts as a type node and stays
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return
    ts.forEachChild(node, visit)
  }

  const check = (node: Compiler.ExpressionStatement | Compiler.VariableStatement): void => {
    const [, kind, first, rest] =
      /^[ \t]*\/\/ (=>|throws) (.*)((?:\n[ \t]*\/\/ {3,}.*)*)/.exec(code.slice(node.end)) ?? []
    if (kind === undefined) return
    const expected = JSON.stringify(first + rest.replace(/\n[ \t]*\/\/ {3,}/g, '\n'))
    if (ts.isVariableStatement(node)) {
      const names = node.declarationList.declarations.map(({ name }) => name.getText())
      edits.push({ from: node.end, to: node.end, text: `; $equals([${names[0]}], ${expected})` })
      return
    }
    const { expression } = node
    const isLog = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log'
    const value = isLog
      ? expression.arguments.map((argument) => argument.getText()).join(', ')
      : expression.getText()
    const text =
      kind === '=>'
        ? `$equals([${value}], ${expected})`
        : `await $throws(async () => (${expression.getText()}), ${expected})`
    edits.push({ from: node.getStart(), to: node.end, text })
  }

  visit(file)
  const free = [...used].filter(
    (name) => !declared.has(name) && !(name in globalThis) && name !== 'undefined',
  )
  const body = edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: by }) => text.slice(0, from) + by + text.slice(to), code)
  return [
    `$test(${title}, async () => {`,
    `  $gradus.manualSeed(0)`,
    free.length > 0 ? `  const { ${free.join(', ')} } = $names($scope, ${JSON.stringify(free)})` : '',
    `  {\n${body}\n  }`,
    `})`,
  ].join('\n')
}

function dynamicImport(ts: typeof Compiler, node: Compiler.ImportDeclaration, declared: Set<string>): string {
  const { importClause: clause, moduleSpecifier } = node
  const bindings = clause?.namedBindings
  if (clause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return ''
  const from = `await import(${moduleSpecifier.getText()})`
  if (bindings === undefined) return from
  if (ts.isNamespaceImport(bindings)) {
    declared.add(bindings.name.text)
    return `const ${bindings.name.text} = ${from}`
  }
  const names = bindings.elements.filter((element) => !element.isTypeOnly)
  for (const { name } of names) declared.add(name.text)
  const list = names.map(({ name, propertyName }) =>
    propertyName ? `${propertyName.text}: ${name.text}` : name.text,
  )
  return `const { ${list.join(', ')} } = ${from}`
}
