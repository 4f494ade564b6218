import * as unary from '../ops/elementwise/unary.ts'
import * as special from '../ops/elementwise/special.ts'
import * as activation from '../ops/elementwise/activation.ts'
import * as rectifier from '../ops/elementwise/rectifier.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentElementary } from './elementary.ts'

/** Signs, rounding, tests for NaN and special functions as methods: each is the function of the same name with this tensor first. */
export abstract class FluentRounding extends FluentElementary {
  neg(this: Tensor): Tensor {
    return unary.neg(this)
  }
  neg_(this: Tensor): Tensor {
    return unary.neg_(this)
  }
  abs(this: Tensor): Tensor {
    return unary.abs(this)
  }
  abs_(this: Tensor): Tensor {
    return unary.abs_(this)
  }
  sign(this: Tensor): Tensor {
    return unary.sign(this)
  }
  sign_(this: Tensor): Tensor {
    return unary.sign_(this)
  }
  floor(this: Tensor): Tensor {
    return unary.floor(this)
  }
  floor_(this: Tensor): Tensor {
    return unary.floor_(this)
  }
  ceil(this: Tensor): Tensor {
    return unary.ceil(this)
  }
  ceil_(this: Tensor): Tensor {
    return unary.ceil_(this)
  }
  trunc(this: Tensor): Tensor {
    return unary.trunc(this)
  }
  trunc_(this: Tensor): Tensor {
    return unary.trunc_(this)
  }
  frac(this: Tensor): Tensor {
    return unary.frac(this)
  }
  frac_(this: Tensor): Tensor {
    return unary.frac_(this)
  }
  round(this: Tensor, options?: unary.RoundOptions): Tensor {
    return unary.round(this, options)
  }
  round_(this: Tensor, options?: unary.RoundOptions): Tensor {
    return unary.round_(this, options)
  }
  positive(this: Tensor): Tensor {
    return unary.positive(this)
  }
  isnan(this: Tensor): Tensor {
    return unary.isnan(this)
  }
  isinf(this: Tensor): Tensor {
    return unary.isinf(this)
  }
  isfinite(this: Tensor): Tensor {
    return unary.isfinite(this)
  }
  isposinf(this: Tensor): Tensor {
    return unary.isposinf(this)
  }
  isneginf(this: Tensor): Tensor {
    return unary.isneginf(this)
  }
  signbit(this: Tensor): Tensor {
    return unary.signbit(this)
  }
  isreal(this: Tensor): Tensor {
    return unary.isreal(this)
  }
  nanToNum(this: Tensor, options?: unary.NanToNumOptions): Tensor {
    return unary.nanToNum(this, options)
  }
  nanToNum_(this: Tensor, options?: unary.NanToNumOptions): Tensor {
    return unary.nanToNum_(this, options)
  }
  bitwiseNot(this: Tensor): Tensor {
    return unary.bitwiseNot(this)
  }
  bitwiseNot_(this: Tensor): Tensor {
    return unary.bitwiseNot_(this)
  }
  logicalNot(this: Tensor): Tensor {
    return unary.logicalNot(this)
  }
  logicalNot_(this: Tensor): Tensor {
    return unary.logicalNot_(this)
  }
  erf(this: Tensor): Tensor {
    return special.erf(this)
  }
  erf_(this: Tensor): Tensor {
    return special.erf_(this)
  }
  erfc(this: Tensor): Tensor {
    return special.erfc(this)
  }
  erfc_(this: Tensor): Tensor {
    return special.erfc_(this)
  }
  erfinv(this: Tensor): Tensor {
    return special.erfinv(this)
  }
  erfinv_(this: Tensor): Tensor {
    return special.erfinv_(this)
  }
  lgamma(this: Tensor): Tensor {
    return special.lgamma(this)
  }
  lgamma_(this: Tensor): Tensor {
    return special.lgamma_(this)
  }
  digamma(this: Tensor): Tensor {
    return special.digamma(this)
  }
  digamma_(this: Tensor): Tensor {
    return special.digamma_(this)
  }
  mvlgamma(this: Tensor, p: number): Tensor {
    return special.mvlgamma(this, p)
  }
  logit(this: Tensor, eps?: number | null): Tensor {
    return activation.logit(this, eps)
  }
  logit_(this: Tensor, eps?: number | null): Tensor {
    return activation.logit_(this, eps)
  }
  prelu(this: Tensor, weight: Tensor): Tensor {
    return activation.prelu(this, weight)
  }
  relu(this: Tensor): Tensor {
    return rectifier.relu(this)
  }
  relu_(this: Tensor): Tensor {
    return rectifier.relu_(this)
  }
  hardshrink(this: Tensor, lambd?: number): Tensor {
    return rectifier.hardshrink(this, lambd)
  }
}
