import { grad, noGrad, requireGrad } from '@gradus/autograd'
import { GradError, onesLike, Tensor } from '@gradus/core'
import { flat } from './compare.ts'
import { readOp, type OpFile, type Sample } from './files.ts'
import { resolveOp, seed } from './registry.ts'
import table from './saved-values.json' with { type: 'json' }
import { Tuple, Values } from './values.ts'

/*
 * `saved-values.json` is read off PyTorch 2.13: a sample is run, one tensor among its arguments or results is written in
 * place, and backward either fails or does not. By operator and samples: arguments, then results, whose write it notices.
 */
const noticed = table as Readonly<Record<string, Readonly<Record<string, readonly number[][]>>>> // as the file is written

/** Operators of the table that gradus has. */
export const operatorsWithSavedValues = (): OpFile[] =>
  Object.keys(noticed)
    .map(readOp)
    .filter((file) => resolveOp(file) !== null)

const tensorsIn = (value: unknown): Tensor[] => {
  if (value instanceof Tensor) return [value]
  if (value instanceof Tuple) return value.items.flatMap(tensorsIn)
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(tensorsIn)
}

interface Ran {
  readonly leaves: readonly Tensor[]
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
}

function ran(file: OpFile, sample: Sample): Ran {
  const leaves: Tensor[] = []
  const values = new Values(file.bytes, (x) => leaves.push(requireGrad(x)))
  const args = sample.args.map((a) => values.read(a))
  const kwargs = values.read(sample.kwargs) as Record<string, unknown> // a dict of keyword arguments
  seed()
  const outputs = flat(resolveOp(file)!(args, kwargs)).filter((x): x is Tensor => x instanceof Tensor)
  return { leaves, inputs: [...args.flatMap(tensorsIn), ...tensorsIn(kwargs)], outputs }
}

/** Whether backward fails once the chosen tensor was written after the call. */
function notices(file: OpFile, sample: Sample, choose: (ran: Ran) => Tensor | undefined): boolean {
  const made = ran(file, sample)
  const target = choose(made)
  if (target === undefined || target.layout.overlaps) return false
  const roots = made.outputs.filter((y) => y.requiresGrad)
  if (roots.length === 0) return false
  noGrad(() => target.copy_(target.clone()))
  try {
    grad(roots, made.leaves, { gradOutputs: roots.map((y) => onesLike(y)), allowUnused: true })
    return false
  } catch (error) {
    if (error instanceof GradError && error.message.includes('modified by an inplace operation')) return true
    throw error
  }
}

/** Tensors whose writes are refused here and not in PyTorch, as `sample 0: argument 1`. */
export function savedBeyondPyTorch(file: OpFile): string[] {
  const found: string[] = []
  for (const [samples, [inputs, outputs]] of Object.entries(noticed[file.name] ?? {})) {
    for (const i of samples.split(',').map(Number)) {
      const sample = file.samples[i]
      const { inputs: given, outputs: made } = ran(file, sample)
      given.forEach((_, k) => {
        if (!inputs.includes(k) && notices(file, sample, (r) => r.inputs[k]))
          found.push(`sample ${i}: argument ${k}`)
      })
      made.forEach((_, k) => {
        if (!outputs.includes(k) && notices(file, sample, (r) => r.outputs[k]))
          found.push(`sample ${i}: result ${k}`)
      })
    }
  }
  return found
}
