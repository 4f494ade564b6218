import { noGrad, requireGrad } from '@gradus/autograd'
import { stack, type Tensor, ValueError } from '@gradus/core/functions'
import { takeArgument } from '@gradus/core/internal'
import type { ModuleList } from '../layers/container/module-list.ts'
import { moduleKind } from '../module/module-kind.ts'
import type { Module } from '../module/module.ts'
import type { TensorDict } from './functional-call.ts'

/**
 * The parameters and buffers of models of one class, stacked along a new first axis by name: for `vmap` over an ensemble.
 *
 * The stacked parameters are leaves of their own, which an optimizer takes.
 *
 * @returns `[params, buffers]`
 * @throws ValueError for no model, and for models of different classes, in different modes, or of which some train a parameter
 *   that others do not; ShapeError for different shapes
 * @see https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
 * @example
 * const models = [new g.nn.Linear(2, 3), new g.nn.Linear(2, 3)]
 * const [params, buffers] = g.func.stackModuleState(models)
 * params['weight'].shape // => [2, 3, 2]
 */
export function stackModuleState(
  models: readonly Module[] | ModuleList,
): [params: TensorDict, buffers: TensorDict] {
  const list = [...models]
  if (list.length === 0) throw new ValueError('stackModuleState: Expected at least one model, got 0.')
  for (const model of list) takeArgument('stackModuleState', 'models', moduleKind, model)
  if (list.some((model) => model.training !== list[0].training)) {
    throw new ValueError('stackModuleState: Expected all models to have the same training/eval mode.')
  }
  if (list.some((model) => model.constructor !== list[0].constructor))
    throw new ValueError('stackModuleState: Expected all models to be of the same class.')
  return [
    stacked(list.map((model) => model.namedParameters())),
    stacked(list.map((model) => model.namedBuffers())),
  ]
}

function stacked(all: readonly (readonly (readonly [string, Tensor])[])[]): TensorDict {
  const byName = all.map((named) => new Map(named))
  const entries = all[0].map(([name]): [string, Tensor] => {
    const tensors = byName.map((named) => {
      const x = named.get(name)
      if (x === undefined)
        throw new ValueError(`stackModuleState: Expected all models to have '${name}', as the first has`)
      return x
    })
    const training = tensors.filter((x) => x.requiresGrad).length
    if (training !== 0 && training !== tensors.length)
      throw new ValueError(`Expected ${name} from each model to have the same .requiresGrad`)
    const result = noGrad(() => stack(tensors))
    return [name, training > 0 ? requireGrad(result) : result]
  })
  return Object.fromEntries(entries)
}
