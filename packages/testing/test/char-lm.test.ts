import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleExample, runBundle, type Outcome } from '../src/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-char-lm-'))
const small = ['--context', '4', '--width', '32', '--batch-size', '32', '--sample', '40']
let bundle = ''
beforeAll(async () => {
  bundle = await bundleExample('char-lm/main.ts', folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]): Outcome => runBundle(bundle, args)
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const isOneLine = (text: string): boolean => /^char-lm: [^\n]+\n$/.test(text)

describe('the language model refuses before it trains', () => {
  test.each([
    [['--nonsense'], 'unknown option --nonsense'],
    [['--steps', '0'], '--steps takes a whole number'],
    [['--lr', 'NaN'], '--lr takes a number'],
    [['--batch-size', '-1'], '--batch-size takes a whole number'],
    [['text.txt'], 'unexpected argument'],
  ])('%j', (args, message) => {
    const { stdout, stderr, status } = run(...args)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
    expect(stderr).toContain(message)
    expect(isOneLine(stderr)).toBe(true)
  })

  test.each([
    ['a missing file', () => join(folder, 'missing.txt'), 'does not exist'],
    ['a directory', () => folder, 'is a directory'],
    ['an empty file', () => file('empty.txt', ''), 'the text is empty'],
    ['a file of one character', () => file('one.txt', 'é'), 'the text is one character'],
    ['a file of one repeated character', () => file('same.txt', 'aaaa'), 'is one character, 4 times'],
    [
      'a file shorter than a window',
      () => file('short.txt', 'abcabcabc'),
      '9 characters, and a context of 48',
    ],
    ['a binary file', () => file('binary', 'a\0b'), 'NUL'],
  ])('%s', (_, path, message) => {
    const { stdout, stderr, status } = run('--data', path())
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
    expect(stderr).toContain(message)
    expect(isOneLine(stderr)).toBe(true)
  })
})

describe('the language model trains', () => {
  const heldOutLoss = (stdout: string): number => Number(/Held-out loss ([\d.]+)/.exec(stdout)?.[1])

  test('20 steps beat the uniform guess, and tell how in plain lines', () => {
    const text = file('rhyme.txt', 'one potato two potato three potato four 🥔\n'.repeat(60))
    const { stdout, stderr, status } = run('--data', text, '--steps', '20', ...small)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const characters = new Set('one potato two potato three potato four 🥔\n').size
    expect(heldOutLoss(stdout)).toBeLessThan(Math.log(characters) - 0.5)
    expect(stdout).toContain(`${characters} different`)
    expect(stdout).not.toContain('\x1b')
    expect(
      stdout.match(/^step +\d+\/20 {2}loss [\d.]+ {2}held out [\d.]+ {2}\S+ chars\/s {2}grad [\d.]+$/gm),
    ).toHaveLength(20)
  })

  test('the same seed prints the same sample, another seed another one', () => {
    const text = file('seeded.txt', 'abcdefghij '.repeat(40))
    const sample = (seed: string): string =>
      run('--data', text, '--steps', '2', '--seed', seed, ...small).stdout.split('Sample')[1]
    const first = sample('1')
    expect(first.length).toBeGreaterThan(40)
    expect(sample('1')).toBe(first)
    expect(sample('2')).not.toBe(first)
  })

  test('the shortest text that fits its windows is learned', () => {
    const { stdout, status } = run('--data', file('least.txt', 'ababababab'), '--steps', '1', ...small)
    expect(status).toBe(0)
    expect(stdout).toContain('10 characters, 2 different')
  })

  test('an interrupt ends training, and what was reached is reported and sampled', async () => {
    const text = file('long.txt', 'one potato two potato three potato four\n'.repeat(60))
    const child = spawn(process.execPath, [bundle, '--data', text, '--steps', '100000', ...small])
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
      if (chunk.includes('step      1/')) child.kill('SIGINT')
    })
    const status = await new Promise((resolve) => child.on('close', resolve))
    expect(status).toBe(130)
    expect(stdout).toMatch(/Stopped after \d+ of 100000 steps/)
    expect(heldOutLoss(stdout)).toBeGreaterThan(0)
    expect(stdout.split('Sample')[1].length).toBeGreaterThan(40)
  })
})
