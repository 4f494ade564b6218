import * as g from '@gradus/core'
import type { Backend, TypedArray, View } from '@gradus/core/backend'
import { referenceBackend } from '@gradus/core/reference'
import { Linear, MSELoss } from '@gradus/nn'
import { SGD } from '@gradus/optim'
import { expect, test } from 'vitest'
import { conformance } from '../src/conformance/index.ts'
import { failureCases } from '../src/conformance/failures.ts'
import { differenceOf } from '../src/conformance/trial.ts'
import { LateBackend } from './late-backend.ts'

const late = new LateBackend(referenceBackend())
g.setBackend(late)

test('a backend that answers later computes what the reference defines', async () => {
  const { cases, differences } = await conformance(late, referenceBackend())
  expect(cases).toBeGreaterThan(5000)
  expect(differences).toEqual([])
}, 600_000)

test('the suite sees a refusal that comes late, and a failure that is told twice', async () => {
  class TooLate extends LateBackend {
    override gather(...args: Parameters<LateBackend['gather']>): void {
      try {
        super.gather(...args)
      } catch (error) {
        this.fail(error)
      }
    }
  }
  class Twice extends LateBackend {
    private last: unknown = null
    override async read(x: View): Promise<TypedArray> {
      const again = this.last
      this.last = null
      if (again !== null) throw again
      return super.read(x).catch((error: unknown) => {
        this.last = error
        throw error
      })
    }
  }
  const findings = async (backend: Backend): Promise<string[]> => {
    const found: string[] = []
    for (const one of failureCases()) {
      const difference = await differenceOf(one, backend, referenceBackend(), false).catch(String)
      if (difference !== null) found.push(`${one.name}: ${difference}`)
    }
    return found
  }
  expect(await findings(new TooLate(referenceBackend()))).toEqual([
    expect.stringMatching(/^a gather into a result of another shape.* at the next read instead of at once$/),
  ])
  expect(await findings(new Twice(referenceBackend()))).toEqual([
    expect.stringMatching(/^a copy after a gather that fails: IndexError/),
    expect.stringMatching(/^two calls that fail, of which the first is reported: IndexError/),
  ])
})

test('a failed check comes with the next read, once, and names the fault', async () => {
  const x = g.tensor([1, 2, 3])
  const wrong = g.gather(x, 0, g.tensor([0, 7], { dtype: 'int32' }))
  const sum = x.sum()
  await expect(sum.read()).rejects.toThrow('index 7 is out of bounds for dimension 0 with size 3')
  expect([...(await sum.read())]).toEqual([6])
  expect((await wrong.read()).length).toBe(2)
})

test('a read gives the elements of its time', async () => {
  const x = g.tensor([1, 2])
  const before = x.read()
  x.add_(1)
  expect([...(await before)]).toEqual([1, 2])
  expect([...(await x.read())]).toEqual([2, 3])
})

test('an op that needs values on the host says so', () => {
  expect(() => g.unique(g.tensor([1, 1]))).toThrow(
    'unique needs values on the host, which the late backend does not read at once',
  )
})

test('a model trains where only promises are read', async () => {
  g.manualSeed(0)
  const model = new Linear(2, 1)
  const lossFn = new MSELoss()
  const optimizer = new SGD(model.parameters(), { lr: 0.1 })
  const [x, y] = [g.randn(16, 2), g.randn(16, 1)]
  const losses: number[] = []
  for (let step = 0; step < 20; step++) {
    optimizer.zeroGrad()
    const loss = lossFn(model(x), y)
    loss.backward()
    optimizer.step()
    losses.push(Number((await loss.read())[0]))
  }
  expect(losses.at(-1)).toBeLessThan(losses[0])
})
