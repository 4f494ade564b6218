export {
  centerCrop,
  randomCrop,
  randomHorizontalFlip,
  randomVerticalFlip,
  resize,
  type RandomCropOptions,
  type ResizeOptions,
} from './geometry.ts'
export { compose, type Size, type Transform } from './transform.ts'
export { normalize, randomErasing, toFloat, type RandomErasingOptions } from './values.ts'
