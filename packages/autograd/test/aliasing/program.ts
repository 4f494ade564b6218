import { internals } from '@gradus/core/internal'
import {
  cat,
  ones,
  scatterAdd,
  scatterAdd_,
  stack,
  tensor,
  TensorError,
  zeros,
  type Tensor,
} from '@gradus/core'
import { Function, grad, noGrad, type Context } from '../../src/index.ts'
import * as model from './model.ts'
import { Refusal, type Variable } from './model.ts'

/** One instruction: what its numbers choose among depends on the variables that there are. */
export interface Step {
  readonly kind: (typeof kinds)[number]
  readonly a: number
  readonly b: number
  readonly n: number
  readonly off: boolean
}

export const kinds = [
  'fresh',
  'scaled',
  'flat',
  'transpose',
  'select',
  'slice',
  'diagonal',
  'expand',
  'unbind',
  'split',
  'detach',
  'data',
  'quiet',
  'add',
  'mul',
  'tanh',
  'clone',
  'cast',
  'square',
  'same',
  'add_',
  'mul_',
  'copy_',
  'scale_',
  'tanh_',
  'zero_',
  'fill_',
  'setAt_',
  'scatterAdd_',
  'dirty_',
  'hook',
  'retain',
] as const

class Square extends Function {
  static forward(ctx: Context, x: Tensor): Tensor {
    ctx.saveForBackward(x)
    return x.mul(x)
  }
  static backward(ctx: Context, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]).mul(2)
  }
}
class Same extends Function {
  static forward(_: Context, x: Tensor): Tensor {
    return x
  }
  static backward(_: Context, g: Tensor): Tensor {
    return g.mul(3)
  }
}
class Dirty extends Function {
  static forward(ctx: Context, _factor: number, x: Tensor): Tensor {
    ctx.markDirty(x)
    return x.mul_(0.5)
  }
  static backward(_: Context, g: Tensor): (Tensor | null)[] {
    return [null, g.mul(0.5)]
  }
}

interface Pair {
  real: Tensor
  model: Variable
}

/** What became of a program. */
export type Outcome = 'same' | 'overwritten'

/** A program as it was run, in words that another library can be given. */
export type Log = Record<string, unknown>[]

const broadcasts = (from: readonly number[], to: readonly number[]): boolean =>
  from.length <= to.length && from.every((n, i) => n === 1 || n === to[to.length - from.length + i])

/** Numbers of the elements of a view in the row-major order of its source: read off a tensor of them. */
const chosen = (v: Variable, choose: (x: Tensor) => Tensor): { shape: readonly number[]; at: number[] } => {
  const picked = choose(tensor(Int32Array.from(v.at, (_, i) => i)).reshape(v.shape))
  return { shape: picked.shape, at: Array.from(picked.readSync(), Number) }
}

/** Runs a program on aliased tensors and on the model at once. */
export class Run {
  readonly pairs: Pair[] = []
  readonly log: Log = []
  private readonly leaves: { real: Tensor; model: Tensor }[] = []
  private hooked = false
  private readonly hooks: { real: number[] | null; model: number[] | null }[] = []

  constructor() {
    for (const [values, shape] of [
      [
        [0.3, -0.7, 1.1, 0.9, -0.2, 0.6],
        [2, 3],
      ],
      [[0.5, -0.4, 0.8], [3]],
      [[0.7], []],
    ] as const) {
      const make = (): Tensor =>
        tensor([...values], { dtype: 'float64' })
          .reshape(shape)
          .detach()
          .requiresGrad_()
      const pair = { real: make(), model: make() }
      this.leaves.push(pair)
      this.pairs.push({ real: pair.real, model: model.owner(pair.model, true) })
    }
  }

  private say(words: Record<string, unknown>): void {
    this.log.push(words)
  }

