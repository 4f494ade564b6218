import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as g from 'gradus'
import { expect, test } from 'vitest'
import { root } from '../src/program.ts'

const fixtures = join(root, 'packages/testing/fixtures/tensorboard')
// GRADUS_PYTHON is an interpreter that has TensorBoard and Pillow
const python = process.env.GRADUS_PYTHON

const image = g.tensor([
  [
    [0, 0.5],
    [1, 2],
  ],
  [
    [0, 0],
    [0, 1],
  ],
  [
    [1, 1],
    [1, -1],
  ],
])

/** Writes one of each kind at a fixed time. Gives the path of the file. */
async function write(folder: string): Promise<string> {
  const writer = new g.io.SummaryWriter(folder)
  const wallTime = 1_700_000_000.5
  writer.addScalar('loss', 0.1, 0, { wallTime })
  writer.addScalar('loss/val', g.tensor(2.5), -1, { wallTime })
  writer.addScalar('loss', Infinity, 2 ** 40, { wallTime })
  writer.addHistogram(
    'weights',
    g.tensor([
      [-3, 0, 0],
      [1e-13, 2, 1e30],
    ]),
    3,
    { wallTime },
  )
  writer.addHistogram('one', [5], 3, { wallTime })
  writer.addText('note', 'über **alles**', 4, { wallTime })
  await writer.flush()
  writer.addImage('picture', image, 5, { wallTime })
  await writer.close()
  return join(folder, writer.file)
}

/** The records of a file, without the first, which has the time at which it was made. */
function records(file: string): Buffer[] {
  const bytes = readFileSync(file)
  const found: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 16 + Number(bytes.readBigUInt64LE(at))
    found.push(bytes.subarray(at, end))
    at = end
  }
  return found.slice(1)
}

test('events are those that TensorBoard was seen to read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradus-events-'))
  const written = records(await write(folder))
  // read.json is what TensorBoard's reader found in this file; how an image is deflated differs between versions of zlib
  expect(written.slice(0, -1)).toEqual(records(join(fixtures, 'events')).slice(0, -1))
  rmSync(folder, { recursive: true })
})

test.skipIf(python === undefined)(
  "TensorBoard's own reader finds what was added",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradus-events-'))
    const { stdout, stderr } = spawnSync(python!, [join(fixtures, 'read.py'), await write(folder)], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(stdout === '' ? stderr : JSON.parse(stdout)).toEqual(
      JSON.parse(readFileSync(join(fixtures, 'read.json'), 'utf8')),
    )
  },
)

test('what TensorBoard cannot show is refused at the call', async () => {
  const folder = g.io.memoryFolder()
  const writer = new g.io.SummaryWriter(folder)
  // @ts-expect-error text is no number
  expect(() => writer.addScalar('a', '1', 0)).toThrow('the value must be a number, got a string')
  expect(() => writer.addScalar('a', 1, 0.5)).toThrow('the step of "a" must be an integer, got 0.5')
  expect(() => writer.addScalar('', 1, 0)).toThrow('the tag must be a string that is not empty')
  expect(() => writer.addHistogram('a', [], 0)).toThrow('The input has no element.')
  expect(() => writer.addHistogram('a', [NaN], 0)).toThrow('the values must be finite')
  expect(() => writer.addImage('a', g.zeros(2, 4, 4), 0)).toThrow('is not CHW of 1, 3 or 4 channels')
  expect(() => writer.addImage('a', g.zeros(4, 4), 0)).toThrow('say { dataformats }')
  // @ts-expect-error an option that is none
  expect(() => writer.addText('a', 'b', 0, { walltime: 3 })).toThrow('did you mean wallTime?')
  await writer.close()
  expect(() => writer.addScalar('a', 1, 0)).toThrow('the writer is closed')
  expect(await folder.list()).toEqual([writer.file])
})
