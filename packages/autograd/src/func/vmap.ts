import {
  cat,
  Generator,
  getRngState,
  IndexError,
  permute,
  select,
  setDefaultGenerator,
  setRngState,
  slice,
  stack,
  Tensor,
  ValueError,
  zeros,
} from '@gradus/core/functions'
import {
  defineOptions,
  describeValue,
  integer,
  interceptors,
  kind,
  nullable,
  oneOf,
  setInterceptors,
  synchronous,
  takeArgument,
  withDefaults,
} from '@gradus/core/internal'
import { setTapeInterceptors } from '../modes.ts'
import { setLifting } from '../pull.ts'
import { everySample } from './batch-rules.ts'
import { Batched, isAt, isLinkedBeneath, type Level } from './batched.ts'
import { batching } from './batching.ts'
import { isPlain } from './tensors-in.ts'
import { type AnyFn, body } from './trace.ts'

/** Axes of tensors in arrays and plain objects: one for all that stands at a place, or a nesting of its own; null for none. */
export type Dims = number | null | readonly Dims[] | { readonly [key: string]: Dims }

/** Options of {@link vmap}. */
export interface VmapOptions {
  /** The axis of each argument that is mapped over, negative ones from the end; null gives it to every call as it is. 0 by default. */
  inDims?: Dims
  /** The place of the mapped axis in each result; null for results that are the same for all samples. 0 by default. */
  outDims?: Dims
  /**
   * Random numbers of the default generator: `error`, the default, refuses them; `different` draws anew for each sample, `same`
   * gives all the same. With either of the two the function runs once per sample.
   */
  randomness?: 'error' | 'different' | 'same'
  /** The number of samples that are computed at once; null, the default, for all. */
  chunkSize?: number | null
}

const dims = /* @__PURE__ */ kind<Dims>(
  'an axis, null, or arrays and objects of them',
  (x): boolean =>
    x === null ||
    Number.isInteger(x) ||
    (Array.isArray(x) && x.every(dims.accepts)) ||
    (isPlain(x) && Object.values(x).every(dims.accepts)),
)
const vmapOptions = /* @__PURE__ */ defineOptions<VmapOptions>({
  inDims: dims,
  outDims: dims,
  randomness: /* @__PURE__ */ oneOf('error', 'different', 'same'),
  chunkSize: /* @__PURE__ */ nullable(/* @__PURE__ */ integer()),
})
interface Settings {
  inDims: Dims
  outDims: Dims
  randomness: 'error' | 'different' | 'same'
  chunkSize: number | null
}
const defaults: Settings = { inDims: 0, outDims: 0, randomness: 'error', chunkSize: null }

/**
 * A function that computes `fn` for every entry along an axis of its arguments, and stacks the results.
 *
 * `fn` is written for one sample and runs once: each operation in it computes all samples at once. Operations whose rule for
 * that is not known run once per sample. It nests, and goes together with the other transforms: `vmap(grad(fn))` gives
 * gradients per sample. Inside, a tensor has the shape of one sample and no values: `item()` and operations whose result has a size
 * that depends on values are refused.
 *
 * @throws ValueError for axes that do not fit the arguments; TensorError for values that are read inside
 * @see https://pytorch.org/docs/stable/generated/torch.func.vmap.html
 * @example
 * const dots = g.func.vmap((x: g.Tensor, y: g.Tensor) => x.dot(y))
 * dots(g.tensor([[1, 2], [3, 4]]), g.tensor([[1, 1], [2, 0]])).tolist() // => [3, 6]
 * @example
 * const loss = (w: g.Tensor, x: g.Tensor) => w.mul(x).sum().square()
 * const perSample = g.func.vmap(g.func.grad(loss), { inDims: [null, 0] })
 * perSample(g.tensor([1, 2]), g.tensor([[1, 0], [0, 1]])).tolist() // => [[2, 0], [0, 4]]
 */
export function vmap<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  options?: VmapOptions,
): (...args: A) => R {
  const settings = withDefaults('vmap', vmapOptions, options, defaults)
  const run = takeArgument('vmap', 'fn', body, fn) as AnyFn // it is called with what the caller gives
  const { chunkSize } = settings
  if (chunkSize !== null && chunkSize <= 0)
    throw new ValueError(`vmap: chunkSize should be null or greater than 0. (got ${chunkSize})`)
  return (...args) => mapped(run, args, settings) as R // results in the nesting of those of fn, with one more axis
}

const nameOf = (fn: AnyFn): string => fn.name || '<anonymous>'

type Leaf = (leaf: unknown, dim: number | null) => unknown

