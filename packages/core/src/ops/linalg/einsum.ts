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
 * Sums of products by labels of axes: what two operands share is multiplied, what the result lacks is summed.
 *
 * @param equation - as `bij,bjk->bik`; `...` stands for axes that broadcast; without `->` the labels that occur once,
 *   in the order of the alphabet
 * @throws ShapeError for an equation that does not fit the operands
 * @see https://pytorch.org/docs/stable/generated/torch.einsum.html
 * @example
 * g.einsum('ij,kj->ik', g.ones(2, 3), g.ones(4, 3)).shape // => [2, 4]
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
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
  const text = equation.replaceAll(' ', '')
  const [inputs, output] = text.split('->')
  const terms = inputs.split(',')
  if (terms.length !== operands.length) {
    throw new ShapeError(
      terms.length > operands.length
        ? 'einsum(): fewer operands were provided than specified in the equation'
        : 'einsum(): more operands were provided than specified in the equation',
    )
  }
  const invalid = text
    .replaceAll('->', '')
    .replaceAll('...', '')
    .match(/[^A-Za-z,]/)
  if (invalid)
    throw new ShapeError(
      `einsum(): invalid subscript given at index ${text.indexOf(invalid[0])} in the equation string, subscripts must be in [a-zA-Z]`,
    )
  const dots = terms.map((term, i) =>
    term.includes('...') ? operands[i].ndim - term.replace('...', '').length : 0,
  )
  const most = Math.max(0, ...dots)
  const ellipsis = (n: number): string[] => Array.from({ length: n }, (_, k) => `.${most - n + k}`)
  const expand = (term: string, n: number): string[] => {
    const [before, after] = term.split('...')
    return after === undefined ? [...before] : [...before, ...ellipsis(n), ...after]
  }
  const labels = terms.map((term, i) => expand(term, Math.max(0, dots[i])))
  labels.forEach((l, i) => {
    if (l.length !== operands[i].ndim) {
      throw new ShapeError(
        `einsum(): the number of subscripts in the equation (${l.length}) ${terms[i].includes('...') ? 'is more than' : 'does not match'} the number of dimensions (${operands[i].ndim}) for operand ${i}${terms[i].includes('...') ? '' : ' and no ellipsis was given'}`,
      )
    }
  })
  if (output !== undefined) return { operands: labels, result: expand(output, most) }
  const all = labels.flat()
  const once = all.filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l)).sort()
  return { operands: labels, result: [...ellipsis(most), ...once] }
}

function sizesOf(labels: readonly string[][], operands: readonly Tensor[]): Map<string, number> {
  const sizes = new Map<string, number>()
  labels.forEach((list, i) =>
    list.forEach((label, axis) => {
      const n = operands[i].shape[axis]
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
