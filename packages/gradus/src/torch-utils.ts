// where PyTorch has it: torch.utils.data.DataLoader
export * as data from '@gradus/data'
