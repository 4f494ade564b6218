import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { drawnDigits } from '../../../examples/digits/drawn.ts'
import { madeUpNames } from '../../../examples/names/lists.ts'
import { toBatch } from '../../../examples/names/speller.ts'
import { dataFolder } from '../src/golden/index.ts'
import { bundleExample, runBundle, type Outcome } from '../src/program.ts'

// each trains a model, some several
vi.setConfig({ testTimeout: 90_000 })

const folder = mkdtempSync(join(tmpdir(), 'gradus-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (name: string, content: string): string => {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

/** Runs one program; what it is bundled into is made once. */
function program(name: string): (...args: string[]) => Outcome {
  let bundle = ''
  beforeAll(async () => {
    mkdirSync(join(folder, name))
    bundle = await bundleExample(`${name}.ts`, join(folder, name))
  })
  return (...args) => runBundle(bundle, args)
}

function succeeded({ stdout, stderr, status }: Outcome): string {
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout
}

function isRefused({ stdout, stderr, status }: Outcome, name: string, message: string, code = 1): void {
  expect({ stdout, status }).toEqual({ stdout: '', status: code })
  expect(stderr).toContain(message)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(stderr.startsWith(`${name}: `)).toBe(true)
}

const figure = (stdout: string, before: string): number =>
  Number(new RegExp(`${before} ([\\d.]+)`).exec(stdout)?.[1])

describe('the CNN on digits', () => {
  const run = program('digits-cnn')

  test('one pass over the digits it draws reads 19 of 20 others, and tells how in plain lines', () => {
    const stdout = succeeded(run('--epochs', '1'))
    expect(figure(stdout, 'Test accuracy')).toBeGreaterThan(95)
    expect(stdout).toMatch(
      /^step +\d+\/63 {2}loss [\d.]+ {2}held out [\d.]+ {2}\S+ digits\/s {2}epoch 1 {2}lr [\d.]+$/m,
    )
    expect(stdout).toContain('63 steps')
    expect(stdout).not.toContain('\x1b')
  })

  test.skipIf(!dataFolder)('handwriting of others is read better than 96 times of 100', () => {
    const stdout = succeeded(run('--data', join(dataFolder!, 'optdigits'), '--epochs', '3'))
    expect(stdout).toContain('3,823 of 8 × 8 pixels, 1,797 others')
    expect(figure(stdout, 'Test accuracy')).toBeGreaterThan(96)
  })

  test('what is not the files of digits is refused in one line', () => {
    isRefused(
      run('--data', 'nowhere'),
      'digits-cnn',
      '"nowhere/optdigits.tra" does not exist; --data takes the folder',
    )
    file('broken/optdigits.tra', '0,1,2\n')
    isRefused(run('--data', join(folder, 'broken')), 'digits-cnn', 'line 1 of')
    isRefused(run('--epochs', '0'), 'digits-cnn', '--epochs takes a whole number', 2)
  })

  test('digits that are drawn are the same for the same seed, within paper and ink', () => {
    const first = drawnDigits(20, 8, 1)
    expect(first.x.shape).toEqual([20, 1, 8, 8])
    expect(first.y.tolist()).toEqual(drawnDigits(20, 8, 2).y.tolist())
    expect(first.x.equal(drawnDigits(20, 8, 1).x)).toBe(true)
    expect(first.x.equal(drawnDigits(20, 8, 2).x)).toBe(false)
    expect(first.x.min().item()).toBeGreaterThanOrEqual(0)
    expect(first.x.max().item()).toBeLessThanOrEqual(1)
  })
})

/** Runs a program and interrupts it when it has printed something. */
async function interrupted(name: string, args: readonly string[], at: string): Promise<Outcome> {
  const child = spawn(process.execPath, [join(folder, name, 'program.mjs'), ...args])
  let [stdout, stderr] = ['', '']
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    if (stdout.includes(at) && !child.killed) child.kill('SIGINT')
  })
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { stdout, stderr, status }
}

/** What a program says of its model at the end. */
const worth = (stdout: string): string[] =>
  stdout
    .split('\n')
    .filter((line) => /(loss|accuracy) [\d.]+/.test(line))
    .slice(-2)

