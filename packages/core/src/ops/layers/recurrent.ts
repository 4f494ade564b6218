import { square } from '../elementwise/power.ts'
import { tanh } from '../elementwise/trigonometry.ts'
import { sigmoid } from '../elementwise/exponential.ts'
import { chunk } from '../view/split.ts'
import type { View } from '../../backend/types.ts'
import { defineOp } from '../../op/define-op.ts'
import { numOf, type DType, type Num } from '../../base/dtype.ts'
import { ShapeError } from '../../base/errors.ts'
import { savingAll, type Meta } from '../../op/declaration.ts'
import { input, type Expr } from '../../program/expr.ts'
import * as f from '../../program/formula.ts'
import { Program } from '../../program/program.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { cat } from '../shape/join.ts'
import { memo, under } from '../../op/row-program.ts'

/*
 * The part of a recurrent cell after its matrix products: from gates `x` of the input and `h` of the state, in several blocks
 * side by side, to the next state. One kernel forward, one backward.
 */

// held where exp would overflow
const sigmoidOf = (x: Expr): Expr => f.reciprocal(f.add(f.exp(f.min(f.neg(x), 80)), 1))
/** The derivative of a sigmoid, and of tanh, by their values. */
const slope = (s: Expr): Expr => f.mul(s, f.sub(1, s))
const slopeTanh = (t: Expr): Expr => f.sub(1, f.mul(t, t))

/** Columns of a block. */
const block = (x: View, i: number, width: number): View => under(x, x.layout.slice(1, i * width, width))
const blocks = (x: View, count: number, width: number): View[] =>
  Array.from({ length: count }, (_, i) => block(x, i, width))

const all = (dtype: DType, count: number) =>
  Array.from({ length: count }, () => ({ dtype, over: 'all' }) as const)

function check(name: string, x: Meta, h: Meta, state: Meta, count: number): void {
  const [n, width] = state.shape
  for (const gates of [x, h]) {
    if (gates.shape.length !== 2 || gates.shape[0] !== n || gates.shape[1] !== count * width) {
      throw new ShapeError(
        `${name}: gates have to be [${n}, ${count * width}], got [${gates.shape.join(', ')}]`,
      )
    }
  }
}

// ---- LSTM: blocks i, f, g, o

/** Inputs 0 to 3 the gates of x, 4 to 7 those of h, 8 the cell. */
function lstm(num: Num): { i: Expr; f: Expr; g: Expr; o: Expr; before: Expr; cell: Expr } {
  const gate = (k: number): Expr => f.add(input(k, num), input(k + 4, num))
  const [i, forget, o] = [sigmoidOf(gate(0)), sigmoidOf(gate(1)), sigmoidOf(gate(3))]
  const g = f.tanh(gate(2))
  const before = input(8, num)
  return { i, f: forget, g, o, before, cell: f.add(f.mul(forget, before), f.mul(i, g)) }
}

const lstmProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const { o, cell } = lstm(numOf(dtype))
  return new Program({
    inputs: all(dtype, 9),
    outputs: [
      { dtype, value: f.mul(o, f.tanh(cell)), over: 'all' },
      { dtype, value: cell, over: 'all' },
    ],
  })
})

const lstmBackwardProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  const { i, f: forget, g, o, before, cell } = lstm(num)
  const [gh, gc] = [input(9, num), input(10, num)]
  const t = f.tanh(cell)
  const dCell = f.add(gc, f.mul(f.mul(gh, o), slopeTanh(t)))
  const values = [
    f.mul(f.mul(dCell, g), slope(i)),
    f.mul(f.mul(dCell, before), slope(forget)),
    f.mul(f.mul(dCell, i), slopeTanh(g)),
    f.mul(f.mul(gh, t), slope(o)),
    f.mul(dCell, forget),
  ]
  return new Program({
    inputs: all(dtype, 11),
    outputs: values.map((value) => ({ dtype, value, over: 'all' })),
  })
})

