import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'

const here = dirname(fileURLToPath(import.meta.url))

/** A program bundled as a user's bundler would: minified, with what is unused dropped. */
async function bundle(code: string, minifyIdentifiers = false): Promise<string> {
  const result = await build({
    stdin: { contents: code, resolveDir: here, loader: 'ts' },
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers,
    format: 'esm',
    platform: 'neutral',
    write: false,
    logLevel: 'silent',
  })
  return result.outputFiles[0].text
}

/** What a bundled program prints. */
async function run(code: string, minifyIdentifiers = false): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-bundle-'))
  try {
    const file = join(folder, 'program.mjs')
    writeFileSync(file, await bundle(code, minifyIdentifiers))
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return stdout.trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const training = (g: string): string => `
  ${g}manualSeed(0)
  const model = new ${g}nn.Linear(2, 1)
  const optimizer = new ${g}optim.SGD(model.parameters(), { lr: 0.03 })
  const x = ${g}tensor([[1, 2], [3, 4]])
  const y = ${g}tensor([[1], [2]])
  const losses = []
  for (let i = 0; i < 200; i++) {
    optimizer.zeroGrad()
    const loss = model(x).sub(y).square().mean()
    loss.backward()
    optimizer.step()
    losses.push(loss.item())
  }
  console.log(losses.at(-1) < losses[0] / 10)`

describe('a bundle', () => {
  test('of core alone holds no autograd, no layer and no optimizer', async () => {
    const text = await bundle(`import * as core from '@gradus/core'; console.log(core)`)
    // words of autograd, nn and optim, then one of core
    const words = [
      'backward through the graph a second time',
      'Parameter containing',
      'optimizer got an empty',
      'mat1 and',
    ]
    expect(words.map((word) => text.includes(word))).toEqual([false, false, false, true])
  })

  test('drops an op that is not used', async () => {
    const one = await bundle(
      `import { tensor, conv2d } from '@gradus/core'; console.log(tensor([1]), conv2d)`,
    )
    const none = await bundle(`import { tensor } from '@gradus/core'; console.log(tensor([1]))`)
    for (const own of ['conv2d', 'Given groups=']) {
      expect([one.includes(own), none.includes(own)]).toEqual([true, false])
    }
  })

  test('drops it from the one file that is published too', async () => {
    const options = { bundle: true, format: 'esm', platform: 'neutral', write: false } as const
    const core = await build({
      ...options,
      stdin: { contents: `export * from '@gradus/core'`, resolveDir: here, loader: 'ts' },
    })
    const contents = `${core.outputFiles[0].text}\nconsole.log(tensor([1]))`
    const program = contents.replace(/^export \{[^}]*\};$/gm, '')
    const { outputFiles } = await build({ ...options, stdin: { contents: program } })
    const text = outputFiles[0].text
    // a routine, a program, a formula, then an op that is a method
    const names = ['"convolution"', '"lstmCell"', '"huberLoss"', '"matmul"']
    expect(names.map((name) => text.includes(name))).toEqual([false, false, false, true])
    expect(names.every((name) => core.outputFiles[0].text.includes(name))).toBe(true)
  })

  test('trains from a star import of gradus', async () => {
    expect(await run(`import * as g from 'gradus'; ${training('g.')}`)).toBe('true')
  })

  test('trains from named imports of gradus', async () => {
    expect(await run(`import { manualSeed, nn, optim, tensor } from 'gradus'; ${training('')}`)).toBe('true')
  })

  test('trains from core, autograd and optim without the umbrella', async () => {
    const text = await run(`
      import { setBackend, tensor } from '@gradus/core'
      import { referenceBackend } from '@gradus/core/reference'
      import { requireGrad } from '@gradus/autograd'
      import { SGD } from '@gradus/optim'
      setBackend(referenceBackend())
      const w = requireGrad(tensor([5]))
      const optimizer = new SGD([w], { lr: 0.1 })
      for (let i = 0; i < 50; i++) { optimizer.zeroGrad(); w.mul(w).sum().backward(); optimizer.step() }
      console.log(Math.abs(w.item()) < 1e-3)`)
    expect(text).toBe('true')
  })

  test('trains from functions and parts alone, without the methods and routines that nobody names', async () => {
    const code = `
      import { mean, randn, setBackend, square } from '@gradus/core/functions'
      import { matrixProducts, wasmBackendOf } from '@gradus/backend-wasm/parts'
      import { Linear, MSELoss } from '@gradus/nn'
      import { Adam, SGD } from '@gradus/optim'
      setBackend(wasmBackendOf([matrixProducts]))
      const losses = [SGD, Adam].map((Optimizer) => {
        const model = new Linear(2, 1)
        const optimizer = new Optimizer(model.parameters(), { lr: 0.1 })
        const [x, y] = [randn(16, 2), randn(16, 1)]
        const list = []
        for (let i = 0; i < 100; i++) {
          optimizer.zeroGrad()
          const loss = i % 2 ? new MSELoss()(model(x), y) : mean(square(model(x).sub(y)))
          loss.backward()
          optimizer.step()
          list.push(loss.item())
        }
        return list.at(-1) < list[0]
      })
      console.log(losses.join())`
    expect(await run(code)).toBe('true,true')
    const text = await bundle(code)
    expect(['"convolution"', '"cumsum"', '"logit"'].filter((name) => text.includes(name))).toEqual([])
  })

  test('trains from the entries of gradus, and holds what it names', async () => {
    const code = `
      import { manualSeed, randn } from 'gradus'
      import { Linear, ReLU, Sequential } from 'gradus/nn'
      import { mseLoss } from 'gradus/nn/functional'
      import { SGD } from 'gradus/optim'
      import { StepLR } from 'gradus/optim/lr-scheduler'
      manualSeed(0)
      const model = new Sequential(new Linear(2, 8), new ReLU(), new Linear(8, 1))
      const optimizer = new SGD(model.parameters(), { lr: 0.1 })
      const scheduler = new StepLR(optimizer, 50)
      const x = randn(16, 2)
      const y = x.sum(1, { keepdim: true })
      const losses = []
      for (let i = 0; i < 100; i++) {
        optimizer.zeroGrad()
        const loss = mseLoss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.push(loss.item())
      }
      console.log(losses.at(-1) < losses[0] / 2)`
    expect(await run(code)).toBe('true')
    const text = await bundle(code)
    const names = ['"Linear"', '"LSTM"', '"Adafactor"', 'OneCycleLR', 'safetensors']
    expect(names.map((name) => text.includes(name))).toEqual([true, false, false, false, false])
  })

  test.each(['nn', 'optim'])('of the entry gradus/%s alone has a backend and methods', async (name) => {
    const code = `import * as entry from 'gradus/${name}'
      import { tensor } from '@gradus/core/functions'
      console.log(Object.keys(entry).length > 9, tensor([3, 1]).cumsum(0).tolist().join())`
    expect(await run(code)).toBe('true 3,4')
  })

  test('of any other entry has every method', async () => {
    for (const entry of ['@gradus/core', 'gradus']) {
      const text = await run(`import { Tensor } from '${entry}'; console.log('cumsum' in Tensor.prototype)`)
      expect(text).toBe('true')
    }
  })

  test('prints a model with the names of its layers, however short those of its classes are', async () => {
    const code = `
      import { nn } from 'gradus'
      const model = new nn.Sequential(new nn.Linear(1, 2), new nn.Sequential(new nn.ReLU()))
      console.log(String(model), Object.prototype.toString.call(model))`
    const text = await run(code, true)
    expect(text).toBe(
      'Sequential(\n  (0): Linear(in_features=1, out_features=2, bias=True)\n  (1): Sequential(\n    (0): ReLU()\n  )\n) [object Sequential]',
    )
  })

  test('holds the layers that it uses, and no other', async () => {
    const text = await bundle(`import { Linear } from '@gradus/nn'; console.log(Linear)`)
    expect(['Linear', 'Conv2d', 'LSTM'].map((name) => text.includes(`"${name}"`))).toEqual([
      true,
      false,
      false,
    ])
  })

  test('of core without a backend says how to get one', async () => {
    const text = await run(`
      import { zeros } from '@gradus/core'
      try { zeros(2) } catch (error) { console.log(error.message) }`)
    expect(text).toContain('no backend is set')
    expect(text).toContain('setBackend(')
  })
})
