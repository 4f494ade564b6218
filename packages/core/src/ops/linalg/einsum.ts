import { text } from '../../base/kinds.ts'
import { takeArgument } from '../../base/options.ts'
import { takeTensors } from '../../tensor/kind.ts'
import { diagonal } from '../view/view.ts'
import { ShapeError } from '../../base/errors.ts'
import { sizeOf } from '../../base/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { matmul } from './matmul.ts'

/** An operand and the label of each of its axes. */
interface Labelled {
  x: Tensor
  labels: string[]
}

interface Equation {
  operands: string[][]
  result: string[]
}

/**
 * Sums of products by labels of axes: axes of one label are multiplied, and labels that the result lacks are summed over.
 *
 * @param equation - as `bij,bjk->bik`; `...` stands for axes that broadcast; without `->` the labels that occur once,
 *   in the order of the alphabet
 * @throws ShapeError for an equation that does not fit the operands
 * @see https://pytorch.org/docs/stable/generated/torch.einsum.html
 * @example
 * g.einsum('ij,kj->ik', g.ones(2, 3), g.ones(4, 3)).shape // => [2, 4]
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  takeArgument('einsum', 'equation', text, equation)
  takeTensors('einsum', 'operands', operands)

  const { operands: labels, result } = parse(equation, operands)
  const sizes = sizesOf(labels, operands)
  const list = operands.map((x, i) => withoutRepeats({ x, labels: labels[i] }))
  let left = reduceTo(list[0], new Set([...result, ...list.slice(1).flatMap((o) => o.labels)]))
  for (let i = 1; i < list.length; i++) {
    const later = new Set([...result, ...list.slice(i + 1).flatMap((o) => o.labels)])
    const right = reduceTo(list[i], new Set([...later, ...left.labels]))
    left = contract(left, right, later, sizes)
  }
  const missing = result.filter((l) => !left.labels.includes(l))
  if (missing.length > 0) {
    throw new ShapeError(
      `einsum(): output subscript ${missing[0]} does not appear in the equation for any input operand`,
    )
  }
  return left.x.permute(result.map((l) => left.labels.indexOf(l)))
}

function parse(equation: string, operands: readonly Tensor[]): Equation {
  if (operands.length === 0) throw new ShapeError('einsum(): must provide at least one operand')
  const arrow = equation.indexOf('->')
  const inputs = arrow < 0 ? equation : equation.slice(0, arrow)
  let start = 0
  const terms = inputs.split(',').map((term, i) => {
    const found = subscripts(term, start, `operand ${i}`)
    start += term.length + 1
    return found
  })
  if (terms.length !== operands.length) {
    throw new ShapeError(
      terms.length > operands.length
        ? 'einsum(): fewer operands were provided than specified in the equation'
        : 'einsum(): more operands were provided than specified in the equation',
    )
  }
  const dots = terms.map((term, i) => (term.includes(ellipsis) ? operands[i].ndim - term.length + 1 : 0))
  const most = Math.max(0, ...dots)
  const spread = (n: number): string[] => Array.from({ length: n }, (_, k) => `.${most - n + k}`)
  const labels = terms.map((term, i) => {
    const list = term.flatMap((l) => (l === ellipsis ? spread(Math.max(0, dots[i])) : [l]))
    if (list.length !== operands[i].ndim) {
      const hasEllipsis = term.includes(ellipsis)
      throw new ShapeError(
        `einsum(): the number of subscripts in the equation (${list.length}) ${hasEllipsis ? 'is more than' : 'does not match'} the number of dimensions (${operands[i].ndim}) for operand ${i}${hasEllipsis ? '' : ' and no ellipsis was given'}`,
      )
    }
    return list
  })
  if (arrow >= 0) {
    const output = subscripts(equation.slice(arrow + 2), arrow + 2, 'the output')
    const twice = output.find((l, i) => output.indexOf(l) < i)
    if (twice !== undefined)
      throw new ShapeError(`einsum(): output subscript ${twice} appears more than once in the output`)
    return { operands: labels, result: output.flatMap((l) => (l === ellipsis ? spread(most) : [l])) }
  }
  const all = labels.flat()
  const once = all.filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l)).sort()
  return { operands: labels, result: [...spread(most), ...once] }
}

const ellipsis = '...'

/** Letters and at most one ellipsis, one by one; blanks count for nothing. `start` is the place in the equation. */
function subscripts(term: string, start: number, where: string): string[] {
  const found: string[] = []
  for (let i = 0; i < term.length; i++) {
    const c = term[i]
    if (c === ' ') continue
    if (c !== '.') {
      if (!/[A-Za-z]/.test(c)) {
        throw new ShapeError(
          `einsum(): invalid subscript given at index ${start + i} in the equation string, subscripts must be in [a-zA-Z]`,
        )
      }
      found.push(c)
      continue
    }
    if (found.includes(ellipsis))
      throw new ShapeError(`einsum(): found '.' for ${where} for which an ellipsis was already found`)
    if (!term.startsWith(ellipsis, i))
      throw new ShapeError(`einsum(): found '.' for ${where} that is not part of any ellipsis`)
    found.push(ellipsis)
    i += 2
  }
  return found
}

