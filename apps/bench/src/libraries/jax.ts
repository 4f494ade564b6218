import type { Array as JaxArray } from '@jax-js/jax'
import type { Jax, Prepared } from '../case.ts'
import { digest, fill, labels } from '../fill.ts'
import { ulpError } from '../ulp.ts'

export type { JaxArray }

export const arrayOf = (jax: Jax, shape: readonly number[], seed: number): JaxArray =>
  jax.numpy.array(
    fill(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    { shape: [...shape] },
  )

/** Class labels as rows of a one-hot matrix: the loss multiplies by them. */
export const oneHotOf = (jax: Jax, size: number, classes: number, seed: number): JaxArray =>
  jax.nn.oneHot(jax.numpy.array(labels(size, classes, seed), { shape: [size] }), classes)

/** A compiled function of arrays, which it consumes. */
export function kernel(
  jax: Jax,
  inputs: readonly JaxArray[],
  compute: (...inputs: JaxArray[]) => JaxArray,
  exact?: (i: number) => number,
): Prepared {
  const compiled = jax.jit(compute)
  const call = () => compiled(...inputs.map((x) => x.ref))
  const values = async () => {
    const data = await call().data()
    if (data instanceof Float32Array) return data
    throw new Error(`${data.constructor.name} instead of float32`)
  }
  return {
    run: async () => {
      const y = call()
      await y.blockUntilReady()
      y.dispose()
    },
    result: async () => digest(await values()),
    ...(exact === undefined ? {} : { ulp: async () => ulpError(await values(), exact) }),
    release: () => {
      for (const x of inputs) x.dispose()
      compiled.dispose()
    },
  }
}

/** `[rows, columns]` of weights as a linear layer of PyTorch has them, transposed for `x · W`. */
export const weightOf = (jax: Jax, index: number, rows: number, columns: number): JaxArray => {
  const values = fill(rows * columns, 1000 + index).map((value) => value / Math.sqrt(columns))
  return jax.numpy.matrixTranspose(jax.numpy.array(values, { shape: [rows, columns] }))
}

export function crossEntropy(jax: Jax, logits: JaxArray, oneHot: JaxArray): JaxArray {
  const rows = logits.shape[0]
  return jax.numpy.sum(jax.nn.logSoftmax(logits).mul(oneHot)).mul(-1 / rows)
}

interface State {
  [key: string]: JaxArray[]
  p: JaxArray[]
  m: JaxArray[]
  v: JaxArray[]
}

/**
 * One step of AdamW with the loss, its gradients and the update in one compiled function, which is the fastest way this
 * library has. The bias corrections change with every step, so they are arguments.
 */
export function training(
  jax: Jax,
  parameters: JaxArray[],
  data: readonly JaxArray[],
  lossOf: (parameters: JaxArray[], ...data: JaxArray[]) => JaxArray,
): Prepared {
  const { numpy: np } = jax
  const [lr, beta1, beta2, eps, weightDecay] = [1e-3, 0.9, 0.999, 1e-8, 0.01]
  const compiled = jax.jit((state: State, c1: JaxArray, c2: JaxArray, ...inputs: JaxArray[]) => {
    const { p, m, v } = state
    const [loss, grads] = jax.valueAndGrad((q: JaxArray[]) => lossOf(q, ...inputs))(p.map((x) => x.ref))
    const next: State = { p: [], m: [], v: [] }
    for (const [i, g] of grads.entries()) {
      const mean = m[i].mul(beta1).add(g.ref.mul(1 - beta1))
      const square = v[i].mul(beta2).add(np.square(g).mul(1 - beta2))
      const step = mean.ref.div(c1.ref).div(np.sqrt(square.ref.div(c2.ref)).add(eps))
      next.p.push(p[i].mul(1 - lr * weightDecay).sub(step.mul(lr)))
      next.m.push(mean)
      next.v.push(square)
    }
    c1.dispose()
    c2.dispose()
    return [loss, next] as [JaxArray, State]
  })
  let state: State = {
    p: parameters,
    m: parameters.map((p) => np.zerosLike(p.ref)),
    v: parameters.map((p) => np.zerosLike(p.ref)),
  }
  let count = 0
  const step = async () => {
    count++
    const [loss, next] = compiled(
      state,
      np.array(1 - beta1 ** count),
      np.array(1 - beta2 ** count),
      ...data.map((x) => x.ref),
    )
    state = next
    await jax.blockUntilReady([loss, next])
    return loss
  }
  return {
    run: async () => {
      const loss = await step()
      loss.dispose()
    },
    result: async () => [(await step()).item(), (await step()).item(), (await step()).item()],
    release: () => {
      jax.tree.dispose(state)
      for (const x of data) x.dispose()
      compiled.dispose()
    },
  }
}
