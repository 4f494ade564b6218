import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as g from 'gradus'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const program = `${root}packages/testing/test/hovered.ts`

/** Places where a person hovers: members of a namespace by its path. */
const namespaces = {
  'g.nn.functional': g.nn.functional,
  'g.nn.init': g.nn.init,
  'g.nn.parametrize': g.nn.parametrize,
  'g.optim.lrScheduler': g.optim.lrScheduler,
}
const slots = ['storeGrad', 'clearGrad', 'tapeData', 'ownTape', 'counter', 'gradSlot', 'node', 'outputIndex']
const makers = ['viewOf', 'tape', 'make', 'makeAs', 'makeFrom', 'alias', 'rawSync']

let text = "import * as g from 'gradus'\nconst x = g.ones(1)\nx.\n"
let members: string[] = []
let service: ts.LanguageService

/** What an editor shows over the last name of an expression that is a line of the program. */
function hover(expression: string): string {
  const at = text.indexOf(`\n${expression}\n`) + expression.length
  return ts.displayPartsToString(service.getQuickInfoAtPosition(program, at)?.documentation)
}

beforeAll(() => {
  const path = `${root}tsconfig.json`
  const read = ts.readConfigFile(path, (file) => ts.sys.readFile(file))
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root)
  let version = 0
  service = ts.createLanguageService({
    getScriptFileNames: () => [program],
    getScriptVersion: (file) => (file === program ? String(version) : '0'),
    getScriptSnapshot: (file) =>
      file === program || ts.sys.fileExists(file)
        ? ts.ScriptSnapshot.fromString(file === program ? text : readFileSync(file, 'utf8'))
        : undefined,
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...options, incremental: false, tsBuildInfoFile: undefined }),
    getDefaultLibFileName: (compiler) => ts.getDefaultLibFilePath(compiler),
    fileExists: (file) => file === program || ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    directoryExists: (folder) => ts.sys.directoryExists(folder),
    realpath: (file) => ts.sys.realpath?.(file) ?? file,
  })
  const offered = service.getCompletionsAtPosition(program, text.indexOf('x.\n') + 2, undefined)
  members = (offered?.entries ?? []).map(({ name }) => name)
  const lines = [
    ...members.map((name) => `x.${name}`),
    ...Object.entries(namespaces).flatMap(([path, names]) =>
      Object.keys(names).map((name) => `${path}.${name}`),
    ),
    ...['g.relu', 'g.softmax', 'g.nn.functional.gelu', 'g.gelu'],
  ]
  text = `import * as g from 'gradus'\nconst x = g.ones(1)\n${lines.join('\n')}\n`
  version++
}, 300_000)

describe('an editor', () => {
  test('offers the methods of a tensor and none of its internals', () => {
    expect(members.length).toBeGreaterThan(280)
    expect(members).toContain('softmax')
    for (const name of [...slots, ...makers]) expect(members).not.toContain(name)
  })

  test('shows a sentence over every member of a tensor', () => {
    expect(members.filter((name) => hover(`x.${name}`).trim() === '')).toEqual([])
  }, 120_000)

  for (const [path, names] of Object.entries(namespaces)) {
    test(`shows a sentence over every member of ${path}`, () => {
      const silent = Object.keys(names).filter((name) => hover(`${path}.${name}`).trim() === '')
      expect(silent).toEqual([])
    }, 120_000)
  }

  test('shows the same over a function, its method and its place in nn.functional', () => {
    for (const name of ['relu', 'softmax']) {
      expect(hover(`x.${name}`)).toBe(hover(`g.${name}`))
      expect(hover(`g.nn.functional.${name}`)).toBe(hover(`g.${name}`))
    }
    expect(hover('g.nn.functional.gelu')).toBe(hover('g.gelu'))
  })
})
