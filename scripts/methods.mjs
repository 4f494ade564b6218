// Writes the methods of Tensor: for each name of methods.json the op function of core/src/ops, its in-place form beside
// it, their comments included. Those of basic-methods.json, which gradus itself calls, are in a class of their own, and the
// entry without the others has all that the index exports. `--write` renews the files; without it one that is out of date fails.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, dirname } from 'node:path'
import { format, resolveConfig } from 'prettier'
import ts from 'typescript'
import { commentOf, methodComment } from './methods-comment.mjs'

const core = 'packages/core/src'
const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'))
const basic = new Set(read('basic-methods.json'))
const listed = read('methods.json')
/** Other names of functions: exported as they are, and methods where the function is one. */
const aliases = read('aliases.json')

/** Every function of ops/ by the name it is exported under: its declarations (one per overload) and its file. */
function functionsOf(folder) {
  const found = new Map()
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.ts')) continue
    const file = join(folder, path)
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
    const local = new Map()
    const put = (name, entry) => local.set(name, [...(local.get(name) ?? []), entry])
    for (const node of source.statements) {
      if (ts.isFunctionDeclaration(node) && node.name) put(node.name.text, { comment: node, signature: node })
      if (!ts.isVariableStatement(node)) continue
      for (const { name, initializer } of node.declarationList.declarations) {
        if (initializer && ts.isArrowFunction(initializer))
          put(name.text, { comment: node, signature: initializer })
        // another name of the same function
        else if (initializer && ts.isIdentifier(initializer) && local.has(initializer.text))
          put(name.text, { comment: node, signature: local.get(initializer.text)[0].signature })
      }
    }
    const exported = (name, as = name) => {
      const declarations = local.get(name)
      if (declarations)
        found.set(as, { file, source, declarations, ...(found.has(as) ? { twice: true } : {}) })
    }
    for (const node of source.statements) {
      if (ts.isExportDeclaration(node) && node.exportClause && !node.moduleSpecifier) {
        for (const { name, propertyName } of node.exportClause.elements)
          exported((propertyName ?? name).text, name.text)
      } else if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
        if (ts.isFunctionDeclaration(node) && node.body) exported(node.name.text)
        if (ts.isVariableStatement(node))
          for (const { name } of node.declarationList.declarations) exported(name.text)
      }
    }
  }
  return found
}

/** Types that the signatures name, by the file that exports each. */
const types = new Map()
const values = new Map()
const add = (map, file, name) => map.set(file, (map.get(file) ?? new Set()).add(name))
const fail = (message) => {
  console.error(message)
  process.exit(1)
}

/** The text of a type as the methods' file writes it: names that its file keeps to itself are written out. */
function typeText(node, source) {
  let text = node.getText(source)
  const edits = []
  const visit = (at) => {
    if (ts.isTypeReferenceNode(at) && ts.isIdentifier(at.typeName)) {
      const by = typeName(at.typeName.text, source)
      if (by !== at.typeName.text) edits.push([at.getStart(source), at.typeName.end, by])
    }
    ts.forEachChild(at, visit)
  }
  visit(node)
  const from = node.getStart(source)
  for (const [start, end, by] of edits.reverse())
    text = text.slice(0, start - from) + by + text.slice(end - from)
  return text
}

function typeName(name, source) {
  for (const node of source.statements) {
    if (ts.isImportDeclaration(node) && node.importClause?.namedBindings?.elements) {
      const element = node.importClause.namedBindings.elements.find((e) => e.name.text === name)
      if (!element) continue
      const file = join(dirname(source.fileName), node.moduleSpecifier.text)
      add(types, file, (element.propertyName ?? element.name).text)
      return (element.propertyName ?? element.name).text
    }
    const isType = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)
    if (isType && node.name.text === name) {
      if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) {
        add(types, source.fileName, name)
        return name
      }
      if (ts.isTypeAliasDeclaration(node)) return `(${typeText(node.type, source)})`
      fail(`${source.fileName}: the method needs ${name}, which is not exported`)
    }
  }
  return name
}

/** `name?: type` of a parameter; one that is taken apart is named for its type. */
function parameter(node, source, where) {
  const { name, type, initializer, questionToken, dotDotDotToken } = node
  const called = ts.isIdentifier(name) ? name.text : 'options'
  const optional = (initializer || questionToken) && !dotDotDotToken ? '?' : ''
  const value = initializer?.getText(source)
  const isNumber = value !== undefined && /^-?[\d.e-]+$/.test(value)
  const text = type ? typeText(type, source) : isNumber ? 'number' : fail(`${where}: give ${called} a type`)
  return {
    called,
    text: `${dotDotDotToken ? '...' : ''}${called}${optional}: ${text}`,
    spread: dotDotDotToken,
  }
}

