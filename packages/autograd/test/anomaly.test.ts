import { setBackend, setTape, setWarningHandler, tensor, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { detectAnomaly, Function, setDetectAnomaly, tape } from '../src/index.ts'

setBackend(referenceBackend())
setTape(tape)

describe('anomaly detection', () => {
  const warnings: string[] = []
  let handler: ReturnType<typeof setWarningHandler>
  beforeEach(() => {
    warnings.length = 0
    handler = setWarningHandler((text) => void warnings.push(text))
  })
  afterEach(() => {
    setWarningHandler(handler)
  })
  // the gradient of sqrt at 0 is infinite, and 0 times that is NaN
  const rootOfZero = (x: Tensor): Tensor => x.sqrt().mul(0).sum()

  test('names the operation whose gradient is NaN, and where it was called', () => {
    const x = tensor([0], { requiresGrad: true })
    expect(() => detectAnomaly(() => rootOfZero(x).backward())).toThrow(
      "Function 'SqrtBackward0' returned nan values in its 0th output.",
    )
    expect(warnings[0]).toContain('Error detected in SqrtBackward0. Traceback of forward call')
    expect(warnings[0]).toContain('rootOfZero')
    expect(x.grad).toBe(null)
  })

  test('says so where the operation was recorded before', () => {
    const y = rootOfZero(tensor([0], { requiresGrad: true }))
    expect(() => detectAnomaly(() => y.backward())).toThrow('returned nan values')
    expect(warnings[0]).toContain('No forward pass information available')
  })

  test('looks for no NaN with checkNan false, and ends with the function', () => {
    const x = tensor([0], { requiresGrad: true })
    detectAnomaly(() => rootOfZero(x).backward(), false)
    rootOfZero(x).backward()
    expect(x.grad?.tolist()).toEqual([NaN])
    expect(warnings).toEqual([])
  })

  test('warns of the place for an error of a gradient too', () => {
    class Fails extends Function {
      static forward(_ctx: unknown, v: Tensor): Tensor {
        return v.mul(1)
      }
      static backward(): never {
        throw new Error('no gradient today')
      }
    }
    const x = tensor([1], { requiresGrad: true })
    expect(setDetectAnomaly(true)).toBe(false)
    expect(() => Fails.apply(x).backward()).toThrow('no gradient today')
    expect(setDetectAnomaly(false)).toBe(true)
    expect(warnings[0]).toContain('Error detected in FailsBackward')
  })
})
