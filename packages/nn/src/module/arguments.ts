import { isFloat, Tensor, type DType, type Shape } from '@gradus/core/functions'
import { dtypeName, either, integer, kind, listOf, nullable, oneOf, type Kind } from '@gradus/core/internal'

/** A number of features, channels or rows. */
export const count = /* @__PURE__ */ integer(0)

/** A number of heads, groups or layers. */
export const positive = /* @__PURE__ */ integer(1)

/** Sizes along `rank` axes: one for all of them, or one for each. */
/*@__NO_SIDE_EFFECTS__*/
export function sizes(rank: number, min = 0): Kind<number | Shape> {
  return either(integer(min), listOf(integer(min), rank))
}

/** One size for all axes, or one for each. */
export type Sizes = number | Shape

/** Sizes of windows, steps between and within them: as many as the op has axes, which it checks. */
export const windows = /* @__PURE__ */ either(positive, /* @__PURE__ */ listOf(positive))

/** Elements added at both ends of each axis. */
export const paddings = /* @__PURE__ */ either(count, /* @__PURE__ */ listOf(count))

/** The shape of a tensor or of a part of one. */
export const shape = /* @__PURE__ */ listOf(/* @__PURE__ */ integer(0))

/** A probability to drop an element. */
export const probability = /* @__PURE__ */ kind<number>(
  'a number from 0 to 1',
  (x) => typeof x === 'number' && x >= 0 && x <= 1,
  (x) =>
    typeof x === 'number'
      ? `dropout probability has to be between 0 and 1, but got ${x}`
      : 'dropout probability has to be a number between 0 and 1',
)

/** A share of something. */
export const share = /* @__PURE__ */ kind<number>(
  'a number from 0 to 1',
  (x) => typeof x === 'number' && x >= 0 && x <= 1,
)

/** The dtype of parameters. */
export const floatName = /* @__PURE__ */ kind<DType>(
  "a floating dtype, as 'float32'",
  // the name of a dtype, which `accepts` has just made sure of
  (x) => dtypeName.accepts(x) && isFloat(x),
)

export const tensor = /* @__PURE__ */ kind<Tensor>('a tensor', (x) => x instanceof Tensor)

export const optionalTensor = /* @__PURE__ */ nullable(tensor)

export const reduction = /* @__PURE__ */ oneOf('none', 'mean', 'sum')