function sizesOf(labels: readonly string[][], operands: readonly Tensor[]): Map<string, number> {
  const sizes = new Map<string, number>()
  labels.forEach((list, i) =>
    list.forEach((label, axis) => {
      const n = operands[i].shape[axis]
      const first = operands[i].shape[list.indexOf(label)]
      if (first !== n) {
        throw new ShapeError(
          `einsum(): subscript ${label} is repeated for operand ${i} but the sizes don't match, ${n} != ${first}`,
        )
      }
      const known = sizes.get(label)
      if (known === undefined || known === 1) sizes.set(label, n)
      else if (n !== known && n !== 1) {
        throw new ShapeError(
          `einsum(): subscript ${label} has size ${n} for operand ${i} which does not broadcast with previously seen size ${known}`,
        )
      }
    }),
  )
  return sizes
}

/** A label that occurs twice in one operand names its diagonal. */
function withoutRepeats({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((l, i) => labels.indexOf(l) < i)
  if (second < 0) return { x, labels }
  const label = labels[second]
  const first = labels.indexOf(label)
  const rest = labels.filter((_, i) => i !== first && i !== second)
  return withoutRepeats({ x: diagonal(x, 0, first, second), labels: [...rest, label] })
}

function reduceTo({ x, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const gone = labels.flatMap((l, a) => (kept.has(l) ? [] : [a]))
  return gone.length === 0 ? { x, labels } : { x: x.sum(gone), labels: labels.filter((l) => kept.has(l)) }
}

/** One product of two operands as a batched matrix product. */
function contract(
  a: Labelled,
  b: Labelled,
  kept: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const common = a.labels.filter((l) => b.labels.includes(l))
  const batch = common.filter((l) => kept.has(l))
  const summed = common.filter((l) => !kept.has(l))
  const [onlyA, onlyB] = [a, b].map(({ labels }) => labels.filter((l) => !common.includes(l)))
  const arrange = ({ x, labels }: Labelled, groups: readonly string[][]): Tensor => {
    const order = groups.flat()
    const own = new Set([...batch, ...summed])
    const shape = order.map((l) => (own.has(l) ? sizes.get(l)! : x.shape[labels.indexOf(l)]))
    const spread = x.permute(order.map((l) => labels.indexOf(l))).expand(shape)
    let at = 0
    return spread.reshape(groups.map((group) => sizeOf(shape.slice(at, (at += group.length)))))
  }
  const product = matmul(arrange(a, [batch, onlyA, summed]), arrange(b, [batch, summed, onlyB]))
  const lengths = (labels: readonly string[], { x, labels: own }: Labelled): number[] =>
    labels.map((l) => x.shape[own.indexOf(l)])
  return {
    x: product.reshape([...batch.map((l) => sizes.get(l)!), ...lengths(onlyA, a), ...lengths(onlyB, b)]),
    labels: [...batch, ...onlyA, ...onlyB],
  }
}
