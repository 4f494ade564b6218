import type { Gradus, Prepared } from '../case.ts'
import { digest, fill, labels } from '../fill.ts'
import { ulpError } from '../ulp.ts'

type Tensor = InstanceType<Gradus['Tensor']>
type Model = InstanceType<Gradus['nn']['Module']>

export const tensorOf = (g: Gradus, shape: readonly number[], seed: number): Tensor =>
  g.tensor(fill(product(shape), seed)).reshape(shape)

export const labelsOf = (g: Gradus, size: number, classes: number, seed: number): Tensor =>
  g.tensor(labels(size, classes, seed))

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Frees what `fn` made and did not return. */
export const tidy = <T>(g: Gradus, fn: () => T): T => g.tidy(fn)

export const peakOf = (g: Gradus): number => g.memory().peak

/** The elements of a float32 tensor. */
export function numbersOf(x: Tensor): Float32Array {
  const values = x.readSync()
  if (values instanceof Float32Array) return values
  throw new Error(`${x.dtype} instead of float32`)
}

/** A function of tensors, timed without gradients; what it makes is freed after each call. */
export function kernel(g: Gradus, compute: () => Tensor, exact?: (i: number) => number): Prepared {
  return {
    run: () => {
      g.noGrad(() => tidy(g, () => void compute()))
    },
    result: () => digest(numbersOf(g.noGrad(compute))),
    ...(exact === undefined ? {} : { ulp: () => ulpError(numbersOf(g.noGrad(compute)), exact) }),
  }
}

/** The gradient of `y` in one of its inputs, again and again over one recorded forward pass. */
export function backwardKernel(
  g: Gradus,
  y: Tensor,
  input: Tensor | readonly Tensor[],
  seed: number,
): Prepared {
  const gradOutputs = tensorOf(g, y.shape, seed)
  const inputs = Array.isArray(input) ? input : [input]
  const compute = () => g.autograd.grad(y, inputs, { gradOutputs, retainGraph: true, allowUnused: false })
  return {
    run: () => {
      tidy(g, () => void compute())
    },
    result: () => digest(numbersOf(compute()[0])),
  }
}

/** The initial weights all contenders start from: see `set_parameters` in worker.py. */
export function setParameters(g: Gradus, model: Model): void {
  g.noGrad(() => {
    for (const [i, p] of model.parameters().entries()) {
      const name = model.namedParameters()[i][0]
      if (p.ndim < 2) p.fill_(name.includes('bias') ? 0 : 1)
      else p.copy_(tensorOf(g, p.shape, 1000 + i).div(Math.sqrt(product(p.shape.slice(1)))))
    }
  })
}

/** One step of the plain loop: zeroGrad, loss, backward, step. */
export function training<M extends Model>(g: Gradus, model: M, lossOf: (model: M) => Tensor): Prepared {
  setParameters(g, model)
  const optimizer = new g.optim.AdamW(model.parameters(), { lr: 1e-3 })
  return stepping(g, () => {
    optimizer.zeroGrad()
    const loss = lossOf(model)
    loss.backward()
    optimizer.step()
    return loss
  })
}

/**
 * One step as programs train: gradients clipped to a norm, with a learning rate that warms up and follows a cosine. AdamW where
 * no optimizer is given.
 */
export function trainingByRecipe<M extends Model>(
  g: Gradus,
  model: M,
  lossOf: (model: M) => Tensor,
  optimizer: InstanceType<Gradus['optim']['Optimizer']> = new g.optim.AdamW(model.parameters(), { lr: 1e-3 }),
): Prepared {
  setParameters(g, model)
  const parameters = model.parameters()
  const scheduler = new g.optim.lrScheduler.LambdaLR(optimizer, (s) =>
    s < 10 ? (s + 1) / 10 : 0.55 + 0.45 * Math.cos((Math.PI * (s - 10)) / 1e4),
  )
  return stepping(g, () => {
    optimizer.zeroGrad()
    const loss = lossOf(model)
    loss.backward()
    g.optim.clipGradNorm_(parameters, 0.05)
    optimizer.step()
    scheduler.step()
    return loss
  })
}

/** A training step as a case; its result is the loss of the first three. */
export function stepping(g: Gradus, step: () => Tensor): Prepared {
  return {
    run: () => {
      step()
    },
    result: () => [step().item(), step().item(), step().item()],
    peakBytes: () => peakOf(g),
  }
}
