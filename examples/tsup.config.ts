import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'tsup'

// every folder with a main.ts is a program, bundled whole: Node 20 cannot run the workspace's TypeScript
const programs = readdirSync('src').filter((name) => existsSync(`src/${name}/main.ts`))

export default defineConfig({
  entry: Object.fromEntries(programs.map((name) => [`${name}/main`, `src/${name}/main.ts`])),
  format: 'esm',
  target: 'node20',
  platform: 'node',
  noExternal: [/./],
  splitting: false,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
})
