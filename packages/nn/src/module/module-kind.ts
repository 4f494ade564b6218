import { kind } from '@gradus/core/internal'
import { Module } from './module.ts'

/** A module, as an argument. */
export const moduleKind = /* @__PURE__ */ kind<Module>('a module', (x) => x instanceof Module)
