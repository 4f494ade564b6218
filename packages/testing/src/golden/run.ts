import { grad, noGrad, requireGrad } from '@gradus/autograd'
import { abs, tensor, withInterceptor, type AnyOp, type CallInputs, type Tensor } from '@gradus/core'
import type { Call } from './adapters.ts'
import { difference, flat, valueDifference } from './compare.ts'
import type { OpFile, Sample } from './files.ts'
import { resolveOp, seed } from './registry.ts'
import { isStored, Values } from './values.ts'

/** What became of one sample. */
export interface SampleResult {
  /** What is wrong, or null. */
  readonly failure: string | null
  /** Whether PyTorch's gradients were given, and met. */
  readonly gradient: 'none' | 'passed' | 'failed'
}

/** Runs one sample and compares outputs and gradients. */
export function runSample(file: OpFile, sample: Sample): SampleResult {
  const gradient = sample.grads ? 'failed' : 'none'
  try {
    return compareSample(file, sample)
  } catch (error) {
    return { failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error), gradient }
  }
}

function compareSample(file: OpFile, sample: Sample): SampleResult {
  const gradient = sample.grads ? 'failed' : 'none'
  const call = resolveOp(file)
  if (call === null) return { failure: 'absent', gradient }
  const answers = new Values(file.bytes)
  const expected = answers.read(sample.out)
  const leaves: Tensor[] = []
  const compared = (leaves: Tensor[]): { actual: unknown; failure: string | null } => {
    const { actual, indices } = callSample(call, file, sample, leaves)
    const options = { isIndex: indices.has, shapeOnly: uninitialised.test(file.op) }
    return { actual, failure: difference(file.op, actual, expected, options) }
  }
  const { actual, failure } = compared(leaves)
  if (failure !== null) return { failure, gradient }
  // where something is recorded, an op with a kernel and no vjp runs its decomposition: its kernel is compared here
  const unrecorded = leaves.length === 0 ? null : noGrad(() => compared([]).failure)
  if (unrecorded !== null) return { failure: `under noGrad: ${unrecorded}`, gradient }
  if (!sample.grads) return { failure, gradient }

  const wanted = sample.grads.map((g) => (isStored(g) ? answers.tensor(g) : null))
  const problem = gradientDifference(file.op, flat(actual), storedOutputs(sample.out), leaves, wanted)
  return problem === null ? { failure: null, gradient: 'passed' } : { failure: problem, gradient: 'failed' }
}

/** Calls an operator with fresh inputs; the leaves among them are added to `leaves`. */
function callSample(call: Call, file: OpFile, sample: Sample, leaves: Tensor[]) {
  const run = prepareSample(call, file, sample, leaves)
  const indices = new Indices()
  return { actual: withInterceptor(indices.watch, run), indices }
}

/** A sample with its inputs made: what is called then is the operator alone. The leaves among them are added to `leaves`. */
export function prepareSample(call: Call, file: OpFile, sample: Sample, leaves: Tensor[]): () => unknown {
  const inputs = new Values(file.bytes, (x) => leaves.push(requireGrad(x)))
  const args = sample.args.map((a) => inputs.read(a))
  const kwargs = inputs.read(sample.kwargs) as Record<string, unknown> // a dict of keyword arguments
  seed()
  return () => call(args, kwargs)
}

const uninitialised = /^(new_)?empty(_|$)/

/** Which of the results, in order, PyTorch differentiated. */
function storedOutputs(out: unknown): boolean[] {
  if (isStored(out)) return [out.rg ?? false]
  if (Array.isArray(out)) return out.flatMap(storedOutputs)
  if (typeof out === 'object' && out !== null) return Object.values(out).flatMap(storedOutputs)
  return [false]
}

/** What PyTorch makes of results before it differentiates samples: signs of eigenvectors are arbitrary. */
const processed: Readonly<Record<string, (results: readonly unknown[]) => readonly unknown[]>> = {
  'linalg.eigh': ([values, vectors]) => [values, abs(vectors as Tensor)], // an Eigh, of tensors
}

function gradientDifference(
  op: string,
  results: readonly unknown[],
  differentiated: readonly boolean[],
  leaves: readonly Tensor[],
  wanted: readonly (Tensor | null)[],
): string | null {
  const made = processed[op]?.(results) ?? results
  const outputs = made.filter((_, i) => differentiated[i]) as Tensor[] // what requires a gradient is a tensor
  const loose = outputs.findIndex((y) => !y.requiresGrad)
  if (loose >= 0) return `output ${loose} does not require a gradient`
  const got = grad(outputs, leaves, { gradOutputs: outputs.map(cotangent), allowUnused: true })
  for (const [i, want] of wanted.entries()) {
    const mine = got[i] ?? null
    if (want === null && mine === null) continue
    // no gradient and a gradient of zeros are the same number
    const a = mine ?? leaves[i].detach().mul(0)
    const b = want ?? leaves[i].detach().mul(0)
    const problem = a.dtype === b.dtype ? valueDifference(op, a, b) : `${a.dtype} instead of ${b.dtype}`
    if (problem !== null) return `gradient ${i}: ${problem}`
  }
  return null
}

/** `cos(0.7 i) + 0.3` over the elements of an output, row-major: the README of the golden data. */
function cotangent(y: Tensor): Tensor {
  const values = Float64Array.from({ length: y.numel() }, (_, i) => Math.cos(0.7 * i) + 0.3)
  return tensor(values).to(y.dtype).reshape(y.shape)
}

/** Follows which tensors are positions: outputs that ops declare as such, and what integer ops make of them. */
class Indices {
  private readonly found = new Set<Tensor>()
  readonly has = (x: Tensor): boolean => this.found.has(x)

  readonly watch = (
    op: AnyOp,
    inputs: CallInputs,
    attrs: unknown,
    next: (inputs: CallInputs, attrs: unknown) => readonly Tensor[],
  ): readonly Tensor[] => {
    const outputs = next(inputs, attrs)
    const derived = inputs.some((x) => typeof x === 'object' && x !== null && this.found.has(x))
    outputs.forEach((y, i) => {
      if (y.dtype === 'int32' && (derived || op.index.includes(op.outputs[i]))) this.found.add(y)
    })
    return outputs
  }
}

/** What became of one operator. */
export interface OpResult {
  readonly name: string
  readonly present: boolean
  readonly samples: number
  readonly passed: number
  readonly gradients: number
  readonly gradientsPassed: number
  /** What is wrong, by sample. */
  readonly failures: Readonly<Record<number, string>>
}

/** What is said of an operator that is not run. */
export const absentResult = ({ name, samples }: OpFile): OpResult => ({
  name,
  present: false,
  samples: samples.length,
  passed: 0,
  gradients: samples.filter((s) => s.grads).length,
  gradientsPassed: 0,
  failures: {},
})

/** Runs every sample of an operator. */
export function runOp(file: OpFile): OpResult {
  if (resolveOp(file) === null) return absentResult(file)
  const results = file.samples.map((s) => runSample(file, s))
  return {
    ...absentResult(file),
    present: true,
    passed: results.filter((r) => r.failure === null).length,
    gradientsPassed: results.filter((r) => r.gradient === 'passed').length,
    failures: Object.fromEntries(
      results.flatMap(({ failure }, i) => (failure === null ? [] : [[i, failure]])),
    ),
  }
}
