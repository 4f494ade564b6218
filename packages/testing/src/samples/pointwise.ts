import * as g from 'gradus'
import { sample, type Sample } from './values.ts'

type Unary = (x: g.Tensor) => g.Tensor

const one = (name: string, fn: Unary, lo = -2, hi = 2): Sample => sample(name, fn, [[2, 3], lo, hi])

/** Functions of one tensor, on a range inside their domain. */
const unary: Sample[] = [
  ...Object.entries({
    neg: g.neg, abs: g.abs, sign: g.sign, floor: g.floor, ceil: g.ceil, trunc: g.trunc, frac: g.frac, round: g.round,
    exp: g.exp, exp2: g.exp2, expm1: g.expm1, sigmoid: g.sigmoid, square: g.square, erf: g.erf, erfc: g.erfc,
    sin: g.sin, cos: g.cos, sinh: g.sinh, cosh: g.cosh, tanh: g.tanh, atan: g.atan, asinh: g.asinh, sinc: g.sinc,
    deg2rad: g.deg2rad, rad2deg: g.rad2deg, nanToNum: g.nanToNum, gelu: g.gelu, silu: g.silu, mish: g.mish,
    logsigmoid: g.logsigmoid, softplus: g.softplus, softsign: g.softsign, tanhshrink: g.tanhshrink, elu: g.elu,
    celu: g.celu, selu: g.selu, relu: g.relu, hardtanh: g.hardtanh, leakyRelu: g.leakyRelu,
    hardsigmoid: g.hardsigmoid, hardswish: g.hardswish, hardshrink: g.hardshrink, softshrink: g.softshrink,
  } satisfies Record<string, (x: g.Tensor) => g.Tensor>).map(([name, fn]) => one(name, (x) => fn(x))), // prettier-ignore
  ...Object.entries({
    log: g.log, log2: g.log2, log10: g.log10, log1p: g.log1p, sqrt: g.sqrt, rsqrt: g.rsqrt, reciprocal: g.reciprocal,
  } satisfies Record<string, Unary>).map(([name, fn]) => one(name, (x) => fn(x), 0.3, 3)), // prettier-ignore
  ...Object.entries({
    asin: g.asin, acos: g.acos, atanh: g.atanh, erfinv: g.erfinv,
  } satisfies Record<string, Unary>).map(([name, fn]) => one(name, (x) => fn(x), -0.9, 0.9)), // prettier-ignore
  one('acosh', (x) => g.acosh(x), 1.2, 3),
  one('tan', (x) => g.tan(x), -1.2, 1.2),
  one('relu6', (x) => g.relu6(x), -3, 9),
  one('logit', (x) => g.logit(x), 0.1, 0.9),
  one('logit with eps', (x) => g.logit(x, 0.2), 0.05, 0.95),
  one('gelu, tanh form', (x) => g.gelu(x, { approximate: 'tanh' })),
  one('softplus beyond its threshold', (x) => g.softplus(x, { beta: 2, threshold: 1 })),
  one('threshold', (x) => g.threshold(x, 0.1, 7)),
  one('lgamma', (x) => g.lgamma(x), 0.5, 3),
  one('lgamma below 0', (x) => g.lgamma(x), -1.9, -1.1),
  one('digamma', (x) => g.digamma(x), 0.5, 3),
  one('polygamma', (x) => g.polygamma(2, x), 0.5, 3),
  one('mvlgamma', (x) => g.mvlgamma(x, 3), 1.5, 3),
  one('entr', (x) => g.entr(x), 0.2, 2),
  one('ndtr', (x) => g.ndtr(x)),
  one('ndtri', (x) => g.ndtri(x), 0.1, 0.9),
  one('angle', (x) => g.angle(x)),
]

const both = (name: string, fn: (x: g.Tensor, y: g.Tensor) => g.Tensor, lo = -2, hi = 2): Sample[] => [
  sample(name, fn, [[2, 3], lo, hi], [[2, 3], lo, hi]),
  sample(`${name}, broadcast both ways`, fn, [[2, 1], lo, hi], [[3], lo, hi]),
]

