import { i32, i8x16, minU, v128 } from '../../assembler/index.ts'
import type { Func, FuncRef, Local, ModuleBuilder, Operand, Value } from '../../assembler/index.ts'
import { elementBytes, elementsOf, zero } from '../../elements/index.ts'
import type { Arithmetic, ElementType } from '../../elements/index.ts'

const gatherParams = { to: 'i32', from: 'i32', k: 'i32', across: 'i32', along: 'i32', count: 'i32' } as const
const packParams = { ...gatherParams, panelBytes: 'i32' } as const

/**
 * Packs `count` rows of A (columns of B) over `k` steps into panels `[k][width]`, padded with zeros to a whole panel.
 * `across` is the stride from row to row of A (column to column of B) in bytes, `along` that from step to step;
 * panels are `panelBytes` apart.
 */
export type Pack = FuncRef<typeof packParams, 'void'>

// rows that are read side by side, and panels that are written so: of each row whole cache lines, because with rows a
// power of two apart a line would be gone before its second use
const rowsAtOnce = 8
const panelsAtOnce = 4

/** Emits a {@link Pack} for panels of an even width; elements of half precision are widened on the way. */
export function emitPack(module: ModuleBuilder, x: Arithmetic, dtype: ElementType, width: number): Pack {
  const bytes = elementBytes(dtype)
  const copySeveral = emitCopyRows(module, x, dtype, width, panelsAtOnce)
  const copySingle = emitCopyRows(module, x, dtype, width, 1)
  const transpose = emitTransposePanel(module, x, dtype, width)
  const gather = emitGatherPanel(module, x, dtype, width)
  return module.func({ params: packParams }, (f, { to, from, k, across, along, count, panelBytes }) => {
    const panels = f.let(i32.divU(count, width))
    const skip = (done: Operand<'i32'>): void => {
      f.add(to, i32.mul(panelBytes, done))
      f.add(from, i32.mul(i32.mul(across, width), done))
      f.set(panels, i32.sub(panels, done))
    }
    f.set(count, i32.remU(count, width))
    f.if(
      i32.eq(across, bytes),
      () => {
        const several = f.let(i32.and(panels, -panelsAtOnce))
        f.if(several, () =>
          f.do(copySeveral.call({ to, from, panels: several, k, stride: along, panelBytes })),
        )
        skip(several)
        f.do(copySingle.call({ to, from, panels, k, stride: along, panelBytes }))
        skip(panels)
      },
      () => {
        f.while(panels, () => {
          f.if(
            i32.eq(along, bytes),
            () => f.do(transpose.call({ to, from, k, stride: across })),
            () => f.do(gather.call({ to, from, k, across, along, count: width })),
          )
          skip(1)
        })
      },
    )
    f.if(count, () => f.do(gather.call({ to, from, k, across, along, count })))
  })
}

// across the panel elements are adjacent: straight copies
function emitCopyRows(
  module: ModuleBuilder,
  x: Arithmetic,
  dtype: ElementType,
  width: number,
  sideBySide: number,
) {
  const step = width * x.laneBytes
  const params = {
    to: 'i32',
    from: 'i32',
    panels: 'i32',
    k: 'i32',
    stride: 'i32',
    panelBytes: 'i32',
  } as const
  return module.func({ params }, (f, { to, from, panels, k, stride, panelBytes }) => {
    const elements = elementsOf(dtype, f)
    const [rows, source, target, panel, p] = f.localArray('i32', 5)
    const targets = f.localArray('i32', sideBySide)
    const end = f.local('i32')
    f.while(k, () => {
      f.set(rows, minU(k, i32.const(rowsAtOnce)))
      if (sideBySide > 1) {
        touchLines(f, { from, rows, stride, length: i32.mul(panels, width * elements.bytes) })
      }
      f.set(source, from)
      f.set(target, to)
      f.for(panel, 0, panels, sideBySide, () => {
        f.set(p, source)
        targets.forEach((at, i) => f.set(at, i === 0 ? target : i32.add(targets[i - 1], panelBytes)))
        f.set(end, i32.add(target, i32.mul(rows, step)))
        f.doWhile(
          () => {
            targets.forEach((at, i) => copyRow(at, i * width * elements.bytes))
            f.add(p, stride)
            for (const at of targets) f.add(at, step)
          },
          i32.ltU(targets[0], end),
        )
        f.add(source, sideBySide * width * elements.bytes)
        f.set(target, i32.add(target, i32.mul(panelBytes, sideBySide)))
      })
      f.add(from, i32.mul(rows, stride))
      f.add(to, i32.mul(rows, step))
      f.set(k, i32.sub(k, rows))
    })

    function copyRow(to: Value<'i32'>, offset: number): void {
      let i = 0
      for (; i + x.lanes <= width; i += x.lanes) {
        f.do(v128.store(to, elements.load(p, offset + i * elements.bytes), i * x.laneBytes))
      }
      if (i < width)
        f.do(v128.store64Lane(to, elements.loadPair(p, offset + i * elements.bytes), 0, i * x.laneBytes))
    }
  })
}