function method(name, { file, source, declarations, twice }, own = name) {
  if (twice) fail(`two files export ${name}`)
  const where = `${file}: ${name}`
  const overloads = declarations.filter(({ signature }) => declarations.length === 1 || !signature.body)
  const imported = name === 'var' ? 'var as variance' : own
  const called = name === 'var' ? 'variance' : own
  add(values, file, imported)
  const lines = []
  let longest = []
  const first = commentOf(declarations[0].comment, source)
  if (first === null) fail(`${where} has no comment`)
  for (const { comment, signature } of overloads) {
    const [self, ...rest] = signature.parameters
    if (!signature.type) fail(`${where}: give its result a type`)
    const parameters = rest.map((p) => parameter(p, source, where))
    if (parameters.length > longest.length) longest = parameters
    // an overload without a comment of its own has the first one's: editors show that of the one that is called
    if (name === own)
      lines.push(methodComment(commentOf(comment, source) ?? first, name, self.name.getText(source)))
    else lines.push(`/** {@link ${own}} under another name. */`)
    const inside = ['this: Tensor', ...parameters.map((p) => p.text)].join(', ')
    lines.push(`${name}(${inside}): ${typeText(signature.type, source)}`)
  }
  const given = longest.map(({ called, spread }) => `${spread ? '...' : ''}${called}`)
  if (overloads.length === 1) lines.push(`{ return ${called}(${['this', ...given].join(', ')}) }`)
  else {
    const loose = given.map((p) => `${p}?: unknown`).join(', ')
    lines.push(
      `${name}(this: Tensor, ${loose}): unknown {`,
      '// the overloads above are those of the function, so that one of them takes these arguments',
      `return ${called}(this, ${given.map((p) => `${p} as never`).join(', ')})`,
      '}',
    )
  }
  return lines.join('\n')
}

const functions = functionsOf(`${core}/ops`)
const withInPlace = (name) => (functions.has(`${name}_`) ? [name, `${name}_`] : [name])
const names = listed.flatMap(withInPlace)
/** Pairs of another name and the function's own, in-place forms among them. */
const others = Object.entries(aliases).flatMap(([alias, own]) =>
  withInPlace(own).map((name) => [name === own ? alias : `${alias}_`, name]),
)
const unknown = others.filter(([alias, own]) => !functions.has(own) || functions.has(alias))
if (unknown.length > 0) fail(`aliases.json: no function, or one of its own: ${unknown.join('; ')}`)
const missing = names.filter((name) => !functions.has(name))
if (missing.length > 0) fail(`methods.json names what no file of ops/ exports: ${missing.join(', ')}`)
const write = process.argv.includes('--write')

async function keep(target, text) {
  const written = await format(text, { ...(await resolveConfig(target)), parser: 'typescript' })
  if (write) writeFileSync(target, written)
  else if (!existsSync(target) || readFileSync(target, 'utf8') !== written)
    fail(`${target} is out of date: \`pnpm fix methods\` renews it`)
}

const imports = (map, word) =>
  [...map]
    .map(([file, set]) => [relative(`${core}/fluent`, file), [...set].sort()])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([file, set]) =>
        `import ${word}{ ${set.join(', ')} } from '${file.startsWith('.') ? file : `./${file}`}'`,
    )

/** Writes a class of methods, in the order of the functions: neighbours that look alike are packed smaller in a bundle. */
async function writeClass(file, comment, name, base, baseFile, wanted) {
  types.clear()
  values.clear()
  const methods = [...functions].flatMap(([name, found]) => [
    ...(wanted.has(name) ? [method(name, found)] : []),
    ...others.flatMap(([alias, own]) =>
      own === name && wanted.has(alias) ? [method(alias, found, own)] : [],
    ),
  ])
  add(types, `${core}/tensor/tensor.ts`, 'Tensor')
  const text = [
    '// Written by scripts/methods.mjs from the functions in ops/ that scripts/methods.json names: `pnpm fix methods`.',
    '/* eslint max-lines: off -- generated: one method after the other, as the functions stand in ops/ */',
    ...imports(values, ''),
    ...imports(types, 'type '),
    `import { ${base} } from './${baseFile}.ts'`,
    `/** ${comment} */`,
    `export abstract class ${name} extends ${base} {\n${methods.join('\n\n')}\n}`,
    '',
  ].join('\n')
  await keep(`${core}/fluent/${file}.ts`, text)
  return methods.length
}

const few = new Set(names.filter((name) => basic.has(name)))
const listedNames = new Set(names)
const most = new Set([
  ...names.filter((name) => !basic.has(name)),
  ...others.flatMap(([alias, own]) => (listedNames.has(own) ? [alias] : [])),
])
const counts = [
  await writeClass(
    'basic-methods',
    'Op functions as methods that gradus itself calls.',
    'BasicMethods',
    'BasicForms',
    'basic-forms',
    few,
  ),
  await writeClass(
    'methods',
    'Op functions as methods: this tensor is the first argument.',
    'Methods',
    'MethodForms',
    'forms',
    most,
  ),
]
const exported = new Map()
for (const [alias, own] of others) {
  const { file } = functions.get(own)
  exported.set(file, [...(exported.get(file) ?? []), `${own} as ${alias}`])
}
await keep(
  `${core}/fluent/aliases.ts`,
  [
    '// Written by scripts/methods.mjs: other names that PyTorch has for functions, from scripts/aliases.json.',
    ...[...exported].map(
      ([file, pairs]) => `export { ${pairs.join(', ')} } from '${relative(`${core}/fluent`, file)}'`,
    ),
    '',
  ].join('\n'),
)
console.log(`${counts[0] + counts[1]} methods, ${counts[0]} of them basic; ${others.length} other names`)
