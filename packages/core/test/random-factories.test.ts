import { beforeEach, expect, test } from 'vitest'
import { internals } from '../src/internal.ts'
import * as g from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

// the values below are PyTorch 2.13's after torch.manual_seed(0)
beforeEach(() => void g.manualSeed(0))

test('the draws of one sequence follow one another as in PyTorch', () => {
  expect(g.rand(2, 2).tolist()).toEqual([
    [0.49625658988952637, 0.7682217955589294],
    [0.08847743272781372, 0.13203048706054688],
  ])
  expect(g.randn(3).tolist()).toEqual([-2.1787893772125244, 0.5684312582015991, -1.0845223665237427])
  expect(g.randn(1).tolist()).toEqual([-1.3985954523086548])
  expect(g.randint(10, [4]).tolist()).toEqual([6, 9, 8, 6])
  expect(g.randperm(5).tolist()).toEqual([1, 0, 4, 2, 3])
  expect(g.bernoulli(g.full([4], 0.5)).tolist()).toEqual([0, 0, 1, 0])
})

test('a transposed tensor is filled in the order of memory', () => {
  expect(g.empty(3, 2).t().uniform_().tolist()).toEqual([
    [0.49625658988952637, 0.08847743272781372, 0.30742281675338745],
    [0.7682217955589294, 0.13203048706054688, 0.6340786814689636],
  ])
})

test('normal numbers of a tensor that is not contiguous are drawn one by one', () => {
  const x = g.empty(4, 8).t().normal_()
  expect(x.narrow(0, 0, 2).tolist()).toEqual([
    [1.5409960746765137, -0.7192575931549072, -0.5663174986839294, 0.19186942279338837],
    [-0.293428897857666, -0.40334352850914, 0.3731146454811096, 1.2637947797775269],
  ])
})

test('a view with gaps is filled, and only it', () => {
  const whole = g.full([4, 3], -1)
  whole.narrow(1, 0, 2).uniform_()
  expect(whole.tolist()).toEqual([
    [0.49625658988952637, 0.7682217955589294, -1],
    [0.08847743272781372, 0.13203048706054688, -1],
    [0.30742281675338745, 0.6340786814689636, -1],
    [0.4900934100151062, 0.8964447379112244, -1],
  ])
  expect(internals(whole).counter.value).toBe(1)
})

test('dropout scales what it keeps, in memory order', () => {
  expect(g.dropout(g.ones(6), 0.3).tolist()).toEqual([0, 0, 1.4285714626312256, 0, 1.4285714626312256, 0])
  g.manualSeed(0)
  expect(g.dropout(g.arange(6).to('float32').reshape(3, 2).t(), 0.5).tolist()).toEqual([
    [0, 4, 0],
    [0, 0, 0],
  ])
})

test('dropout draws nothing for p = 0, p = 1, in evaluation and for nothing', () => {
  const x = g.ones(3)
  expect(g.dropout(x, 0)).toBe(x)
  expect(g.dropout(x, 0.5, { training: false })).toBe(x)
  expect(g.dropout(x, 1).tolist()).toEqual([0, 0, 0])
  g.dropout(g.zeros(0))
  expect(g.rand(1).item()).toBe(0.49625658988952637)
  expect(() => g.dropout(x, 1.5)).toThrow('dropout probability has to be between 0 and 1, but got 1.5')
})

test('featureDropout drops whole channels', () => {
  const sums = g.featureDropout(g.ones(2, 8, 3), 0.5).sum(2)
  expect(new Set(Array.from(sums.flatten().readSync(), Number))).toEqual(new Set([0, 6]))
})

test('multinomial of vectors and rows', () => {
  expect(g.multinomial(g.tensor([0.1, 0.2, 0.7]), 4, { replacement: true }).tolist()).toEqual([2, 2, 2, 2])
  expect(
    g
      .multinomial(
        g.tensor([
          [0.1, 0.2, 0.7],
          [1, 0, 1],
        ]),
        2,
      )
      .tolist(),
  ).toEqual([
    [2, 1],
    [2, 0],
  ])
  expect(() => g.multinomial(g.zeros(1, 2, 3), 2)).toThrow('prob_dist must be 1 or 2 dim')
})

