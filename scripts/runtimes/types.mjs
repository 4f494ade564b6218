// The declarations as installed: each TypeScript, each way to resolve, the strictest flags, npm and pnpm.
import { join } from 'node:path'
import { npmProject, pnpmProject, run } from './consumer.mjs'

/** Exported without annotations, so that the declaration that is emitted names every type. */
const program = `import * as g from 'gradus'
import { Linear } from '@gradus/nn'
export const model = new g.nn.Sequential(new g.nn.Linear(2, 3), new g.nn.ReLU())
export const layer = new Linear(2, 3)
export const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
export const scheduler = new g.optim.lrScheduler.StepLR(optimizer, 2)
export const scaler = new g.amp.GradScaler()
export const backend = g.wasmBackend()
export const dataset = new g.utils.data.TensorDataset(g.zeros(4, 2), g.zeros(4))
export const loader = new g.utils.data.DataLoader(dataset, { batchSize: 2 })
export const zeros = (dtype?: g.DType): g.Tensor => g.zeros(2, dtype === undefined ? {} : { dtype })
export const status = g.status
export const clip = g.nn.utils.clipGradNorm_
export const functional = g.nn.functional
`
const underPnpm = program
  .replace("import { Linear } from '@gradus/nn'\n", '')
  .replace('new Linear(', 'new g.nn.Linear(')

const flags = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  declaration: true,
  emitDeclarationOnly: true,
  outDir: 'out',
  target: 'es2022',
  types: [],
}
const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
}
const versions = (process.env.TYPESCRIPTS ?? '5.0 5.2 5.4 5.7 5.9 latest').split(' ')
const tools = Object.fromEntries(versions.map((version) => [`ts-${version}`, `npm:typescript@${version}`]))

const configs = Object.fromEntries(
  Object.entries(resolutions).map(([name, how]) => [
    `tsconfig.${name}.json`,
    JSON.stringify({
      compilerOptions: { ...flags, ...how, lib: ['es2022', 'dom', 'dom.iterable'] },
      files: ['consumer.ts'],
    }),
  ]),
)

export async function typeRows() {
  const rows = []
  for (const [manager, make, text] of [
    ['npm', npmProject, program],
    ['pnpm', pnpmProject, underPnpm],
  ]) {
    const at = await make(`types-${manager}`, { 'consumer.ts': text, ...configs }, tools)
    for (const version of versions) {
      for (const name of Object.keys(resolutions)) {
        rows.push([
          `TypeScript ${version}, ${name}, ${manager}`,
          async () => {
            const tsc = join(at, 'node_modules', `ts-${version}`, 'bin', 'tsc')
            await run(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], { cwd: at })
            return 'types'
          },
        ])
      }
    }
  }
  return rows
}
