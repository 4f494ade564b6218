import type { Tensor } from '@gradus/core/functions'
import type { Distribution } from '../distribution.ts'

/** A class of distributions. */
export type DistributionClass<D extends Distribution = Distribution> = new (...args: never[]) => D

/** A divergence, and the classes that it is for. */
export interface Divergence {
  readonly p: DistributionClass
  readonly q: DistributionClass
  readonly of: (p: Distribution, q: Distribution) => Tensor
}

/** A divergence with the types of its classes. */
export const divergence = <P extends Distribution, Q extends Distribution>(
  p: DistributionClass<P>,
  q: DistributionClass<Q>,
  of: (p: P, q: Q) => Tensor,
): Divergence => ({ p, q, of: of as Divergence['of'] }) // called with objects of these classes alone
