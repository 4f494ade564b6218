import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { usage } from '../../../examples/char-lm/options.ts'
import { comparison } from '../../../examples/char-lm/report.ts'
import { lossCurve } from '../../../examples/program/chart.ts'
import { helpText, oneOf, parseOptions } from '../../../examples/program/options.ts'
import { printable } from '../../../examples/program/printable.ts'
import { short } from '../../../examples/program/progress.ts'
import { readCorpus, readMarkdown } from '../../../examples/char-lm/text.ts'
import { prepare, Vocabulary, Windows } from '../../../examples/char-lm/windows.ts'

const folder = mkdtempSync(join(tmpdir(), 'gradus-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

describe('options of the language model', () => {
  test('every number has a default and is in the help', () => {
    const options = parseOptions(usage.options, [])
    for (const [name, value] of Object.entries(options)) {
      expect(helpText(usage)).toContain(`--${name}`)
      if (value !== undefined) expect(helpText(usage)).toContain(`(${String(value)})`)
    }
    expect(options).toMatchObject({ data: undefined, seed: 0 })
  })

  test('values are read after a space and after =; the last one counts', () => {
    expect(
      parseOptions(usage.options, ['--steps', '5', '--lr=1e-3', '--steps=7', '--data', 'a b.txt']),
    ).toMatchObject({
      steps: 7,
      lr: 0.001,
      data: 'a b.txt',
    })
  })

  test('an option that takes a word takes no other', () => {
    const table = { precision: oneOf('float32', ['float32', 'float16'], 'of products') }
    expect(parseOptions(table, ['--precision', 'float16'])).toEqual({ precision: 'float16' })
    expect(() => parseOptions(table, ['--precision', 'half'])).toThrow(
      '--precision takes float32, float16, not "half"',
    )
  })

  test('help wins over what is wrong after it', () => {
    expect(parseOptions(usage.options, ['-h', '--nonsense'])).toBe('help')
  })

  test.each([
    [['--nonsense'], 'unknown option --nonsense; see --help'],
    [['--__proto__=1'], 'unknown option --__proto__; see --help'],
    [['-x'], 'unknown option -x; see --help'],
    [['--help=no'], 'unknown option --help; see --help'],
    [['--no-data'], 'unknown option --no-data; see --help'],
    [['text.txt'], 'unexpected argument "text.txt"; see --help'],
    [['--steps'], '--steps needs a value; see --help'],
    [['--steps='], '--steps needs a value; see --help'],
    [['--data', '--steps', '3'], '--data needs a value; see --help'],
    [['--steps', 'many'], '--steps takes a whole number from 1 to 10000000, not "many"'],
    [['--steps', '0'], '--steps takes a whole number from 1 to 10000000, not "0"'],
    [['--steps', '2.5'], '--steps takes a whole number from 1 to 10000000, not "2.5"'],
    [['--batch-size', '-4'], '--batch-size takes a whole number from 1 to 65536, not "-4"'],
    [['--lr', 'NaN'], '--lr takes a number from 1e-9 to 100, not "NaN"'],
    [['--lr', '-1'], '--lr takes a number from 1e-9 to 100, not "-1"'],
    [['--temperature', '0'], '--temperature takes a number from 0.01 to 100, not "0"'],
    [['--sample', ' '], '--sample takes a whole number from 1 to 1000000, not " "'],
    [['--width', 'Infinity'], '--width takes a whole number from 1 to 4096, not "Infinity"'],
    [['--seed', '1\n2'], '--seed takes a whole number from 0 to 9007199254740991, not "1\\n2"'],
  ])('%j is refused in one line', (args, message) => {
    expect(() => parseOptions(usage.options, args)).toThrow(message)
  })
})

describe('the text of the language model', () => {
  test('a byte order mark is not part of the text', () => {
    expect(readCorpus(file('bom.txt', '\ufeffabc')).documents).toEqual(['abc'])
  })

  test.each([
    ['missing.txt', null, 'does not exist'],
    ['', null, 'is a directory; --data takes a text file'],
    ['nul.txt', new Uint8Array([97, 0, 98]), 'is not text: it holds NUL bytes'],
    ['latin1.txt', new Uint8Array([97, 0xe9, 98]), 'is not text in UTF-8'],
  ])('%j is refused', (name, content, message) => {
    const path = content === null ? join(folder, name) : file(name, content)
    expect(() => readCorpus(path)).toThrow(message)
  })

  test('a repository gives its Markdown in the order of paths, without what programs wrote', () => {
    const table = '| a | b |\n| --- | --- |\n| 1 | 2 |\n'
    for (const [name, content] of [
      ['b.md', 'bee'],
      ['a/z.md', 'zed'],
      ['README.md', 'read'],
      ['results.md', table],
      ['CHANGELOG.md', 'log'],
      ['node_modules/x/README.md', 'other'],
      ['.github/hidden.md', 'hidden'],
      ['notes.txt', 'no'],
    ]) {
      file(join('repository', name), content)
    }
    expect(readMarkdown(join(folder, 'repository')).documents).toEqual(['read', 'zed', 'bee'])
  })

  test('a repository without Markdown says how to go on', () => {
    mkdirSync(join(folder, 'bare'))
    expect(() => readMarkdown(join(folder, 'bare'))).toThrow('name a text with --data FILE')
  })
})

describe('windows of the language model', () => {
  test('a character is a code point, numbered in order', () => {
    const vocabulary = new Vocabulary('b🥔aé🥔')
    expect(vocabulary.size).toBe(4)
    expect([...vocabulary.encode('a🥔b')]).toEqual([0, 3, 1])
    expect(vocabulary.decode([0, 3, 2])).toBe('a🥔é')
    expect(() => vocabulary.encode('az')).toThrow('"z" is not in the vocabulary')
  })

  test('what follows every character of a window is the text one character later', () => {
    const { x, y } = new Windows(Int32Array.of(5, 6, 7, 8, 9), 2).at([0, 2])
    expect(x.tolist()).toEqual([
      [5, 6],
      [7, 8],
    ])
    expect(y.tolist()).toEqual([
      [6, 7],
      [8, 9],
    ])
    expect(x.dtype).toBe('int32')
  })

  test('windows that are spread are evenly apart, none twice, the last batch shorter', () => {
    const windows = new Windows(Int32Array.of(0, 1, 2, 3, 4, 5, 6), 1)
    const firsts = (total: number): unknown[] =>
      [...windows.spread(total, 2)].map(({ x }) => x.flatten().tolist())
    expect(firsts(3)).toEqual([[0, 2], [4]])
    expect(firsts(100)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ])
  })

  test('windows that are drawn reach from the first to the last', () => {
    const { x } = new Windows(Int32Array.of(0, 1, 2, 3), 2).draw(200)
    expect(new Set(x.select(1, 0).tolist() as number[])).toEqual(new Set([0, 1]))
  })

  test('the last tenth of every document is held out', () => {
    const { vocabulary, train, heldOut } = prepare(['abcdefghij'.repeat(3), 'ABCDEFGHIJ'.repeat(3)], 4)
    expect(vocabulary.decode(heldOut.ids)).toBe('hijHIJ')
    expect(train.ids.length).toBe(54)
  })

  test('a text of two windows is cut into one for each part; a shorter one says what would fit', () => {
    const { train, heldOut } = prepare(['abcde', 'fghij'], 4)
    expect([train.count, heldOut.count]).toEqual([1, 1])
    expect(() => prepare(['abcdefghi'], 4)).toThrow('9 characters, and a context of 4 needs 10')
    expect(() => prepare(['abcdefghi'], 4)).toThrow('--context 3')
    expect(() => prepare(['ab'], 4)).toThrow('use a longer text')
  })
})

test('counts are short', () => {
  expect([0, 999, 1000, 999_949, 1_234_567].map(short)).toEqual(['0', '999', '1.0k', '999.9k', '1.2M'])
})

describe('the report of the language model', () => {
  test('control characters of a text do not reach the terminal', () => {
    expect(printable('a\x1b[2Jb\n\tc\x7f\u202ed')).toBe('a␛[2Jb\n\tc\ufffd\ufffdd')
  })

  test('the held-out loss is set beside the uniform guess', () => {
    expect(comparison(Math.log(4), 8)).toContain(
      'Held-out loss 1.386; a uniform guess among 8 characters has ln 8 = 2.079',
    )
    expect(comparison(Math.log(4), 8)).toContain('4.0 equally likely')
    expect(comparison(3, 8)).toContain('no better than such a guess')
  })

  test.each([1, 2, 3000])('a curve of %i steps fits its canvas', (steps) => {
    const train = Array.from({ length: steps }, (_, i) => 4 / (i + 1))
    const history = {
      train,
      heldOut: [
        { step: 0, loss: 4 },
        { step: steps, loss: 1 },
      ],
    }
    const plain = lossCurve(history, 4.2, { columns: 60, colors: false })
    expect(Math.max(...plain.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(plain).toContain(`${steps} steps`)
    expect(plain).not.toContain('\x1b')
    expect(lossCurve(history, 4.2, { columns: 60, colors: true })).toContain('uniform guess')
  })
})
