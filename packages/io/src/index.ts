export { FileError } from './file-error.ts'
export { load } from './load.ts'
export type { Loaded } from './loaded.ts'
export { save, toBytes, type SaveFormat, type SaveOptions } from './save.ts'
export { openSafetensors } from './safetensors/open.ts'
export type { LazyTensor, SafetensorsFile, TensorInfo } from './safetensors/file.ts'
export { saveSafetensors, type SafetensorsOptions, type TensorsToSave } from './safetensors/write.ts'
export { saveShards, type ShardOptions } from './safetensors/write-shards.ts'
export { exportState, importState, type ExportedState, type Json } from './json-state.ts'
export type { ByteSink, ByteSource, Folder } from './source/types.ts'
export type { Readable, Writable } from './source/open.ts'
export { bytesSource, memoryFolder } from './source/memory.ts'
export { blobSource } from './source/blob.ts'
export { httpSource } from './source/http.ts'
export { fileFolder } from './source/node-files.ts'
export { opfsFolder } from './source/opfs.ts'
export { indexedDbFolder } from './source/indexed-db.ts'
export {
  Checkpoints,
  type BestOptions,
  type CheckpointEntry,
  type CheckpointOptions,
  type SaveInfo,
} from './checkpoint/checkpoints.ts'
export type { CheckpointInfo } from './checkpoint/file.ts'
export type { HasState, Parts } from './checkpoint/parts.ts'
export { SummaryWriter, type ImageOptions, type SummaryOptions } from './tensorboard/summary-writer.ts'
