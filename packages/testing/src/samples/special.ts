import { igamma, igammac, special, tensor, type Tensor } from 'gradus'
import { sample, type Sample } from './values.ts'

const one = (name: string, fn: (x: Tensor) => Tensor, lo: number, hi: number): Sample =>
  sample(name, fn, [[5], lo, hi])

const exponents = (): Tensor => tensor([0.6, 1.5, 3, 7, 20], { dtype: 'float64' })

/** Functions of `special` that the host computes. */
export const specials: readonly Sample[] = [
  one('besselJ0', special.besselJ0, -9, 9),
  one('besselJ1', special.besselJ1, -9, 9),
  one('besselY0', special.besselY0, 0.5, 9),
  one('besselY1', special.besselY1, 0.5, 9),
  one('sphericalBesselJ0', special.sphericalBesselJ0, 0.5, 9),
  one('i0', special.i0, -3, 3),
  one('i0e', special.i0e, -3, 3),
  one('i1', special.i1, -3, 3),
  one('i1e', special.i1e, -3, 3),
  one('modifiedBesselK0', special.modifiedBesselK0, 0.5, 4),
  one('modifiedBesselK1', special.modifiedBesselK1, 0.5, 4),
  one('scaledModifiedBesselK0', special.scaledModifiedBesselK0, 0.5, 4),
  one('scaledModifiedBesselK1', special.scaledModifiedBesselK1, 0.5, 4),
  one('erfcx', special.erfcx, -1, 3),
  one('logNdtr', special.logNdtr, -4, 2),
  one('zeta', (q) => special.zeta(3, q), 0.5, 4),
  one('igamma', (x) => igamma(exponents(), x), 0.5, 9),
  one('igammac', (x) => igammac(exponents(), x), 0.5, 9),
]
