import { noGrad } from '@gradus/autograd'
import { normal_, type Tensor, tensor, ValueError } from '@gradus/core/functions'
import { internals } from '@gradus/core/internal'
import { type GainOptions, takeGain } from './scaled.ts'

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; further axes count as columns.
 *
 * @throws ValueError for fewer than two axes
 * @see Saxe et al. 2014, https://arxiv.org/abs/1312.6120
 */
export function orthogonal_(x: Tensor, options?: GainOptions): Tensor {
  const { gain = 1, generator } = takeGain('orthogonal_', x, options)
  if (x.ndim < 2) throw new ValueError('Only tensors with 2 or more dimensions are supported')
  if (x.numel() === 0) return x
  const rows = x.shape[0]
  const columns = x.numel() / rows
  return noGrad(() => {
    const drawn = normal_(internals(x).make([rows, columns], x.dtype), 0, 1, { generator })
    const basis = orthonormalised(rows < columns ? drawn.t() : drawn)
    return x.copy_((rows < columns ? basis.t() : basis).mul(gain).reshape(x.shape))
  })
}

/** The factor Q of a tall matrix, in float64: its columns made orthonormal, one after the other. */
export function orthonormalised(tall: Tensor): Tensor {
  const [rows, columns] = tall.shape
  const q = orthonormal(Float64Array.from(tall.contiguous().readSync(), Number), rows, columns)
  return tensor(q).reshape(tall.shape)
}

/**
 * Q of the QR factorization of an [m, n] matrix, m ≥ n, with the signs that make the diagonal of R positive: then it is
 * unique, and uniformly distributed for a matrix of normal numbers (Mezzadri 2007, https://arxiv.org/abs/math-ph/0609050).
 */
function orthonormal(a: Float64Array, m: number, n: number): Float64Array {
  const reflectors: Float64Array[] = []
  const signs: number[] = []
  for (let k = 0; k < n; k++) {
    const v = new Float64Array(m)
    let norm = 0
    for (let i = k; i < m; i++) norm += (v[i] = a[i * n + k]) ** 2
    norm = Math.sqrt(norm)
    // away from the entry itself, so that nothing cancels; R's diagonal gets the other sign
    const sign = v[k] < 0 ? -1 : 1
    v[k] += sign * norm
    signs.push(-sign)
    reflectors.push(v)
    for (let j = k; j < n; j++) reflect(v, a, j, n, k, m)
  }
  const q = new Float64Array(m * n)
  for (let j = 0; j < n; j++) {
    q[j * n + j] = signs[j]
    for (let k = n - 1; k >= 0; k--) reflect(reflectors[k], q, j, n, k, m)
  }
  return q
}

/** Column j of `a` reflected at the hyperplane orthogonal to `v`, which is 0 before row k. */
function reflect(v: Float64Array, a: Float64Array, j: number, n: number, k: number, m: number): void {
  let dot = 0
  let square = 0
  for (let i = k; i < m; i++) {
    dot += v[i] * a[i * n + j]
    square += v[i] ** 2
  }
  if (square === 0) return
  for (let i = k; i < m; i++) a[i * n + j] -= ((2 * dot) / square) * v[i]
}
