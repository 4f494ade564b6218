import { i32 } from '../../assembler/index.ts'
import type { Func, Local } from '../../assembler/index.ts'
import type { Arithmetic } from '../../elements/index.ts'

/**
 * Visits a row a vector at a time. The last vector ends where the row does, and repeats some of the one before; of a row
 * shorter than a vector all elements are left.
 */
export function eachVector(
  f: Func,
  x: Arithmetic,
  left: Local<'i32'>,
  { at, bytes }: { at: readonly Local<'i32'>[]; bytes: readonly number[] },
  body: () => void,
): void {
  f.if(i32.geU(left, x.lanes), () => {
    f.doWhile(
      () => {
        body()
        at.forEach((pointer, i) => f.add(pointer, x.lanes * bytes[i]))
        f.add(left, -x.lanes)
      },
      i32.geU(left, x.lanes),
    )
    f.if(left, () => {
      f.add(left, -x.lanes)
      at.forEach((pointer, i) => f.add(pointer, i32.mul(left, bytes[i])))
      body()
      f.set(left, 0)
    })
  })
}
