import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataFolder, goldenMissing, readGolden } from '../src/golden/index.ts'
import { runExample } from '../src/program.ts'

/** Largest relative difference over a stretch of a curve. */
const worst = (
  actual: readonly number[],
  expected: readonly number[],
  from = 0,
  to = expected.length,
): number => Math.max(...expected.slice(from, to).map((e, i) => Math.abs(actual[from + i] - e) / Math.abs(e)))

function expectCurve(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  expect(worst(actual, expected, 0, 20)).toBeLessThan(1e-5)
  expect(worst(actual, expected)).toBeLessThan(2e-3)
}

const printed = (stdout: string): number[][] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))

describe('programs ported from PyTorch print its numbers', () => {
  // a small piece of the answer stands here, so that it is checked without the golden data too
  test('the article starts at the loss that PyTorch prints', async () => {
    const { stdout, status } = await runExample('article.ts')
    expect(status).toBe(0)
    expect(printed(stdout)).toHaveLength(100)
    expect(printed(stdout)[0][1]).toBeCloseTo(1.1032583713531494, 6)
  })

  test.skipIf(goldenMissing)('the article: losses and gradient norms', async () => {
    const { stdout } = await runExample('article.ts')
    const curve = readGolden<{ losses: number[]; grad_norms: number[] }>('curves/seed_article.json')
    const rows = printed(stdout)
    expectCurve(
      rows.map((r) => r[1]),
      curve.losses,
    )
    expectCurve(
      rows.map((r) => r[2]),
      curve.grad_norms,
    )
  })

  test.skipIf(goldenMissing ?? !dataFolder)('the MLP on digits: losses and test accuracy', async () => {
    const { stdout } = await runExample('digits-mlp.ts', ['--data', join(dataFolder!, 'optdigits')])
    const curve = readGolden<{ losses: number[]; test_accuracy: number }>('curves/digits_mlp.json')
    const lines = stdout.trim().split('\n')
    expectCurve(lines.slice(0, -1).map(Number), curve.losses)
    expect(Number(lines.at(-1)!.replace('test accuracy ', ''))).toBeCloseTo(curve.test_accuracy, 6)
  })

  test.skipIf(goldenMissing ?? !dataFolder)(
    'the GPT on Shakespeare: losses and gradient norms, in other micro-batches than PyTorch was given',
    async () => {
      const text = join(dataFolder!, 'shakespeare', 'input.txt')
      const { stdout } = await runExample('shakespeare-gpt.ts', ['--data', text, '--micro-batches', '5'])
      const curve = readGolden<{ losses: number[]; grad_norms: number[] }>('curves/shakespeare_gpt.json')
      const rows = printed(stdout)
      expectCurve(
        rows.map((r) => r[1]),
        curve.losses,
      )
      expectCurve(
        rows.map((r) => r[2]),
        curve.grad_norms,
      )
    },
    60_000,
  )

  test.each(['float32', 'bfloat16', 'float16'])(
    'the GPT learns the text it makes up, in %s',
    async (precision) => {
      const { stdout } = await runExample('shakespeare-gpt.ts', ['--steps', '12', '--precision', precision])
      const losses = printed(stdout).map((r) => r[1])
      expect(losses).toHaveLength(12)
      expect(losses.at(-1)).toBeLessThan(losses[0] - 0.4)
    },
  )

  test('the MLP learns the digits it draws itself', async () => {
    const { stdout } = await runExample('digits-mlp.ts')
    expect(Number(stdout.trim().split('\n').at(-1)!.replace('test accuracy ', ''))).toBeGreaterThan(0.9)
  })

  test('the MLP names a folder that is not there', async () => {
    const { stderr, status } = await runExample('digits-mlp.ts', ['--data', 'nowhere'])
    expect(status).toBe(1)
    expect(stderr).toContain('"nowhere/optdigits.tra" does not exist')
  })
})