describe('the CNN on files of MNIST', () => {
  const run = program('mnist')

  test(
    'training that was interrupted goes on, and ends as if it had not been',
    { timeout: 300_000 },
    async () => {
      const args = ['--epochs', '1', '--batch-size', '500', '--seed', '3']
      const whole = succeeded(run(...args))
      expect(figure(whole, 'Test accuracy')).toBeGreaterThan(20)
      const resumed = [...args, '--resume', join(folder, 'mnist-run')]
      const cut = await interrupted('mnist', resumed, 'step 3/8')
      expect(cut.status).toBe(130)
      expect(cut.stdout).toMatch(/Stopped after \d+ of 8 steps/)
      const rest = succeeded(run(...resumed))
      expect(rest).toMatch(/^Goes on after step \d+, from /m)
      expect(worth(rest)).toEqual(worth(whole))
    },
  )

  test('the four files are read, packed or not, and refused in one line if they are not right', () => {
    const idx = (code: number, shape: readonly number[], bytes: readonly number[]): Buffer => {
      const header = Buffer.alloc(4 + 4 * shape.length)
      header.set([0, 0, code, shape.length])
      shape.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i))
      return Buffer.concat([header, Buffer.from(bytes)])
    }
    const pixels = Array.from({ length: 40 * 64 }, (_, i) => (i * 37) % 256)
    const labels = Array.from({ length: 40 }, (_, i) => i % 10)
    const data = join(folder, 'idx')
    mkdirSync(data)
    for (const part of ['train', 't10k']) {
      writeFileSync(join(data, `${part}-images-idx3-ubyte.gz`), gzipSync(idx(8, [40, 8, 8], pixels)))
      writeFileSync(join(data, `${part}-labels-idx1-ubyte`), idx(8, [40], labels))
    }
    expect(succeeded(run('--data', data, '--epochs', '1'))).toContain('Digits: 40 of 8 × 8 pixels, 40 others')
    writeFileSync(join(data, 't10k-labels-idx1-ubyte'), idx(8, [41], labels))
    isRefused(run('--data', data), 'mnist', 'the header claims 41 bytes')
    isRefused(
      run('--data', 'nowhere'),
      'mnist',
      'does not exist; --data takes the folder with the four files',
    )
    writeFileSync(join(folder, 'file'), '')
    isRefused(run('--resume', join(folder, 'file')), 'mnist', 'cannot be gone on from')
  })
})

describe('the CNN on a folder of images', () => {
  const run = program('image-folder')

  test(
    'crops, flips and their order go on after an interrupt as if there had been none',
    { timeout: 300_000 },
    async () => {
      const args = ['--epochs', '2', '--size', '16', '--batch-size', '96']
      const whole = succeeded(run(...args))
      expect(whole).toContain('Images: 480 of 3 classes (cross, disc, square), 120 held out')
      const resumed = [...args, '--resume', join(folder, 'images-run')]
      expect((await interrupted('image-folder', resumed, 'step  3/10')).status).toBe(130)
      const rest = succeeded(run(...resumed))
      expect(rest).toMatch(/^Goes on after step \d+, from /m)
      expect(worth(rest)).toEqual(worth(whole))
    },
  )

  test('what is no folder of classes is refused in one line', () => {
    isRefused(run('--data', 'nowhere'), 'image-folder', 'cannot be read')
    file('no-images/cat/notes.txt', '')
    isRefused(
      run('--data', join(folder, 'no-images')),
      'image-folder',
      'Found no valid file for the class "cat"',
    )
  })
})

describe('the LSTM on names', () => {
  const run = program('names-lstm')

  test('it learns to spell, and makes up names of letters', () => {
    const stdout = succeeded(run('--epochs', '1', '--width', '64', '--lr', '0.01'))
    // ln 27 is 3.30, what the frequencies of letters tell 2.6
    expect(figure(stdout, 'Held-out loss')).toBeLessThan(1.9)
    expect(figure(stdout, 'Of')).toBeGreaterThan(2 * figure(stdout, 'most frequent one, of'))
    const names = stdout.trim().split('\n').at(-1)!.split('  ')
    expect(names).toHaveLength(20)
    for (const name of names) expect(name).toMatch(/^[a-z]{1,30}\*?$/)
  })

  test.skipIf(!dataFolder)('names of people are learned from their file', () => {
    const stdout = succeeded(
      run(
        '--data',
        join(dataFolder!, 'names'),
        '--epochs',
        '1',
        '--width',
        '32',
        '--batch-size',
        '256',
        '--lr',
        '0.02',
      ),
    )
    expect(stdout).toContain('26,545, 2,949 others held out, 27 letters')
    expect(figure(stdout, 'Held-out loss')).toBeLessThan(2.5)
  })

  test('what is not a list of names is refused in one line', () => {
    isRefused(
      run('--data', 'nowhere'),
      'names-lstm',
      '"nowhere/names.txt" does not exist; --data takes the folder',
    )
    file('few/names.txt', 'ada\n\nada\n')
    isRefused(run('--data', join(folder, 'few')), 'names-lstm', 'holds 1 names; 20 are needed')
    file('prose/names.txt', 'it was the best of times, it was the worst of times\n')
    isRefused(run('--data', join(folder, 'prose')), 'names-lstm', 'is it a name?')
  })

  test('a batch holds every letter once as a target, and the end of every name', () => {
    const { x, y, lengths } = toBatch([Int32Array.of(0, 5, 6, 0), Int32Array.of(0, 7, 0)])
    expect(lengths).toEqual([3, 2])
    expect(x.tolist()).toEqual([
      [0, 5, 6],
      [0, 7, 0],
    ])
    expect(y.tolist()).toEqual([
      [5, 6, 0],
      [7, 0, -100],
    ])
  })

  test('names that are put together are all different', () => {
    const names = madeUpNames(500, 3)
    expect(new Set(names).size).toBe(500)
    expect(madeUpNames(500, 3)).toEqual(names)
  })
})

