import { cat, ShapeError, stack, ValueError, type Tensor } from '@gradus/core/functions'
import { Constraint } from './constraint.ts'

abstract class Joined extends Constraint {
  readonly constraints: readonly Constraint[]
  readonly axis: number

  constructor(constraints: readonly Constraint[], axis: number) {
    super()
    if (!constraints.every((part) => part instanceof Constraint))
      throw new ValueError('all elements of constraints must be constraints')
    this.constraints = [...constraints]
    this.axis = axis
  }

  override get isDiscrete(): boolean {
    return this.constraints.some((part) => part.isDiscrete)
  }

  protected checkAxis(value: Tensor): void {
    if (this.axis < -value.ndim || this.axis >= value.ndim)
      throw new ShapeError(`axis ${this.axis} is out of range for a value of ${value.ndim} axes`)
  }
}

/** Pieces along an axis, each with a constraint of its own, as `cat` joins them. */
export class Cat extends Joined {
  /** The size of each piece along the axis. */
  readonly lengths: readonly number[]

  constructor(constraints: readonly Constraint[], axis = 0, lengths: readonly number[] | null = null) {
    super(constraints, axis)
    this.lengths = lengths ?? constraints.map(() => 1)
    if (this.lengths.length !== constraints.length)
      throw new ValueError(`${this.lengths.length} lengths are given for ${constraints.length} constraints`)
  }

  override get eventDim(): number {
    return Math.max(...this.constraints.map((part) => part.eventDim))
  }

  check(value: Tensor): Tensor {
    this.checkAxis(value)
    let start = 0
    const checks = this.constraints.map((part, i) => {
      const piece = value.narrow(this.axis, start, this.lengths[i])
      start += this.lengths[i]
      return part.check(piece)
    })
    return cat(checks, this.axis)
  }

  override toString(): string {
    return 'Cat()'
  }
}

/** Slices along an axis, each with a constraint of its own, as `stack` joins them. */
export class Stack extends Joined {
  override get eventDim(): number {
    const most = Math.max(...this.constraints.map((part) => part.eventDim))
    return this.axis + most < 0 ? most + 1 : most
  }

  check(value: Tensor): Tensor {
    this.checkAxis(value)
    return stack(
      this.constraints.map((part, i) => part.check(value.select(this.axis, i))),
      this.axis,
    )
  }

  override toString(): string {
    return 'Stack()'
  }
}
