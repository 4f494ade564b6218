// Module by module, what a program of sizes.json costs, bundled from the sources: no build is needed.
// `node scripts/weigh.mjs training` lists the files of the rows whose names hold the word, largest first;
// `--folders` adds them up by folder, and `--why FILE` names what imports a file.
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'

const programs = JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8'))
const args = process.argv.slice(2)
const whyAt = args.indexOf('--why')
const why = whyAt < 0 ? null : args.splice(whyAt, 2)[1]
const folders = args.includes('--folders')
const words = args.filter((arg) => !arg.startsWith('--'))

for (const { name, code } of programs.filter((row) => words.every((word) => row.name.includes(word)))) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: 'packages/testing', loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    logLevel: 'error',
  })
  const bytes = outputFiles[0].contents
  const gzip = gzipSync(bytes, { level: 9 }).length
  console.log(
    `\n${(gzip / 1000).toFixed(1)} kB gzip, ${(bytes.length / 1000).toFixed(1)} kB minified: ${name}`,
  )
  if (words.length === 0) continue
  const { inputs } = Object.values(metafile.outputs)[0]
  const weights = new Map()
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const key = folders ? dirname(file) : file
    weights.set(key, (weights.get(key) ?? 0) + bytesInOutput)
  }
  for (const [file, weight] of [...weights].sort((a, b) => b[1] - a[1]).filter(([, w]) => w > 0))
    console.log(`${String(weight).padStart(8)} ${file}`)
  if (why === null) continue
  for (const [file, { imports }] of Object.entries(metafile.inputs))
    if (imports.some(({ path }) => path.includes(why)) && inputs[file]?.bytesInOutput > 0)
      console.log(`   ${file} imports it`)
}
