import {
  diagEmbed,
  diagonal,
  linalg,
  log,
  matmul,
  rsqrt,
  sqrt,
  square,
  broadcastShapes,
  ValueError,
  type Tensor,
} from '@gradus/core/functions'
import { sameShape } from '@gradus/core/internal'
import { notImplemented, sumRightmost } from '../arguments.ts'
import { nameOf, type Distribution } from '../distribution.ts'
import { ExponentialFamily } from '../exponential-family.ts'
import { divergence, type Divergence } from './divergence.ts'
import { LowRankMultivariateNormal, type LowRank } from '../low-rank.ts'
import { halfLogDet, mahalanobis, MultivariateNormal } from '../multivariate-normal.ts'
import { Independent, TransformedDistribution } from '../transformed.ts'

/** By the divergence of Bregman: the normalizer's distance from its tangent. */
const families = (p: ExponentialFamily, q: ExponentialFamily): Tensor => {
  if (p.constructor !== q.constructor) {
    throw notImplemented(
      `The cross KL-divergence between different exponential families cannot be computed using Bregman divergences: ${nameOf(p)} and ${nameOf(q)}`,
    )
  }
  const { params, normalizer, gradients } = p.bregman()
  const ofQ = q.naturalParams
  return params.reduce(
    (found, param, i) => {
      const term = ofQ[i].sub(param).mul(gradients[i])
      return found.sub(sumRightmost(term, q.eventShape.length))
    },
    q.logNormalizer(...ofQ).sub(normalizer),
  )
}

type Kl = (p: Distribution, q: Distribution) => Tensor

const transformed =
  (kl: Kl) =>
  (p: TransformedDistribution, q: TransformedDistribution): Tensor => {
    const isSame =
      p.transforms.length === q.transforms.length && p.transforms.every((t, i) => t.equals(q.transforms[i]))
    if (!isSame || !sameShape(p.eventShape, q.eventShape))
      throw notImplemented(
        `No KL(p || q) is implemented for different transforms, or different shapes of an event`,
      )
    return kl(p.baseDist, q.baseDist)
  }

const independents =
  (kl: Kl) =>
  (p: Independent, q: Independent): Tensor => {
    if (p.reinterpretedBatchNdims !== q.reinterpretedBatchNdims)
      throw notImplemented('No KL(p || q) is implemented for different reinterpretedBatchNdims')
    return sumRightmost(kl(p.baseDist, q.baseDist), p.reinterpretedBatchNdims)
  }

/** The sum of the squares of the elements: the trace of X Xᵀ. */
const traceOfSquare = (X: Tensor): Tensor => square(X).sum([-2, -1])

/** The factor that a distribution of vectors has, in its own batch. */
const factorOf = (p: MultivariateNormal): Tensor => p.scaleTril

function checkEvents(p: Distribution, q: Distribution): void {
  if (!sameShape(p.eventShape, q.eventShape)) {
    throw new ValueError(
      `KL-divergence between two (Low Rank) Multivariate Normals with different event shapes cannot be computed: [${p.eventShape.join(', ')}] and [${q.eventShape.join(', ')}]`,
    )
  }
}

/** L⁻¹ X, over the batches of both. */
function solve(L: Tensor, X: Tensor): Tensor {
  const batch = broadcastShapes(L.shape.slice(0, -2), X.shape.slice(0, -2))
  return linalg.solveTriangular(
    L.expand([...batch, ...L.shape.slice(-2)]),
    X.expand([...batch, ...X.shape.slice(-2)]),
    { upper: false },
  )
}

const full = (p: MultivariateNormal, q: MultivariateNormal): Tensor => {
  checkEvents(p, q)
  const [ofP, ofQ] = [factorOf(p), factorOf(q)]
  const spread = traceOfSquare(solve(ofQ, ofP)).add(mahalanobis(ofQ, q.loc.sub(p.loc)))
  return halfLogDet(ofQ).sub(halfLogDet(ofP)).add(spread.sub(p.eventShape[0]).mul(0.5))
}

const fullOfLowRank = (p: LowRankMultivariateNormal, q: MultivariateNormal): Tensor => {
  checkEvents(p, q)
  const L = factorOf(q)
  const { W, D } = p.lowRank
  const spread = traceOfSquare(solve(L, W)).add(traceOfSquare(solve(L, diagEmbed(sqrt(D)))))
  return halfLogDet(L)
    .mul(2)
    .sub(p.lowRank.logDet())
    .add(spread)
    .add(mahalanobis(L, q.loc.sub(p.loc)))
    .sub(p.eventShape[0])
    .mul(0.5)
}

/** The trace of (W Wᵀ + D)⁻¹ X Xᵀ. */
const spreadOf = (q: LowRank, X: Tensor): Tensor =>
  traceOfSquare(X.mul(rsqrt(q.D).unsqueeze(-1))).sub(traceOfSquare(matmul(q.whitened(), X)))

const lowRankOfFull = (p: MultivariateNormal, q: LowRankMultivariateNormal): Tensor => {
  checkEvents(p, q)
  const L = factorOf(p)
  return q.lowRank
    .logDet()
    .sub(
      log(diagonal(L, 0, -2, -1))
        .sum(-1)
        .mul(2),
    )
    .add(spreadOf(q.lowRank, L))
    .add(q.lowRank.distance(q.loc.sub(p.loc)))
    .sub(p.eventShape[0])
    .mul(0.5)
}

const lowRank = (p: LowRankMultivariateNormal, q: LowRankMultivariateNormal): Tensor => {
  checkEvents(p, q)
  const { D } = p.lowRank
  const onDiagonal = D.div(q.lowRank.D)
    .sum(-1)
    .sub(traceOfSquare(q.lowRank.whitened().mul(sqrt(D).unsqueeze(-2))))
  return q.lowRank
    .logDet()
    .sub(p.lowRank.logDet())
    .add(onDiagonal)
    .add(spreadOf(q.lowRank, p.lowRank.W))
    .add(q.lowRank.distance(q.loc.sub(p.loc)))
    .sub(p.eventShape[0])
    .mul(0.5)
}

/** Divergences of distributions of vectors, and of those that are made of others. */
export const compositions = (kl: Kl): Divergence[] => [
  divergence(ExponentialFamily, ExponentialFamily, families),
  divergence(Independent, Independent, independents(kl)),
  divergence(TransformedDistribution, TransformedDistribution, transformed(kl)),
  divergence(MultivariateNormal, MultivariateNormal, full),
  divergence(MultivariateNormal, LowRankMultivariateNormal, lowRankOfFull),
  divergence(LowRankMultivariateNormal, MultivariateNormal, fullOfLowRank),
  divergence(LowRankMultivariateNormal, LowRankMultivariateNormal, lowRank),
]
