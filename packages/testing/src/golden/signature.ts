/*
 * How an operator of PyTorch is called in gradus, as text: `sum(input dim | keepdim dtype)`. The names are PyTorch's, in
 * its order; those before the bar stand by position in gradus, the rest in its options object, in camelCase.
 */

/** A gradus call made of PyTorch's arguments. */
export interface Signature {
  readonly name: string
  readonly positional: readonly string[]
  readonly options: readonly string[]
}

export function parseSignature(text: string): Signature {
  const [, name, list] = /^([\w.]+)\((.*)\)$/.exec(text) ?? []
  if (name === undefined || list === undefined) throw new Error(`not a signature: ${text}`)
  const [positional = '', options = ''] = list.split('|')
  return { name, positional: words(positional), options: words(options) }
}

const words = (text: string): string[] => text.split(' ').filter((w) => w !== '')

/** `nan_to_num` → `nanToNum`. */
export const camelCase = (name: string): string =>
  name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, c: string) => c.toUpperCase())

/** What PyTorch has and a tensor of gradus has not. */
const ignored = new Set(['device', 'layout', 'memory_format', 'pin_memory', 'out', 'non_blocking', 'copy'])

/** PyTorch's arguments as gradus takes them. */
export function bind(
  { positional, options }: Signature,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): unknown[] {
  const order = [...positional, ...options]
  const given = new Map<string, unknown>(Object.entries(kwargs))
  args.forEach((value, i) => {
    const name = order[i]
    if (name === undefined) throw new Error(`argument ${i} has no place in the signature`)
    given.set(name, value)
  })
  const list = positional.map((name) => given.get(name))
  for (const name of positional) given.delete(name)
  return withOptions(list, Object.fromEntries(given))
}

/** The call as it stands: arguments by position, keywords as options. */
export const asGiven = (args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): unknown[] =>
  withOptions(args, kwargs)

function withOptions(list: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): unknown[] {
  const options = Object.entries(kwargs)
    .filter(([name, value]) => !ignored.has(name) && value !== undefined)
    .map(([name, value]): [string, unknown] => [camelCase(name), value])
  if (options.length > 0) return [...list, Object.fromEntries(options)]
  let length = list.length
  while (length > 0 && list[length - 1] === undefined) length--
  return list.slice(0, length)
}
