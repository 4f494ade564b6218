import {
  type AnyOp,
  GradError,
  type Interceptor,
  isGradEnabled,
  select,
  ShapeError,
  stack,
  Tensor,
} from '@gradus/core/functions'
import {
  type Call,
  interceptors,
  internals,
  ownerOf,
  setInterceptors,
  type Tape,
} from '@gradus/core/internal'
import { Batched, deepest, isAt, type Level, touch, unlessTouched } from './batched.ts'
import { type BatchedCall, everySample, type Plan, planOf } from './batch-rules.ts'

type Inputs = Call['inputs']

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor

/** The results of one call on all samples, with those that only its gradient reads. */
interface Results {
  readonly outputs: readonly Tensor[]
  readonly aux: readonly Tensor[]
}

/**
 * Runs the calls on batched tensors: by the rule of the op, else by its decomposition, whose calls come here in turn, else
 * once per sample. The innermost level runs first; the calls that it makes belong to the levels around it.
 */
export const batching: Interceptor = (op, inputs, attrs, next, all) => {
  const level = deepest(inputs)
  if (level === null) return next(inputs, attrs)
  const before = setInterceptors(all)
  try {
    const own = inputs.filter((x) => isAt(x, level))
    const tape = isGradEnabled() ? (own.map((x) => internals(x).tape).find((t) => t !== null) ?? null) : null
    if (op.inplace) return written(op, inputs, attrs, level)
    const composed = (): readonly Tensor[] | null => {
      setInterceptors(before)
      const made = unlessTouched(() => next(inputs, attrs))
      setInterceptors(all)
      return made
    }
    const call: BatchedCall = { op, inputs, attrs, level, over: (base, fn) => sampled(base, fn, level) }
    const plan = planOf(call)
    // as in dispatch: where a gradient is wanted, an op without gradients is what its decomposition makes of it
    const isOpaque = tape !== null && !op.elementwise && !hasRules(op, inputs, attrs)
    if (plan === null || isOpaque) {
      const made = composed()
      if (made !== null) return made
    }
    // a call that is recorded without a rule would pass no gradient on, and say nothing
    if (isOpaque && op.index.length === 0)
      throw new GradError(`vmap: ${op.name} writes what is not mapped over, and has no gradient of its own`, {
        hint: 'map over its first operand too: expand it to the number of samples',
      })
    const results = plan === null ? looped(call, tape !== null) : planned(call, plan, tape !== null)
    return wrapped(op, inputs, attrs, { results, level, tape, isView: plan !== null && op.isView })
  } finally {
    setInterceptors(before)
  }
}

/** Whether an op has a gradient of its own. */
function hasRules(op: AnyOp, inputs: Inputs, attrs: unknown): boolean {
  const call: Call = { op, inputs, attrs, outputs: [], aux: [] }
  return Boolean(op.whole?.(call)) || inputs.some((_, i) => op.rule(i, call) !== null)
}

function planned({ op }: BatchedCall, plan: Plan, wanted: boolean): Results {
  if ('outputs' in plan) return { outputs: plan.outputs, aux: [] }
  const made = computed(op, plan.inputs, plan.attrs, wanted)
  const { finish } = plan
  return finish ? { ...made, outputs: made.outputs.map(finish) } : made
}

interface Made {
  readonly results: Results
  readonly level: Level
  readonly tape: Tape | null
  readonly isView: boolean
}

/** The results as one sample sees them, with their history. */
function wrapped(
  op: AnyOp,
  inputs: Inputs,
  attrs: unknown,
  { results, level, tape, isView }: Made,
): readonly Tensor[] {
  const outputs = results.outputs.map((y) => new Batched(y, level))
  const aux = results.aux.map((y) => new Batched(y, level))
  const x = inputs[0]
  if (isView && isAt(x, level)) {
    const base = ownerOf(x)
    const creation = outputs.length > 1 ? 'several' : 'default'
    for (const y of outputs) internals(y).viewOf = { base, creation, history: internals(base).node }
  }
  tape?.record({ op, inputs, attrs, outputs, aux })
  for (const y of results.aux) y.storage.release()
  return outputs
}

