export { decodeImage, type DecodeImageOptions } from './decode.ts'
export { ImageFolder, type ImageFolderOptions, type ImageItem } from './folder.ts'
export type { ImageMode } from './pixels.ts'