  /** Both sides of a step: they succeed or are refused together. Returns whether they succeeded. */
  private both(real: () => void, other: () => void): boolean {
    let refusal: Refusal | null = null
    try {
      other()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refusal = error
    }
    try {
      real()
    } catch (error) {
      if (refusal === null || !(error instanceof TensorError)) throw error
      this.say({ refused: true })
      return false
    }
    if (refusal !== null) throw new Error(`not refused: ${refusal.message}`)
    return true
  }

  private push(real: () => Tensor, other: () => Variable): void {
    let [r, m]: [Tensor | null, Variable | null] = [null, null]
    if (
      this.both(
        () => (r = real()),
        () => (m = other()),
      )
    )
      this.pairs.push({ real: r!, model: m! })
  }

  step({ kind, a, b, n, off }: Step): void {
    if (this.pairs.length > 14) return
    const x = this.pairs[a % this.pairs.length]
    const from = a % this.pairs.length
    const ndim = x.real.ndim
    const axis = ndim === 0 ? 0 : n % ndim
    const viewOf = (words: Record<string, unknown>, choose: (x: Tensor) => Tensor): void => {
      this.say({ ...words, from })
      this.push(
        () => choose(x.real),
        () => {
          const { shape, at } = chosen(x.model, choose)
          return model.view(x.model, shape, at)
        },
      )
    }
    switch (kind) {
      case 'flat':
        if (x.real.layout.reshape([x.real.numel()]) === null) return
        return viewOf({ kind }, (y) => y.reshape([y.numel()]))
      case 'transpose':
        return ndim < 2 ? undefined : viewOf({ kind }, (y) => y.transpose(0, 1))
      case 'select':
        if (ndim === 0) return
        return viewOf({ kind, axis, index: b % x.real.shape[axis] }, (y) => y.select(axis, b % y.shape[axis]))
      case 'slice': {
        if (ndim === 0) return
        const start = b % x.real.shape[axis]
        const step = 1 + (n % 2)
        return viewOf({ kind, axis, start, step }, (y) => y.slice(start, null, { axis, step }))
      }
      case 'diagonal':
        return ndim !== 2 ? undefined : viewOf({ kind }, (y) => y.diagonal())
      case 'expand':
        return ndim > 1 ? undefined : viewOf({ kind }, (y) => y.expand([2, ...y.shape]))
      case 'unbind':
      case 'split':
        return this.several(kind, x, from, axis)
      default:
        return this.other({ kind, a, b, n, off }, x, from)
    }
  }

  private several(kind: 'unbind' | 'split', x: Pair, from: number, axis: number): void {
    if (x.real.ndim === 0) return
    this.say({ kind, axis, from })
    const parts = (y: Tensor): Tensor[] => (kind === 'unbind' ? y.unbind(axis) : y.split(2, axis)).slice(0, 2)
    const made: Pair[] = []
    const ok = this.both(
      () => parts(x.real).forEach((real, i) => (made[i] = { ...made[i], real })),
      () => {
        const count = parts(x.real.detach()).length
        for (let i = 0; i < count; i++) {
          const { shape, at } = chosen(x.model, (y) => parts(y)[i])
          made.push({ real: x.real, model: model.view(x.model, shape, at, 'several') })
        }
      },
    )
    if (ok) this.pairs.push(...made)
  }

