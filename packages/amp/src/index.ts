export { autocast, getAutocastDtype, isAutocastEnabled, type AutocastOptions } from './autocast.ts'
