import { flag, listOf, nullable } from '../base/kinds.ts'
import { defineOptions, takeArgument, takeOptions } from '../base/options.ts'
import { ArgumentError } from '../base/errors.ts'
import type { BackwardOptions } from '../op/tape.ts'
import { aTensor } from '../tensor/kind.ts'

const backwardOptions = /* @__PURE__ */ defineOptions<Omit<BackwardOptions, 'gradient'>>({
  retainGraph: flag,
  createGraph: flag,
  inputs: /* @__PURE__ */ listOf(aTensor),
})

/** @throws ArgumentError unless these are a gradient and options of `backward` */
export function checkBackward(gradient: unknown, options: unknown): void {
  if (gradient === undefined || gradient === null || aTensor.accepts(gradient)) {
    takeOptions('backward', backwardOptions, options as Omit<BackwardOptions, 'gradient'>) // checked there
    return
  }
  if (typeof gradient === 'object' && Object.keys(gradient).some((name) => name in backwardOptions)) {
    throw new ArgumentError('backward: the first argument is the gradient, and options come second', {
      hint: `backward(null, { ${Object.keys(gradient).join(', ')} })`,
    })
  }
  takeArgument('backward', 'gradient', nullable(aTensor), gradient)
}
