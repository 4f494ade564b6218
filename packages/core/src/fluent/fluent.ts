import { FluentIndexing } from './indexing.ts'

/** All methods that are ops: a chain of classes, one family of ops each, so that a tensor has them without patching. */
export abstract class Fluent extends FluentIndexing {}
