import type { Rank, Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import type { Prepared, Tf } from '../case.ts'
import { digest, fill, labels } from '../fill.ts'
import { ulpError } from '../ulp.ts'

export const tensorOf = (tf: Tf, shape: readonly number[], seed: number): Tensor =>
  tf.tensor(
    fill(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    [...shape],
  )

export const oneHotOf = (tf: Tf, size: number, classes: number, seed: number): Tensor =>
  tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels(size, classes, seed), 'int32'), classes), 'float32'))

/** A function of tensors; what it makes is freed after each call. */
export function kernel(tf: Tf, compute: () => Tensor, exact?: (i: number) => number): Prepared {
  const values = () => tf.tidy(() => compute().dataSync())
  return {
    run: () => {
      tf.tidy(() => void compute())
    },
    result: () => digest(values()),
    ...(exact === undefined ? {} : { ulp: () => ulpError(values(), exact) }),
    release: () => tf.disposeVariables(),
  }
}

/** Weights as a linear layer of PyTorch has them, transposed for `x · W`. */
export const weightOf = (tf: Tf, index: number, rows: number, columns: number): Variable =>
  tf.tidy(() => {
    const values = fill(rows * columns, 1000 + index).map((value) => value / Math.sqrt(columns))
    return tf.variable(tf.transpose(tf.tensor2d(values, [rows, columns])))
  })

export const constantOf = (tf: Tf, shape: number[], value: number): Variable =>
  tf.tidy(() => tf.variable(tf.fill(shape, value)))

export const crossEntropy = (tf: Tf, logits: Tensor, oneHot: Tensor): Tensor =>
  tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), -1)))

/** Over the last axis; the library has it as a layer only. */
export function layerNorm(tf: Tf, x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const { mean, variance } = tf.moments(x, -1, true)
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), weight), bias)
}

export const scalarOf = (tf: Tf, x: Tensor): Scalar => tf.reshape<Rank.R0>(x, [])

/** One step of Adam; this library has no AdamW. */
export function training(tf: Tf, variables: Variable[], lossOf: () => Tensor): Prepared {
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8)
  const step = () => {
    const loss = optimizer.minimize(() => tf.tidy(() => scalarOf(tf, lossOf())), true, variables)
    if (loss === null) throw new Error('no loss')
    return loss
  }
  const value = () => {
    const loss = step()
    const [number] = loss.dataSync()
    loss.dispose()
    return number
  }
  return {
    run: () => {
      step().dispose()
    },
    result: () => [value(), value(), value()],
    peakBytes: () => tf.memory().numBytes,
    release: () => {
      tf.disposeVariables()
      optimizer.dispose()
    },
  }
}
