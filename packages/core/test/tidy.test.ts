import { expect, test } from 'vitest'
import { ones, setBackend, tidy, type Tensor } from '../src/index.ts'
import { referenceBackend } from '../src/reference/index.ts'

setBackend(referenceBackend())

test('tidy frees what its function made and did not return', () => {
  let inner: Tensor | undefined
  const y = tidy(() => {
    inner = ones(2)
    return inner.add(1)
  })
  expect(y.tolist()).toEqual([2, 2])
  expect(() => inner?.tolist()).toThrow('this tensor was freed')
})

test('tidy keeps what it returns in arrays and objects, and views of it', () => {
  const { list, view } = tidy(() => ({ list: [ones(1)], view: ones(2, 2).select(0, 0) }))
  expect([list[0].tolist(), view.tolist()]).toEqual([[1], [1, 1]])
})

test('an inner tidy hands what it returns to the outer one', () => {
  let kept: Tensor | undefined
  tidy(() => {
    kept = tidy(() => ones(2))
    expect(kept.tolist()).toEqual([1, 1])
  })
  expect(() => kept?.tolist()).toThrow('this tensor was freed')
})

test('tidy frees what was made before its function threw', () => {
  let inner: Tensor | undefined
  expect(() =>
    tidy(() => {
      inner = ones(2)
      throw new Error('stop')
    }),
  ).toThrow('stop')
  expect(() => inner?.tolist()).toThrow('this tensor was freed')
})

test('an async function is refused', () => {
  expect(() => tidy(async () => 1)).toThrow('tidy got an async function')
})
