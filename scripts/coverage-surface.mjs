// What a program finds in `gradus`: names by their place, and of what can be called its arguments and options, as the
// type checker reads them from the declarations.
import { resolve } from 'node:path'
import ts from 'typescript'

const config = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', ts.sys.readFile).config,
  ts.sys,
  '.',
)
const entry = resolve('packages/gradus/src/index.ts')
const program = ts.createProgram([entry], {
  ...config.options,
  incremental: false,
  tsBuildInfoFile: undefined,
})
const checker = program.getTypeChecker()
const file = program.getSourceFile(entry)
const target = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)

/** The public member of a namespace, or of the instances or statics of a class. */
function member(owner, name) {
  if (owner.flags & ts.SymbolFlags.ValueModule) {
    const found = checker.getExportsOfModule(owner).find((s) => s.name === name)
    return found && target(found)
  }
  if (!(owner.flags & ts.SymbolFlags.Class)) return undefined
  const found =
    checker.getPropertyOfType(checker.getDeclaredTypeOfSymbol(owner), name) ??
    checker.getPropertyOfType(checker.getTypeOfSymbol(owner), name)
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  const isHidden = found?.declarations?.some((node) => ts.getCombinedModifierFlags(node) & hidden)
  return isHidden ? undefined : found
}

const isOptions = (name, text) => /options|^call$/i.test(name) || /^\w*(Options|Call)\b/.test(text)

/** Names of the members of an options object, of whichever form of the call takes one. */
function optionNames(type) {
  if (type.isUnionOrIntersection()) return type.types.flatMap(optionNames)
  if (checker.isTupleType(type))
    return checker
      .getTypeArguments(type)
      .flatMap((element) => (isOptions('', textOf(element)) ? optionNames(element) : []))
  if (!(type.flags & ts.TypeFlags.Object) || checker.isArrayType(type)) return []
  if (type.getCallSignatures().length > 0 || type.isClass()) return []
  return type.getProperties().map((property) => property.name)
}

const textOf = (type) => checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)

/**
 * The value at a place of the umbrella: `['nn', 'functional', 'pad']`.
 *
 * @returns its arguments by position and its options, none for what cannot be called; null where there is no such value
 */
export function surfaceAt(path) {
  let symbol = checker.getSymbolAtLocation(file)
  for (const name of path) {
    symbol = symbol && member(symbol, name)
    if (!symbol) return null
  }
  if (!(symbol.flags & ts.SymbolFlags.Value)) return null
  const type = checker.getTypeOfSymbolAtLocation(symbol, file)
  const signatures = [
    ...checker.getSignaturesOfType(type, ts.SignatureKind.Construct),
    ...(symbol.flags & ts.SymbolFlags.Class ? [] : type.getNonNullableType().getCallSignatures()),
  ]
  const positional = []
  const options = new Set()
  for (const signature of signatures) {
    signature.parameters.forEach((parameter, i) => {
      const given = checker.getTypeOfSymbolAtLocation(parameter, file)
      const node = parameter.valueDeclaration
      const destructured = node && ts.isParameter(node) && !ts.isIdentifier(node.name)
      const isRest = node && ts.isParameter(node) && node.dotDotDotToken
      if (destructured || isRest || isOptions(parameter.name, textOf(given))) {
        const names = optionNames(given.getNonNullableType())
        for (const name of names) options.add(name)
        if (names.length > 0 && !isRest) return
      }
      if (isRest && checker.isTupleType(given)) {
        const labels = given.target.labeledElementDeclarations ?? []
        labels.forEach((label, k) => {
          if (label && !isOptions(label.name.getText(), ''))
            (positional[i + k] ??= []).push(label.name.getText())
        })
        for (const element of checker.getTypeArguments(given))
          if (isOptions('', textOf(element.getNonNullableType())))
            for (const name of optionNames(element.getNonNullableType())) options.add(name)
        if (labels.length > 0) return
      }
      if (!positional.some((names) => names.includes(parameter.name)))
        (positional[i] ??= []).push(parameter.name)
    })
  }
  return { positional: [...positional].map((names) => names ?? []), options: [...options] }
}
