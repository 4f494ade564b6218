/**
 * Samples on which gradus and PyTorch differ for a reason: by operator, the sample's number and why. They count as failed; the
 * tests assert that these differ and no others.
 */
export const known: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  'nn.functional.layer_norm': {
    1: 'one element is its own mean, so the gradient of its weight is 0; PyTorch has -3.1e-5, what a fused multiply-add leaves of x · rstd - x · rstd',
  },
  'norm.nuc': { 0: 'the nuclear norm takes a singular value decomposition, which gradus has not' },
  'as_strided.partial_views': {
    1: 'reads at an offset into a storage of which the file holds a part, without saying where that begins',
  },
}
