import { kind } from '../base/kinds.ts'
import { Generator } from './generator.ts'

/** A source of random numbers, as an option. */
export const aGenerator = /* @__PURE__ */ kind<Generator>('a Generator', (x) => x instanceof Generator)
