import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as g from 'gradus'
import { expect, test } from 'vitest'
import { Draw } from '../src/fuzz/mutate.ts'
import { root } from '../src/program.ts'

// GRADUS_KILLS is how often the program is killed: at length 200 times
const kills = Number(process.env.GRADUS_KILLS ?? 4)

/** Runs the program and kills it some milliseconds after its first save. Gives the last step that it said is saved. */
function runAndKill(bundle: string, folder: string, after: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bundle, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (data: Buffer) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), after)
      text += data.toString()
    })
    child.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the program ended by itself, with ${code}`))
      else resolve(Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)))
    })
  })
}

test(
  'a process killed while it saves leaves its newest checkpoint whole',
  { timeout: 3_600_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradus-kill-'))
    const bundle = join(folder, 'program.mjs')
    await build({
      entryPoints: [join(root, 'packages/testing/test/kill-program.ts')],
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: bundle,
      logLevel: 'silent',
    })
    const run = join(folder, 'run')
    const said: string[] = []
    g.setWarningHandler((message) => said.push(message))
    const draw = new Draw(Date.now())
    let torn = 0
    for (let i = 0; i < kills; i++) {
      const announced = await runAndKill(bundle, run, draw.below(120))
      const model = new g.nn.Linear(300, 300)
      torn += (await g.io.fileFolder(run).list()).length > 2 ? 1 : 0
      const entry = await new g.io.Checkpoints(run, { model }).resume()
      expect(entry!.step).toBeGreaterThanOrEqual(announced)
      for (const p of model.parameters()) expect(p.eq(entry!.step).all().item()).toBe(true)
    }
    // whole files alone were ever looked at
    expect(said).toEqual([])
    if (process.env.GRADUS_KILLS)
      process.stdout.write(`${kills} kills, ${torn} between writing and removing\n`)
    rmSync(folder, { recursive: true })
  },
)
