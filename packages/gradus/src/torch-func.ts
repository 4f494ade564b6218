// where PyTorch has it: torch.func.grad
export * from '@gradus/autograd/func'
export * from '@gradus/nn/func'
