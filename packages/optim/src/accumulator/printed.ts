/** Makes Node's `console.log` show the text of a report rather than its fields. */
export function printed<T extends { toString(): string }>(report: T): T {
  const inspect = { value: () => report.toString(), enumerable: false }
  return Object.defineProperty(report, Symbol.for('nodejs.util.inspect.custom'), inspect)
}
