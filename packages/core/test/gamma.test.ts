import { expect, test } from 'vitest'
import * as g from '../src/index.ts'
import {
  sampleDirichlet,
  sampleDirichletGradient,
  standardGamma,
  standardGammaGradient,
} from '../src/internal.ts'
import { dirichletGradient, gammaGradient } from '../src/random/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

g.setBackend(referenceBackend())

// the values below are PyTorch 2.13's: _standard_gamma, _standard_gamma_grad, _sample_dirichlet, _dirichlet_grad
const concentrations = [0, 0.05, 0.5, 0.99, 1, 2.5, 7, 30, 1000]

test('gamma numbers are those of PyTorch', () => {
  g.manualSeed(0)
  const drawn = standardGamma(g.tensor(concentrations, { dtype: 'float64' }))
  const expected = [
    2.2250738585072014e-308, 1.6753815976694318e-31, 0.04415092016466957, 0.6880698596207224, 1.9643529807468205,
    2.8383070815777605, 9.077863892487208, 24.7735975493626, 1011.4656886619042,
  ] // prettier-ignore
  expect(g.allclose(drawn, g.tensor(expected, { dtype: 'float64' }), { rtol: 1e-14, atol: 0 })).toBe(true)
  g.manualSeed(0)
  expect(standardGamma(g.tensor(concentrations)).tolist()).toEqual([
    1.1754943508222875e-38, 1.675381434420486e-31, 0.04415091872215271, 0.6880698800086975, 1.9643529653549194,
    2.8383071422576904, 9.077863693237305, 24.773597717285156, 1011.4656982421875,
  ]) // prettier-ignore
  expect(standardGamma(g.tensor([NaN])).tolist()).toEqual([NaN])
  expect(() => standardGamma(g.tensor([1], { dtype: 'int32' }))).toThrow(
    'standardGamma only supports floating-point dtypes, got: int32',
  )
})

test('Dirichlet numbers are those of PyTorch', () => {
  g.manualSeed(0)
  expect(sampleDirichlet(g.tensor([[0.5, 1, 3], [10, 20, 30]])).tolist()).toEqual([
    [0.00025821258896030486, 0.03892160952091217, 0.960820198059082],
    [0.12683171033859253, 0.29745912551879883, 0.5757091641426086],
  ]) // prettier-ignore
  expect(() => sampleDirichlet(g.tensor(1))).toThrow('at least one axis')
})

test('the derivatives of samples are those of PyTorch', () => {
  const ofGamma = [
    [0.05, 0.01, 0.8311542987228191], [0.5, 0.7, 1.5867722372837023], [3, 0.5, 0.376172130854377],
    [0.5, 2, 2.51197363123691], [3, 2, 0.856564023915415], [7, 12, 1.3245295652977507], [10, 10.2, 1.0268747371833207],
    [10, 5, 0.7046443773984561], [10, 20, 1.409645563507415], [1000, 1010, 1.0051508594287342],
    [50, 30, 0.7687766730343737],
  ] // prettier-ignore
  for (const [alpha, x, expected] of ofGamma) expect(gammaGradient(alpha, x)).toBeCloseTo(expected, 12)
  const ofDirichlet = [
    [0.1, 0.5, 2, 0.44658243464080655], [0.4, 0.7, 5, 0.44180139786928385], [0.9, 0.7, 5, 0.6104785357950366],
    [0.95, 3, 4, 0.32485753112115423], [0.5, 10, 20, 0.051680569963116645], [0.3, 10, 20, 0.039528030845786724],
    [0.7, 10, 20, 0.06096391573240229], [0.5, 3, 20, 0.09269895802098428], [0.6, 8, 12, 0.08294520700243672],
    [0.3, 2, 11, 0.1299698518629058],
  ] // prettier-ignore
  for (const [x, alpha, total, expected] of ofDirichlet)
    expect(dirichletGradient(x, alpha, total)).toBeCloseTo(expected, 12)
})

test('the derivatives of tensors of samples are those of their numbers', () => {
  const alpha = g.tensor([0.5, 3], { dtype: 'float64' })
  const x = g.tensor([0.25, 0.75], { dtype: 'float64' })
  expect(standardGammaGradient(alpha, x).tolist()).toEqual([gammaGradient(0.5, 0.25), gammaGradient(3, 0.75)])
  expect(sampleDirichletGradient(alpha, x).tolist()).toEqual([
    dirichletGradient(0.25, 0.5, 3.5),
    dirichletGradient(0.75, 3, 3.5),
  ])
})
