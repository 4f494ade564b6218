import { flag, kind, nullable } from '@gradus/core/internal'

/** `false` or `null`; PyTorch's `true` asks for something that gradus has not. */
const off = (reason: string) =>
  kind<false | null>(
    'false, or left out',
    (x) => x === false || x === null,
    () => reason,
  )

/**
 * PyTorch's choice of implementation. An update of gradus is one program over all parameters at once, with `foreach` and
 * `fused` or without; the results are the same.
 */
export interface Switches {
  foreach?: boolean | null
  fused?: boolean | null
  capturable?: false | null
  differentiable?: false | null
}

/** Kinds of {@link Switches}. */
export const switches = {
  foreach: nullable(flag),
  fused: nullable(flag),
  capturable: off('capturable is for CUDA graphs, which there are none of here'),
  differentiable: off(
    'a step cannot be differentiated: parameters are written in place, and nothing is recorded',
  ),
}
