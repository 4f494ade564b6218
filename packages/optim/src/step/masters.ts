import { type Tensor, ValueError, eq, isHalf, keep, where } from '@gradus/core/functions'
import { masterOf, scope, setMaster, type Master, internals } from '@gradus/core/internal'
import {
  constant,
  convert,
  index,
  param,
  Program,
  roundTo,
  sameShape,
  type DType,
  type Expr,
} from '@gradus/core/backend'
import * as f from '@gradus/core/formula'
import { loadedNumber, loadedTensor } from './loaded.ts'
import type { ParamState } from './state-dict.ts'

/*
 * The masters of half-precision parameters, see `halfPrecision` in @gradus/amp: how an update reaches a parameter whose
 * rounding is larger than it.
 */

type Float32Master = Extract<Master, { kind: 'float32' }>
type RoundingMaster = Extract<Master, { kind: 'stochastic-rounding' }>

const activeMaster = (p: Tensor): Master | null => (isHalf(p.dtype) ? masterOf(p) : null)

/** Whether updates of a parameter are rounded up or down at random. */
export const roundsAtRandom = (p: Tensor): boolean => activeMaster(p)?.kind === 'stochastic-rounding'

/**
 * Runs an update on the float32 masters of half-precision parameters: while it runs, such a parameter stands for the memory
 * of its master, and afterwards has it rounded.
 */
export function onMasters(params: readonly Tensor[], update: () => void): void {
  const exchanged = params.flatMap((p) => {
    const master = activeMaster(p)
    if (master?.kind !== 'float32') return []
    reconcile(p, master)
    const half = p.data
    p.data = master.value
    return [{ p, master, half }]
  })
  try {
    update()
  } finally {
    for (const { p, master, half } of exchanged) {
      half.copy_(master.value)
      p.data = half
      master.version = internals(p).counter.value
    }
  }
}

/** A parameter that was written since, as by loading a model, is right; its master is where it rounds to it. */
function reconcile(p: Tensor, master: Float32Master): void {
  if (master.version === internals(p).counter.value) return
  scope(() => {
    const { value } = master
    const now = p.detach()
    value.copy_(where(eq(value.to(p.dtype), now), value, now.to('float32')))
  })
}

/** @throws ValueError for a float32 master of another shape than its parameter */
export function checkMaster(p: Tensor, at: () => string): void {
  const master = activeMaster(p)
  if (master?.kind !== 'float32' || sameShape(master.value.shape, p.shape)) return
  throw new ValueError(
    `the float32 master of ${at()} has shape [${master.value.shape.join(', ')}], the parameter [${p.shape.join(', ')}]`,
    { hint: 'its data was replaced by another size: give the model its sizes before halfPrecision()' },
  )
}

/** The program of an update that writes parameters with stochastic rounding, and the numbers it takes besides; or as it is. */
export function rounding(
  program: Program,
  writes: readonly Tensor[],
  params: readonly number[],
): { program: Program; params: readonly number[] } {
  const at = writes.findIndex(roundsAtRandom)
  if (at < 0) return { program, params }
  // found just above
  const master = activeMaster(writes[at]) as RoundingMaster
  master.step++
  return { program: withRounding(program, at), params: [...params, mix(master.seed, master.step)] }
}

const rewritten = new WeakMap<Program, Map<number, Program>>()

function withRounding(program: Program, at: number): Program {
  let byOutput = rewritten.get(program)
  if (!byOutput) rewritten.set(program, (byOutput = new Map()))
  let known = byOutput.get(at)
  if (!known) {
    const { inputs, params, reductions, outputs, checks } = program
    const seed = param(params.length, 'i32')
    known = new Program({
      inputs,
      params: [...params, 'i32'],
      reductions,
      outputs: outputs.map((out, i) =>
        i === at ? { ...out, value: roundAtRandom(out.value, out.dtype, uniform(seed)) } : out,
      ),
      checks,
    })
    byOutput.set(at, known)
  }
  return known
}

