export { spectralNorm, weightNorm, type SpectralNormOptions } from './norms.ts'
export { orthogonal, type OrthogonalMap, type OrthogonalOptions } from './orthogonal.ts'
export {
  isParametrized,
  ParametrizationList,
  registerParametrization,
  removeParametrizations,
  type Parametrization,
} from './parametrize.ts'
