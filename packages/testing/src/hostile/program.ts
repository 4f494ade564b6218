// What run.ts starts: the trials of a share of the exports, one line of output before each and one for what is wrong.
import { writeSync } from 'node:fs'
import { readApi } from './api.ts'
import { derivedRow } from './derived.ts'
import { readEntries, type Entry } from './entries.ts'
import './rows-distributions.ts'
import './rows-layers.ts'
import './rows-modules.ts'
import './rows-tensors.ts'
import './rows-training.ts'
import { rowNames, rowOf, type Arguments } from './rows.ts'
import { excluded, isExcluded } from './excluded.ts'
import { trialsOf, tryCall } from './trial.ts'

const [root, from, stride, filter = ''] = process.argv.slice(2)
const packages = [
  'core',
  'autograd',
  'nn',
  'optim',
  'amp',
  'data',
  'io',
  'onnx',
  'backend-wasm',
  'distributions',
]
const api = readApi(root, packages)
const construct = (name: string, args: readonly unknown[]): unknown =>
  entries.find((entry) => entry.name === name.slice(0, name.lastIndexOf('.')))!.call(args)
const say = (kind: string, ...rest: readonly unknown[]): void => {
  writeSync(1, `${JSON.stringify([kind, ...rest])}\n`)
}
process.on('unhandledRejection', (error) => say('late', String(error)))

const entries = readEntries(api).filter(({ name }) => name.includes(filter))
const known = new Set(
  entries.flatMap(({ name, aliases }) => [name, ...aliases, name.replace(/^Tensor\./, '')]),
)
// a method of tensors has the other names of its function
const namesOf = new Map(
  entries.flatMap(({ name, aliases }) => [name, ...aliases].map((n) => [n, [name, ...aliases]])),
)
const rowsByName = new Map<string, Arguments>()
const missing: Entry[] = []
for (const entry of entries) {
  const { name } = entry
  if (isExcluded(name)) continue
  const plain = name.replace(/^Tensor\./, '')
  const written = [name, ...entry.aliases, ...(namesOf.get(plain) ?? [])]
    .map(rowOf)
    .find((r) => r !== undefined)
  const made = rowsByName.get(name.slice(0, name.lastIndexOf('.')))
  const receiver = made === undefined ? null : (): readonly unknown[] => [construct(name, made())]
  const row = written ?? rowsByName.get(plain) ?? (await derivedRow(api, entry, receiver))
  if (row === undefined) missing.push(entry)
  else rowsByName.set(name, row)
}
const spare =
  filter === '' ? [...rowNames(), ...Object.keys(excluded)].filter((name) => !known.has(name)) : []
say('surface', entries.length, missing.map(({ name }) => name), spare) // prettier-ignore

// calls that come too late, or for what is not there: no call of them can be granted here
const refusing = new Set(
  `init io.httpSource io.opfsFolder io.indexedDbFolder utils.data.downloadable utils.data.readWav io.Checkpoints.load
   io.importState optim.LBFGS.addParamGroup`.split(/\s+/),
)

let index = 0
let [calls, refused] = [0, 0]
for (const entry of entries) {
  const row = rowsByName.get(entry.name)
  if (row === undefined) continue
  try {
    const args = row()
    if (index >= Number(from)) {
      say('start', index, entry.name, 'row', 'as it stands')
      const result = entry.call(args)
      if (result instanceof Promise) await result
    }
  } catch (error) {
    if (!refusing.has(entry.name))
      say('problem', entry.name, 'row', 'as it stands', String(error).slice(0, 300))
  }
  for (const trial of trialsOf(api, entry, row)) {
    const at = index++
    // prime to the number of values, so that a share meets each of them
    if (at < Number(from) || at % Number(stride) !== 0) continue
    say('start', at, entry.name, trial.place, trial.value.name, calls, refused)
    const answer = await tryCall(api, trial)
    calls++
    if (answer.refused) refused++
    if (answer.problem !== null)
      say('problem', entry.name, trial.place, trial.value.name, answer.problem.slice(0, 400))
  }
}
say('end', calls, refused)
process.exit(0)
