const complex = 'goes through complex numbers, which gradus has no dtype for'

/** Operators that gradus will not have, and why. Everything else that is missing counts as failed. */
export const excluded: Readonly<Record<string, string>> = {
  'fft.hfft': complex,
  'fft.hfft2': complex,
  'fft.hfftn': complex,
  'fft.irfft': complex,
  'fft.irfft2': complex,
  'fft.irfftn': complex,
  hash_tensor: 'answers in uint64, which gradus has no dtype for',
  rand_like: 'its file holds what randn_like draws, negative numbers among them: PyTorch samples it so',
}
