// The declarations that are published: one file per source file, in dist/types of each package, so that every type has the
// name and place that it has in the sources. Bundled declarations rename types and lose those of nested namespaces.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { published } from './published.mjs'

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, resolve('.'))
const entries = published.flatMap(({ dir, manifest }) =>
  Object.values(manifest.exports).flatMap((way) => (way.types ? [resolve(dir, way.types)] : [])),
)
const program = ts.createProgram(entries, {
  ...options,
  noEmit: false,
  incremental: false,
  tsBuildInfoFile: undefined,
  allowImportingTsExtensions: true,
  declaration: true,
  emitDeclarationOnly: true,
  outDir: resolve('.reports/declarations'),
})

// `Symbol.dispose` and what is made of it are in libraries of TypeScript that a program need not have
const disposal = `declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol
    readonly asyncDispose: unique symbol
  }
  interface Disposable {
    [Symbol.dispose](): void
  }
  interface AsyncDisposable {
    [Symbol.asyncDispose](): PromiseLike<void>
  }
}
export {}
`
// TypeScript before 5.4 has no NoInfer
const noInfer = 'type NoInfer<T> = [T][T extends any ? 0 : never];\n'

/** The text as every supported TypeScript and library takes it. */
function portable(text) {
  let result = text
    .replace(/((?:from |import\(|import )['"]\.{1,2}\/[^'"]*)\.ts(['"])/g, '$1.js$2')
    // arrays have had a parameter since 5.7; these are what their constructors give
    .replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<$1Constructor['from']>")
    .replace(/\b(\w+Array)<(?:ArrayBufferLike|SharedArrayBuffer)>/g, '$1')
    // internal: a program without Node's types has no such modules
    .replace(/typeof import\(['"]node:\w+['"]\)/g, 'unknown')
  if (/\b(Async)?Disposable\b|Symbol\.(asyncDispose|dispose)/.test(result)) result += disposal
  if (/\bNoInfer</.test(result)) result += noInfer
  return result
}

for (const { dir } of published) rmSync(join(dir, 'dist', 'types'), { recursive: true, force: true })
let files = 0
for (const source of program.getSourceFiles()) {
  const home = published.find(({ dir }) => source.fileName.startsWith(`${resolve(dir, 'src')}/`))
  if (!home || source.isDeclarationFile) continue
  const place = relative(resolve(home.dir, 'src'), source.fileName).replace(/\.ts$/, '.d.ts')
  const { diagnostics } = program.emit(
    source,
    (_, text) => {
      const file = join(home.dir, 'dist', 'types', place)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, portable(text))
      files++
    },
    undefined,
    true,
  )
  if (diagnostics.length > 0) {
    console.error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)))
    process.exitCode = 1
  }
}
for (const { dir, manifest } of published) {
  for (const { types } of Object.values(manifest.publishConfig.exports)) {
    if (types === undefined || existsSync(join(dir, types))) continue
    console.error(`${join(dir, types)} was not made`)
    process.exitCode = 1
  }
}
console.log(`${files} files of declarations in ${published.length} packages`)
