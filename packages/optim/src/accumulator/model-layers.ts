import type { Model } from './types.ts'

type Layer = ReturnType<Model['namedModules']>[number][1]

/** Whether a layer normalises by the statistics of its batch. With running statistics in evaluation it does not. */
export const isBatchNorm = (layer: Layer): boolean =>
  'numBatchesTracked' in layer && (layer.training || ('runningMean' in layer && layer.runningMean === null))

/** Whether a layer draws random numbers in training: dropout of some kind, or layers with dropout inside. */
export const isDropout = (layer: Layer): boolean =>
  layer.training &&
  (('p' in layer && typeof layer.p === 'number' && layer.p > 0) ||
    ('dropout' in layer && typeof layer.dropout === 'number' && layer.dropout > 0))

/** Layers that fit, as `layers.0 (BatchNorm2d)`. */
export const layersOf = (model: Model, fits: (layer: Layer) => boolean): string[] =>
  model
    .namedModules()
    .filter(([, layer]) => fits(layer))
    .map(([path, layer]) => `${path || 'the model'} (${layer.constructor.name})`)

/** The layers of batch normalisation that are training, in words; null for none. */
export function batchNormIn(model: Model): string | null {
  const layers = layersOf(model, isBatchNorm)
  return layers.length > 0 ? layers.join(', ') : null
}
