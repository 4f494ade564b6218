import { arithmeticOf, computeTypeOf } from '../../elements/index.ts'
import type { ElementType } from '../../elements/index.ts'
import { forwardAxis, inputGradientAxis } from './axis.ts'
import type { ConvAxis } from './axis.ts'
import type { Convolution, ConvPlan, Pass } from './convolution.ts'
import { planCorrelation } from './correlation-plan.ts'
import { convBlock } from './descriptor.ts'
import { planCopy } from './padded-copy-plan.ts'
import type { Triple } from './padded-copy-plan.ts'
import { planWeightGradient } from './weight-gradient-plan.ts'

/** Addresses in bytes; `output` is its gradient in the passes `input` and `weight`. */
export interface ConvAddresses {
  x: number
  weight: number
  /** Of the output, an element per filter; 0 for none. */
  bias?: number
  output: number
  shared: number
  workspace: number
}

// with several blocks for each thread a slow one does not hold up the others
const blocksPerThread = 3

/** Size of the output along one axis. */
export function outputSize(axis: Omit<ConvAxis, 'output'>): number {
  const { input, kernel, stride, padding, dilation } = axis
  return Math.floor((input + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
}

/**
 * Plans one pass of a convolution for `threads` threads; their number does not change a bit of the result. The weight
 * is contiguous, `[o, c / groups, ...k]`; x and the output may have any strides.
 */
export function planConv(pass: Pass, convolution: Convolution, dtype: ElementType, threads = 1): ConvPlan {
  const { images, groups } = convolution
  const axes = axesOf(convolution)
  const kernel = mapAxes(axes, (axis) => axis.kernel)
  const correlations = mapAxes(axes, pass === 'input' ? inputGradientAxis : forwardAxis)
  // sums of the weight's gradient follow the slabs, so their size must not depend on the threads
  const isShared = pass !== 'weight' && threads > 1
  const minSlabs = isShared ? Math.ceil((threads * blocksPerThread) / Math.max(1, images * groups)) : 1
  const { copy, parts } = planCopy(correlations, kernel, minSlabs)
  const x = arithmeticOf(computeTypeOf(dtype), false)
  const taps = kernel[0] * kernel[1] * kernel[2]
  const geometry = { convolution, dtype, x, taps, copy, parts, threads }
  return pass === 'weight' ? planWeightGradient(geometry) : planCorrelation(pass, geometry)
}

/** Writes the descriptor of a plan to memory, from word `at` on; `4 * at` is then the first argument of a stage. */
export function writeConvDescriptor(
  plan: ConvPlan,
  memory: Int32Array,
  at: number,
  addresses: ConvAddresses,
): void {
  const { x, weight, bias = 0, output, shared, workspace } = addresses
  memory.set(plan.words, at)
  memory[at + convBlock.at.source] = plan.pass === 'input' ? output : x
  memory[at + convBlock.at.target] = plan.pass === 'input' ? x : output
  memory[at + convBlock.at.weight] = weight
  memory[at + convBlock.at.bias] = bias
  memory[at + convBlock.at.shared] = shared
  memory[at + convBlock.at.workspace] = workspace
}

// fewer than three axes are the last of three
function axesOf({ input, output, kernel, stride, padding, dilation }: Convolution): Triple<ConvAxis> {
  const axisAt = (fromEnd: number): ConvAxis => {
    const i = input.length - fromEnd
    if (i < 0) return { input: 1, output: 1, kernel: 1, stride: 1, padding: 0, dilation: 1 }
    const axis = {
      input: input[i],
      kernel: kernel[i],
      stride: stride[i],
      padding: padding[i],
      dilation: dilation[i],
    }
    return { ...axis, output: output?.[i] ?? outputSize(axis) }
  }
  return [axisAt(3), axisAt(2), axisAt(1)]
}

const mapAxes = <A, R>([z, y, x]: Triple<A>, each: (axis: A) => R): Triple<R> => [each(z), each(y), each(x)]