  private other(step: Step, x: Pair, from: number): void {
    const { kind, n } = step
    switch (kind) {
      case 'fresh':
        this.say({ kind, shape: n % 2 ? [2, 2] : [3] })
        return void this.pairs.push({
          real: zeros(n % 2 ? [2, 2] : [3], { dtype: 'float64' }),
          model: model.owner(zeros(n % 2 ? [2, 2] : [3], { dtype: 'float64' })),
        })
      case 'detach':
      case 'data':
        this.say({ kind, from })
        return void this.pairs.push({
          real: kind === 'detach' ? x.real.detach() : x.real.data,
          model: model.detached(x.model, kind === 'data'),
        })
      case 'quiet':
        this.say({ kind, from })
        return this.push(
          () => noGrad(() => x.real.permute(x.real.shape.map((_, i) => i))),
          () =>
            model.view(
              x.model,
              x.model.shape,
              x.model.at.map((_, i) => i),
              'no-grad',
            ),
        )
      case 'same':
        if (!x.real.requiresGrad) return
        this.say({ kind, from })
        return this.push(
          () => Same.apply(x.real),
          () => {
            const value = model.read(x.model)
            return model.returned(x.model, value.mul(3).add(value.detach().mul(-2)))
          },
        )
      case 'hook':
        return this.hook(x, from)
      case 'retain':
        return this.retain(x, from)
      default:
        return kind.endsWith('_') ? this.write(step, x, from) : this.result(step, x, from)
    }
  }

  /** Another variable whose shape broadcasts to that of `x`. */
  private operand(x: Pair, b: number): number {
    const fits = this.pairs.flatMap((y, i) =>
      broadcasts(y.real.shape, x.real.shape) && !y.model.root.silent ? [i] : [],
    )
    return fits[b % fits.length]
  }

  private result({ kind, b }: Step, x: Pair, from: number): void {
    if (x.model.root.silent && kind !== 'add' && kind !== 'scaled') return
    const at = this.operand(x, b)
    const y = this.pairs[at]
    const binary = kind === 'add' || kind === 'mul'
    this.say(binary ? { kind, from, with: at } : { kind, from })
    const compute = (p: Tensor, q: () => Tensor): Tensor => {
      if (kind === 'add') return p.add(q())
      if (kind === 'mul') return p.mul(q())
      if (kind === 'tanh') return p.tanh()
      if (kind === 'scaled') return p.mul(-0.75)
      if (kind === 'clone') return p.clone()
      if (kind === 'square') return p.mul(p)
      return p.dtype === 'float64' ? p.to('float32') : p.to('float64')
    }
    this.push(
      () => (kind === 'square' ? Square.apply(x.real) : compute(x.real, () => y.real)),
      () => model.owner(compute(model.read(x.model), () => model.read(y.model))),
    )
  }

  private write({ kind, b, n, off }: Step, x: Pair, from: number): void {
    if (x.model.root.silent) return
    const at = this.operand(x, b)
    const y = this.pairs[at]
    const { length } = x.real.shape
    const rows = length === 0 ? 0 : x.real.shape[0]
    if ((kind === 'setAt_' || kind === 'scatterAdd_') && length === 0) return
    const picked = Int32Array.of(b % Math.max(1, rows), n % Math.max(1, rows))
    const index = (): Tensor => {
      const column = tensor(picked).reshape([2, ...x.real.shape.slice(1).map(() => 1)])
      return column.expand([2, ...x.real.shape.slice(1)])
    }
    const source = (like: Tensor): Tensor =>
      ones([2, ...x.real.shape.slice(1)], { dtype: like.dtype }).mul(0.3)
    const takes = kind === 'add_' || kind === 'mul_' || kind === 'copy_'
    this.say({ kind, from, off, ...(takes ? { with: at } : {}), picked: [...picked] })
    const inPlace: Record<string, (p: Tensor) => unknown> = {
      add_: (p) => p.add_(y.real),
      mul_: (p) => p.mul_(y.real),
      copy_: (p) => p.copy_(y.real),
      scale_: (p) => p.mul_(1.25),
      tanh_: (p) => p.tanh_(),
      zero_: (p) => p.zero_(),
      fill_: (p) => p.fill_(0.4),
      setAt_: (p) => p.setAt_([[picked[0]]], 0.6),
      scatterAdd_: (p) => scatterAdd_(p, 0, index(), source(p)),
      dirty_: (p) => Dirty.apply(2, p),
    }
    const value: Record<string, (p: Tensor, q: () => Tensor) => Tensor> = {
      add_: (p, q) => p.add(q()),
      mul_: (p, q) => p.mul(q()),
      copy_: (p, q) => q().add(p.detach().mul(0)),
      scale_: (p) => p.mul(1.25),
      tanh_: (p) => p.tanh(),
      zero_: (p) => p.detach().mul(0),
      fill_: (p) => p.detach().mul(0).add(0.4),
      setAt_: (p) => {
        const keep = p.slice(0, picked[0])
        const row = p.slice(picked[0], picked[0] + 1)
        return cat([keep, row.detach().mul(0).add(0.6), p.slice(picked[0] + 1)], 0)
      },
      scatterAdd_: (p) => scatterAdd(p.contiguous(), 0, index(), source(p)),
      dirty_: (p) => p.mul(0.5),
    }
    const recording = !off
    const flows = (takes && model.tracked(y.model)) || (kind !== 'dirty_' && model.tracked(x.model))
    const ran = this.both(
      () => (off ? noGrad(() => inPlace[kind](x.real)) : inPlace[kind](x.real)),
      () => {
        if (kind === 'dirty_') this.dirty(x.model, recording)
        else
          model.write(x.model, recording, flows, () =>
            value[kind](model.read(x.model, recording), () => model.read(y.model, recording)),
          )
      },
    )
    // a custom function has written before anyone can refuse it
    if (!ran && kind === 'dirty_') throw new Stop()
  }

