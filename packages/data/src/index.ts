export { Subset, TensorDataset, type BatchedDataset, type Dataset } from './dataset.ts'
export {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  type RandomSamplerOptions,
  type Sampler,
} from './sampler.ts'
export { defaultCollate, type Collated } from './collate.ts'
export { DataLoader, type DataLoaderOptions } from './loader.ts'
export { randomSplit } from './split.ts'
