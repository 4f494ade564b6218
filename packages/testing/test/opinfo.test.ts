import { currentBackend, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import {
  absentResult,
  adapters,
  excluded,
  goldenMissing,
  knownOn,
  opNames,
  readOp,
  resolveOp,
  runOp,
  signatures,
  writeTable,
  type OpFile,
  type OpResult,
} from '../src/golden/index.ts'

setBackend(referenceBackend())

describe('samples of PyTorch', () => {
  if (goldenMissing !== null) {
    test.skip(`640 operators: ${goldenMissing}`, () => {})
    return
  }
  const files = opNames().map(readOp)
  const run = files.filter((file) => !(file.name in excluded) && resolveOp(file) !== null)
  const known = knownOn(currentBackend().name)
  const results = new Map<string, OpResult>()

  for (const file of run) {
    const gradients = file.samples.filter((s) => s.grads).length
    const count = `${file.samples.length} samples${gradients > 0 ? `, ${gradients} with gradients` : ''}`
    test(`${file.name}: ${count}`, () => {
      const result = runOp(file)
      results.set(file.name, result)
      const different = Object.keys(known[file.name] ?? {})
      const unexpected = Object.entries(result.failures).filter(([sample]) => !different.includes(sample))
      expect(Object.fromEntries(unexpected), `${result.passed} of ${result.samples} pass`).toEqual({})
      expect(Object.keys(result.failures), 'what is known to differ').toEqual(different)
    })
  }

  test('a row of signatures or adapters serves an operator that gradus has', () => {
    const rows = (table: object, used: (file: OpFile) => boolean): string[] =>
      Object.keys(table).filter(
        (key) => !files.some((f) => [f.name, f.op].includes(key) && resolveOp(f) !== null && used(f)),
      )
    const adapted = (f: OpFile): boolean => f.name in adapters || f.op in adapters
    expect(rows(adapters, () => true)).toEqual([])
    // an adapter hides a signature
    expect(rows(signatures, (f) => !adapted(f))).toEqual([])
  })

  afterAll(() => {
    // a part of the tests says nothing about the whole
    if (results.size < run.length) return
    writeTable(
      files.map((file) => results.get(file.name) ?? absentResult(file)),
      currentBackend().name,
    )
  })
})
