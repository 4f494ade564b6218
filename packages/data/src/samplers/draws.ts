import { randperm, type Generator } from '@gradus/core'

/** A seed as PyTorch draws it: a non-negative int64. */
export const drawSeed = (generator: Generator): bigint => BigInt.asUintN(63, generator.random64())

/** Integers from 0 to `n - 1`, one draw each; two where n is 2^28 or more. */
export const drawIndices = (generator: Generator, n: number, count: number): number[] =>
  Array.from({ length: count }, () =>
    n < 2 ** 28 ? generator.random() % n : Number(generator.random64() % BigInt(n)),
  )

/** 0 to `n - 1` in random order. */
export const permutation = (generator: Generator, n: number): Int32Array =>
  // an int32 tensor reads as an Int32Array
  randperm(n, { generator, dtype: 'int32' }).readSync() as Int32Array
