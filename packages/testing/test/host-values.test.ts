import * as g from '@gradus/core'
import type { Backend } from '@gradus/core/backend'
import {
  hostReaders,
  sampleDirichlet,
  sampleDirichletGradient,
  standardGamma,
  standardGammaGradient,
} from '@gradus/core/internal'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { functionsOf, goldenMissing, opNames, prepareSample, readOp, resolveOp } from '../src/golden/index.ts'

/** A backend, and how often it was read at once. */
function counted(backend: Backend): { reads: number } {
  const counter = { reads: 0 }
  const readSync = backend.readSync!.bind(backend) // the reference backend reads at once
  backend.readSync = (x) => {
    counter.reads++
    return readSync(x)
  }
  return counter
}

const counter = counted(referenceBackend())
g.setBackend(referenceBackend())

/** The ops that `run` read values for by their declarations, and the number of reads that no declaration names. */
function readsOf(run: () => unknown): { ops: string[]; undeclared: number } {
  const before = hostReaders().map(({ reads }) => reads)
  const readsBefore = counter.reads
  try {
    run()
  } catch (error) {
    // a call may be refused after it has read, and says so
    if (!(error instanceof g.TensorError)) throw error
  }
  const more = hostReaders().map(({ op, reads }, i) => ({ op, reads: reads - before[i] }))
  const declared = more.reduce((n, { reads }) => n + reads, 0)
  return {
    ops: more.filter(({ reads }) => reads > 0).map(({ op }) => op),
    undeclared: counter.reads - readsBefore - declared,
  }
}

/** Gradients of all floating results of a call. */
function differentiate(result: unknown): void {
  for (const y of Array.isArray(result) ? result : [result])
    if (y instanceof g.Tensor && y.requiresGrad) y.backward(g.onesLike(y), { retainGraph: true })
}

/** Whether two names are of one function, or of a function and its in-place form. */
const isSame = (a: string, b: string): boolean =>
  a.replace(/_$/, '') === b.replace(/_$/, '') || (a in g && Reflect.get(g, a) === Reflect.get(g, b))

/** Samples that are read themselves: what `item` gives is a value on the host, and sizes of `tensor_split` are in a tensor. */
const reading = ['item', 'tensor_split']

/** Functions of linear algebra that are made of others, which read. */
const madeOf: Readonly<Record<string, readonly string[]>> = {
  choleskyEx: ['cholesky'],
  choleskyInverse: ['choleskySolve'],
  cond: ['svdvals', 'inv'],
  invEx: ['inv'],
  ldlFactorEx: ['ldlFactor'],
  logdet: ['slogdet'],
  lstsq: ['lstsq', 'svdvals'],
  lu: ['luFactor', 'luUnpack'],
  luFactorEx: ['luFactor'],
  luSolve: ['luUnpack', 'solveTriangular'],
  matrixNorm: ['svdvals'],
  matrixPower: ['inv'],
  matrixRank: ['svdvals', 'eigvalsh'],
  norm: ['svdvals'],
  pinv: ['pinv'],
  pinverse: ['pinv'],
  solveEx: ['solve'],
  tensorinv: ['inv'],
  tensorsolve: ['solve'],
  triangularSolve: ['solveTriangular'],
}

const found = new Set<string>()
const i32 = (values: number[]): g.Tensor => g.tensor(values, { dtype: 'int32' })

/** Calls of ops that PyTorch has no samples of, and of what samples leave out. */
const calls: Readonly<Record<string, () => unknown>> = {
  at: () => g.at(g.ones(3), i32([0, 2])),
  binomial: () => g.binomial(g.ones(2), g.ones(2)),
  gcd: () => g.gcd(i32([4]), i32([6])),
  isNonzero: () => g.isNonzero(i32([1])),
  lcm: () => g.lcm(i32([4]), i32([6])),
  bincount: () => g.bincount(i32([1, 1]), g.ones(2)),
  crossEntropy: () => g.crossEntropy(g.ones(1, 2), i32([5])),
  ctcLoss: () => g.ctcLoss(g.logSoftmax(g.zeros(2, 1, 2), 2), i32([1]), i32([2]), i32([1])),
  embeddingBag: () => g.embeddingBag(i32([0, 1]), g.ones(2, 2), { offsets: i32([0]) }),
  householderProduct: () => g.linalg.householderProduct(g.ones(2, 2), g.ones(2)),
  nllLoss: () => g.nllLoss(g.ones(1, 2), i32([5])),
  nonzeroTuple: () => g.nonzeroTuple(g.ones(2)),
  poisson: () => g.poisson(g.ones(2)),
  oneHot: () => g.oneHot(i32([1])),
  sampleDirichlet: () => sampleDirichlet(g.ones(2)),
  sampleDirichletGradient: () => sampleDirichletGradient(g.ones(2), g.full([2], 0.5)),
  setAt_: () => g.setAt_(g.ones(3), [i32([0, 2])], 0),
  standardGamma: () => standardGamma(g.ones(2)),
  standardGammaGradient: () => standardGammaGradient(g.ones(2), g.ones(2)),
}

describe('values on the host', () => {
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} reads them, and declares it`, () => {
      expect(readsOf(call)).toEqual({ ops: [name], undeclared: 0 })
      found.add(name)
    })
  }

  test('a read that no op declares is counted', () => {
    expect(readsOf(() => g.ones(2).tolist())).toEqual({ ops: [], undeclared: 1 })
  })

  test.skipIf(goldenMissing !== null)(
    'an op reads them only as declared, and every declaration is used',
    () => {
      const wrong: string[] = []
      for (const file of opNames().map(readOp)) {
        const call = resolveOp(file)
        if (!call || reading.includes(file.name)) continue
        const functions = functionsOf(file).map((name) => name.slice(name.lastIndexOf('.') + 1))
        const names = functions.flatMap((name) => madeOf[name] ?? [name])
        for (const [k, sample] of file.samples.entries()) {
          const run = prepareSample(call, file, sample, [])
          let result: unknown
          const forward = readsOf(() => (result = run()))
          // a gradient is made of other ops, each with its own declaration
          const backward = readsOf(() => differentiate(result))
          if (forward.undeclared + backward.undeclared !== 0)
            wrong.push(`${file.name} ${k}: reads that no op declares`)
          for (const op of forward.ops) {
            found.add(op)
            if (!names.some((name) => isSame(name, op)))
              wrong.push(`${file.name} ${k}: read by ${op}, which is not ${names.join(' or ')}`)
          }
        }
      }
      expect(wrong).toEqual([])
      expect(
        hostReaders().filter(({ op }) => !found.has(op)),
        'declared, and read in no sample',
      ).toEqual([])
    },
  )
})
