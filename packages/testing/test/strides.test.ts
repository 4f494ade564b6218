import { ones, setBackend, Tensor, zeros } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { readGolden } from '../src/golden/files.ts'
import { goldenMissing } from '../src/golden/index.ts'
import { construct } from '../src/golden/modules.ts'

setBackend(referenceBackend())

type Row = readonly [
  kind: string,
  expression: string,
  inputs: readonly (readonly number[])[],
  output: number,
  shape: readonly number[],
  strides: readonly number[],
]

/** The arguments of a call in Python: `(8, 6), bias=False` as values and keywords. */
function argumentsOf(text: string): { ctor: unknown[]; ctor_kwargs: Record<string, unknown> } {
  const values: Record<string, string> = { True: 'true', False: 'false', None: 'null', '(': '[', ')': ']' }
  const json = text.replace(/True|False|None|[()]/g, (word) => values[word])
  const parts = json.match(/(?:\[[^\]]*\]|[^,[])+/g) ?? []
  const ctor: unknown[] = []
  const ctor_kwargs: Record<string, unknown> = {}
  for (const part of parts) {
    const [, name, value] = /^\s*(?:(\w+)=)?(.*)$/.exec(part)!
    if (name === undefined) ctor.push(JSON.parse(value))
    else ctor_kwargs[name] = JSON.parse(value.replaceAll("'", '"'))
  }
  return { ctor, ctor_kwargs }
}

/** All tensors of an answer, in order. */
const tensorsOf = (x: unknown): Tensor[] =>
  x instanceof Tensor ? [x] : x === null ? [] : Object.values(Object(x)).flatMap(tensorsOf)

/** The strides that say something: those of axes longer than 1. */
const telling = (strides: readonly number[], shape: readonly number[]): readonly number[] =>
  strides.filter((_, axis) => shape[axis] > 1)

const rows = goldenMissing === null ? readGolden<Row[]>('strides.json') : []
const layers = rows.filter(([kind]) => kind.startsWith('layer'))

if (goldenMissing !== null) test.skip(`strides of layers: ${goldenMissing}`, () => {})
test.each(layers)('%s %s', (kind, expression, inputs, output, shape, strides) => {
  const [, module, text] = /^nn\.(\w+)\((.*)\)$/.exec(expression)!
  const layer = construct({ module, ...argumentsOf(text) })
  const make = (size: readonly number[]): Tensor => {
    const x = module.startsWith('Embedding') ? zeros([...size], { dtype: 'int64' }) : ones([...size])
    return kind.includes('permute(2, 1, 0)') ? x.permute(2, 1, 0) : x
  }
  // one tensor for equal inputs: attention to itself
  const whole = inputs.map(make)
  const y = tensorsOf(layer(...whole))[output]
  expect(y.shape).toEqual(shape)
  expect(telling(y.stride(), y.shape)).toEqual(telling(strides, shape))
})