  private dirty(x: Variable, recording: boolean): void {
    const recorded = recording && (model.tracked(x) || x.root.node.requiresGrad)
    if (recorded) model.read(x)
    model.write(x, recorded, recorded, () => model.read(x, recorded).mul(0.5))
  }

  private hook(x: Pair, from: number): void {
    if (!model.tracked(x.model) || x.model.creation === 'no-grad') return
    const seen: (typeof this.hooks)[number] = { real: null, model: null }
    const id = this.hooks.length
    const listener =
      (side: 'real' | 'model') =>
      (g: Tensor): Tensor | undefined => {
        // gradients of gradients reach the model by another way: there it has copies
        if (!this.hooked) return undefined
        const values = Array.from(g.readSync(), Number)
        seen[side] = seen[side] === null ? values : seen[side].map((v, i) => v + values[i])
        return g.mul(2)
      }
    this.say({ kind: 'hook', from, id })
    const ok = this.both(
      () => void x.real.registerHook(listener('real')),
      () => void model.probe(x.model).registerHook(listener('model')),
    )
    if (ok) this.hooks.push(seen)
  }

  private retain(x: Pair, from: number): void {
    if (!model.tracked(x.model) || x.real.isLeaf || x.model.creation === 'no-grad') return
    this.say({ kind: 'retain', from })
    this.both(
      () => x.real.retainGrad(),
      () => {
        model.probe(x.model)
        x.model.retains = true
      },
    )
  }

  /** The weighted sum of all variables that can be read, on both sides. */
  private losses(): { real: Tensor; model: Tensor } | null {
    const terms: { real: Tensor; model: Tensor }[] = []
    this.pairs.forEach(({ real, model: v }, i) => {
      const weighted = (x: Tensor): Tensor => {
        const w = Float64Array.from({ length: x.numel() }, (_, k) => Math.sin(1 + k + 3 * i))
        return x.mul(tensor(w).reshape(x.shape)).sum()
      }
      let [r, m]: [Tensor | null, Tensor | null] = [null, null]
      this.say({ loss: i })
      const ok = this.both(
        () => (r = weighted(real)),
        () => (m = weighted(model.read(v))),
      )
      if (ok) terms.push({ real: r!, model: m! })
    })
    const sum = (side: 'real' | 'model'): Tensor => stack(terms.map((t) => t[side].to('float64'))).sum()
    return { real: sum('real'), model: sum('model') }
  }

