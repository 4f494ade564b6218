import { argumentBlock } from '../../argument-block.ts'
import { f32, f64, i32, i64, ModuleBuilder } from '../../assembler/index.ts'
import type { Func, Local, Operand, Value } from '../../assembler/index.ts'

const axisWords = ['length', 'count', 'kernel', 'stride', 'padding', 'dilation'] as const

/** Words of an axis: its length, the number of its windows, and their geometry. */
export const poolAxisBlock = argumentBlock(axisWords)

/**
 * Words of an argument block: addresses, elements of a plane of x and of out, then the words of three axes from the outermost.
 * A chunk is a plane.
 */
export const poolBlock = argumentBlock([
  'x',
  'out',
  'indices',
  'plane',
  'outPlane',
  ['axes', 3 * axisWords.length],
])

export type PoolType = 'f32' | 'f64' | 'i32' | 'i64'
type I32 = Local<'i32'>

/** One axis while a kernel runs: its geometry, and the part of the current window that is not padding. */
interface Axis {
  readonly length: I32
  readonly count: I32
  readonly kernel: I32
  readonly stride: I32
  readonly padding: I32
  readonly dilation: I32
  readonly window: I32
  /** Where the current window begins; below 0 in the padding. */
  readonly first: I32
  readonly from: I32
  readonly to: I32
  readonly k: I32
}

function axisAt(f: Func, block: I32, i: number): Axis {
  const [length, count, kernel, stride, padding, dilation] = axisWords.map((_, k) =>
    f.let(poolBlock.read(block, 'axes', axisWords.length * i + k)),
  )
  const [window, first, from, to, k] = f.localArray('i32', 5)
  return { length, count, kernel, stride, padding, dilation, window, first, from, to, k }
}

/** Visits all windows of an axis, with the elements of each that are not padding in `from` to `to`. */
function eachWindow(f: Func, axis: Axis, body: () => void): void {
  const { length, kernel, stride, padding, dilation, window, first, from, to } = axis
  f.for(window, 0, axis.count, 1, () => {
    f.set(first, i32.sub(i32.mul(window, stride), padding))
    f.set(from, 0)
    f.set(to, kernel)
    const up = (distance: Value<'i32'>): Value<'i32'> =>
      i32.divU(i32.sub(i32.add(distance, dilation), 1), dilation)
    f.if(i32.ltS(first, 0), () => f.set(from, up(i32.sub(0, first))))
    f.if(i32.gtS(i32.add(first, i32.mul(i32.sub(kernel, 1), dilation)), i32.sub(length, 1)), () => {
      f.set(to, 0)
      f.if(i32.gtS(length, first), () => f.set(to, up(i32.sub(length, first))))
    })
    body()
  })
}

// signed: a window of padding alone has its first element after its last
function eachElement(f: Func, { k, from, to }: Axis, body: () => void): void {
  f.set(k, from)
  f.while(i32.ltS(k, to), () => {
    body()
    f.add(k, 1)
  })
}

const position = ({ first, k, dilation }: Axis): Value<'i32'> => i32.add(first, i32.mul(k, dilation))

interface Walk {
  /** Address of the element of x that is visited. */
  readonly at: I32
  readonly plane: I32
  readonly out: I32
  readonly index: I32
}

/** A module whose `run(block, from, to)` visits windows and their elements, plane by plane. */
function poolModule(
  bytes: 4 | 8,
  shared: boolean,
  write: (f: Func) => { begin(walk: Walk): void; element(walk: Walk): void; end(walk: Walk): void },
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ shared })
  module.func({ name: 'run', params: { block: 'i32', from: 'i32', to: 'i32' } }, (f, { block, from, to }) => {
    const [z, y, x] = [0, 1, 2].map((i) => axisAt(f, block, i))
    const [at, plane, out, index, row] = f.localArray('i32', 5)
    const walk = { at, plane, out, index }
    const names = ['x', 'out', 'indices', 'plane', 'outPlane'] as const
    const [xBase, outBase, indexBase, planeSize, outPlaneSize] = names.map((name) =>
      f.let(poolBlock.read(block, name)),
    )
    const emitted = write(f)
    f.while(i32.ltU(from, to), () => {
      f.set(plane, i32.add(xBase, i32.mul(i32.mul(from, planeSize), bytes)))
      f.set(out, i32.add(outBase, i32.mul(i32.mul(from, outPlaneSize), bytes)))
      f.set(index, i32.add(indexBase, i32.mul(i32.mul(from, outPlaneSize), 4)))
      eachWindow(f, z, () => {
        eachWindow(f, y, () => {
          eachWindow(f, x, () => {
            emitted.begin(walk)
            eachElement(f, z, () => {
              eachElement(f, y, () => {
                f.set(row, i32.mul(i32.add(i32.mul(position(z), y.length), position(y)), x.length))
                f.set(
                  at,
                  i32.add(plane, i32.mul(i32.add(row, i32.add(x.first, i32.mul(x.from, x.dilation))), bytes)),
                )
                eachElement(f, x, () => {
                  emitted.element(walk)
                  f.add(at, i32.mul(x.dilation, bytes))
                })
              })
            })
            emitted.end(walk)
            f.add(out, bytes)
            f.add(index, 4)
          })
        })
      })
      f.add(from, 1)
    })
  })
  return module.bytes()
}

