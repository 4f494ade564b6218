import type { Case, Suite } from '../case.ts'
import { gpt } from '../models/gpt.ts'
import { mlp } from '../models/mlp.ts'

/** A family of cases that differ in one size. The name of a case is `family: value`. */
export interface Family {
  readonly name: string
  readonly values: readonly number[]
  /** Time is expected to grow with this power of the value, once it is large. */
  readonly order: number
  readonly why: string
}

export const families: readonly Family[] = [
  { name: 'MLP width', values: [64, 128, 256, 512, 1024], order: 2, why: 'weights are width × width' },
  { name: 'MLP depth', values: [1, 2, 4, 8, 16], order: 1, why: 'one product more for each layer' },
  {
    name: 'MLP batch',
    values: [16, 64, 256, 1024],
    order: 1,
    why: 'products grow with the rows; the optimizer does not',
  },
  {
    name: 'GPT tokens',
    values: [16, 32, 64, 128, 256],
    order: 1,
    why: 'linear layers grow with the tokens, attention with their square',
  },
]

const only = ['gradus', 'jax', 'torch'] as const

function caseOf(family: Family, value: number): Case {
  const base = { name: `${family.name}: ${value}`, only, tolerance: 5e-3 }
  const layers = { inputs: 256, width: 256, depth: 2, classes: 10, batch: 64 }
  switch (family.name) {
    case 'MLP width':
      return { ...base, ...mlp, sizes: { ...layers, inputs: value, width: value } }
    case 'MLP depth':
      return { ...base, ...mlp, sizes: { ...layers, depth: value } }
    case 'MLP batch':
      return { ...base, ...mlp, sizes: { ...layers, batch: value } }
    default:
      return { ...base, ...gpt, sizes: { width: 64, layers: 2, heads: 4, tokens: value, batch: 4 } }
  }
}

export const scaling: Suite = {
  name: 'scaling',
  title: 'How time and memory grow',
  text: 'Training steps as one size grows. Dashed: the expected order, drawn through the largest size of gradus.',
  chart: 'scaling',
  runtimes: 'newest',
  fresh: true,
  steps: true,
  cases: families.flatMap((family) => family.values.map((value) => caseOf(family, value))),
}