const binary: Sample[] = [
  ...both('add', (x, y) => g.add(x, y)),
  ...both('add with alpha', (x, y) => g.add(x, y, { alpha: 3 })),
  ...both('sub', (x, y) => g.sub(x, y)),
  ...both('sub with alpha', (x, y) => g.sub(x, y, { alpha: 3 })),
  ...both('mul', (x, y) => g.mul(x, y)),
  ...both('div', (x, y) => g.div(x, y), 0.4, 2),
  ...both('div, towards zero', (x, y) => g.div(x, y, { roundingMode: 'trunc' }), 0.4, 2),
  ...both('floorDivide', (x, y) => g.floorDivide(x, y), 0.4, 2),
  ...both('remainder', (x, y) => g.remainder(x, y), 0.5, 2),
  ...both('fmod', (x, y) => g.fmod(x, y), 0.5, 2),
  ...both('pow', (x, y) => g.pow(x, y), 0.4, 2),
  ...both('maximum', (x, y) => g.maximum(x, y)),
  ...both('minimum', (x, y) => g.minimum(x, y)),
  ...both('fmax', (x, y) => g.fmax(x, y)),
  ...both('fmin', (x, y) => g.fmin(x, y)),
  ...both('atan2', (x, y) => g.atan2(x, y), 0.3, 2),
  ...both('hypot', (x, y) => g.hypot(x, y), 0.3, 2),
  ...both('logaddexp', (x, y) => g.logaddexp(x, y)),
  ...both('logaddexp2', (x, y) => g.logaddexp2(x, y)),
  ...both('xlogy', (x, y) => g.xlogy(x, y), 0.3, 2),
  ...both('xlog1py', (x, y) => g.xlog1py(x, y), 0.3, 2),
  ...both('copysign', (x, y) => g.copysign(x, y), 0.3, 2),
  ...both('rsub', (x, y) => g.rsub(x, y)),
  ...both('ldexp', (x, y) => g.ldexp(x, y)),
  one('pow with a number', (x) => g.pow(x, 3)),
  one('a number to the power', (x) => g.pow(2, x)),
  one('div by a number', (x) => g.div(x, 3)),
  one('a number divided', (x) => g.div(3, x), 0.4, 2),
  one('clamp', (x) => g.clamp(x, -0.7, 0.9)),
  one('clampMin', (x) => g.clampMin(x, 0.1)),
  one('clampMax', (x) => g.clampMax(x, 0.1)),
  sample(
    'clamp with tensors',
    (x, lo, hi) => g.clamp(x, lo, hi),
    [[2, 3]],
    [[3], -1, -0.5],
    [[2, 1], 0.5, 1],
  ),
  sample('prelu', (x, w) => g.prelu(x, w), [[2, 3, 2]], [[3], 0.1, 0.5]),
  sample('lerp', (x, y, w) => g.lerp(x, y, w), [[2, 3]], [[2, 3]], [[3], 0.1, 0.9]),
  sample('lerp with a number', (x, y) => g.lerp(x, y, 0.3), [[2, 3]], [[2, 3]]),
  sample('addcmul', (x, y, z) => g.addcmul(x, y, z, { value: 2 }), [[2, 3]], [[3]], [[2, 1]]),
  sample('addcdiv', (x, y, z) => g.addcdiv(x, y, z, { value: 2 }), [[2, 3]], [[3]], [[2, 1], 0.5, 2]),
  sample('where', (x, y) => g.where(g.tensor([[true, false, true]]), x, y), [[2, 3]], [[3]]),
  sample('maskedFill', (x) => g.maskedFill(x, g.tensor([[true], [false]]), 5), [[2, 3]]),
]

const inPlace: Sample[] = [
  one('mul_ by itself', (x) => x.mul(1).mul_(x.add(0))),
  one('pow_', (x) => x.mul(1).pow_(3)),
  one('exp_', (x) => x.mul(1).exp_()),
  one('sin_', (x) => x.mul(1).sin_()),
  one('relu_', (x) => x.mul(1).relu_()),
  sample('copy_ into a view', (x, y) => {
    const out = x.mul(2)
    out.select(0, 1).copy_(y)
    return out.mul(out)
  }, [[2, 3]], [[3]]), // prettier-ignore
  sample('div_ by a broadcast tensor', (x, y) => x.mul(1).div_(y), [[2, 3]], [[3], 0.5, 2]),
]

export const pointwise: readonly Sample[] = [...unary, ...binary, ...inPlace]
