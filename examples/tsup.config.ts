import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'tsup'

// a program is `name.ts` or `name/main.ts`; each is bundled whole, because Node 20 cannot run the workspace's TypeScript
const files = readdirSync('.').filter((name) => name.endsWith('.ts') && !name.endsWith('.config.ts'))
const folders = readdirSync('.').filter((name) => existsSync(`${name}/main.ts`))

export default defineConfig({
  entry: {
    ...Object.fromEntries(files.map((name) => [name.replace('.ts', ''), name])),
    ...Object.fromEntries(folders.map((name) => [name, `${name}/main.ts`])),
  },
  format: 'esm',
  target: 'node20',
  platform: 'node',
  noExternal: [/./],
  splitting: false,
  sourcemap: true,
  clean: true,
  removeNodeProtocol: false,
  // packages of the CommonJS kind call require
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
})
