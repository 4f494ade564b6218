import { isGradEnabled, setBackend, setTape, tensor } from '@gradus/core'
import { setWarningHandler } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { describe, expect, test } from 'vitest'
import { noGrad, tape } from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

describe('a mode held over an await', () => {
  test('ends there and says so, for two tasks too', async () => {
    const warnings: string[] = []
    const before = setWarningHandler((text) => void warnings.push(text))
    const task = async (): Promise<boolean> => {
      using _ = noGrad()
      const inside = isGradEnabled()
      await Promise.resolve()
      await Promise.resolve()
      return inside
    }
    expect(await Promise.all([task(), task()])).toEqual([false, false])
    setWarningHandler(before)
    expect(isGradEnabled()).toBe(true)
    expect(warnings[0]).toContain('noGrad() was held over an await and has ended there')
  })

  test('is not reported where the block ends before', async () => {
    const warnings: string[] = []
    const before = setWarningHandler((text) => void warnings.push(text))
    {
      using _ = noGrad()
      using _inner = noGrad()
    }
    await Promise.resolve()
    setWarningHandler(before)
    expect(warnings).toEqual([])
  })
})

describe('operators of JavaScript', () => {
  test('refuse a tensor whose gradient they would drop, and name the method', () => {
    const loss = tensor([2], { requiresGrad: true }).mul(3).sum()
    expect(() => -(loss as unknown as number)).toThrow(
      'an operator of JavaScript was given a tensor that requires a gradient',
    )
    expect(() => (loss as unknown as number) * 2).toThrow('x.mul(y)')
    expect(() => (loss as unknown as number) + 1).toThrow('x.add(y)')
  })

  test('take one element, and text of any number', () => {
    expect((tensor([2]) as unknown as number) * 2).toBe(4)
    expect(() => (tensor([1, 2]) as unknown as number) * 2).toThrow('a tensor of 2 elements')
    expect('' + tensor([1, 2])).toBe('tensor([1., 2.])')
  })
})

test('backward() with its options in the place of the gradient says where they go', () => {
  const loss = tensor([2], { requiresGrad: true }).sum()
  const backward = loss.backward.bind(loss) as (...args: unknown[]) => void
  expect(() => backward({ retainGraph: true })).toThrow('hint: backward(null, { retainGraph })')
  expect(() => backward(null, { retain_graph: true })).toThrow('retainGraph')
  expect(() => backward(3)).toThrow('backward: gradient must be')
})
