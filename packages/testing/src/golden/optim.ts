import { tensor, type DType, type Tensor } from '@gradus/core'
import { readGolden } from './files.ts'

/** A tensor as the golden files write it: values row-major. */
export interface GoldenTensor {
  $t: DType
  shape: number[]
  v: number[]
}

/** Ten steps of an optimizer over two parameters, as PyTorch makes them. */
export interface OptimCase {
  optim: string
  kwargs: Record<string, unknown>
  desc: string
  dtype: DType
  shapes: number[][]
  /** Per step, per parameter: its values after the step. */
  traj: number[][][]
  state: {
    state: Record<string, Record<string, GoldenTensor | number | null>>
    param_groups: Record<string, unknown>[]
  }
}

export function readOptimCases(): OptimCase[] {
  return readGolden<OptimCase[]>('optim.json')
}

/** Learning rates, and momenta, of two groups over 40 steps; the first before any step. */
export interface ScheduleCase {
  lrs: number[][]
  mom: number[][]
  /** What each step of a scheduler that watches a metric is given. */
  metrics?: number[]
}

export function readScheduleCases(): Record<string, ScheduleCase> {
  return readGolden<Record<string, ScheduleCase>>('sched.json')
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The parameters every trajectory starts from: `cos(0.9 i)`. */
export const startOf = ({ shapes, dtype }: OptimCase): Tensor[] =>
  shapes.map((shape) =>
    tensor(
      Array.from({ length: sizeOf(shape) }, (_, i) => Math.cos(0.9 * i)),
      { dtype },
    ).reshape(shape),
  )

/** The gradient of every parameter at step `t`, counted from 0: `sin(1.3 i + 0.7 t) · (1 + 0.1 t)`. */
export const gradAt = ({ shape, dtype }: Tensor, t: number): Tensor =>
  tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.3 * i + 0.7 * t) * (1 + 0.1 * t)),
    { dtype },
  ).reshape(shape)

/** `weight_decay` as gradus writes it: `weightDecay`. */
export const camel = (key: string): string => key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())
