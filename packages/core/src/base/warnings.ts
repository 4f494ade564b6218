// the one place that writes to the console: everything else asks for it here
// eslint-disable-next-line no-console
let report: (message: string) => void = (message) => console.warn(`gradus: ${message}`)
const seen = new Set<string>()

/** Tells the user something once per message. */
export function warn(message: string): void {
  if (seen.has(message)) return
  seen.add(message)
  report(message)
}

/**
 * Replaces what happens to warnings, `console.warn` by default; each message is given once. Returns the one before.
 *
 * @example
 * const before = g.setWarningHandler((message) => { throw new Error(message) })
 * g.setWarningHandler(before)
 */
export function setWarningHandler(handler: (message: string) => void): (message: string) => void {
  const before = report
  report = handler
  seen.clear()
  return before
}
