/** By operator, the sample's number and why it differs. */
type Differences = Readonly<Record<string, Readonly<Record<number, string>>>>

/**
 * Samples on which gradus and PyTorch differ for a reason: by operator, the sample's number and why. They count as failed; the
 * tests assert that these differ and no others.
 */
const everywhere: Differences = {
  'nn.functional.layer_norm': {
    1: 'one element is its own mean, so the gradient of its weight is 0; PyTorch has -3.1e-5, what a fused multiply-add leaves of x · rstd - x · rstd',
  },
  'nn.functional.scaled_dot_product_attention': {
    6: 'one element of a gradient is what is left of sums that cancel: -3.65e-5 in float64, -3.20e-5 in gradus, -4.39e-5 in PyTorch',
  },
  // the gradient of what is overwritten is 0; PyTorch's has it there, and 0 at what is kept
  as_strided_scatter: Object.fromEntries(
    [0, 1, 2, 3].map((i) => [
      i,
      'PyTorch gives x the gradient where the source overwrites it, and none where it is kept; gradus the other way',
    ]),
  ),
  grid_sampler_2d: {
    7: 'one element of a gradient is what is left of terms that cancel: 1.9e-15 in float64, 1.07e-5 in gradus, -1.06e-5 in PyTorch',
  },
  'norm.nuc': {
    0: 'norm is a method, and programs that use none would carry a singular value decomposition: linalg.matrixNorm has it',
  },
  'special.hermite_polynomial_he': {
    2: 'terms that cancel: one element is 43.709187 in float64 and in gradus, 43.709286 in PyTorch, whose recurrence rounds to float32',
  },
  'special.log_ndtr': {
    0: 'one element of a gradient is 11.171220 in float64 and in gradus, 11.171185 in PyTorch',
    1: 'the gradient is 11.171220 in float64 and in gradus, 11.171185 in PyTorch',
  },
  'linalg.eigh': {
    2: 'two eigenvalues are near each other: one element of a gradient is 0.01601354 in float64 and in gradus, 0.01600140 in PyTorch',
  },
  'as_strided.partial_views': {
    1: 'reads at an offset into a storage of which the file holds a part, without saying where that begins',
  },
}

const on: Readonly<Record<string, Differences>> = {
  reference: {
    'nn.functional.grid_sample': {
      7: 'one element of a gradient is what is left of terms that cancel: 4.8e-16 in float64, -1.01e-5 in gradus, 2.8e-6 in PyTorch',
    },
  },
  wasm: {
    ldexp: {
      2: 'one element of a gradient is what is left of terms that cancel: 7.437904 in float64, 7.437927 in gradus, 7.437897 in PyTorch',
    },
  },
}

/** The known differences of a backend. */
export const knownOn = (backend: string): Differences => ({ ...everywhere, ...on[backend] })
