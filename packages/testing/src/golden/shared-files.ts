import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Tensor } from '@gradus/core'

const folder = resolve(process.env.GRADUS_FILES ?? join(import.meta.dirname, '../../../../../shared/files'))

/** Files that other programs wrote: `GRADUS_FILES`, or `../shared/files` beside the repository; null where there are none. */
export const filesFolder: string | null = existsSync(join(folder, 'expected.json')) ? folder : null

/** What a file holds, as the README of the files describes it. */
export type Tree =
  | { dtype: string; shape: number[]; data: unknown }
  | { dict: [Tree, Tree][] }
  | { list: Tree[] }
  | { tuple: Tree[] }
  | { Size: Tree[] }
  | { bytes: string }
  | { dtype: string }
  | { device: string }
  | { value: unknown }

type Expected = { holds: Tree } | { refuse: string }

/** What is expected of each file, by its path. */
export function expectedFiles(): [string, Expected][] {
  if (filesFolder === null) return []
  const text = readFileSync(join(filesFolder, 'expected.json'), 'utf8')
  return Object.entries(JSON.parse(text) as Record<string, Expected>) // by the README of the files
}

const integers = new Set(['bool', 'int8', 'uint8', 'int16', 'int32', 'int64', 'uint16', 'uint32', 'uint64'])
const asRead: Record<string, string> = {
  uint16: 'int32',
  uint32: 'int64',
  uint64: 'int64',
  float8_e4m3fn: 'float16',
  float8_e5m2: 'float16',
}
const named: Record<string, number> = { inf: Infinity, '-inf': -Infinity, nan: NaN }

/** A value in the form that comparing wants: tensors as dtype, shape and their elements, maps as pairs. */
export function simplified(value: unknown): unknown {
  if (value instanceof Tensor)
    return {
      dtype: value.dtype,
      shape: [...value.shape],
      data: Array.from(value.readSync(), (x: number | bigint) => (typeof x === 'bigint' ? String(x) : x)),
    }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (typeof value === 'bigint') return { integer: String(value) }
  if (Array.isArray(value)) return value.map(simplified)
  if (value instanceof Map)
    return { pairs: inOrder([...value].map(([key, item]) => [simplified(key), simplified(item)])) }
  if (typeof value === 'object' && value !== null)
    return { pairs: inOrder(Object.entries(value).map(([key, item]) => [key, simplified(item)])) }
  return value
}

/** Neither objects of JavaScript nor the headers of files keep an order that means anything. */
const inOrder = (pairs: [unknown, unknown][]): [unknown, unknown][] =>
  pairs.sort(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** A key: text stands for itself, whatever it reads like. */
const keyOf = (tree: Tree): unknown =>
  'value' in tree && typeof tree.value === 'string' ? tree.value : expectedForm(tree)

/** A tree in the same form. */
export function expectedForm(tree: Tree): unknown {
  if ('shape' in tree) {
    const flat = [tree.data].flat(Infinity) as (number | boolean | string)[] // nested lists of these, by the README
    const data = flat.map((x) => {
      if (tree.dtype === 'int64' || tree.dtype === 'uint32' || tree.dtype === 'uint64') return String(x)
      if (typeof x === 'string') return named[x] ?? x
      return integers.has(tree.dtype) ? Number(x) : x
    })
    return { dtype: asRead[tree.dtype] ?? tree.dtype, shape: tree.shape, data }
  }
  if ('dict' in tree)
    return { pairs: inOrder(tree.dict.map(([key, item]) => [keyOf(key), expectedForm(item)])) }
  if ('list' in tree) return tree.list.map(expectedForm)
  if ('tuple' in tree) return tree.tuple.map(expectedForm)
  if ('Size' in tree) return tree.Size.map(expectedForm)
  if ('bytes' in tree) return { bytes: tree.bytes }
  if ('dtype' in tree) return tree.dtype.replace('torch.', '')
  if ('device' in tree) return tree.device
  if (typeof tree.value === 'string') {
    if (tree.value in named) return named[tree.value]
    if (/^-?\d{16,}$/.test(tree.value)) return { integer: tree.value }
  }
  return tree.value
}
