import type { Tensor } from './tensor.ts'

/**
 * The way a half-precision parameter keeps updates that are smaller than its rounding: a float32 copy that is trained in its
 * place, or rounding at random in proportion to the distance. Set by `halfPrecision`, read by optimizers.
 */
export type Master =
  | {
      readonly kind: 'float32'
      value: Tensor
      /** Version of the parameter that `value` belongs to. */
      version: number
    }
  | {
      readonly kind: 'stochastic-rounding'
      /** Tells the random numbers of one parameter from those of others. */
      readonly seed: number
      /** Updates so far: each rounds by other random numbers. */
      step: number
    }

const masters = new WeakMap<Tensor, Master>()

/** The master of a parameter, or null. */
export const masterOf = (p: Tensor): Master | null => masters.get(p) ?? null

/** Gives a parameter a master, or with null takes it away. */
export function setMaster(p: Tensor, master: Master | null): void {
  if (master === null) masters.delete(p)
  else masters.set(p, master)
}