  /** Compares values, gradients, gradients of gradients, hooks and retained gradients. */
  finish(): Outcome {
    this.pairs.forEach(({ real, model: v }, i) => same(`variable ${i}`, real, model.read(v, false)))
    const loss = this.losses()
    if (loss === null || !loss.model.requiresGrad) return 'same'
    same('loss', loss.real, loss.model)
    try {
      this.second(loss)
      this.first(loss)
    } catch (error) {
      if (error instanceof TensorError && error.message.includes('modified by an inplace operation'))
        return 'overwritten'
      throw error
    }
    return 'same'
  }

  private second(loss: { real: Tensor; model: Tensor }): void {
    const gradients = (side: 'real' | 'model'): (Tensor | null)[] =>
      grad(
        loss[side],
        this.leaves.map((l) => l[side]),
        { createGraph: true, allowUnused: true },
      )
    const sides = { real: gradients('real'), model: gradients('model') }
    const square = (side: 'real' | 'model'): Tensor =>
      stack(sides[side].map((g) => (g ? g.mul(g).sum() : zeros([], { dtype: 'float64' })))).sum()
    sides.real.forEach((g, i) => same(`gradient ${i}`, g, sides.model[i]))
    const again = (side: 'real' | 'model'): (Tensor | null)[] => {
      const y = square(side)
      const leaves = this.leaves.map((l) => l[side])
      return y.requiresGrad
        ? grad(y, leaves, { allowUnused: true, retainGraph: true })
        : leaves.map(() => null)
    }
    const [real, other] = [again('real'), again('model')]
    real.forEach((g, i) => same(`second gradient ${i}`, g, other[i]))
  }

  private first(loss: { real: Tensor; model: Tensor }): void {
    this.hooked = true
    for (const { real, model: v } of this.pairs) {
      if (!v.retains) continue
      internals(real).storeGrad(null)
      internals(model.latest(v)).storeGrad(null)
      if (model.latest(v).requiresGrad) model.latest(v).retainGrad()
    }
    loss.real.backward()
    loss.model.backward()
    this.leaves.forEach(({ real, model: m }, i) => same(`grad of leaf ${i}`, real.grad, m.grad))
    this.hooks.forEach((seen, i) => {
      const zero = (seen.real ?? seen.model ?? []).map(() => 0)
      closeTo(`hook ${i}`, seen.real ?? zero, seen.model ?? zero)
    })
    this.pairs.forEach(({ real, model: v }, i) => {
      if (v.retains) same(`retained gradient ${i}`, internals(real).gradSlot, this.retainedOf(v))
    })
  }

  /** What arrived at the value that a variable retained, in the shape of the variable. */
  private retainedOf(v: Variable): Tensor | null {
    const g = internals(model.latest(v)).gradSlot
    return g && v.node === null ? g.reshape(v.shape) : g
  }
}

/** Ends a program. */
export class Stop extends Error {}

function same(what: string, real: Tensor | null, other: Tensor | null): void {
  const values = (x: Tensor | null): number[] | null => x && Array.from(x.detach().readSync(), Number)
  const [r, m] = [values(real), values(other)]
  const zero = (r ?? m ?? []).map(() => 0)
  closeTo(what, r ?? zero, m ?? zero)
}

function closeTo(what: string, real: readonly number[], other: readonly number[]): void {
  const scale = Math.max(1, ...other.map(Math.abs))
  const ok = real.length === other.length && real.every((v, i) => Math.abs(v - other[i]) <= 1e-5 * scale)
  if (!ok) throw new Error(`${what}: got [${real.join(', ')}], right is [${other.join(', ')}]`)
}

/** Runs a program on both sides. */
export function run(steps: readonly Step[]): { outcome: Outcome; log: Log; run: Run } {
  const program = new Run()
  try {
    for (const step of steps) program.step(step)
  } catch (error) {
    if (error instanceof Stop) return { outcome: 'same', log: program.log, run: program }
    throw error
  }
  return { outcome: program.finish(), log: program.log, run: program }
}
