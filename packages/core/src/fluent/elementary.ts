import * as exponential from '../ops/elementwise/exponential.ts'
import * as power from '../ops/elementwise/power.ts'
import * as trigonometry from '../ops/elementwise/trigonometry.ts'
import type { Operand } from '../op/pointwise.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentArithmetic } from './arithmetic.ts'

/** Functions of one element as methods: each is the function of the same name with this tensor first. */
export abstract class FluentElementary extends FluentArithmetic {
  exp(this: Tensor): Tensor {
    return exponential.exp(this)
  }
  exp_(this: Tensor): Tensor {
    return exponential.exp_(this)
  }
  exp2(this: Tensor): Tensor {
    return exponential.exp2(this)
  }
  exp2_(this: Tensor): Tensor {
    return exponential.exp2_(this)
  }
  expm1(this: Tensor): Tensor {
    return exponential.expm1(this)
  }
  expm1_(this: Tensor): Tensor {
    return exponential.expm1_(this)
  }
  log(this: Tensor): Tensor {
    return exponential.log(this)
  }
  log_(this: Tensor): Tensor {
    return exponential.log_(this)
  }
  log2(this: Tensor): Tensor {
    return exponential.log2(this)
  }
  log2_(this: Tensor): Tensor {
    return exponential.log2_(this)
  }
  log10(this: Tensor): Tensor {
    return exponential.log10(this)
  }
  log10_(this: Tensor): Tensor {
    return exponential.log10_(this)
  }
  log1p(this: Tensor): Tensor {
    return exponential.log1p(this)
  }
  log1p_(this: Tensor): Tensor {
    return exponential.log1p_(this)
  }
  sigmoid(this: Tensor): Tensor {
    return exponential.sigmoid(this)
  }
  sigmoid_(this: Tensor): Tensor {
    return exponential.sigmoid_(this)
  }
  pow(this: Tensor, y: Operand): Tensor {
    return power.pow(this, y)
  }
  pow_(this: Tensor, y: Operand): Tensor {
    return power.pow_(this, y)
  }
  floatPower(this: Tensor, y: Operand): Tensor {
    return power.floatPower(this, y)
  }
  square(this: Tensor): Tensor {
    return power.square(this)
  }
  square_(this: Tensor): Tensor {
    return power.square_(this)
  }
  sqrt(this: Tensor): Tensor {
    return power.sqrt(this)
  }
  sqrt_(this: Tensor): Tensor {
    return power.sqrt_(this)
  }
  rsqrt(this: Tensor): Tensor {
    return power.rsqrt(this)
  }
  rsqrt_(this: Tensor): Tensor {
    return power.rsqrt_(this)
  }
  reciprocal(this: Tensor): Tensor {
    return power.reciprocal(this)
  }
  reciprocal_(this: Tensor): Tensor {
    return power.reciprocal_(this)
  }
  ldexp(this: Tensor, exponent: Operand): Tensor {
    return power.ldexp(this, exponent)
  }
  ldexp_(this: Tensor, exponent: Operand): Tensor {
    return power.ldexp_(this, exponent)
  }
  sin(this: Tensor): Tensor {
    return trigonometry.sin(this)
  }
  sin_(this: Tensor): Tensor {
    return trigonometry.sin_(this)
  }
  cos(this: Tensor): Tensor {
    return trigonometry.cos(this)
  }
  cos_(this: Tensor): Tensor {
    return trigonometry.cos_(this)
  }
  tan(this: Tensor): Tensor {
    return trigonometry.tan(this)
  }
  tan_(this: Tensor): Tensor {
    return trigonometry.tan_(this)
  }
  asin(this: Tensor): Tensor {
    return trigonometry.asin(this)
  }
  asin_(this: Tensor): Tensor {
    return trigonometry.asin_(this)
  }
  acos(this: Tensor): Tensor {
    return trigonometry.acos(this)
  }
  acos_(this: Tensor): Tensor {
    return trigonometry.acos_(this)
  }
  atan(this: Tensor): Tensor {
    return trigonometry.atan(this)
  }
  atan_(this: Tensor): Tensor {
    return trigonometry.atan_(this)
  }
  sinh(this: Tensor): Tensor {
    return trigonometry.sinh(this)
  }
  sinh_(this: Tensor): Tensor {
    return trigonometry.sinh_(this)
  }
  cosh(this: Tensor): Tensor {
    return trigonometry.cosh(this)
  }
  cosh_(this: Tensor): Tensor {
    return trigonometry.cosh_(this)
  }
  tanh(this: Tensor): Tensor {
    return trigonometry.tanh(this)
  }
  tanh_(this: Tensor): Tensor {
    return trigonometry.tanh_(this)
  }
  asinh(this: Tensor): Tensor {
    return trigonometry.asinh(this)
  }
  asinh_(this: Tensor): Tensor {
    return trigonometry.asinh_(this)
  }
  acosh(this: Tensor): Tensor {
    return trigonometry.acosh(this)
  }
  acosh_(this: Tensor): Tensor {
    return trigonometry.acosh_(this)
  }
  atanh(this: Tensor): Tensor {
    return trigonometry.atanh(this)
  }
  atanh_(this: Tensor): Tensor {
    return trigonometry.atanh_(this)
  }
  deg2rad(this: Tensor): Tensor {
    return trigonometry.deg2rad(this)
  }
  deg2rad_(this: Tensor): Tensor {
    return trigonometry.deg2rad_(this)
  }
  rad2deg(this: Tensor): Tensor {
    return trigonometry.rad2deg(this)
  }
  rad2deg_(this: Tensor): Tensor {
    return trigonometry.rad2deg_(this)
  }
  sinc(this: Tensor): Tensor {
    return trigonometry.sinc(this)
  }
  sinc_(this: Tensor): Tensor {
    return trigonometry.sinc_(this)
  }
}
