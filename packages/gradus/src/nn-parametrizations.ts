// where PyTorch has them: nn.utils.parametrizations.weight_norm
export { orthogonal, spectralNorm, weightNorm } from '@gradus/nn/parametrize'