const int = (value: number): Expr => constant(value | 0, 'i32')
// `shr` keeps the sign: the bits that it fills in are cut off
const shifted = (x: Expr, bits: number): Expr => f.and(f.shr(x, bits), 2 ** (32 - bits) - 1)

/** A hash of two integers: Wellons' lowbias32 (https://nullprogram.com/blog/2018/07/31/) over index and seed. */
function uniform(seed: Expr): Expr {
  let x = f.xor(index({ of: 'outer', axis: 'flat' }), seed)
  x = f.mul(f.xor(x, shifted(x, 16)), int(0x7feb352d))
  x = f.mul(f.xor(x, shifted(x, 15)), int(0x846ca68b))
  x = f.xor(x, shifted(x, 16))
  return f.mul(convert(shifted(x, 8), 'f32'), 2 ** -24)
}

/** The same hash of two small integers, for the seed of one update of one parameter. */
function mix(seed: number, step: number): number {
  let x = Math.imul(seed + 1, 0x9e3779b9) ^ step
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return x ^ (x >>> 16)
}

/** [relative, absolute] upper bounds on half the gap to the next representable number. */
const halfGap: Partial<Record<DType, readonly [number, number]>> = {
  bfloat16: [2 ** -8 * (1 + 2 ** -10), 2 ** -134],
  float16: [2 ** -11 * (1 + 2 ** -10), 2 ** -25 * (1 + 2 ** -10)],
}

/** `x` rounded to one of its two neighbours in `dtype`, to each with the probability that makes the mean `x`. */
function roundAtRandom(x: Expr, dtype: DType, u: Expr): Expr {
  const [relative, absolute] = halfGap[dtype] ?? [0, 0]
  const nearest = roundTo(x, dtype)
  const error = f.sub(x, nearest)
  const step = f.max(f.mul(f.abs(nearest), relative), absolute)
  const towards = f.where(f.lt(error, 0), f.sub(nearest, step), f.add(nearest, step))
  const other = roundTo(towards, dtype)
  // the quotient is 0/0 where x is a number of dtype, and NaN where x is not finite: no u is below it
  return f.where(f.lt(u, f.div(error, f.sub(other, nearest))), other, nearest)
}

// ---- checkpoints

/** The entries of a state dict for the master of a parameter. */
export function exportMaster(p: Tensor): ParamState | null {
  const master = activeMaster(p)
  if (master === null) return null
  return master.kind === 'float32' ? { master: master.value } : { roundingStep: master.step }
}

/**
 * Takes the entries of {@link exportMaster} out of the state of a parameter.
 *
 * @returns `rest`: the other entries; `apply`: puts the master into effect
 * @throws ValueError for a master of another shape, or of a parameter that has none
 */
export function loadedMaster(
  p: Tensor,
  given: Readonly<Record<string, unknown>>,
  at: string,
): { rest: Record<string, unknown>; apply: () => void } {
  const { master, roundingStep, ...rest } = given
  const hint = 'convert the model with halfPrecision() as it was when it was saved, or delete the entry'
  if (master !== undefined) {
    if (!isHalf(p.dtype)) {
      throw new ValueError(
        `the loaded state of ${at} has a float32 master, and the parameter is ${p.dtype}`,
        { hint },
      )
    }
    const value = keep(loadedTensor(master, p.shape, p, 'master', at))
    return { rest, apply: () => setMaster(p, { kind: 'float32', value, version: NaN }) }
  }
  if (roundingStep === undefined) return { rest, apply: () => {} }
  const known = activeMaster(p)
  if (known?.kind !== 'stochastic-rounding') {
    throw new ValueError(
      `the loaded state of ${at} has a rounding_step, and the parameter does not round at random`,
      { hint },
    )
  }
  const step = loadedNumber(roundingStep, 'rounding_step', at)
  return { rest, apply: () => void (known.step = step) }
}
