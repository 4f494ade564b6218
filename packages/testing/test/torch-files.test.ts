import { internals } from '@gradus/core/internal'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as g from 'gradus'
import { describe, expect, test } from 'vitest'
import { gradAt } from '../src/golden/optim.ts'
import { root } from '../src/program.ts'

const fixtures = join(root, 'packages/testing/fixtures/torch')
// the files that make.py reads, too
const read = <T>(name: string): Record<string, T> =>
  JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Record<string, T>
const optimizers = read<Record<string, unknown>>('optimizers.json')
const modules = read<[string, unknown[], object]>('modules.json')

/** An optimizer of that name, as `SGD-momentum`. */
function make(name: string, params: g.Tensor[]): g.optim.Optimizer {
  const Class: unknown = Reflect.get(g.optim, name.split('-')[0])
  // the names in optimizers.json are those of optimizers
  return new (Class as new (params: g.Tensor[], options: object) => g.optim.Optimizer)(
    params,
    optimizers[name],
  )
}

function makeModule(label: string): g.nn.Module {
  const [name, args, options] = modules[label]
  const Class: unknown = Reflect.get(g.nn, name)
  // the names in modules.json are those of modules
  return new (Class as new (...args: unknown[]) => g.nn.Module)(...args, options)
}

/** Two parameters that start as those of the fixtures. */
const starts = (): g.Tensor[] =>
  [
    [3, 2],
    [2, 2],
  ].map((shape) => {
    const n = shape[0] * shape[1]
    return g
      .tensor(Array.from({ length: n }, (_, i) => Math.cos(0.9 * i)))
      .reshape(shape)
      .detach()
      .requiresGrad_()
  })

function train(optimizer: g.optim.Optimizer, params: g.Tensor[], from: number, to: number): void {
  for (let t = from; t < to; t++) {
    const closure = (): g.Tensor => {
      for (const p of params) p.grad = gradAt(p, t)
      return params.map((p) => p.detach().mul(gradAt(p, t)).sum()).reduce((a, b) => a.add(b))
    }
    closure()
    optimizer.step(name(optimizer) === 'LBFGS' ? closure : undefined)
  }
}
const name = (optimizer: g.optim.Optimizer): string => optimizer.constructor.name
const bits = (tensors: readonly g.Tensor[]): unknown[] => tensors.map((x) => internals(x).rawSync())
const copies = (params: readonly g.Tensor[]): g.Tensor[] => params.map((p) => p.detach().clone())

describe('an optimizer', async () => {
  interface Saved {
    state: g.optim.LoadedOptimizerState
    before: g.Tensor[]
    after: g.Tensor[]
  }
  const saved = await g.load<Record<string, Saved>>(join(fixtures, 'optimizers.pt'))
  for (const label of Object.keys(optimizers)) {
    test(`${label} goes on from PyTorch's state as PyTorch does`, () => {
      const { state, before, after } = saved[label]
      const params = copies(before).map((p) => p.requiresGrad_())
      const optimizer = make(label, params)
      optimizer.loadStateDict(state)
      train(optimizer, params, 3, 5)
      params.forEach((p, i) => expect(p.sub(after[i]).abs().max().item()).toBeLessThan(2e-6))
    })

    test(`${label} goes on from a file of its own to the same bits`, async () => {
      const whole = starts()
      const first = make(label, whole)
      train(first, whole, 0, 3)
      const params = copies(whole).map((p) => p.requiresGrad_())
      const second = make(label, params)
      second.loadStateDict(await g.load(await g.io.toBytes(first.stateDict())))
      train(first, whole, 3, 5)
      train(second, params, 3, 5)
      expect(bits(params)).toEqual(bits(whole))
    })
  }
})

describe('a module', async () => {
  const saved = await g.load<Record<string, Record<string, g.Tensor>>>(join(fixtures, 'modules.pt'))
  for (const label of Object.keys(modules)) {
    test(`${label} takes PyTorch's state dict, name for name`, () => {
      const module = makeModule(label)
      expect(String(module.loadStateDict(saved[label]))).toBe('<All keys matched successfully>')
      const own = module.stateDict()
      expect(Object.keys(own)).toEqual(Object.keys(saved[label]))
      for (const [key, value] of Object.entries(saved[label]))
        expect(internals(own[key]).rawSync()).toEqual(internals(value).rawSync())
    })
  }
})

// the way back needs PyTorch: GRADUS_PYTHON is an interpreter that has it, with safetensors and NumPy
const python = process.env.GRADUS_PYTHON

describe.skipIf(python === undefined)('PyTorch, with weights_only', () => {
  test('takes optimizers, modules, values and every dtype of gradus', { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradus-torch-'))
    for (const label of Object.keys(optimizers)) {
      const params = starts()
      const optimizer = make(label, params)
      train(optimizer, params, 0, 3)
      const before = copies(params)
      // what follows changes the state in place
      const state = await g.load<g.optim.LoadedOptimizerState>(await g.io.toBytes(optimizer.stateDict()))
      train(optimizer, params, 3, 5)
      const after = copies(params)
      await g.save({ optimizer: state, before, after }, join(folder, `optimizer-${label}.pt`))
    }
    for (const label of Object.keys(modules)) {
      g.manualSeed(0)
      await g.save(makeModule(label).stateDict(), join(folder, `module-${label}.pt`))
    }
    const whole = g.arange(6).to('float32').reshape([2, 3])
    const truths = g.tensor([
      [false, true, true],
      [true, false, true],
    ])
    const every = Object.fromEntries(g.dtypes.map((dtype) => [dtype, truths.to(dtype)]))
    await g.save(
      {
        tied: [whole, whole],
        t: whole.t(),
        row: whole.select(0, 1),
        grad: g.ones(2, { requiresGrad: true }),
        plain: {
          int: 5,
          big: 2n ** 70n,
          float: 0.1,
          text: 'é',
          bytes: Uint8Array.of(0, 255),
          none: null,
          list: [1, [true]],
        },
        map: new Map<unknown, string>([
          [1, 'one'],
          [[1, 2], 'pair'],
        ]),
        every,
      },
      join(folder, 'values.pt'),
    )
    await g.save({ ...every, t: whole.t() }, join(folder, 'every.safetensors'))
    await g.save(whole.t(), join(folder, 't.npy'))
    await g.save({ a: whole, b: g.full([], 7) }, join(folder, 'two.npz'))
    const { stdout, stderr } = spawnSync(python!, [join(fixtures, 'make.py'), 'check', folder], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(stdout.trim() || stderr).toBe('all are as they should be')
  })
})
