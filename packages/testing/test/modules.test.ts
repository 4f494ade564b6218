import { mkdirSync, writeFileSync } from 'node:fs'
import { currentBackend, setBackend } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { goldenMissing } from '../src/golden/index.ts'
import { isPresent, readModuleCases, runModuleCase, type ModuleCase } from '../src/golden/modules.ts'

setBackend(referenceBackend())

const { seed, records } = goldenMissing === null ? readModuleCases() : { seed: 0, records: [] }
const byModule = new Map<string, ModuleCase[]>()
for (const record of records) byModule.set(record.module, [...(byModule.get(record.module) ?? []), record])
const passed = new Map<string, number>()

describe('modules initialise, compute and differentiate as in PyTorch', () => {
  if (goldenMissing !== null) test.skip(`all modules: ${goldenMissing}`, () => {})
  for (const [name, cases] of byModule) {
    if (!isPresent(name)) continue
    test(name, () => {
      const failures = cases.flatMap((golden) => {
        try {
          runModuleCase(golden, seed)
          return []
        } catch (error) {
          return [`${golden.desc || 'default'} (training ${golden.training}): ${String(error)}`]
        }
      })
      passed.set(name, cases.length - failures.length)
      expect(failures).toEqual([])
    })
  }
})

afterAll(() => {
  // a part of the tests says nothing about the whole
  if (passed.size === 0 || passed.size < [...byModule.keys()].filter(isPresent).length) return
  const rows = [...byModule]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, cases]) =>
        `| ${name} | ${isPresent(name) ? (passed.get(name) ?? 0) : 'absent'} | ${cases.length} |`,
    )
  const total = [...passed.values()].reduce((a, b) => a + b, 0)
  const text = [
    '# Modules against PyTorch',
    '',
    'Written by `packages/testing/test/modules.test.ts`. A case constructs a module from a seed (state equal to the bit),',
    'runs it, and compares outputs, gradients of inputs and parameters, and the state afterwards. An absent class counts as',
    'failed.',
    '',
    `**${total} of ${records.length} cases, ${passed.size} of ${byModule.size} classes.**`,
    '',
    '| module | passed | cases |',
    '| --- | ---: | ---: |',
    ...rows,
    '',
  ].join('\n')
  // one page: the compiled backend runs the same cases, and its tests fail where it differs
  if (currentBackend().name !== 'reference') return
  const folder = new URL('../../../docs/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('golden-modules.md', folder), text)
})
