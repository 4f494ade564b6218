import { autocast, GradScaler, halfPrecision } from '@gradus/amp'
import { tape } from '@gradus/autograd'
import { currentBackend, manualSeed, setBackend, setTape, Tensor, tidy } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { functional } from '@gradus/nn'
import { AdamW, clipGradNorm_, lrScheduler, type Optimizer } from '@gradus/optim'
import { describe, expect, test } from 'vitest'
import { drawRows, Gpt, textAsNumbers } from '../src/gpt.ts'

setBackend(referenceBackend())
setTape(tape)

type Precision = 'float32' | 'bfloat16' | 'float16'
type Rows = ReturnType<typeof drawRows>

const isCompiled = currentBackend().name === 'wasm'
// plain loops would need minutes for the sizes of compiled ones
const sizes = isCompiled
  ? { block: 64, width: 64, heads: 4, layers: 2 }
  : { block: 8, width: 16, heads: 2, layers: 1 }

const { data, characters } = textAsNumbers()
const draw = (rows: number): Rows => drawRows(data, rows, sizes.block)
const lossOf = (model: Gpt, { x, y }: Rows): Tensor =>
  functional.crossEntropy(model(x).to('float32').flatten(0, 1), y.flatten())

function start(precision: Precision) {
  manualSeed(2)
  const model = new Gpt(characters, sizes)
  const optimizer = new AdamW(model.parameters(), { lr: 1e-3, betas: [0.9, 0.95], weightDecay: 0.1 })
  const scaler = new GradScaler({ enabled: precision === 'float16' })
  const forward = (rows: Rows): Tensor =>
    precision === 'float32' ? lossOf(model, rows) : autocast({ dtype: precision }, () => lossOf(model, rows))
  const backward = (loss: Tensor): void => {
    optimizer.zeroGrad()
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    clipGradNorm_(model.parameters(), 1)
  }
  return { model, optimizer, scaler, forward, backward }
}

const steps = 300

/** Losses of the loop as PyTorch's documentation has it. */
function train(precision: Precision): number[] {
  const { optimizer, scaler, forward, backward } = start(precision)
  const scheduler = new lrScheduler.LambdaLR(optimizer, (s) =>
    s < 10 ? (s + 1) / 10 : 0.1 + 0.45 * (1 + Math.cos((Math.PI * (s - 10)) / (steps - 10))),
  )
  return Array.from({ length: steps }, () => {
    const loss = forward(draw(isCompiled ? 2 : 4))
    backward(loss)
    scaler.step(optimizer)
    scaler.update()
    scheduler.step()
    return loss.item()
  })
}

/** Bytes that a forward pass leaves for its backward pass. */
function activations(precision: Precision): number {
  const { forward, backward } = start(precision)
  const rows = draw(8)
  const { live } = currentBackend().memory()
  const loss = tidy(() => forward(rows))
  const bytes = currentBackend().memory().live - live
  backward(loss)
  return bytes
}

const lastOf = (losses: readonly number[]): number => losses.slice(-20).reduce((a, b) => a + b, 0) / 20

describe('a GPT in mixed precision', () => {
  let exact: number[] = []

  test('learns in float32', () => {
    exact = train('float32')
    expect(lastOf(exact)).toBeLessThan(exact[0] - 0.5)
  }, 60_000)

  test.each(['bfloat16', 'float16'] as const)(
    'comes in %s to within a fiftieth of that loss after 300 steps',
    (precision) => {
      expect(Math.abs(lastOf(train(precision)) / lastOf(exact) - 1)).toBeLessThan(0.02)
    },
    60_000,
  )

  test.each(['bfloat16', 'float16'] as const)(
    'keeps in %s less than 0.65 of the bytes for the backward pass',
    (precision) => {
      expect(activations(precision)).toBeLessThan(0.65 * activations('float32'))
    },
  )

  test('an inf in a gradient skips the step, and leaves weights and optimizer state as they are to the bit', () => {
    const { model, optimizer, scaler, forward, backward } = start('float16')
    const step = (): unknown => {
      const scale = scaler.getScale()
      backward(forward(draw(2)))
      scaler.step(optimizer)
      scaler.update()
      return scaler.getScale() / scale
    }
    for (let i = 0; i < 3; i++) step()
    const before = bitsOf(model, optimizer)
    const hook = model.head.weight.registerHook((grad) => grad.mul(Infinity))
    expect(step()).toBe(0.5)
    expect(bitsOf(model, optimizer)).toEqual(before)
    hook.remove()
    expect(step()).toBe(1)
    expect(bitsOf(model, optimizer)).not.toEqual(before)
  })
})

/** Copies of all that training changes. */
function bitsOf(model: Gpt, optimizer: Optimizer): unknown[] {
  const bytes = (x: unknown): unknown => (x instanceof Tensor ? Array.from(x.readSync(), Number) : x)
  const states = [...optimizer.state.values()].flatMap((state) => Object.values(state))
  return [...model.parameters(), ...states].map(bytes)
}

test('float16 parameters learn less than half without masters: they lose what rounds to nothing', () => {
  const learned = (convert: (model: Gpt) => void): number => {
    manualSeed(2)
    const model = new Gpt(characters, sizes)
    convert(model)
    const optimizer = new AdamW(model.parameters(), { lr: 1e-5 })
    const heldOut = draw(8)
    const first = lossOf(model, heldOut).item()
    for (let i = 0; i < 100; i++) {
      optimizer.zeroGrad()
      lossOf(model, draw(2)).backward()
      optimizer.step()
    }
    return first - lossOf(model, heldOut).item()
  }
  const withMasters = learned((model) => halfPrecision(model, { dtype: 'float16' }))
  expect(withMasters).toBeGreaterThan(0.002)
  expect(learned((model) => model.to('float16'))).toBeLessThan(0.5 * withMasters)
}, 60_000)
