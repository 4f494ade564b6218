import { ValueError } from '@gradus/core'

/** @throws ValueError with PyTorch's message unless the learning rate is 0 or more */
export function checkLr(lr: number): void {
  if (!(lr >= 0)) throw new ValueError(`Invalid learning rate: ${lr}`)
}

/**
 * Refuses an option below 0.
 *
 * @param what - what PyTorch calls it: `Invalid momentum value: -1`
 * @throws ValueError
 */
export function checkPositive(what: string, value: number): void {
  if (!(value >= 0)) throw new ValueError(`Invalid ${what} value: ${value}`)
}

/** @throws ValueError unless both are in [0, 1) */
export function checkBetas(betas: readonly number[]): void {
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${beta}`)
  })
}
