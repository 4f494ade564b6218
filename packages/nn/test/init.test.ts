import { empty, Generator, manualSeed, ones, rand, setBackend, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'
import { Embedding, init, Linear } from '../src/index.ts'

setBackend(referenceBackend())

// all numbers from PyTorch 2.13 after torch.manual_seed(3)
const drawn = (shape: number[], fill: (x: Tensor) => void): number[] => {
  manualSeed(3)
  const x = empty(shape)
  fill(x)
  return Array.from(x.readSync(), Number)
}

test('xavier initialisation draws the numbers of PyTorch', () => {
  expect(drawn([3, 5], (x) => init.xavierUniform_(x, { gain: 2 }))).toEqual([
    -1.717281460762024, -1.3663477897644043, -0.7418634295463562, -1.6386765241622925, -0.09833073616027832,
    -1.5238018035888672, 0.9417709112167358, 0.8441993594169617, 0.32708466053009033, 1.34357488155365,
    -0.1696324497461319, 1.0374659299850464, -1.212986707687378, -0.34132203459739685, -1.5443763732910156,
  ])
  expect(drawn([4, 5], (x) => init.xavierNormal_(x))).toEqual([
    -0.03613046556711197, 0.16964977979660034, -0.3686462640762329, 0.033718496561050415, 0.4930998682975769,
    0.2461613118648529, -0.0786345899105072, 0.025000184774398804, 0.1907336413860321, 0.28816941380500793,
    0.3584514856338501, -0.015859585255384445, 0.4704251289367676, 0.2164597362279892, 1.1485285758972168,
    -0.06920603662729263, 0.2286849319934845, 0.09674841165542603, 0.15953658521175385, 0.6376943588256836,
  ])
})

test('kaiming initialisation draws the numbers of PyTorch', () => {
  expect(
    drawn([3, 2, 2, 2], (x) => init.kaimingUniform_(x, { mode: 'fan_out', nonlinearity: 'relu' })),
  ).toEqual([
    -0.7010772228240967, -0.5578091740608215, -0.3028644621372223, -0.6689868569374084, -0.04014335572719574,
    -0.6220895051956177, 0.38447636365890503, 0.3446429371833801, 0.13353174924850464, 0.5485121607780457,
    -0.06925216317176819, 0.42354369163513184, -0.4951997399330139, -0.13934414088726044, -0.6304890513420105,
    -0.057409655302762985, -0.45876345038414, 0.6352404952049255, 0.49118274450302124, 0.5301267504692078,
    0.20974260568618774, -0.4033934772014618, 0.6354132294654846, -0.689982533454895,
  ])
  expect(drawn([3, 2, 2, 2], (x) => init.kaimingNormal_(x, { a: 0.2 }))).toEqual([
    -0.03757795691490173, 0.17644643783569336, -0.3834152817726135, 0.035069357603788376, 0.3259643316268921,
    -0.1406056135892868, 0.7945404052734375, -0.7828505635261536, 0.19837497174739838, 0.2997142970561981,
    0.37281206250190735, -0.01649496518075466, -0.16907432675361633, 0.24203357100486755,
    -0.03803709149360657, -0.8851527571678162, 0.2378467172384262, 0.1006244346499443, 0.16592808067798615,
    0.6632422208786011, 0.18318982422351837, 0.006577970460057259, 0.3793244957923889, -0.05356104299426079,
  ])
})

test('truncated normal numbers are those of PyTorch, by redrawing in a wide range', () => {
  expect(drawn([2, 3], (x) => init.truncNormal_(x, 0, 1, -0.5, 0.5))).toEqual([
    0.3374950885772705, 0.17483338713645935, 0.08897809684276581, -0.0798543244600296, 0.04618244990706444,
    0.23891741037368774,
  ])
})

test('truncated normal numbers are those of PyTorch, by rejection in the tail', () => {
  expect(drawn([2, 10], (x) => init.truncNormal_(x, 0, 1, 2, 3))).toEqual([
    2.004263401031494, 2.105569362640381, 2.443307399749756, 2.0269548892974854, 2.471614360809326,
    2.0601162910461426, 2.158141613006592, 2.3795878887176514, 2.594421148300171, 2.329498291015625,
    2.45103120803833, 2.5825581550598145, 2.149840831756592, 2.4014687538146973, 2.0541768074035645,
    2.4594051837921143, 2.175605297088623, 2.9491829872131348, 2.3832530975341797, 2.4337894916534424,
  ])
})

test('orthogonal matrices are those of PyTorch up to rounding', () => {
  const close = (actual: number[], expected: number[]): void =>
    expected.forEach((y, i) => expect(actual[i]).toBeCloseTo(y, 5))
  close(
    drawn([3, 2], (x) => init.orthogonal_(x, { gain: 2 })),
    [
      1.9846043586730957, 0.19487082958221436, 0.2198326736688614, -0.8172181844711304, 0.11410011351108551,
      -1.8149874210357666,
    ],
  )
  close(
    drawn([2, 2, 2], (x) => init.orthogonal_(x)),
    [
      0.7800686359405518, 0.16978228092193604, 0.08640743792057037, -0.5959871411323547, 0.4158349633216858,
      -0.7958642840385437, 0.2598099112510681, 0.35521847009658813,
    ],
  )
})

test('sparse columns are zeroed where PyTorch zeroes them', () => {
  expect(drawn([4, 2], (x) => init.sparse_(x, 0.5))).toEqual([
    0.008032760582864285, 0.0, 0.0, 0.0, 0.00046182452933862805, -0.0136825917288661, 0.0,
    0.010111158713698387,
  ])
})

test('dirac keeps channels within their groups', () => {
  expect(Array.from(init.dirac_(ones(4, 2, 3), { groups: 2 }).readSync(), Number)).toEqual([
    0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
    0.0, 1.0, 0.0,
  ])
})

test('eye has ones on the diagonal of a matrix that is not square', () => {
  expect(init.eye_(empty(2, 3)).tolist()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
})

test('a generator of its own leaves the default one alone', () => {
  const generator = new Generator(9)
  expect(drawn([2, 2], (x) => init.uniform_(x, -1, 1, { generator }))).toEqual([
    0.3115689754486084, -0.39595460891723633, -0.0402071475982666, 0.5547472238540649,
  ])
  const next = rand(1).item()
  manualSeed(3)
  expect(next).toBe(rand(1).item())
})

test('a parameter is initialised without being recorded', () => {
  const { weight } = new Linear(2, 2)
  init.constant_(weight, 0.5)
  expect(weight.isLeaf).toBe(true)
  expect(weight.requiresGrad).toBe(true)
  expect(weight.tolist()).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
  ])
})

