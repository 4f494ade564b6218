/** Put in by the build (`tsup.base.ts`). */
declare const GRADUS_VERSION: string | undefined

/** Under this name a tensor says which copy of the package made it. */
export const copyKey: unique symbol = /* @__PURE__ */ Symbol.for('gradus.core')

/** This copy of the package: each that a program loads has an object of its own. */
export const thisCopy: { readonly version: string } = {
  version: typeof GRADUS_VERSION === 'string' ? GRADUS_VERSION : 'of the sources',
}

/** What errors add to a tensor that another copy of the package made; nothing for one of this copy. */
export function ofAnotherCopy(value: object): string {
  // whoever has the name has the object that this file declares, in its version
  const other = (value as { [copyKey]?: { readonly version: string } })[copyKey]
  return other === undefined || other === thisCopy
    ? ''
    : ` of another copy of @gradus/core (version ${other.version} beside ${thisCopy.version}): make the package manager keep one`
}
