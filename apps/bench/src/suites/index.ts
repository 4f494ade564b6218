import type { Suite } from '../case.ts'
import { accumulationCost } from './accumulation-cost.ts'
import { accumulation } from './accumulation.ts'
import { activations } from './activations.ts'
import { attentions } from './attention.ts'
import { budget } from './budget.ts'
import { convolutions } from './convolution.ts'
import { dispatch } from './dispatch.ts'
import { gemm } from './gemm.ts'
import { memory } from './memory.ts'
import { mixedPrecision } from './mixed-precision.ts'
import { pointwise } from './pointwise.ts'
import { rows } from './rows.ts'
import { scaling } from './scaling.ts'
import { trainingRecipe } from './training-recipe.ts'
import { training } from './training.ts'

/** In the order of the output. */
export const suites: readonly Suite[] = [
  gemm,
  pointwise,
  rows,
  attentions,
  dispatch,
  convolutions,
  training,
  trainingRecipe,
  accumulation,
  accumulationCost,
  mixedPrecision,
  activations,
  memory,
  budget,
  scaling,
]
