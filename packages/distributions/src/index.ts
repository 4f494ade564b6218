export { type DistributionOptions, type Parameter, type ProbsOptions } from './arguments.ts'
export { Bernoulli } from './bernoulli.ts'
export {
  Categorical,
  type CategoricalOptions,
  OneHotCategorical,
  OneHotCategoricalStraightThrough,
} from './categorical.ts'
// kept a file of its own in the build: a program that takes one constraint does not get all
export * as constraints from './constraints/index.ts'
export { Distribution, type EnumerateOptions } from './distribution.ts'
export { ExponentialFamily } from './exponential-family.ts'
export { Normal } from './normal.ts'
export { Uniform } from './uniform.ts'
export { Binomial, Multinomial } from './binomial.ts'
export { Cauchy, VonMises } from './circular.ts'
export { ContinuousBernoulli, type ContinuousBernoulliOptions } from './continuous-bernoulli.ts'
export { Geometric, Poisson } from './counts.ts'
export { Exponential, GeneralizedPareto, Laplace } from './exponential.ts'
export { bijectTo, constraintRegistry, type ConstraintRegistry, transformTo } from './constraint-registry.ts'
export { HalfCauchy, HalfNormal, LogisticNormal, LogNormal } from './of-normals.ts'
export { Gumbel, Kumaraswamy, Pareto, Weibull } from './of-uniforms.ts'
export {
  ExpRelaxedCategorical,
  LogitRelaxedBernoulli,
  RelaxedBernoulli,
  RelaxedOneHotCategorical,
} from './relaxed.ts'
export { Independent, TransformedDistribution } from './transformed.ts'
export * from './transforms/index.ts'
export { Beta, Dirichlet } from './dirichlet.ts'
export { Chi2, Gamma, InverseGamma } from './gamma.ts'
export { NegativeBinomial } from './negative-binomial.ts'
export { FisherSnedecor, StudentT } from './ratios.ts'
export { klDivergence, registerKl } from './kl/kl.ts'
export { LowRankMultivariateNormal } from './low-rank.ts'
export { LKJCholesky, Wishart } from './matrices.ts'
export { MixtureSameFamily } from './mixture.ts'
export { type CovarianceOptions, MultivariateNormal } from './multivariate-normal.ts'
