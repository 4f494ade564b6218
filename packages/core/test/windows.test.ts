import * as g from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { expect, test } from 'vitest'

g.setBackend(referenceBackend())

const rounded = (x: g.Tensor): number[] =>
  Array.from<number | bigint, number>(x.readSync(), (v) => Math.round(Number(v) * 1e4) / 1e4 + 0)

// PyTorch 2.13: torch.hann_window(5) and so on
test('windows are those of PyTorch', () => {
  expect(rounded(g.hannWindow(5))).toEqual([0, 0.3455, 0.9045, 0.9045, 0.3455])
  expect(rounded(g.hannWindow(5, { periodic: false }))).toEqual([0, 0.5, 1, 0.5, 0])
  expect(rounded(g.hammingWindow(4, { alpha: 0.6, beta: 0.4 }))).toEqual([0.2, 0.6, 1, 0.6])
  expect(rounded(g.blackmanWindow(5))).toEqual([0, 0.2008, 0.8492, 0.8492, 0.2008])
  expect(rounded(g.bartlettWindow(5))).toEqual([0, 0.4, 0.8, 0.8, 0.4])
  expect(rounded(g.kaiserWindow(5, { beta: 3 }))).toEqual([0.2049, 0.6247, 0.9522, 0.9522, 0.6247])
  expect(g.hannWindow(0).shape).toEqual([0])
  expect(g.hannWindow(1).tolist()).toEqual([1])
  expect(() => g.hannWindow(3, { dtype: 'int32' })).toThrow('floating point')
})