// the gradients of the four gates and of the cell, side by side
const lstmBackwardOp = /* @__PURE__ */ defineOp({
  name: 'lstmCellBackward',
  inputs: ['gh', 'gc', 'x', 'h', 'c'],
  infer: ({ c }) => ({ shape: [c.shape[0], 5 * c.shape[1]], dtype: c.dtype }),
  kernel(on, { gh, gc, x, h, c }, { out }) {
    const width = c.layout.shape[1]
    const operands = [...blocks(x, 4, width), ...blocks(h, 4, width), c, gh, gc, ...blocks(out, 5, width)]
    on.run(lstmBackwardProgram(out.dtype), [{ outer: c.layout.shape, inner: [], operands, params: [] }])
  },
  decompose({ gh, gc, x, h, c }) {
    const [i, forget, g, o] = chunk(x.add(h), 4, 1)
    const [si, sf, sg, so] = [sigmoid(i), sigmoid(forget), tanh(g), sigmoid(o)]
    const t = tanh(sf.mul(c).add(si.mul(sg)))
    const dCell = gc.add(gh.mul(so).mul(square(t).mul(-1).add(1)))
    const slopeOf = (s: Tensor): Tensor => s.mul(s.mul(-1).add(1))
    return cat(
      [
        dCell.mul(sg).mul(slopeOf(si)),
        dCell.mul(c).mul(slopeOf(sf)),
        dCell.mul(si).mul(square(sg).mul(-1).add(1)),
        gh.mul(t).mul(slopeOf(so)),
        dCell.mul(sf),
      ],
      1,
    )
  },
})

const lstmOp = /* @__PURE__ */ defineOp({
  name: 'lstmCell',
  inputs: ['x', 'h', 'c'],
  outputs: ['hidden', 'cell'],
  autocast: 'lower',
  infer({ x, h, c }) {
    check('lstm_cell', x, h, c, 4)
    return { hidden: { shape: c.shape, dtype: c.dtype }, cell: { shape: c.shape, dtype: c.dtype } }
  },
  kernel(on, { x, h, c }, { hidden, cell }) {
    const width = c.layout.shape[1]
    const operands = [...blocks(x, 4, width), ...blocks(h, 4, width), c, hidden, cell]
    on.run(lstmProgram(c.dtype), [{ outer: c.layout.shape, inner: [], operands, params: [] }])
  },
  vjp: savingAll(['x', 'h', 'c'], ([gh, gc], { x, h, c }) => {
    const width = c.shape[1]
    const all = lstmBackwardOp({ gh, gc, x, h, c }, undefined)
    const gates = all.narrow(1, 0, 4 * width)
    return { x: gates, h: gates, c: all.narrow(1, 4 * width, width) }
  }),
})

/**
 * The next state of a long short-term memory cell, from its gates: `c' = σ(f) c + σ(i) tanh(g)`, `h' = σ(o) tanh(c')`.
 *
 * @param x - what the input gives to the gates i, f, g, o: `[n, 4 · hidden]`
 * @param h - what the hidden state gives to them: `[n, 4 · hidden]`
 * @param c - the cell: `[n, hidden]`
 * @returns `hidden` and `cell`, `[n, hidden]` each
 * @throws ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 * @example
 * g.lstmCell(g.zeros(1, 8), g.zeros(1, 8), g.ones(1, 2)).cell.tolist() // => [[0.5, 0.5]]
 */
export const lstmCell = (x: Tensor, h: Tensor, c: Tensor): { hidden: Tensor; cell: Tensor } =>
  lstmOp({ x, h, c }, undefined)

// ---- GRU: blocks r, z, n

/** Inputs 0 to 2 the gates of x, 3 to 5 those of h, 6 the state. */
function gru(num: Num): { r: Expr; z: Expr; n: Expr; hn: Expr; state: Expr } {
  const gate = (k: number): Expr => sigmoidOf(f.add(input(k, num), input(k + 3, num)))
  const [r, z, hn] = [gate(0), gate(1), input(5, num)]
  return { r, z, hn, n: f.tanh(f.add(input(2, num), f.mul(r, hn))), state: input(6, num) }
}

const gruProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const { z, n, state } = gru(numOf(dtype))
  return new Program({
    inputs: all(dtype, 7),
    outputs: [{ dtype, value: f.add(n, f.mul(z, f.sub(state, n))), over: 'all' }],
  })
})

const gruBackwardProgram = /* @__PURE__ */ memo((dtype: DType) => {
  const num = numOf(dtype)
  const { r, z, n, hn, state } = gru(num)
  const g = input(7, num)
  const dn = f.mul(f.mul(g, f.sub(1, z)), slopeTanh(n))
  const values = [
    f.mul(f.mul(dn, hn), slope(r)),
    f.mul(f.mul(g, f.sub(state, n)), slope(z)),
    dn,
    f.mul(dn, r),
    f.mul(g, z),
  ]
  return new Program({
    inputs: all(dtype, 8),
    outputs: values.map((value) => ({ dtype, value, over: 'all' })),
  })
})

// the gradients of r, z and n of x, of n of h, and of the state, side by side
const gruBackwardOp = /* @__PURE__ */ defineOp({
  name: 'gruCellBackward',
  inputs: ['g', 'x', 'h', 'state'],
  infer: ({ state }) => ({ shape: [state.shape[0], 5 * state.shape[1]], dtype: state.dtype }),
  kernel(on, { g, x, h, state }, { out }) {
    const width = state.layout.shape[1]
    const operands = [...blocks(x, 3, width), ...blocks(h, 3, width), state, g, ...blocks(out, 5, width)]
    on.run(gruBackwardProgram(out.dtype), [{ outer: state.layout.shape, inner: [], operands, params: [] }])
  },
  decompose({ g, x, h, state }) {
    const [xr, xz, xn] = chunk(x, 3, 1)
    const [hr, hz, hn] = chunk(h, 3, 1)
    const [r, z] = [sigmoid(xr.add(hr)), sigmoid(xz.add(hz))]
    const n = tanh(xn.add(r.mul(hn)))
    const slopeOf = (s: Tensor): Tensor => s.mul(s.mul(-1).add(1))
    const dn = g.mul(z.mul(-1).add(1)).mul(square(n).mul(-1).add(1))
    return cat([dn.mul(hn).mul(slopeOf(r)), g.mul(state.sub(n)).mul(slopeOf(z)), dn, dn.mul(r), g.mul(z)], 1)
  },
})

const gruOp = /* @__PURE__ */ defineOp({
  name: 'gruCell',
  inputs: ['x', 'h', 'state'],
  autocast: 'lower',
  infer({ x, h, state }) {
    check('gru_cell', x, h, state, 3)
    return { shape: state.shape, dtype: state.dtype }
  },
  kernel(on, { x, h, state }, { out }) {
    const width = state.layout.shape[1]
    const operands = [...blocks(x, 3, width), ...blocks(h, 3, width), state, out]
    on.run(gruProgram(out.dtype), [{ outer: state.layout.shape, inner: [], operands, params: [] }])
  },
  vjp: savingAll(['x', 'h', 'state'], ([g], { x, h, state }) => {
    const width = state.shape[1]
    const all = gruBackwardOp({ g, x, h, state }, undefined)
    const part = (from: number, count: number): Tensor => all.narrow(1, from * width, count * width)
    return { x: part(0, 3), h: cat([part(0, 2), part(3, 1)], 1), state: part(4, 1) }
  }),
})

/**
 * The next state of a gated recurrent unit, from its gates: `n = tanh(xₙ + σ(r) hₙ)`, `h' = (1 - σ(z)) n + σ(z) h`.
 *
 * @param x - what the input gives to the gates r, z, n: `[n, 3 · hidden]`
 * @param h - what the state gives to them: `[n, 3 · hidden]`
 * @param state - `[n, hidden]`
 * @returns `[n, hidden]`
 * @throws ShapeError
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 * @example
 * g.gruCell(g.zeros(1, 6), g.zeros(1, 6), g.ones(1, 2)).tolist() // => [[0.5, 0.5]]
 */
export const gruCell = (x: Tensor, h: Tensor, state: Tensor): Tensor => gruOp({ x, h, state }, undefined)
