export { ChainDataset, ConcatDataset, StackDataset } from './datasets/combined.ts'
export type { ItemContext } from './datasets/context.ts'
export { Dataset, IterableDataset, type AnyDataset, type BatchedDataset } from './datasets/dataset.ts'
export { randomSplit, type RandomSplitOptions } from './datasets/split.ts'
export { Subset } from './datasets/subset.ts'
export { TensorDataset } from './datasets/tensor-dataset.ts'
export { defaultCollate, type Collated } from './loader/collate.ts'
export { DataLoader, type DataLoaderOptions } from './loader/loader.ts'
export { BatchSampler } from './samplers/batch-sampler.ts'
export { DistributedSampler, type DistributedSamplerOptions } from './samplers/distributed.ts'
export {
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  type RandomSamplerOptions,
  type Sized,
} from './samplers/sampler.ts'
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from './samplers/weighted.ts'