/** A nesting with `fn` of each leaf in its place, and of the axis for it; `mismatch` is thrown where the axes have another nesting. */
function mapLeaves(tree: unknown, of: Dims, fn: Leaf, mismatch: () => Error): unknown {
  const nested = typeof of === 'object' && of !== null
  if (Array.isArray(tree)) {
    if (nested && !(Array.isArray(of) && of.length === tree.length)) throw mismatch()
    // an array, as was looked at
    return tree.map((item, i) => mapLeaves(item, nested ? (of as readonly Dims[])[i] : of, fn, mismatch))
  }
  if (isPlain(tree)) {
    const keys = Object.keys(tree)
    if (nested && (Array.isArray(of) || !sameKeys(of, keys))) throw mismatch()
    // an object with these keys, likewise
    const at = (key: string): Dims => (nested ? (of as Readonly<Record<string, Dims>>)[key] : of)
    return Object.fromEntries(keys.map((key) => [key, mapLeaves(tree[key], at(key), fn, mismatch)]))
  }
  if (nested) throw mismatch()
  return fn(tree, of)
}

const sameKeys = (of: object, keys: readonly string[]): boolean =>
  Object.keys(of).length === keys.length && keys.every((key) => Object.hasOwn(of, key))

/** What `inDims` says about each leaf of the arguments, checked. */
function mapArguments(fn: AnyFn, args: readonly unknown[], inDims: Dims, visit: Leaf): unknown {
  const call = `vmap(${nameOf(fn)}, inDims: ${JSON.stringify(inDims)}, …)(<inputs>)`
  if (args.length === 0) {
    throw new ValueError(
      `vmap(${nameOf(fn)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.`,
    )
  }
  const mismatch = (): ValueError =>
    new ValueError(`${call}: inDims is not compatible with the structure of \`inputs\`.`, {
      hint: `there are ${args.length} inputs: inDims is one axis for all, or an array with an entry per input`,
    })
  const checked: Leaf = (x, dim) => {
    if (dim === null) return visit(x, dim)
    if (!(x instanceof Tensor)) {
      throw new ValueError(
        `${call}: Got inDim=${dim} for an input but the input is of type ${describeValue(x)}. We cannot vmap over non-Tensor arguments, please use null as the respective inDim`,
      )
    }
    if (dim < -x.ndim || dim >= x.ndim) {
      throw new ValueError(
        `${call}: Got inDim=${dim} for some input, but that input is a Tensor of dimensionality ${x.ndim} so expected inDim to satisfy -${x.ndim} <= inDim < ${x.ndim}.`,
      )
    }
    return visit(x, dim < 0 ? dim + x.ndim : dim)
  }
  return mapLeaves(args, inDims, checked, mismatch)
}

/** An axis moved to another place, as a view. */
function movedAxis(x: Tensor, from: number, to: number): Tensor {
  if (from === to) return x
  const axes = [...x.shape.keys()].filter((a) => a !== from)
  axes.splice(to, 0, from)
  return permute(x, axes)
}

/** Arguments whose mapped tensors have their mapped axis first. */
interface Arguments {
  readonly size: number
  /** The arguments with `pick` of each mapped tensor. */
  with(pick: (x: Tensor) => Tensor): readonly unknown[]
}

function argumentsOf(fn: AnyFn, args: readonly unknown[], inDims: Dims): Arguments {
  const leaves: (Tensor | null)[] = []
  mapArguments(fn, args, inDims, (x, dim) => {
    leaves.push(dim === null ? null : movedAxis(x as Tensor, dim, 0)) // a leaf with an axis is a tensor, as was checked
  })
  const sizes = new Set(leaves.filter((x) => x !== null).map((x) => x.shape[0]))
  if (sizes.size === 0) throw new ValueError('vmap: Expected at least one Tensor to vmap over')
  if (sizes.size > 1) {
    throw new ValueError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${[...sizes].join(', ')}] for the mapped dimension`,
    )
  }
  return {
    size: [...sizes][0],
    with(pick) {
      let at = 0
      const given = mapArguments(fn, args, inDims, (x) => {
        const leaf = leaves[at++]
        return leaf === null ? x : pick(leaf)
      })
      return given as readonly unknown[] // an array is mapped to one
    },
  }
}

function mapped(fn: AnyFn, args: readonly unknown[], settings: Settings): unknown {
  const given = argumentsOf(fn, args, settings.inDims)
  const { size } = given
  // one sample of zeros tells the shapes of results of none
  if (size === 0) {
    const one = (x: Tensor): Tensor => zeros([1, ...x.shape.slice(1)], { dtype: x.dtype })
    const result = part(fn, 1, (pick) => given.with((x) => pick(one(x))), settings)
    return mapResults(fn, result, settings.outDims, (y, dim) =>
      dim === null ? y : slice(y, 0, 0, { axis: dim }),
    )
  }
  const step = settings.chunkSize ?? size
  const parts: unknown[] = []
  for (let from = 0; from < size; from += step) {
    const length = Math.min(step, size - from)
    const of = (x: Tensor): Tensor => (length === size ? x : slice(x, from, from + length, { axis: 0 }))
    parts.push(part(fn, length, (pick) => given.with((x) => pick(of(x))), settings))
  }
  if (parts.length === 1) return parts[0]
  const all = parts.map((result) => {
    const leaves: Tensor[] = []
    mapResults(fn, result, settings.outDims, (y) => leaves.push(y))
    return leaves
  })
  let at = 0
  return mapResults(fn, parts[0], settings.outDims, (_, dim) => {
    const i = at++
    return dim === null
      ? all[0][i]
      : cat(
          all.map((leaves) => leaves[i]),
          dim,
        )
  })
}

/** The tensors of a result with the axis for each; others may stand where the axis is null. */
function mapResults(
  fn: AnyFn,
  result: unknown,
  outDims: Dims,
  visit: (y: Tensor, dim: number | null) => unknown,
): unknown {
  const given =
    result instanceof Tensor && Array.isArray(outDims) && outDims.length === 1 ? outDims[0] : outDims
  const mismatch = (): ValueError =>
    new ValueError(
      `vmap(${nameOf(fn)}, …, outDims: ${JSON.stringify(outDims)})(<inputs>): outDims is not compatible with the structure of \`outputs\`.`,
    )
  return mapLeaves(
    result,
    given,
    (y, dim) => {
      if (y instanceof Tensor) return visit(y, dim)
      if (dim === null) return y
      throw new ValueError(
        `vmap(${nameOf(fn)}, …): \`${nameOf(fn)}\` must only return Tensors, got ${describeValue(y)}. Did you mean to set outDims: null for output?`,
      )
    },
    mismatch,
  )
}