test('layers begin with the numbers of PyTorch', () => {
  manualSeed(3)
  const linear = new Linear(2, 2)
  const numbers = linear.parameters().flatMap((p) => Array.from(p.readSync(), Number))
  expect(numbers).toEqual([
    -0.7010772228240967, -0.5578091740608215, -0.3028644621372223, -0.6689868569374084, -0.04014335572719574,
    -0.6220895051956177,
  ])
  manualSeed(3)
  const wide = new Linear(2, 2, { dtype: 'float64' })
  expect(wide.parameters().flatMap((p) => Array.from(p.readSync(), Number))).toEqual([
    -0.6588705083095063, -0.301594863679339, 0.3859600156437821, -0.459722603951305, 0.3611475359031066,
    0.15308950472665103,
  ])
  manualSeed(3)
  const embedding = new Embedding(3, 2, { paddingIdx: -2 })
  expect(Array.from(embedding.weight.readSync(), Number)).toEqual([
    0.8032760620117188, 0.17483338713645935, 0.0, 0.0, 0.04618244990706444, -1.3682591915130615,
  ])
})

test('gains are those of PyTorch, and an unknown nonlinearity is an error', () => {
  expect(init.calculateGain('leaky_relu', 0)).toBe(Math.sqrt(2))
  expect(init.calculateGain('selu')).toBe(0.75)
  expect(() => init.calculateGain('swish' as never)).toThrow('Unsupported nonlinearity swish')
})

test('fans need two axes', () => {
  expect(() => init.xavierUniform_(empty(3))).toThrow(
    'Fan in and fan out can not be computed for tensor with fewer than 2 dimensions',
  )
})
