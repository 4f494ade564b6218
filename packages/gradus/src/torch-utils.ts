// where PyTorch has it: torch.utils.data.DataLoader
export * as data from '@gradus/data'
export * as checkpoint from './torch-utils-checkpoint.ts'