/** The place of the mapped axis in a result. */
function placeOf(dim: number, ndim: number): number {
  if (dim < -ndim || dim >= ndim)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-ndim}, ${ndim - 1}], but got ${dim})`,
    )
  return dim < 0 ? dim + ndim : dim
}

type Pick = (pick: (x: Tensor) => Tensor) => readonly unknown[]

/** The results of some samples, with the mapped axis in its place. */
function part(fn: AnyFn, size: number, args: Pick, { randomness, outDims }: Settings): unknown {
  if (randomness !== 'error') return sampleBySample(fn, size, args, randomness, outDims)
  const level: Level = { depth: running.length + 1, size }
  const result = within(level, () => fn(...args((x) => new Batched(x, level))))
  return mapResults(fn, result, outDims, (y, dim) => {
    if (dim === null) {
      if (!isAt(y, level)) return y
      throw new ValueError(
        `vmap(${nameOf(fn)}, …): \`${nameOf(fn)}\` can not return a tensor that depends on the sample when outDim is null`,
      )
    }
    const at = placeOf(dim, y.ndim + 1)
    return movedAxis(everySample(y, level), 0, at)
  })
}

function sampleBySample(
  fn: AnyFn,
  size: number,
  args: Pick,
  randomness: 'different' | 'same',
  outDims: Dims,
): unknown {
  const state = randomness === 'same' ? getRngState() : null
  const results = Array.from({ length: size }, (_, b) => {
    if (state !== null) setRngState(state)
    return synchronous(() => fn(...args((x) => select(x, 0, b))), 'vmap')
  })
  const leaves = results.map((result) => {
    const list: Tensor[] = []
    mapResults(fn, result, outDims, (y) => list.push(y))
    return list
  })
  let at = 0
  return mapResults(fn, results[0], outDims, (y, dim) => {
    const i = at++
    if (dim === null) return y
    return stack(
      leaves.map((list) => list[i]),
      placeOf(dim, y.ndim + 1),
    )
  })
}

const running: Level[] = []

/** Draws nothing. */
class NoDraws extends Generator {
  override random(): never {
    throw drawn()
  }
  override setState(): never {
    throw drawn()
  }
}
const drawn = (): ValueError =>
  new ValueError(
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' randomness flags on vmap or perform the randomness operation out of vmap",
  )
let noDraws: Generator | null = null

/** Runs `fn` where calls on tensors of a level are batched, by the program and by the tape. */
function within<T>(level: Level, fn: () => T): T {
  const stackBefore = interceptors()
  // before others: autocast casts all samples
  if (!stackBefore.includes(batching)) setInterceptors([batching, ...stackBefore])
  const tapeBefore = setTapeInterceptors([batching])
  const liftingBefore = setLifting({
    leaf: (x) => new Batched(isAt(x, level) ? x.physical : everySample(x, level), level),
    isOwn: (x) => isAt(x, level),
    isLinked: isLinkedBeneath,
  })
  const generator = setDefaultGenerator((noDraws ??= new NoDraws()))
  running.push(level)
  try {
    return synchronous(fn, 'vmap')
  } finally {
    running.pop()
    setDefaultGenerator(generator)
    setLifting(liftingBefore)
    setTapeInterceptors(tapeBefore)
    setInterceptors(stackBefore)
  }
}
