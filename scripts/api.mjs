// Writes packages/*/api.md: every public export of a package with its declaration, one line to a member, so that a diff
// shows what a change adds or takes. `--write` renews the files; without it one that is out of date fails.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { published } from './published.mjs'

const config = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', ts.sys.readFile).config,
  ts.sys,
  '.',
)
// what carries no promise is no part of the surface
const unlisted = new Set(['./package.json', './internal'])
const packages = published.map(({ dir, manifest }) => ({
  dir,
  name: manifest.name,
  entries: Object.entries(manifest.exports)
    .filter(([path]) => !unlisted.has(path))
    .map(([path, { types }]) => [manifest.name + path.slice(1), resolve(dir, types)]),
}))
const options = { ...config.options, incremental: false, tsBuildInfoFile: undefined }
const program = ts.createProgram(
  packages.flatMap(({ entries }) => entries.map(([, file]) => file)),
  options,
)
const checker = program.getTypeChecker()
const format = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType
/** A type as text; the name alone of one that the file does not import, which the compiler writes with its path. */
const printed = (type, node) => checker.typeToString(type, node, format).replace(/import\("[^"]*"\)\./g, '')

const printer = ts.createPrinter({ removeComments: true, omitTrailingSemicolon: true })
const oneLine = (node) =>
  printer
    .printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
    .replace(/\s+/g, ' ')
    .replace(/;? ?\}/g, ' }')
    .replace(/ {2,}/g, ' ')
    .trim()

const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected

/** Lines of one export, each beginning with its full name. */
function linesOf(name, symbol, home) {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const declarations = target.declarations ?? []
  const file = declarations[0]?.getSourceFile().fileName
  const owner = packages.find(({ dir }) => file?.startsWith(`${resolve(dir)}/`))
  if (owner !== home && target.flags & ts.SymbolFlags.ValueModule)
    return [`namespace ${name} of ${owner.name}`]
  if (owner !== home) return [`${name} = ${target.name} of ${owner?.name ?? relative('.', file)}`]
  if (target.flags & ts.SymbolFlags.ValueModule) {
    const members = checker.getExportsOfModule(target)
    return [
      `namespace ${name}`,
      ...members.flatMap((member) => linesOf(`${name}.${member.name}`, member, home)),
    ]
  }
  return [...new Set(declarations.flatMap((node) => declarationLines(name, node)))]
}

function declarationLines(name, node) {
  if (ts.isFunctionDeclaration(node)) {
    // of an overloaded function the implementation is not public
    const overloaded = node.body && checker.getSymbolAtLocation(node.name).declarations.length > 1
    return overloaded ? [] : [`${name}${signature(node)}`]
  }
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    const word = ts.isClassDeclaration(node) ? 'class' : 'interface'
    const [members, heritage] = withHiddenBases(node)
    const clauses = heritage.map((clause) => ` ${oneLine(clause)}`).join('')
    return [`${word} ${name}${parametersOf(node)}${clauses}`, ...members.flatMap((m) => memberLines(name, m))]
  }
  if (ts.isTypeAliasDeclaration(node)) return [`type ${name}${parametersOf(node)} = ${oneLine(node.type)}`]
  if (ts.isVariableDeclaration(node)) {
    const type = checker.getTypeAtLocation(node)
    const [call] = type.getCallSignatures()
    // an arrow function is a function to whoever calls it
    if (call?.declaration === node.initializer) return [`${name}${signature(node.initializer)}`]
    return [`${name}: ${printed(type, node)}`]
  }
  return [`${name}: ${ts.SyntaxKind[node.kind]}`]
}