const bytesOfType = { f32: 4, f64: 8, i32: 4, i64: 8 } as const

/** Largest values and their positions: of equals the first, of NaNs the last; `lowest` and 0 for padding alone. */
export function maxPoolModule(
  type: PoolType,
  lowest: number | bigint,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  switch (type) {
    case 'f32':
      return maxModule(
        f32,
        (x, y) => i32.or(f32.gt(x, y), f32.ne(x, x)),
        f32.const(Number(lowest)),
        4,
        shared,
      )
    case 'f64':
      return maxModule(
        f64,
        (x, y) => i32.or(f64.gt(x, y), f64.ne(x, x)),
        f64.const(Number(lowest)),
        8,
        shared,
      )
    case 'i32':
      return maxModule(i32, i32.gtS, i32.const(lowest), 4, shared)
    case 'i64':
      return maxModule(i64, i64.gtS, i64.const(lowest), 8, shared)
  }
}

interface Elements<T extends PoolType> {
  load(address: Operand<'i32'>): Value<T>
  store(address: Operand<'i32'>, value: Operand<T>): Value<'void'>
}

function maxModule<T extends PoolType>(
  elements: Elements<T>,
  wins: (x: Value<T>, best: Value<T>) => Value<'i32'>,
  lowest: Value<T>,
  bytes: 4 | 8,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  return poolModule(bytes, shared, (f) => {
    const best = f.local(lowest.type)
    const value = f.local(lowest.type)
    const winner = f.local('i32')
    return {
      begin() {
        f.set(best, lowest)
        f.set(winner, 0)
      },
      element({ at }) {
        f.set(value, elements.load(at))
        f.if(i32.or(i32.eqz(winner), wins(value, best)), () => {
          f.set(best, value)
          f.set(winner, at)
        })
      },
      end({ plane, out, index }) {
        f.do(elements.store(out, best), i32.store(index, 0))
        f.if(winner, () => f.do(i32.store(index, i32.divU(i32.sub(winner, plane), bytes))))
      },
    }
  })
}

/** Sums of windows; floats are summed in double. */
export function sumPoolModule(type: 'f32' | 'f64' | 'i32', shared: boolean): Uint8Array<ArrayBuffer> {
  if (type === 'i32') return sumModule(i32, (x) => x, (x) => x, i32, i32.const(0), 4, shared) // prettier-ignore
  if (type === 'f64') return sumModule(f64, (x) => x, (x) => x, f64, f64.const(0), 8, shared) // prettier-ignore
  return sumModule(f32, f64.promoteF32, f32.demoteF64, f64, f64.const(0), 4, shared)
}

function sumModule<T extends PoolType, S extends PoolType>(
  elements: Elements<T>,
  widen: (x: Value<T>) => Value<S>,
  narrow: (x: Value<S>) => Value<T>,
  sums: { add(x: Operand<S>, y: Operand<S>): Value<S> },
  zero: Value<S>,
  bytes: 4 | 8,
  shared: boolean,
): Uint8Array<ArrayBuffer> {
  return poolModule(bytes, shared, (f) => {
    const sum = f.local(zero.type)
    return {
      begin: () => f.set(sum, zero),
      element: ({ at }) => f.set(sum, sums.add(sum, widen(elements.load(at)))),
      end: ({ out }) => f.do(elements.store(out, narrow(sum))),
    }
  })
}

/** Adds each output to every element of its window. */
export function spreadPoolModule(type: 'f32' | 'f64' | 'i32', shared: boolean): Uint8Array<ArrayBuffer> {
  const module = <T extends PoolType>(
    elements: Elements<T> & { add(x: Operand<T>, y: Operand<T>): Value<T> },
    kind: T,
  ) =>
    poolModule(bytesOfType[kind], shared, (f) => {
      const value = f.local(kind)
      return {
        begin: ({ out }) => f.set(value, elements.load(out)),
        element: ({ at }) => f.do(elements.store(at, elements.add(elements.load(at), value))),
        end: () => undefined,
      }
    })
  return type === 'f32' ? module(f32, 'f32') : type === 'f64' ? module(f64, 'f64') : module(i32, 'i32')
}
