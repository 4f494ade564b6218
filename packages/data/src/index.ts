export { ChainDataset, ConcatDataset, StackDataset } from './datasets/combined.ts'
export type { ItemContext } from './datasets/context.ts'
export { Dataset, IterableDataset, type AnyDataset, type BatchedDataset } from './datasets/dataset.ts'
export { randomSplit, type RandomSplitOptions } from './datasets/split.ts'
export { Subset } from './datasets/subset.ts'
export { TensorDataset } from './datasets/tensor-dataset.ts'
export { downloadable, type DownloadableOptions, type DownloadProgress } from './download/downloadable.ts'
export { defaultCollate, defaultConvert, type Collated, type Converted } from './loader/collate.ts'
export type { Loadable } from './loader/loadable.ts'
export { DataLoader } from './loader/loader.ts'
export type { DataLoaderOptions } from './loader/options.ts'
export type { DataLoaderState } from './loader/state.ts'
export { DataError } from './readers/data-error.ts'
export { readIdx, toIdx, type ReadIdxOptions } from './readers/idx.ts'
export { JsonLinesDataset } from './readers/json-lines.ts'
export { TextDataset, type TextDatasetOptions } from './readers/lines.ts'
export type { ByteSource, Readable } from './readers/source.ts'
export { readWav, type Sound } from './readers/wav.ts'
export { BatchSampler } from './samplers/batch-sampler.ts'
export { DistributedSampler, type DistributedSamplerOptions } from './samplers/distributed.ts'
export {
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  type RandomSamplerOptions,
  type SubsetRandomSamplerOptions,
} from './samplers/sampler.ts'
export type { Sized } from './samplers/kinds.ts'
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from './samplers/weighted.ts'
export * as transforms from './transforms/index.ts'
export { getWorkerInfo, type WorkerInfo } from './workers/info.ts'
export { serveDataset } from './workers/serve.ts'
export type { WorkerSource } from './workers/spawn.ts'
export { WorkerError } from './workers/worker-error.ts'
