import type { Tensor } from '@gradus/core/functions'
import { defineOptions, flag, takeOptions } from '@gradus/core/internal'
import type { Distribution, EnumerateOptions } from './distribution.ts'

const enumerateOptions = /* @__PURE__ */ defineOptions<EnumerateOptions>({ expand: flag })

/** The values of a support, [count, ...event], along the first axis of a batch. */
export function enumerated(
  { batchShape }: Distribution,
  values: Tensor,
  options: EnumerateOptions | undefined,
): Tensor {
  const { expand = true } = takeOptions('enumerateSupport', enumerateOptions, options)
  const [count, ...event] = values.shape
  const apart = values.reshape([count, ...batchShape.map(() => 1), ...event])
  return expand ? apart.expand([count, ...batchShape, ...event]) : apart
}
