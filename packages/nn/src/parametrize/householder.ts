import { type Tensor, tensor } from '@gradus/core/functions'

/**
 * The vectors of the reflections whose product is a matrix with orthonormal columns, below the diagonal, and on it the signs
 * of the columns: LAPACK's geqrf, in double on the host.
 */
export function householder(q: Tensor): Tensor {
  const [n, k] = q.shape
  const a = Float64Array.from(q.contiguous().readSync(), Number)
  for (let j = 0; j < k; j++) {
    const alpha = a[j * k + j]
    let square = 0
    for (let i = j + 1; i < n; i++) square += a[i * k + j] ** 2
    if (square === 0) {
      // no reflection: the vector of one would flip the sign
      a[j * k + j] = alpha < 0 ? 1 : -1
      continue
    }
    const beta = -Math.sign(alpha || 1) * Math.hypot(alpha, Math.sqrt(square))
    const tau = (beta - alpha) / beta
    for (let i = j + 1; i < n; i++) a[i * k + j] /= alpha - beta
    for (let c = j + 1; c < k; c++) {
      let dot = a[j * k + c]
      for (let i = j + 1; i < n; i++) dot += a[i * k + j] * a[i * k + c]
      a[j * k + c] -= tau * dot
      for (let i = j + 1; i < n; i++) a[i * k + c] -= tau * dot * a[i * k + j]
    }
    a[j * k + j] = Math.sign(beta)
  }
  const result = tensor(a).reshape([n, k])
  return result.to(q.dtype)
}
