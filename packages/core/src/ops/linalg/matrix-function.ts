import { takeTensor } from '../../tensor/kind.ts'
import { takeArgument } from '../../base/options.ts'
import { whole } from '../../base/kinds.ts'
import { saving } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { filledAs } from '../../op/fill.ts'
import { readsValues } from '../../op/host-values.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { where } from '../elementwise/ternary.ts'
import { cat } from '../shape/join.ts'
import { block, identity, product } from './host/block.ts'
import { factorLU, solveFactored } from './host/lu.ts'
import { inv } from './inverse.ts'
import { checkDouble, checkSquare, eachMatrix, identityLike, mT } from './matrices.ts'
import { matmul } from './matmul.ts'

/**
 * A square matrix or batch of them to an integer power, by repeated squaring; of the inverse for a negative one.
 *
 * @param A - [..., n, n]
 * @throws TensorError for a negative power of a singular matrix
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
 * @example
 * g.linalg.matrixPower(g.tensor([[1, 1], [0, 1]]), 5).tolist() // => [[1, 5], [0, 1]]
 */
export function matrixPower(A: Tensor, n: number): Tensor {
  takeTensor('matrixPower', 'A', A)
  takeArgument('matrixPower', 'n', whole, n)
  checkSquare('linalg.matrixPower', 'A', A)
  // of A too, with a gradient of zeros
  if (n === 0) return where(filledAs(A, [], 0, 'bool'), A, identityLike(A, A.shape.at(-1)!))
  let base = n < 0 ? inv(A) : A
  let result: Tensor | null = null
  for (let rest = Math.abs(n); ; base = matmul(base, base)) {
    if (rest % 2 === 1) result = result === null ? base : matmul(result, base)
    rest = Math.floor(rest / 2)
    if (rest === 0) break
  }
  return result === A ? A.clone() : result!
}

const expValues = /* @__PURE__ */ readsValues('matrixExp')
const matrixExpOp = /* @__PURE__ */ defineOp({
  name: 'matrixExp',
  inputs: ['x'],
  autocast: 'fp32',
  infer({ x }) {
    checkSquare('linalg.matrixExp', 'A', x)
    checkDouble('linalg.matrixExp', x)
    return { shape: x.shape, dtype: x.dtype }
  },
  kernel(on, { x }, { out }) {
    const n = x.layout.shape.at(-1)!
    eachMatrix(on, expValues, x.layout.shape.slice(0, -2), [x], [out], ([a], [to]) => {
      to.set(exponential(a, n))
    })
  },
  // the derivative of a function of Aᵀ along g is the upper right part of the function of [[Aᵀ, g], [0, Aᵀ]] (Mathias 1996)
  vjp: {
    x: saving(['x'], (g, { x }) => {
      const n = x.shape.at(-1)!
      const turned = mT(x)
      const top = cat([turned, g], -1)
      const bottom = cat([filledAs(x, x.shape, 0), turned], -1)
      return matrixExp(cat([top, bottom], -2))
        .narrow(-2, 0, n)
        .narrow(-1, n, n)
    }),
  },
})

// Padé [13/13]: Higham 2005, table 2.3 and algorithm 2.3
const pade = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
] // prettier-ignore

/** eᴬ by a quotient of polynomials of a scaled A, squared as often as it was halved. */
function exponential(a: Float64Array, n: number): Float64Array {
  let norm = 0
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j])
    norm = Math.max(norm, sum)
  }
  if (a.some((x) => !Number.isFinite(x))) return new Float64Array(n * n).fill(NaN)
  const halvings = norm > 5.371920351148152 ? Math.ceil(Math.log2(norm / 5.371920351148152)) : 0
  const scaled = a.map((x) => x / 2 ** halvings)
  const times = (x: Float64Array, y: Float64Array): Float64Array => product(x, y, n, n, n)
  const a2 = times(scaled, scaled)
  const a4 = times(a2, a2)
  const a6 = times(a4, a2)
  const one = identity(n)
  const sum = (c6: number, c4: number, c2: number, c0: number): Float64Array =>
    a6.map((x, i) => c6 * x + c4 * a4[i] + c2 * a2[i] + c0 * one[i])
  const b = pade
  const add = (x: Float64Array, y: Float64Array): Float64Array => x.map((v, i) => v + y[i])
  const odd = times(scaled, add(times(a6, sum(b[13], b[11], b[9], 0)), sum(b[7], b[5], b[3], b[1])))
  const even = add(times(a6, sum(b[12], b[10], b[8], 0)), sum(b[6], b[4], b[2], b[0]))
  const below = even.map((x, i) => x - odd[i])
  let result = add(even, odd)
  const pivots = new Float64Array(n)
  factorLU(below, n, n, pivots)
  solveFactored(block(below, n), n, pivots, result, n)
  for (let k = 0; k < halvings; k++) result = times(result, result)
  return result
}

/**
 * The exponential of a square matrix or batch of them: `Σ Aᵏ / k!`, computed in double.
 *
 * @param A - [..., n, n], float32 or float64
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
 * @example
 * g.linalg.matrixExp(g.tensor([[0, 1], [0, 0]])).tolist() // => [[1, 1], [0, 1]]
 */
export const matrixExp = (A: Tensor): Tensor => matrixExpOp({ x: A }, undefined)
