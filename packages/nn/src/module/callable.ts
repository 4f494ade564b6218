/**
 * A base class whose instances are functions: calling one calls `run(instance, args)`.
 *
 * The constructor returns a function with the prototype of the class that is constructed, so that fields, private fields,
 * methods and `instanceof` of subclasses work on it as on any object.
 */
export abstract class Callable {
  constructor(run: (self: object, args: readonly unknown[]) => unknown) {
    const call = (...args: readonly unknown[]): unknown => run(call, args)
    // a function has these of its own; they would hide, or refuse, a field of that name
    Reflect.deleteProperty(call, 'name')
    Reflect.deleteProperty(call, 'length')
    return Object.setPrototypeOf(call, new.target.prototype)
  }
}
