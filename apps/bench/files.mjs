// `pnpm bench:files`: a safetensors file of 2 GB read and written beside `fs`, how long a training step waits for a loader over a
// million rows, and images with no, one and two workers. Each figure is the median of three turns, each in a process of its own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import jpeg from 'jpeg-js'

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'gradus-files-'))
const program = join(folder, 'program.mjs')

function measure(...args) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** Medians of contenders that take turns. */
function inTurns(contenders) {
  const results = contenders.map(() => [])
  for (let turn = 0; turn < 3; turn++) contenders.forEach((args, i) => results[i].push(measure(...args)))
  return results.map((all) =>
    Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((r) => r[key]))])),
  )
}

const rate = ({ bytes, seconds }) => `${(bytes / seconds / 1e9).toFixed(2)} GB/s`
const percent = (share) => `${(100 * share).toFixed(1)} %`

try {
  await build({
    entryPoints: [fileURLToPath(new URL('src/files/program.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  const file = join(folder, 'large.safetensors')

  const [fsWrite, write] = inTurns([
    ['fs-write', file],
    ['write', file],
  ])
  console.log(
    `write 2 GB: fs ${rate(fsWrite)}, safetensors ${rate(write)} = ${percent(fsWrite.seconds / write.seconds)}, ${write.resident.toFixed(0)} MB resident`,
  )
  measure('fs-read', file)
  const [fsRead, read] = inTurns([
    ['fs-read', file],
    ['read', file],
  ])
  console.log(
    `read 2 GB: fs ${rate(fsRead)}, safetensors ${rate(read)} = ${percent(fsRead.seconds / read.seconds)}, ${read.resident.toFixed(0)} MB resident`,
  )
  rmSync(file)

  const [rows] = inTurns([['loader']])
  console.log(
    `loader over 1,000,000 rows: the step waits ${percent(rows.waiting)} of ${rows.seconds.toFixed(1)} s`,
  )

  const pictures = join(folder, 'images', 'noise')
  mkdirSync(pictures, { recursive: true })
  const [width, height] = [256, 256]
  const data = Uint8Array.from(
    { length: width * height * 4 },
    (_, i) => (i * 2654435761 + (i >> 6) * 40503) >>> 24,
  )
  const { data: bytes } = jpeg.encode({ data, width, height }, 80)
  for (let i = 0; i < 256; i++) writeFileSync(join(pictures, `${i}.jpg`), bytes)
  const loaded = inTurns([0, 1, 2].map((workers) => ['images', join(folder, 'images'), String(workers)]))
  console.log(
    loaded
      .map((r, workers) => `images, ${workers} workers: ${(r.images / r.seconds).toFixed(0)} a second`)
      .join('\n'),
  )
} finally {
  rmSync(folder, { recursive: true })
}
