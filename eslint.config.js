import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import { explainedAs } from './scripts/eslint-explained-as.js'

/** Which packages of gradus each package may import, and why no others (ARCHITECTURE.md, packages). */
const directions = {
  core: [[], 'core is the floor: everything else stands on it'],
  autograd: [['core'], 'autograd differentiates tensors and knows no layers, optimizers or backends'],
  nn: [
    ['core', 'autograd'],
    'layers are written in tensors; how they are trained or computed is chosen by the user',
  ],
  optim: [['core'], 'an optimizer reads parameters and gradients; where they come from is not its concern'],
  amp: [['core'], 'autocast and loss scaling act where operators are dispatched, whoever calls them'],
  distributions: [['core'], 'a distribution is a function of its parameters, whoever trains them'],
  data: [['core'], 'data ends in tensors: it must be usable without models'],
  onnx: [['core'], 'a model is exported by the ops that it calls, whatever it is made of'],
  io: [['core'], 'files hold tensors and plain values: who made them is not its concern'],
  'backend-wasm': [['core'], 'a backend computes programs of core and must not know who wrote them'],
}

const byPath = {
  regex: String.raw`^(\.\./)+(packages/)?[a-z-]+/(src|dist|test)/`,
  message: 'A package is entered through its exports: import it by name, not by path.',
}

/** Packages that call no methods of a tensor but the basic ones: programs that import no others are smaller. */
const withoutMethods = ['autograd', 'nn', 'optim', 'amp', 'distributions']
const fewMethods = {
  regex: '^@gradus/core$',
  message: "Import '@gradus/core/functions': '@gradus/core' brings every method into every program.",
}

const direction = ([name, [allowed, reason]]) => {
  const names = [...allowed, name].map((other) => `(?!@gradus/${other}(?:/|$))`).join('')
  const may =
    allowed.length > 0
      ? `@gradus/${name} may import ${allowed.join(', ')}`
      : `@gradus/${name} imports no package`
  const patterns = [{ regex: `^${names}(@gradus/|gradus$|testing$)`, message: `${may}: ${reason}.` }, byPath]
  const rules = (...more) => ({ 'no-restricted-imports': ['error', { patterns: [...patterns, ...more] }] })
  const files = { files: [`packages/${name}/**/*.ts`], ignores: ['**/tsup.config.ts'], rules: rules() }
  if (!withoutMethods.includes(name)) return [files]
  return [files, { files: [`packages/${name}/src/**/*.ts`], rules: rules(fewMethods) }]
}

/** The layers of core from the floor up, and why each lies where it does: a folder imports those before it (ARCHITECTURE.md). */
const layers = [
  ['base', 'dtypes, shapes and errors are the words that everything is written in'],
  ['program', 'a program is data: it must not know who runs or makes it'],
  ['backend', 'a backend runs programs over memory and knows no tensors'],
  ['random', 'a generator fills arrays, whoever owns them'],
  ['reference', 'the reference backend defines the interface and is a backend like others'],
  ['tensor', 'memory, printing and the type of a tensor come before what is done with tensors'],
  ['op', 'an op is called before it is known which ops there are'],
  ['ops', 'ops see the type of a tensor; its class has them for methods'],
  ['fluent', 'the class has every op below it'],
  ['create', 'a factory makes tensors with the class'],
  ['namespaces', 'names that a program reaches through another stand above what they name'],
]

const layer = ([name, reason], i) => ({
  files: [`packages/core/src/${name}/**/*.ts`],
  // the one way up: the type of a tensor, which names the methods
  ignores: ['packages/core/src/tensor/tensor.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: '^(@gradus/|gradus$|testing$)',
            message: '@gradus/core imports no package: it is the floor.',
          },
          {
            regex: `^(\\.\\./)+(${[...layers.slice(i + 1).map(([above]) => above), 'index\\.ts', 'internal\\.ts'].join('|')})(/|$)`,
            message: `core/src/${name} imports only what lies below it: ${reason}.`,
          },
          byPath,
        ],
      },
    ],
  },
})

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Exports have one name everywhere: no default exports.',
}

const noUndeclaredRead = {
  selector: 'CallExpression[callee.property.name=/^(readSync|item|tolist)$/]',
  message:
    'An op that reads values waits for the device: it declares that with readsValues and reads by hostValues (op/host-values.ts).',
}

export default tseslint.config(
  { ignores: ['**/dist/', '**/coverage/', '**/.reports/', '**/.doc-examples/', '**/.vitepress/cache/'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      'no-undef': 'off',
      // constants are quoted from their sources in full
      'no-loss-of-precision': 'off',
      'no-restricted-imports': ['error', { patterns: [byPath] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': ['error', { destructuring: 'all' }],
      'object-shorthand': 'error',
      // tsc reports unused names (noUnusedLocals, noUnusedParameters)
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // `interface Module { (...args): … }` beside `class Module` is how modules are callable
      '@typescript-eslint/no-unsafe-declaration-merging': 'off',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    plugins: { gradus: { rules: { 'explained-as': explainedAs } } },
    rules: {
      'gradus/explained-as': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport],
    },
  },
  {
    files: ['packages/core/src/{op,ops,create}/**/*.ts'],
    ignores: ['packages/core/src/op/host-values.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport, noUndeclaredRead] },
  },
  // what a package exports is one list, a name to a line
  { files: ['packages/*/src/{index,functions}.ts'], rules: { 'max-lines': 'off' } },
  Object.entries(directions).flatMap(direction),
  layers.map(layer),
)
