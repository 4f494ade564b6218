import { takeArgument } from '@gradus/core/internal'
import { BatchNorm } from '../layers/norm/batch-norm.ts'
import { moduleKind } from '../module/module-kind.ts'
import type { Module } from '../module/module.ts'

/**
 * Takes the running statistics from every batch norm in `root`, which then uses those of the batch: running ones are written
 * in place, which `vmap` refuses. Returns `root`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.func.replace_all_batch_norm_modules_.html
 * @example
 * const net = g.func.replaceAllBatchNormModules_(new g.nn.Sequential(new g.nn.BatchNorm1d(3)))
 * net.buffers().length // => 0
 */
export function replaceAllBatchNormModules_<M extends Module>(root: M): M {
  takeArgument('replaceAllBatchNormModules_', 'root', moduleKind, root)
  for (const module of root.modules()) {
    if (!(module instanceof BatchNorm) || !module.trackRunningStats) continue
    module.runningMean = null
    module.runningVar = null
    module.numBatchesTracked = null
    module.trackRunningStats = false
  }
  return root
}