describe('the GPT in mixed precision', () => {
  const run = program('gpt-mixed')
  const small = ['--steps', '20', '--context', '16', '--width', '32', '--layers', '1']
  const rhyme = (): string => file('rhyme.txt', 'one potato two potato three potato four\n'.repeat(60))
  const heldOut = (...args: string[]): number =>
    figure(succeeded(run('--data', rhyme(), ...small, ...args)), 'Held-out loss')

  test('float16 and bfloat16 learn what float32 learns, in one micro-batch or in five', () => {
    const expected = heldOut('--precision', 'float32', '--micro-batches', '1')
    expect(expected).toBeLessThan(Math.log(16) - 0.5)
    expect(Math.abs(heldOut('--precision', 'float32', '--micro-batches', '5') - expected)).toBeLessThan(0.002)
    expect(Math.abs(heldOut('--precision', 'bfloat16', '--micro-batches', '5') / expected - 1)).toBeLessThan(
      0.02,
    )
    expect(Math.abs(heldOut('--precision', 'float16') / expected - 1)).toBeLessThan(0.02)
  })

  test.skipIf(!dataFolder)('a play is learned from its file', () => {
    const play = join(dataFolder!, 'shakespeare', 'input.txt')
    const stdout = succeeded(run('--data', play, ...small, '--steps', '40', '--lr', '0.01'))
    // ln 65 is 4.17, what the frequencies of characters tell 3.3
    expect(figure(stdout, 'Held-out loss')).toBeLessThan(3.2)
    expect(stdout).toContain('scale 65536')
  })

  test('wrong arguments are refused in one line', () => {
    isRefused(run('--data', 'nowhere'), 'gpt-mixed', '"nowhere" does not exist; --data takes a text file')
    isRefused(
      run('--precision', 'half'),
      'gpt-mixed',
      '--precision takes float32, bfloat16, float16, not "half"',
      2,
    )
    isRefused(
      run('--data', rhyme(), '--batch-size', '2', '--micro-batches', '3'),
      'gpt-mixed',
      '2 windows cannot be split into 3 micro-batches',
      2,
    )
    isRefused(
      run('--data', rhyme(), '--svg', join(folder, 'no', 'x.svg')),
      'gpt-mixed',
      'cannot be written (ENOENT)',
    )
  })

  test('an interrupt ends training, and the curve is drawn', async () => {
    const svg = join(folder, 'curve.svg')
    const bundle = join(folder, 'gpt-mixed', 'program.mjs')
    const args = ['--data', rhyme(), ...small, '--steps', '100000', '--svg', svg]
    const child = spawn(process.execPath, [bundle, ...args])
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
      if (chunk.includes('step      1/')) child.kill('SIGINT')
    })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130)
    expect(stdout).toMatch(/Stopped after \d+ of 100000 steps/)
    expect(stdout).toContain(`The curve is also in ${svg}`)
    expect(figure(stdout, 'Held-out loss')).toBeGreaterThan(0)
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*held out[^]*<\/svg>$/)
  })

  test('its help names every option and what is taken without it', () => {
    const stdout = succeeded(run('--help'))
    expect(stdout).toContain('usage: npm run example gpt-mixed -- [options]')
    for (const option of ['data FILE', 'precision WORD', 'micro-batches N', 'steps N', 'seed N', 'svg FILE'])
      expect(stdout).toContain(`--${option}`)
  })
})
