import {
  defaultGenerator,
  Generator,
  GradError,
  isGradEnabled,
  setDefaultGenerator,
  Tensor,
  tidy,
  ValueError,
  type Meta,
} from '@gradus/core/functions'
import {
  captureModes,
  defineOptions,
  either,
  flag,
  functionKind,
  integer,
  internals,
  kind,
  listOf,
  oneOf,
  sameShape,
  takeArgument,
  takeOptions,
  takeTensor,
  withDefaults,
} from '@gradus/core/internal'
import { withinTape } from './modes.ts'
import { SavedTensor, withPacker, type Packed, type Packer } from './saved.ts'
import { tape } from './tape.ts'

type Wrapper = <T>(fn: () => T) => T

/** Options of {@link checkpoint}. */
export interface CheckpointOptions {
  /** Draws again what the first run drew from the default generator; true by default. */
  preserveRngState?: boolean
  /** Only false: the other algorithm of PyTorch is deprecated there. */
  useReentrant?: boolean
  /** Gives two functions, of which one wraps the first run and the other the second. */
  contextFn?: () => readonly [forward: Wrapper, recompute: Wrapper]
  /** With 'default', the second run must save values of the same shapes and dtypes as the first; 'none' does not look. */
  determinismCheck?: 'default' | 'none'
  /** Ends the second run once it has made every value that backward reads; true by default. */
  earlyStop?: boolean
}

const checkpointOptions = /* @__PURE__ */ defineOptions<CheckpointOptions>({
  preserveRngState: flag,
  useReentrant: flag,
  contextFn: /* @__PURE__ */ functionKind<() => readonly [Wrapper, Wrapper]>(),
  determinismCheck: /* @__PURE__ */ oneOf('default', 'none'),
  earlyStop: flag,
})

const plain: Wrapper = (fn) => fn()
const neutral = (): readonly [Wrapper, Wrapper] => [plain, plain]
const body = /* @__PURE__ */ functionKind<(...args: never) => unknown>()

const defaults = {
  preserveRngState: true,
  useReentrant: false,
  contextFn: neutral,
  determinismCheck: 'default',
  earlyStop: true,
} as const

const isOptions = (x: unknown): x is CheckpointOptions =>
  typeof x === 'object' && x !== null && Object.getPrototypeOf(x) === Object.prototype

/**
 * Runs `fn` without keeping what backward needs of it: backward runs it again, with the same random numbers and autocast.
 * Results and gradients are those of `fn(...args)` to the bit, in less memory and more time.
 *
 * A plain object as the last argument is the options. Checkpoints nest. Like `tidy`, the call frees what `fn` made and did
 * not return. Effects of `fn` happen twice: the running statistics of a batch normalisation move twice.
 *
 * @throws ArgumentError for an option it does not know, or no function
 * @throws GradError in backward where the second run saves other values than the first
 * @see https://pytorch.org/docs/stable/checkpoint.html
 * @example
 * const x = g.tensor([1, 2], { requiresGrad: true })
 * const y = g.utils.checkpoint.checkpoint((v) => v.exp().exp().sum(), x)
 * y.backward()
 * x.grad.shape // => [2]
 */
export function checkpoint<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R
export function checkpoint<A extends readonly unknown[], R>(
  fn: (...args: A) => R,
  ...args: [...args: A, options: CheckpointOptions]
): R
export function checkpoint<R>(fn: (...args: readonly unknown[]) => R, ...given: readonly unknown[]): R {
  takeArgument('checkpoint', 'fn', body, fn)
  const last = given.at(-1)
  const settings = withDefaults('checkpoint', checkpointOptions, isOptions(last) ? last : undefined, defaults)
  if (settings.useReentrant) {
    throw new ValueError('checkpoint: useReentrant must be false', {
      hint: 'leave it out: the algorithm that is not reentrant gives the same gradients',
    })
  }
  const args = isOptions(last) ? given.slice(0, -1) : given
  const [forward, recompute] = settings.contextFn()
  if (!isGradEnabled()) return forward(() => fn(...args))
  const frame = new Frame(fn, args, recompute, settings)
  return frame.first(() => forward(() => fn(...args)))
}

type Settings = Required<CheckpointOptions>

/** Ends a second run. */
class Enough extends Error {}

/** One checkpointed call: stands for the values that its operations save. */
class Frame implements Packer {
  private readonly fn: (...args: readonly unknown[]) => unknown
  private readonly args: readonly unknown[]
  private readonly saved: readonly (SavedTensor | null)[]
  private readonly needGrad: readonly boolean[]
  private readonly wrap: Wrapper
  private readonly settings: Settings
  private readonly modes = captureModes()
  private readonly rng: Uint8Array | null
  /** Shape and dtype of each value that the first run saved. */
  private readonly metas: Meta[] = []
  /** Values that backward may still ask for, by their place. */
  private readonly wanted = new Set<number>()
  private recomputed = new Map<number, SavedTensor>()
  private running = true

  constructor(
    fn: (...args: readonly unknown[]) => unknown,
    args: readonly unknown[],
    wrap: Wrapper,
    settings: Settings,
  ) {
    this.fn = fn
    this.wrap = wrap
    this.settings = settings
    // a checkpoint around this one may stand for the arguments
    this.saved = args.map((x) => (x instanceof Tensor ? new SavedTensor(x) : null))
    this.needGrad = args.map((x) => x instanceof Tensor && x.requiresGrad)
    this.args = args.map((x) => (x instanceof Tensor ? null : x))
    this.rng = settings.preserveRngState ? defaultGenerator().getState() : null
  }

  first<R>(run: () => R): R {
    try {
      return withPacker(this, () => tidy(run))
    } finally {
      this.running = false
      this.close()
    }
  }

