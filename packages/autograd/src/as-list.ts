/** One value or a list of them, as a list. */
export const asList = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? x : [x as T]) // not an array: one value