/** Members of a class and of what it extends that no entry exports, and the clauses that remain. */
function withHiddenBases(node) {
  const clauses = node.heritageClauses ?? []
  const base = clauses.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]
  const symbol = base && checker.getSymbolAtLocation(base.expression)
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const declaration = target?.declarations?.find(ts.isClassDeclaration)
  // an interface beside a class of its name may extend classes too
  if (!declaration || exported.has(target)) return [node.members, clauses]
  const [members, heritage] = withHiddenBases(declaration)
  const own = new Set(node.members.map((m) => m.name?.getText()))
  const inherited = members.filter((m) => !own.has(m.name?.getText()) && !ts.isConstructorDeclaration(m))
  const others = clauses.filter(({ token }) => token !== ts.SyntaxKind.ExtendsKeyword)
  return [
    [...node.members, ...inherited],
    [...heritage, ...others],
  ]
}

const parametersOf = (node) =>
  node.typeParameters ? `<${node.typeParameters.map((p) => oneLine(p)).join(', ')}>` : ''

const signature = (node) =>
  checker.signatureToString(checker.getSignatureFromDeclaration(node), node, format).replace(/\s+/g, ' ')

function memberLines(name, member) {
  if (ts.getCombinedModifierFlags(member) & hidden || (member.name && ts.isPrivateIdentifier(member.name)))
    return []
  if (ts.isConstructorDeclaration(member)) {
    const hasOverloads = member.parent.members.some((m) => ts.isConstructorDeclaration(m) && !m.body)
    return hasOverloads && member.body ? [] : [`new ${name}(${member.parameters.map(oneLine).join(', ')})`]
  }
  const called = member.name?.getText() ?? ''
  const label = `${name}${called.startsWith('[') || called === '' ? '' : '.'}${called}`
  const isStatic = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Static ? 'static ' : ''
  if (ts.isMethodDeclaration(member) || ts.isMethodSignature(member)) {
    const overloads = member.parent.members.filter((m) => m.name?.getText() === called)
    if (member.body && overloads.length > 1) return []
    return [`${isStatic}${label}${member.questionToken ? '?' : ''}${signature(member)}`]
  }
  if (ts.isGetAccessor(member)) return [`${isStatic}get ${label}: ${typeOf(member)}`]
  if (ts.isSetAccessor(member)) return [`${isStatic}set ${label}: ${oneLine(member.parameters[0].type)}`]
  if (ts.isPropertyDeclaration(member) || ts.isPropertySignature(member)) {
    const readonly = ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Readonly ? 'readonly ' : ''
    const type = member.type ? oneLine(member.type) : typeOf(member)
    return [`${isStatic}${readonly}${label}${member.questionToken ? '?' : ''}: ${type}`]
  }
  if (ts.isCallSignatureDeclaration(member)) return [`${name}${signature(member)}`]
  return [`${name} ${oneLine(member)}`]
}

const typeOf = (node) => printed(checker.getTypeAtLocation(node), node)

const exportsOf = (file) =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
const exported = new Set(
  packages.flatMap(({ entries }) =>
    entries.flatMap(([, file]) =>
      exportsOf(file).map((s) => (s.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(s) : s)),
    ),
  ),
)

let stale = 0
for (const home of packages) {
  const parts = home.entries.map(([entry, file]) => {
    // entries that have nothing of their own
    if (file.endsWith('core/src/functions.ts'))
      return `## ${entry}\n\nWhat the first entry exports, of a Tensor without most methods.\n`
    if (file.includes('/src/entries/'))
      return `## ${entry}\n\nWhat ${entry.replace('gradus', '@gradus')} exports, with the set-up of gradus.\n`
    const sorted = exportsOf(file).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    return [`## ${entry}`, '', '```', ...sorted.flatMap((s) => linesOf(s.name, s, home)), '```', ''].join(
      '\n',
    )
  })
  const text = [
    `# Exports of ${home.name}`,
    '',
    'Written by scripts/api.mjs: `pnpm fix api` renews it.',
    '',
    ...parts,
  ].join('\n')
  const path = join(home.dir, 'api.md')
  if (process.argv.includes('--write')) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    stale++
    console.error(`${path} is out of date: \`pnpm fix api\` renews it`)
  }
  console.log(`${String(text.split('\n').length).padStart(6)} lines  ${path}`)
}
process.exitCode = stale > 0 ? 1 : 0
