export * from '@gradus/nn'
// where PyTorch has it: nn.utils.clip_grad_norm_
export * as utils from './nn-utils.ts'