  pack(value: Tensor): Packed | null {
    const at = this.metas.push({ shape: value.shape, dtype: value.dtype }) - 1
    // a leaf is the program's, which holds it anyhow
    if (internals(value).tape !== null && value.gradFn === null) return null
    this.wanted.add(at)
    return { unpack: () => this.value(at), release: () => this.release(at) }
  }

  kept(): void {}

  private value(at: number): Tensor {
    if (!this.recomputed.has(at)) this.recompute()
    const saved = this.recomputed.get(at)
    if (saved === undefined) throw differ(this.metas.length, this.recomputed.size)
    return saved.unpack()
  }

  private release(at: number): void {
    this.wanted.delete(at)
    this.recomputed.get(at)?.release()
    this.recomputed.delete(at)
    this.close()
  }

  /** Lets go of the arguments once nothing is computed from them any more. */
  private close(): void {
    if (this.running || this.wanted.size > 0) return
    for (const x of this.saved) x?.release()
  }

  private recompute(): void {
    for (const saved of this.recomputed.values()) saved.release()
    const { settings, metas, wanted } = this
    const values: SavedTensor[] = []
    const enough = new Enough()
    const collector: Packer = {
      pack: () => null,
      kept(saved) {
        values.push(saved)
        if (settings.earlyStop && values.length === metas.length) throw enough
      },
    }
    try {
      withPacker(collector, () => this.again())
    } catch (error) {
      if (error !== enough) {
        for (const saved of values) saved.release()
        throw error
      }
    }
    this.recomputed = new Map()
    values.forEach((saved, at) => {
      if (wanted.has(at)) this.recomputed.set(at, saved)
      else saved.release()
    })
    if (settings.determinismCheck === 'none') return
    if (values.length !== metas.length) throw differ(metas.length, values.length)
    for (const [at, saved] of this.recomputed) checkMeta(metas[at], saved.unpack(), at)
  }

  /** The second run: recorded, on arguments cut off from their history, in the modes of the first. */
  private again(): void {
    const before = this.rng && setDefaultGenerator(new Generator().setState(this.rng))
    try {
      const args = withPacker(null, () => this.args.map((x, i) => this.argument(x, i)))
      withinTape(true, () => tidy(() => this.modes(() => void this.wrap(() => this.fn(...args)))))
    } finally {
      if (before) setDefaultGenerator(before)
    }
  }

  private argument(x: unknown, i: number): unknown {
    const saved = this.saved[i]
    if (!saved) return x
    const cut = saved.unpack().detach()
    if (this.needGrad[i]) tape.leaf(cut)
    return cut
  }
}

const differ = (before: number, after: number): GradError =>
  new GradError(
    'checkpoint: A different number of tensors was saved during the original forward and recomputation.\n' +
      `Number of tensors saved during forward: ${before}\n` +
      `Number of tensors saved during recomputation: ${after}.`,
    { hint: 'the function must do the same both times: it may not depend on what it changes itself' },
  )

function checkMeta(meta: Meta, value: Tensor, at: number): void {
  if (sameShape(meta.shape, value.shape) && meta.dtype === value.dtype) return
  const text = (m: Meta): string => `${m.dtype}[${m.shape.join(', ')}]`
  throw new GradError(
    'checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass.\n' +
      `tensor at position ${at}:\nsaved metadata: ${text(meta)}\nrecomputed metadata: ${text(value)}`,
    { hint: 'the function must do the same both times; determinismCheck: "none" does not look' },
  )
}

type Step = (x: Tensor) => Tensor

const someSteps = /* @__PURE__ */ either<readonly Step[], { children(): readonly unknown[] }>(
  /* @__PURE__ */ listOf(/* @__PURE__ */ functionKind<Step>()),
  /* @__PURE__ */ kind('a Sequential', (x) => typeof x === 'function' && 'children' in x),
)
const segmentCount = /* @__PURE__ */ integer(1)

/**
 * Runs a chain of functions in `segments` parts, of which each but the last is a {@link checkpoint}.
 *
 * @param functions - a `Sequential`, or a list of modules or functions of one tensor
 * @param segments - 1 to the number of functions
 * @throws ValueError for more segments than functions
 * @see https://pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential
 * @example
 * const model = new g.nn.Sequential(new g.nn.Linear(4, 4), new g.nn.ReLU(), new g.nn.Linear(4, 1))
 * const y = g.utils.checkpoint.checkpointSequential(model, 2, g.ones(2, 4))
 * y.shape // => [2, 1]
 */
export function checkpointSequential(
  functions: readonly Step[] | { children(): readonly unknown[] },
  segments: number,
  input: Tensor,
  options?: CheckpointOptions,
): Tensor {
  takeOptions('checkpointSequential', checkpointOptions, options)
  takeTensor('checkpointSequential', 'input', input)
  takeArgument('checkpointSequential', 'functions', someSteps, functions)
  // a child of a Sequential is called with the result of the one before
  const steps = 'children' in functions ? (functions.children() as readonly Step[]) : functions
  takeArgument('checkpointSequential', 'segments', segmentCount, segments)
  if (segments > steps.length) {
    throw new ValueError(
      `checkpointSequential: segments must be at most the number of functions, ${steps.length}, got ${segments}`,
    )
  }
  const size = Math.floor(steps.length / segments)
  const cut = size * (segments - 1)
  const chain =
    (from: number, to: number): Step =>
    (x) =>
      steps.slice(from, to).reduce((value, step) => step(value), x)
  let x = input
  for (let at = 0; at < cut; at += size) x = checkpoint(chain(at, at + size), x, options ?? {})
  return chain(cut, steps.length)(x)
}
