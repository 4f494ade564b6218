import { defineOptions, either, kind, nullable, real } from '@gradus/core/internal'
import type { GradAccumulatorOptions, LossScaler, Model, WindowScheduler } from './types.ts'

const nothing = /* @__PURE__ */ kind<null>('null', (x) => x === null)

/** An object with these members, or null. */
const having = <T>(expected: string, ...members: readonly string[]) =>
  either(
    nothing,
    kind<T>(
      expected,
      (x) =>
        (typeof x === 'object' || typeof x === 'function') &&
        x !== null &&
        members.every((member) => member in x),
    ),
  )

/** Kinds of {@link GradAccumulatorOptions}. */
export const accumulatorOptions = /* @__PURE__ */ defineOptions<GradAccumulatorOptions>({
  scaler: having<LossScaler>('a loss scaler', 'scale', 'unscale_', 'step', 'update', 'getScale'),
  clipNorm: nullable(real),
  clipValue: nullable(real),
  scheduler: having<WindowScheduler>('a scheduler', 'step', 'lastEpoch'),
  model: having<Model>('a module', 'parameters', 'namedModules'),
})
