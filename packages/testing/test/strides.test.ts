import * as g from '@gradus/core'
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
const functions = rows.filter(([kind]) => kind === 'function')
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

const positions = (): Tensor => g.tensor([1, 0], { dtype: 'int64' })

/** The calls of PyTorch in gradus, by their text there. */
const calls: Readonly<Record<string, (a: Tensor, b: Tensor) => unknown>> = {
  "torch.einsum('bij,bjk->bik', a, b)": (a, b) => g.einsum('bij,bjk->bik', a, b),
  "torch.einsum('bij,kj->bki', a, b)": (a, b) => g.einsum('bij,kj->bki', a, b),
  "torch.einsum('bhqd,bhkd->bhqk', a, b)": (a, b) => g.einsum('bhqd,bhkd->bhqk', a, b),
  'a @ b': (a, b) => a.matmul(b),
  'torch.tensordot(a, b, dims=([1], [0]))': (a, b) => g.tensordot(a, b, [[1], [0]]),
  'F.scaled_dot_product_attention(a, a, a)': (a) => g.scaledDotProductAttention(a, a, a),
  'torch.cat([a, b], 1)': (a, b) => g.cat([a, b], 1),
  'torch.stack([a, b], 1)': (a, b) => g.stack([a, b], 1),
  'torch.roll(a, 1)': (a) => g.roll(a, 1),
  'a.repeat(2, 2)': (a) => a.repeat(2, 2),
  'a.flip(0)': (a) => a.flip(0),
  'a.t() + 1': (a) => a.t().add(1),
  'a.t() + b': (a, b) => a.t().add(b),
  'a.t() * a.t()': (a) => a.t().mul(a.t()),
  'torch.where(a.t() > 0, a.t(), 0.0)': (a) => g.where(a.t().gt(0), a.t(), 0),
  'a.t().clone()': (a) => a.t().clone(),
  'torch.zeros_like(a.t())': (a) => g.zerosLike(a.t()),
  'a.permute(2, 0, 1).sum(1)': (a) => a.permute(2, 0, 1).sum(1),
  'a.t().cumsum(0)': (a) => a.t().cumsum(0),
  'a.t().sort(0)': (a) => a.t().sort(0),
  'a.permute(2, 0, 1)[:, 1]': (a) => a.permute(2, 0, 1).at(g.sl(), 1),
  'a[torch.tensor([1, 0])]': (a) => a.at(positions()),
  'a.t()[torch.tensor([1, 0])]': (a) => a.t().at(positions()),
  'F.one_hot(torch.tensor([1, 0])).float() @ a': (a) => g.oneHot(positions()).to('float32').matmul(a),
  'torch.outer(a, a)': (a) => g.outer(a, a),
  "F.interpolate(a, scale_factor=2, mode='bilinear')": (a) =>
    g.interpolate(a, { scaleFactor: 2, mode: 'bilinear' }),
  'F.pad(a, (1, 1))': (a) => g.pad(a, [1, 1]),
  'a.unfold(1, 2, 1)': (a) => a.unfold(1, 2, 1),
  'torch.kron(a, a)': (a) => g.kron(a, a),
  'torch.linalg.inv(a)': (a) => g.linalg.inv(a.add(g.eye(3))),
  'torch.linalg.qr(a)': (a) => g.linalg.qr(a),
  'torch.linalg.solve(a, a)': (a) => g.linalg.solve(a.add(g.eye(3)), a),
  'torch.linalg.svd(a)': (a) => g.linalg.svd(a),
}
// results of these are row-major whatever the order of the input: README, "Different on purpose"
const rowMajor = functions.filter(([, text]) => /\.sort\(|linalg\.(inv|qr|svd|solve)/.test(text))

test.each(rowMajor)('%s %s: row-major, on purpose', (_, text, inputs, output, shape) => {
  const [a, b] = inputs.map((size) => ones([...size]))
  const y = tensorsOf(calls[text](a, b))[output]
  expect(y.shape).toEqual(shape)
  expect(y.isContiguous()).toBe(true)
})
test.each(functions.filter((row) => !rowMajor.includes(row)))(
  '%s %s',
  (_, text, inputs, output, shape, strides) => {
    const [a, b] = inputs.map((size) => ones([...size]))
    const y = tensorsOf(calls[text](a, b))[output]
    expect(y.shape).toEqual(shape)
    expect(telling(y.stride(), y.shape)).toEqual(telling(strides, shape))
  },
)
