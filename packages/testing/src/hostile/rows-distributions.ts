import type { Tensor } from '@gradus/core'
import { distributions as D } from 'gradus'
import { group, x } from './rows.ts'

const half = (): Tensor => x(3)
const simplex = (): Tensor => x(2, 3).softmax(1)
const spread = (): Tensor => x(2, 2).matmul(x(2, 2).t()).add(x(2).add(1).diag())
const normal = (): D.Normal => new D.Normal(x(3), x(3).add(0.5))
const N = 'distributions'
const of = (names: string, ...args: (() => unknown)[]): void =>
  group(
    () => [...args.map((make) => make()), {}],
    names
      .split(' ')
      .map((name) => `${N}.${name}`)
      .join(' '),
  )

of(
  'Bernoulli Geometric ContinuousBernoulli Categorical OneHotCategorical OneHotCategoricalStraightThrough',
  simplex,
)
of('Beta Gamma Gumbel InverseGamma Kumaraswamy Laplace LogNormal LogisticNormal Normal Cauchy FisherSnedecor Pareto VonMises Weibull', half, half) // prettier-ignore
of('Exponential HalfCauchy HalfNormal Chi2 Poisson Dirichlet', half)
of('Binomial NegativeBinomial', () => 4, half)
of('Multinomial', () => 4, simplex)
of('Uniform', half, () => x(3).add(2))
of('StudentT GeneralizedPareto', half, half, half)
of('RelaxedBernoulli LogitRelaxedBernoulli', () => 0.5, half)
of('RelaxedOneHotCategorical ExpRelaxedCategorical', () => 0.5, simplex)
of('MultivariateNormal', () => x(2), spread)
of('LowRankMultivariateNormal', () => x(2), () => x(2, 1), () => x(2)) // prettier-ignore
of('Wishart', () => 3, spread)
of('LKJCholesky', () => 3, () => 1) // prettier-ignore
of('Independent', normal, () => 1)
of('MixtureSameFamily', () => new D.Categorical(half()), normal)
of('TransformedDistribution', normal, () => [new D.ExpTransform()])
of('AffineTransform', () => 1, () => 2) // prettier-ignore
of('PowerTransform', () => 2)
of('ComposeTransform', () => [new D.ExpTransform()])
of('CatTransform', () => [new D.ExpTransform(), new D.ExpTransform()], () => 0, () => null) // prettier-ignore
of('StackTransform', () => [new D.ExpTransform(), new D.ExpTransform()], () => 0) // prettier-ignore
of('CumulativeDistributionTransform', normal)
of('IndependentTransform', () => new D.ExpTransform(), () => 1) // prettier-ignore
of('ReshapeTransform', () => [4], () => [2, 2]) // prettier-ignore