// reads a byte of each cache line, row by row: from memory or the last cache they come faster so than in the order of use
function touchLines(f: Func, lines: Record<'from' | 'rows' | 'stride' | 'length', Value<'i32'>>): void {
  const row = f.let(lines.from)
  const [i, offset] = f.localArray('i32', 2)
  f.for(i, 0, lines.rows, 1, () => {
    f.for(offset, 0, lines.length, 64, () => f.drop(i32.load8U(i32.add(row, offset))))
    f.add(row, lines.stride)
  })
}

// along k elements are adjacent: blocks of lanes × lanes are transposed, and a last pair of rows of four lanes
function emitTransposePanel(module: ModuleBuilder, x: Arithmetic, dtype: ElementType, width: number) {
  const step = width * x.laneBytes
  const params = { to: 'i32', from: 'i32', k: 'i32', stride: 'i32' } as const
  return module.func({ params }, (f, { to, from, k, stride }) => {
    const elements = elementsOf(dtype, f)
    const row = f.local('i32')
    const block = f.localArray('v128', x.lanes)
    const readRows = (rows: readonly Local<'v128'>[]): void => {
      for (const vector of rows) {
        f.set(vector, elements.load(row))
        f.add(row, stride)
      }
    }
    f.while(i32.geU(k, x.lanes), () => {
      f.set(row, from)
      let i = 0
      for (; i + x.lanes <= width; i += x.lanes) {
        const offset = i * x.laneBytes
        readRows(block)
        transposed(f, block).forEach((vector, step4) => f.do(v128.store(to, vector, step4 * step + offset)))
      }
      if (i < width) {
        const offset = i * x.laneBytes
        const [first, second] = block
        readRows([first, second])
        for (let half = 0; half < 2; half++) {
          const pairs = f.let(interleave(first, second, 8 * half, 4))
          // panels of two rows have both pairs side by side
          if (width === 2) f.do(v128.store(to, pairs, 2 * half * step))
          else {
            f.do(v128.store64Lane(to, pairs, 0, 2 * half * step + offset))
            f.do(v128.store64Lane(to, pairs, 1, (2 * half + 1) * step + offset))
          }
        }
      }
      f.add(to, x.lanes * step)
      f.add(from, x.lanes * elements.bytes)
      f.add(k, -x.lanes)
    })
    f.while(k, () => {
      f.set(row, from)
      for (let i = 0; i < width; i++) {
        f.do(x.storeFirst(to, elements.splat(row), i * x.laneBytes))
        f.add(row, stride)
      }
      f.add(to, step)
      f.add(from, elements.bytes)
      f.add(k, -1)
    })
  })
}

/** Rows become columns: the vectors of the transposed block. */
export function transposed(f: Func, block: readonly Local<'v128'>[]): Value<'v128'>[] {
  if (block.length === 2) return [interleave(block[0], block[1], 0, 8), interleave(block[0], block[1], 8, 8)]
  const [a, b, c, d] = block
  const lowAB = f.let(interleave(a, b, 0, 4))
  const lowCD = f.let(interleave(c, d, 0, 4))
  const highAB = f.let(interleave(a, b, 8, 4))
  const highCD = f.let(interleave(c, d, 8, 4))
  return [
    interleave(lowAB, lowCD, 0, 8),
    interleave(lowAB, lowCD, 8, 8),
    interleave(highAB, highCD, 0, 8),
    interleave(highAB, highCD, 8, 8),
  ]
}

// pieces of `size` bytes of x and y by turns, from byte `start` of each
function interleave(x: Local<'v128'>, y: Local<'v128'>, start: number, size: number): Value<'v128'> {
  const indices = Array.from({ length: 16 }, (_, i) => {
    const piece = Math.floor(i / size)
    return start + Math.floor(piece / 2) * size + (i % size) + (piece % 2) * 16
  })
  return i8x16.shuffle(x, y, indices)
}

// any strides, and panels that are not full
function emitGatherPanel(module: ModuleBuilder, x: Arithmetic, dtype: ElementType, width: number) {
  return module.func({ params: gatherParams }, (f, { to, from, k, across, along, count }) => {
    const elements = elementsOf(dtype, f)
    const row = f.local('i32')
    const end = f.local('i32')
    const inside = f.let(i32.mul(count, x.laneBytes))
    f.while(k, () => {
      f.set(row, from)
      f.set(end, i32.add(to, inside))
      f.while(i32.ltU(to, end), () => {
        f.do(x.storeFirst(to, elements.splat(row)))
        f.add(row, across)
        f.add(to, x.laneBytes)
      })
      f.set(end, i32.add(i32.sub(to, inside), width * x.laneBytes))
      f.while(i32.ltU(to, end), () => {
        f.do(x.storeFirst(to, zero))
        f.add(to, x.laneBytes)
      })
      f.add(from, along)
      f.add(k, -1)
    })
  })
}
