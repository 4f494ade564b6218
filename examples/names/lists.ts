// Names to learn from.
import { join } from 'node:path'
import * as g from 'gradus'
import { readText } from '../program/files.ts'
import { UsageError } from '../program/options.ts'

const longest = 40

/**
 * The different lines of `names.txt` in a folder, without what is blank.
 *
 * @throws UsageError if it is not there, holds a line longer than 40 letters, or fewer than 20 names
 */
export function readNames(folder: string): string[] {
  const file = join(folder, 'names.txt')
  const lines = readText(file, '--data takes the folder of names.txt').split(/\r?\n/)
  const names = new Set(lines.map((line) => line.trim()).filter((name) => name !== ''))
  for (const name of names) {
    if (name.length > longest)
      throw new UsageError(
        `a line of ${JSON.stringify(file)} is longer than ${longest} letters: is it a name?`,
        1,
      )
  }
  if (names.size < 20)
    throw new UsageError(`${JSON.stringify(file)} holds ${names.size} names; 20 are needed`, 1)
  return [...names]
}

const starts =
  'al an ar bel ber bri cal cam car cas cor dal dan dar del el em er fal fel flo gar gil gra hal har hel is jan jas jo jul ' +
  'kar kat ken lan len li lor lu mal mar mel mi mor nat nel nor ol pat pen quin ra ro ros sal sam sel sil ste tam ter tra ' +
  'ul val vic wal wen wil yo zel'
const middles = 'a e i o u ari ela ina or an ia eo'
const ends = 'n na ne la lia line ra ria rick ric ry s sa ta th thy vin ward win x bert beth dra mund'

/** `count` different names put together from parts, the same for the same seed. */
export function madeUpNames(count: number, seed: number): string[] {
  const random = new g.Generator(seed)
  const parts = [starts, middles, ends].map((words) => words.split(' '))
  const names = new Set<string>()
  while (names.size < count) names.add(parts.map((words) => words[random.random() % words.length]).join(''))
  return [...names]
}