/**
 * Calls an op, and keeps what only its gradient reads where a gradient is wanted. An op that has no gradient refuses the call
 * then, as it does without `vmap`.
 */
function computed(op: AnyOp, inputs: Inputs, attrs: unknown, wanted: boolean): Results {
  const isPlain = op.aux.length === 0 && (op.elementwise || hasRules(op, inputs, attrs))
  if (!wanted || isPlain) return { outputs: op.invoke(inputs, attrs), aux: [] }
  let seen: Call | null = null
  // a tape that looks on: dispatch hands it all results of the call
  const probe = {
    record(call: Call): void {
      for (const y of call.aux) y.storage.hold()
      seen = call
    },
  } as Tape // no call of an op that is not in place asks a tape for anything else
  let first = true
  const bare = inputs.map((x) => {
    if (!isTensor(x)) return x
    const y = x.detach()
    if (first) internals(y).ownTape = probe
    first = false
    return y
  })
  const outputs = op.invoke(bare, attrs)
  // the probe wrote it, which the compiler does not see
  const call = seen as Call | null
  const outer = inputs.map((x) => (isTensor(x) ? internals(x).tape : null)).find((t) => t !== null)
  if (call !== null) outer?.record({ ...call, inputs, outputs })
  return { outputs, aux: call?.aux ?? [] }
}

/** Runs `fn` for one sample of `base`, for all of them at once. */
function sampled(base: Tensor, fn: (sample: Tensor) => Tensor, level: Level): Tensor {
  const again: Level = { ...level }
  const stack = interceptors()
  const before = setInterceptors(stack.includes(batching) ? stack : [batching, ...stack])
  try {
    return everySample(fn(new Batched(base, again)), again)
  } finally {
    setInterceptors(before)
  }
}

/** The call once per sample. */
function looped({ op, inputs, attrs, level }: BatchedCall, wanted: boolean): Results {
  const samples = Array.from({ length: level.size }, (_, b) =>
    computed(
      op,
      inputs.map((x) => (isAt(x, level) ? select(x.physical, 0, b) : x)),
      attrs,
      wanted,
    ),
  )
  const stacked = (pick: (sample: Results) => readonly Tensor[]): Tensor[] =>
    pick(samples[0]).map((_, i) => stack(samples.map((sample) => pick(sample)[i])))
  const aux = stacked((sample) => sample.aux)
  for (const y of aux) y.storage.hold()
  for (const sample of samples) for (const y of sample.aux) y.storage.release()
  return { outputs: stacked((sample) => sample.outputs), aux }
}

/** An in-place operation on all samples of its first operand. */
function written(op: AnyOp, inputs: Inputs, attrs: unknown, level: Level): readonly Tensor[] {
  const target = inputs[0]
  if (!isAt(target, level)) {
    touch()
    throw new ShapeError(
      `vmap: inplace arithmetic(self, ...extraArgs) is not possible because there exists a Tensor \`other\` in extraArgs that has more elements than \`self\`. This happened due to \`other\` being vmapped over but \`self\` not being vmapped over in a vmap.`,
      { hint: `use ${op.name.replace(/_$/, '')}() in place of ${op.name}()` },
    )
  }
  const plan = planOf({ op, inputs, attrs, level, over: (base, fn) => sampled(base, fn, level) })
  if (plan === null || !('inputs' in plan))
    throw new ShapeError(`output with shape [${target.shape.join(', ')}] is smaller than what is written`)
  const tape = isGradEnabled()
    ? (inputs.map((x) => (isAt(x, level) ? internals(x).tape : null)).find((t) => t !== null) ??
      internals(ownerOf(target)).ownTape)
    : null
  const recorded = tape?.write({ op, inputs, attrs, outputs: [target], aux: [] })
  op.invoke(plan.inputs, attrs)
  recorded?.()
  return [target]
}
