export {
  AbsTransform,
  AffineTransform,
  type AffineTransformOptions,
  ExpTransform,
  PowerTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
} from './pointwise.ts'
export { ComposeTransform, identityTransform, Transform, type TransformOptions } from './transform.ts'
export {
  CorrCholeskyTransform,
  LowerCholeskyTransform,
  PositiveDefiniteTransform,
  SoftmaxTransform,
  StickBreakingTransform,
} from './vectors.ts'
export {
  CatTransform,
  CumulativeDistributionTransform,
  IndependentTransform,
  ReshapeTransform,
  StackTransform,
} from './wrapping.ts'
