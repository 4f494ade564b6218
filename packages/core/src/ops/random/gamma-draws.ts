import { takeTensor } from '../../tensor/kind.ts'
import { takeOptions } from '../../base/options.ts'
import { finfo, isFloat } from '../../base/dtype.ts'
import { DTypeError, ShapeError } from '../../base/errors.ts'
import { attributes, saving } from '../../op/declaration.ts'
import { defineOp } from '../../op/define-op.ts'
import { hostFunctionOfTwo } from '../../op/host-pointwise.ts'
import { writeView } from '../../op/host-kernel.ts'
import { hostValues, readsValues } from '../../op/host-values.ts'
import { defaultGenerator } from '../../random/default.ts'
import { dirichletGradient, gamma, gammaGradient, type Generator } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { randomOptions, type RandomOptions } from './in-place-draws.ts'

const gammaValues = /* @__PURE__ */ readsValues('standardGamma')

const standardGammaOp = /* @__PURE__ */ defineOp({
  name: 'standardGamma',
  inputs: ['x'],
  attrs: attributes<Generator>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x }, { out }, generator) {
    const { tiny } = finfo(out.dtype)
    const round = out.dtype === 'float64' ? undefined : Math.fround
    const drawn = Array.from<number | bigint, number>(hostValues(gammaValues, x, on), (alpha) =>
      Math.max(tiny, gamma(generator, Number(alpha), round)),
    )
    writeView(on, out, drawn)
  },
  vjp: { x: saving(['x', 'out'], (g, { x, out }) => g.mul(standardGammaGradient(x, out))) },
})

/** The derivative of samples by their concentrations, which has no derivative of its own. */
export const standardGammaGradient: (concentration: Tensor | number, sample: Tensor | number) => Tensor =
  /* @__PURE__ */ hostFunctionOfTwo('standardGammaGradient', gammaGradient)

/**
 * A number of the gamma distribution of rate 1 for each concentration, in the dtype of the concentrations.
 *
 * Numbers are PyTorch's from the same seed. Their gradient moves a sample with its place in the distribution held fast
 * (Figurnov et al. 2018); it has no gradient itself.
 *
 * @param x - concentrations: floating, not negative
 * @throws DTypeError for integers
 */
export function standardGamma(x: Tensor, options?: RandomOptions): Tensor {
  takeTensor('standardGamma', 'x', x)
  const { generator } = takeOptions('standardGamma', randomOptions, options)
  checkFloating('standardGamma', x)
  return standardGammaOp({ x }, generator ?? defaultGenerator())
}

const dirichletValues = /* @__PURE__ */ readsValues('sampleDirichlet')

const sampleDirichletOp = /* @__PURE__ */ defineOp({
  name: 'sampleDirichlet',
  inputs: ['x'],
  attrs: attributes<Generator>(),
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x }, { out }, generator) {
    const { tiny, eps } = finfo(out.dtype)
    const last = 1 - eps / 2
    const concentrations = hostValues(dirichletValues, x, on)
    const drawn = new Float64Array(concentrations.length)
    for (let i = 0; i < drawn.length; i++) drawn[i] = gamma(generator, Number(concentrations[i]))
    eachRow(drawn, x.layout.shape.at(-1)!, (row) => {
      const total = row.reduce((a, b) => a + b, 0)
      row.forEach((value, i) => void (row[i] = Math.min(last, Math.max(tiny, value / total))))
    })
    writeView(on, out, drawn)
  },
  vjp: {
    x: saving(['x', 'out'], (g, { x, out }) => {
      const along = g.mul(out).sum(-1, { keepdim: true })
      return sampleDirichletGradient(x, out).mul(g.sub(along))
    }),
  },
})

const gradientValues = /* @__PURE__ */ readsValues('sampleDirichletGradient')

const sampleDirichletGradientOp = /* @__PURE__ */ defineOp({
  name: 'sampleDirichletGradient',
  inputs: ['x', 'sample'],
  infer: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  kernel(on, { x, sample }, { out }) {
    const [concentrations, drawn] = [x, sample].map((v) =>
      Float64Array.from(Array.from<number | bigint, number>(hostValues(gradientValues, v, on), Number)),
    )
    const found = new Float64Array(drawn.length)
    const size = x.layout.shape.at(-1)!
    eachRow(concentrations, size, (row, start) => {
      const total = row.reduce((a, b) => a + b, 0)
      row.forEach((alpha, i) => void (found[start + i] = dirichletGradient(drawn[start + i], alpha, total)))
    })
    writeView(on, out, found)
  },
})

/** The derivative of each element of samples by its own concentration, over 1 less the element; it has none of its own. */
export const sampleDirichletGradient = (x: Tensor, sample: Tensor): Tensor =>
  sampleDirichletGradientOp({ x, sample }, undefined)

/**
 * A vector of the Dirichlet distribution for each row of concentrations: gamma numbers over their sum.
 *
 * Numbers are PyTorch's from the same seed, with the gradient of {@link standardGamma}.
 *
 * @param x - [..., n] concentrations: floating, positive
 * @throws DTypeError for integers, ShapeError for no axes
 */
export function sampleDirichlet(x: Tensor, options?: RandomOptions): Tensor {
  takeTensor('sampleDirichlet', 'x', x)
  const { generator } = takeOptions('sampleDirichlet', randomOptions, options)
  checkFloating('sampleDirichlet', x)
  if (x.ndim === 0) throw new ShapeError('sampleDirichlet expects x of at least one axis')
  return sampleDirichletOp({ x }, generator ?? defaultGenerator())
}

function eachRow(
  values: Float64Array,
  size: number,
  visit: (row: Float64Array, start: number) => void,
): void {
  for (let start = 0; start < values.length; start += size) visit(values.subarray(start, start + size), start)
}

function checkFloating(call: string, x: Tensor): void {
  if (!isFloat(x.dtype))
    throw new DTypeError(`${call} only supports floating-point dtypes, got: ${x.dtype}`, {
      hint: "convert it first: .to('float32')",
    })
}
