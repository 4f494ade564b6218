/**
 * The first key that an object in a JSON text has twice, or null. The text must be JSON: `JSON.parse` takes it, and of two
 * values under one key silently drops the first.
 */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = []
  let last: string | null = null
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') {
      const keys = open.at(-1)
      // a colon follows a key, and stands in an object
      const key: unknown = JSON.parse(last ?? '""')
      if (!keys || typeof key !== 'string') return null
      if (keys.has(key)) return key
      keys.add(key)
    }
    last = token
  }
  return null
}
