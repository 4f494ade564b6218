import type { Helper } from '../codegen/graph.ts'

/** A function of doubles that the module takes from JavaScript, by the name of the primitive. */
export const doubleFunction = (op: string, arity: 1 | 2): Helper => ({
  name: op,
  imported: true,
  define: (module) => module.importFunc(op, arity === 1 ? { x: 'f64' } : { x: 'f64', y: 'f64' }, 'f64'),
})
