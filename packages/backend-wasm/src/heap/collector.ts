/**
 * Questions to an engine about garbage in the middle of a job: Node only.
 *
 * An engine keeps the object that a WeakRef was made of, or returned, until the microtasks of the job are done. A context with
 * microtasks of its own has done them when a script in it ends, and then the engine lets go of all these objects.
 *
 * @see https://nodejs.org/api/vm.html#vmcreatecontextcontextobject-options
 */
export class Collector {
  readonly #letGo: () => void
  readonly #gc: () => void
  /** Is gone once the engine has collected of its own. */
  #canary = new WeakRef({})

  private constructor(letGo: () => void, gc: () => void) {
    this.#letGo = letGo
    this.#gc = gc
  }

  /** Whether {@link Collector.find} may succeed at all; making weak references is worth while then. */
  static mayExist(): boolean {
    return typeof process === 'object' && typeof process.getBuiltinModule === 'function'
  }

  /** Null where the engine cannot be asked: tried out on a few objects. */
  static find(): Collector | null {
    if (!Collector.mayExist()) return null
    try {
      const vm = process.getBuiltinModule('node:vm')
      const v8 = process.getBuiltinModule('node:v8')
      v8.setFlagsFromString('--expose-gc')
      const gc: unknown = vm.runInNewContext('gc')
      v8.setFlagsFromString('--no-expose-gc')
      if (typeof gc !== 'function') return null
      const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' })
      const script = new vm.Script('0')
      const collector = new Collector(
        () => void script.runInContext(context),
        () => void gc(),
      )
      const dropped = Array.from({ length: 8 }, () => new WeakRef({}))
      collector.collect()
      return dropped.every((ref) => ref.deref() === undefined) ? collector : null
    } catch {
      // an engine or an embedder without one of these
      return null
    }
  }

  /** From now on WeakRefs of this job do not keep their objects. Takes about 2 µs. */
  letGo(): void {
    this.#letGo()
  }

  /** Collects all garbage: milliseconds. A WeakRef to an object that nothing holds is empty then. */
  collect(): void {
    this.#letGo()
    this.#gc()
    this.#canary = new WeakRef({})
    this.#letGo()
  }

  /** Whether the engine collected all garbage of its own accord since this, or {@link Collector.collect}, was last called. */
  hasCollected(): boolean {
    const gone = this.#canary.deref() === undefined
    if (gone) this.#canary = new WeakRef({})
    this.#letGo()
    return gone
  }
}
