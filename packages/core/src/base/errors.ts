/** The lines of an error after the first: the failed call, and a hint. */
export interface ErrorDetails {
  /** Advice to the reader. Printed as `hint: …`. */
  hint?: string
  /** The call that failed, as `matmul(x: float32[2, 3], y: float32[2, 2])`. */
  where?: string
  cause?: unknown
}

/**
 * The root of every error that gradus throws on purpose.
 *
 * The first line says what is wrong (PyTorch's own message where it has one), the second where, the third what to do.
 *
 * @example
 * try { g.zeros(2, 3).matmul(g.zeros(2, 2)) } catch (e) { console.log(e instanceof g.TensorError) } // => true
 */
export class TensorError extends Error {
  override name = 'TensorError'
  /** The first line alone. */
  readonly what: string
  readonly hint: string | undefined
  readonly where: string | undefined

  constructor(what: string, details: ErrorDetails = {}) {
    super(compose(what, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.what = what
    this.hint = details.hint
    this.where = details.where
  }

  /** An {@link ArgumentError} counts as one: it cannot extend two classes. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return (
      Function.prototype[Symbol.hasInstance].call(this, value) ||
      // a class derived from this one is asked about itself alone
      (this === TensorError && value instanceof ArgumentError)
    )
  }

  /** The same error with the call it happened in; an error that already names a call is returned as it is. */
  at(where: string): this {
    if (this.where !== undefined) return this
    // the constructor of a subclass takes the same two arguments: they declare none of their own
    const Class = this.constructor as new (what: string, details: ErrorDetails) => this
    const error = new Class(this.what, { ...(this.hint === undefined ? {} : { hint: this.hint }), where })
    if (this.stack !== undefined) error.stack = `${error.name}: ${error.message}\n${frames(this.stack)}`
    return error
  }
}

/**
 * An argument or option of the wrong kind: a TypeError, and like every error of gradus also `instanceof TensorError`.
 */
export class ArgumentError extends TypeError {
  override name = 'TypeError'
  /** The first line alone. */
  readonly what: string
  readonly hint: string | undefined
  readonly where: string | undefined

  constructor(what: string, details: ErrorDetails = {}) {
    super(compose(what, details), details.cause === undefined ? undefined : { cause: details.cause })
    this.what = what
    this.hint = details.hint
    this.where = details.where
  }

  /** The same error with the call it happened in; one that already names a call is returned as it is. */
  at(where: string): ArgumentError {
    if (this.where !== undefined) return this
    return new ArgumentError(this.what, { ...(this.hint === undefined ? {} : { hint: this.hint }), where })
  }
}

function compose(what: string, { where, hint }: ErrorDetails): string {
  return (
    what + (where === undefined ? '' : `\n  in ${where}`) + (hint === undefined ? '' : `\n  hint: ${hint}`)
  )
}

function frames(stack: string): string {
  const first = stack.search(/^\s+at /m)
  return first < 0 ? '' : stack.slice(first)
}

/** Shapes that do not fit together, or a size that cannot be. */
export class ShapeError extends TensorError {
  override name = 'ShapeError'
}

/** A dtype that an operation does not take, or two that do not go together. */
export class DTypeError extends TensorError {
  override name = 'DTypeError'
}

/** An index, dimension or class number out of its range. */
export class IndexError extends TensorError {
  override name = 'IndexError'
}

/** An argument whose value is not allowed. */
export class ValueError extends TensorError {
  override name = 'ValueError'
}

/** A rule of differentiation broken: a freed graph, a changed saved tensor, an in-place write to a leaf. */
export class GradError extends TensorError {
  override name = 'GradError'
}

/** A backend that is missing, ran out of memory, or failed. */
export class BackendError extends TensorError {
  override name = 'BackendError'
}

/** A state that cannot be reached; thrown where the type system cannot say so. */
export function unreachable(what: string): never {
  throw new Error(`gradus reached a state it believes impossible: ${what}. Please report this.`)
}