test('half precision and exponentials', () => {
  expect(g.rand([3], { dtype: 'float16' }).tolist()).toEqual([0.496337890625, 0.76806640625, 0.0885009765625])
  expect(g.empty(2).exponential_(2).tolist()).toEqual([0.028943907469511032, 0.03770117089152336])
})

test('normal numbers around tensors', () => {
  expect(g.normal(g.tensor([1, 2]), g.tensor([0.5, 1])).tolist()).toEqual([
    1.7704980373382568, 1.706571102142334,
  ])
  expect(() => g.normal(g.zeros(2), g.tensor([1, -1]))).toThrow('normal expects all elements of std >= 0.0')
})

test('random_ and probabilities per element of a transposed tensor', () => {
  expect(g.empty([3], { dtype: 'int64' }).random_(5).tolist()).toEqual([4, 4, 3])
  const p = g.tensor([
    [0.2, 0.8],
    [0.5, 0.5],
    [0.9, 0.1],
  ])
  expect(g.empty(2, 3).t().bernoulli_(p).tolist()).toEqual([
    [1, 1],
    [1, 0],
    [1, 0],
  ])
})

test('a generator of its own leaves the default one alone', () => {
  const generator = new g.Generator(0)
  expect(g.rand([1], { generator }).item()).toBe(0.49625658988952637)
  expect(g.rand(1).item()).toBe(0.49625658988952637)
})

test('a state that was kept continues where it was', () => {
  const state = g.getRngState()
  const first = g.rand(3).tolist()
  g.setRngState(state)
  expect(g.rand(3).tolist()).toEqual(first)
})

test('dtypes that a distribution does not have are refused', () => {
  expect(() => g.empty([2], { dtype: 'int32' }).uniform_()).toThrow("not implemented for 'int32'")
  expect(() => g.zeros(1).expand(3).uniform_()).toThrow('more than one element of the written-to tensor')
})

test('poisson draws the numbers of PyTorch, by products and by rejection', () => {
  expect(g.poisson(g.tensor([0.0, 0.5, 3, 9.9, 10, 25, 1000, 1000000.0])).tolist()).toEqual([
    0, 2, 4, 10, 13, 28, 1002, 1000164,
  ])
  expect(g.rand(1).item()).toBe(0.8352431654930115)
  const half = g.poisson(g.tensor([3, 20, 400], { dtype: 'float16' }), { generator: new g.Generator(0) })
  expect([half.dtype, half.tolist()]).toEqual(['float16', [6, 18, 387]])
})

test('binomial draws the numbers of PyTorch, and broadcasts', () => {
  expect(
    g
      .binomial(
        g.tensor([10, 100, 1000, 5, 0, 20, 50, 7], { dtype: 'float32' }),
        g.tensor([0.3, 0.5, 0.2, 0.9, 0.5, 0.0, 1.0, 0.6]),
      )
      .tolist(),
  ).toEqual([6, 48, 192, 5, 0, 0, 50, 4])
  expect(g.rand(1).item()).toBe(0.17591017484664917)
  const ends = g.binomial(g.tensor([[3], [4]], { dtype: 'float32' }), g.tensor([-1, 2, NaN]))
  expect(ends.tolist()).toEqual([[0, 3, NaN], [0, 4, NaN]]) // prettier-ignore
})

test('poisson and binomial refuse what they cannot draw from, before they draw', () => {
  expect(() => g.poisson(g.tensor([20, -1]))).toThrow('expected rate to be non-negative')
  expect(() => g.poisson(g.tensor([1], { dtype: 'int32' }))).toThrow('not implemented for int32')
  expect(() => g.binomial(g.tensor([1.5]), g.tensor([0.5], { dtype: 'float64' }))).toThrow(
    'Found dtype float64 but expected float32',
  )
  expect(() => g.binomial(g.tensor([1], { dtype: 'int64' }), g.tensor([0.5]))).toThrow(
    'only supports floating-point dtypes for count',
  )
  expect(() => g.binomial(g.zeros(2), g.zeros(3))).toThrow(g.ShapeError)
  expect(g.rand(1).item()).toBe(0.49625658988952637)
})
