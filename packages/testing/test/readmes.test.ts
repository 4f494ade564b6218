// The page of each package on npm: its program runs with what its install line names, and prints what its comments say.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
// @ts-expect-error a script in plain JavaScript, which has no types
import { published } from '../../../scripts/published.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** The text between the fences of one language. */
const fenced = (readme: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? ''

const packageOf = (specifier: string): string =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]

describe.each(published as { dir: string; manifest: { name: string } }[])('$dir', ({ dir, manifest }) => {
  const readme = readFileSync(join(here, '../../..', dir, 'README.md'), 'utf8')
  const program = fenced(readme, 'ts')
  const installed = fenced(readme, 'sh').trim().replace('npm install ', '').split(' ')

  test('the install line names what the program imports', () => {
    const imported = [...program.matchAll(/from '([^']+)'/g)]
      .map(([, specifier]) => specifier)
      .filter((specifier) => !specifier.startsWith('node:'))
    expect(installed).toContain(manifest.name)
    expect(installed).toEqual(expect.arrayContaining([...new Set(imported.map(packageOf))]))
  })

  test('the program prints what its comments say', async () => {
    const { outputFiles } = await build({
      stdin: { contents: program, resolveDir: here, loader: 'ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      logLevel: 'silent',
    })
    const folder = mkdtempSync(join(tmpdir(), 'gradus-readme-'))
    try {
      const file = join(folder, 'program.mjs')
      writeFileSync(file, outputFiles[0].contents)
      const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(stdout.trim()).toBe([...program.matchAll(/\/\/ (.*)/g)].map(([, line]) => line).join('\n'))
      expect(stdout).not.toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
