export { spectralNorm, type SpectralNormOptions } from './spectral-norm.ts'
export { weightNorm, type WeightNormOptions } from './weight-norm.ts'
export { orthogonal, type OrthogonalMap, type OrthogonalOptions } from './orthogonal.ts'
export {
  cached,
  isParametrized,
  ParametrizationList,
  registerParametrization,
  removeParametrizations,
  transferParametrizationsAndParams,
  typeBeforeParametrizations,
  type Parametrization,
  type RemoveOptions,
} from './parametrize.ts'
