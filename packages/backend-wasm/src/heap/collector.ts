/**
 * Collects garbage in the middle of a job, in Node: after it, a WeakRef to what nothing holds any more is empty, even one
 * made in this very job.
 *
 * An engine keeps what a WeakRef was made of until the microtasks of the job are done. A context with microtasks of its own
 * has done them when a script in it ends, and with them all are let go.
 *
 * @see https://nodejs.org/api/vm.html#vmcreatecontextcontextobject-options
 */
export type Collect = () => void

/** Whether {@link collector} may find a way at all; making weak references is worth while then. */
export const mayCollect = (): boolean =>
  typeof process === 'object' && typeof process.getBuiltinModule === 'function'

/** The way to collect, or null where there is none: tried out on a few objects. */
export function collector(): Collect | null {
  if (!mayCollect()) return null
  try {
    const vm = process.getBuiltinModule('node:vm')
    const v8 = process.getBuiltinModule('node:v8')
    v8.setFlagsFromString('--expose-gc')
    const gc: unknown = vm.runInNewContext('gc')
    v8.setFlagsFromString('--no-expose-gc')
    if (typeof gc !== 'function') return null
    const context = vm.createContext({}, { microtaskMode: 'afterEvaluate' })
    const script = new vm.Script('0')
    const collect = (): void => {
      script.runInContext(context)
      gc()
    }
    const dropped = weakReferences()
    collect()
    return dropped.every((ref) => ref.deref() === undefined) ? collect : null
  } catch {
    // an engine or an embedder without one of these
    return null
  }
}

const weakReferences = (): WeakRef<object>[] => Array.from({ length: 8 }, () => new WeakRef({}))
