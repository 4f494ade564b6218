import { ArgumentError, ValueError, type Tensor } from '@gradus/core/functions'
import { describeValue, warn } from '@gradus/core/internal'
import { notImplemented } from '../arguments.ts'
import { Distribution, nameOf } from '../distribution.ts'
import { acrossFamilies } from './across.ts'
import { ofOneFamily } from './same.ts'
import { compositions } from './composed.ts'
import { divergence, type DistributionClass, type Divergence } from './divergence.ts'

let known: Divergence[] | null = null
const table = (): Divergence[] =>
  (known ??= [...ofOneFamily(), ...acrossFamilies(), ...compositions(klDivergence)])

/**
 * Says how the divergence of two classes is computed, in place of what was said before. A divergence is for classes derived
 * from these too; of several that fit, the one for the nearest classes is taken.
 *
 * @see https://pytorch.org/docs/stable/distributions.html#torch.distributions.kl.register_kl
 * @example
 * class Point extends g.distributions.Normal {}
 * g.distributions.registerKl(Point, g.distributions.Normal, (p, q) => q.logProb(p.loc).mul(-1))
 * g.distributions.klDivergence(new Point(0, 1), new g.distributions.Normal(0, 1)).item() // => 0.9189
 */
export function registerKl<P extends Distribution, Q extends Distribution>(
  typeP: DistributionClass<P>,
  typeQ: DistributionClass<Q>,
  of: (p: P, q: Q) => Tensor,
): void {
  for (const [name, type] of Object.entries({ typeP, typeQ })) {
    if (!isDistributionClass(type))
      throw new ArgumentError(
        `Expected ${name} to be a class of distributions but got ${describeValue(type)}`,
      )
  }
  if (typeof of !== 'function')
    throw new ArgumentError(`registerKl takes a function, got ${describeValue(of)}`)
  known = table().filter(({ p, q }) => p !== typeP || q !== typeQ)
  known.push(divergence(typeP, typeQ, of))
}

const isDistributionClass = (type: unknown): boolean =>
  typeof type === 'function' && (type === Distribution || type.prototype instanceof Distribution)

/** Whether the classes of one divergence, in this order, are those of another or derived from them. */
function isNearer(a: readonly DistributionClass[], b: readonly DistributionClass[]): boolean {
  for (const [i, type] of a.entries()) {
    if (type === b[i]) continue
    return type.prototype instanceof b[i]
  }
  return true
}

const nearest = (found: readonly Divergence[], order: (d: Divergence) => DistributionClass[]): Divergence =>
  found.reduce((best, d) => (isNearer(order(d), order(best)) ? d : best))

/**
 * The Kullback-Leibler divergence of `q` from `p`: the mean of `log p(x) - log q(x)` over samples of `p`, by a formula for their
 * classes. Of shape batchShape.
 *
 * @throws TensorError for classes that have no formula
 * @see https://pytorch.org/docs/stable/distributions.html#torch.distributions.kl.kl_divergence
 * @example
 * const { klDivergence, Normal } = g.distributions
 * klDivergence(new Normal(0, 1), new Normal(1, 2)).item() // => 0.4431
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  for (const [name, value] of Object.entries({ p, q }))
    if (!(value instanceof Distribution)) throw new ValueError(`klDivergence: ${name} must be a distribution`)
  const found = table().filter((d) => p instanceof d.p && q instanceof d.q)
  if (found.length === 0) {
    throw notImplemented(
      `No KL(p || q) is implemented for p type ${nameOf(p)} and q type ${nameOf(q)}`,
      'register one with registerKl',
    )
  }
  const best = nearest(found, (d) => [d.p, d.q])
  if (best !== nearest(found, (d) => [d.q, d.p]))
    warn(`Ambiguous klDivergence(${nameOf(p)}, ${nameOf(q)}). Please register one for these classes.`)
  return best.of(p, q)
}
