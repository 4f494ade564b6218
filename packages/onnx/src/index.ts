export { exportOnnx, type OnnxOptions, type Traceable } from './export-onnx.ts'
