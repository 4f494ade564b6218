import { setGradEnabled } from '@gradus/core/functions'

/** Runs `fn` with gradients recorded or not. */
export function withGrad<T>(enabled: boolean, fn: () => T): T {
  const before = setGradEnabled(enabled)
  try {
    return fn()
  } finally {
    setGradEnabled(before)
  }
}
