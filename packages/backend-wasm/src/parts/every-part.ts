import {
  doubleFunctions,
  errorFunctions,
  exponentials,
  gammaFunctions,
  logarithms,
  powers,
  trigonometry,
} from './functions.ts'
import type { Part } from './part.ts'
import {
  convolutions,
  indexing,
  matrixProducts,
  pools,
  randomNumbers,
  scans,
  sorts,
  threads,
  transposes,
} from './routines.ts'

/** The parts of `wasmBackend()`. */
export const everyPart = (): readonly Part[] => [
  matrixProducts,
  convolutions,
  pools,
  indexing,
  scans,
  sorts,
  randomNumbers,
  transposes,
  threads,
  exponentials,
  logarithms,
  trigonometry,
  errorFunctions,
  gammaFunctions,
  powers,
  doubleFunctions,
]
