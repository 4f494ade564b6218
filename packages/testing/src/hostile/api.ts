import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A parameter as the report of exports (`api.md` of a package) declares it. */
export interface Parameter {
  readonly name: string
  readonly type: string
  readonly optional: boolean
}

/** What is declared of the public surface: parameters by call (one list per overload), members by interface. */
export interface Api {
  readonly calls: ReadonlyMap<string, readonly (readonly Parameter[])[]>
  readonly members: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly types: ReadonlyMap<string, string>
}

/** The reports of these packages, as one. A name that two of them declare is that of the first. */
export function readApi(root: string, packages: readonly string[]): Api {
  const calls = new Map<string, (readonly Parameter[])[]>()
  const members = new Map<string, Map<string, string>>()
  const types = new Map<string, string>()
  const bases = new Map<string, string>()
  let section = ''
  for (const line of packages.flatMap((name) => linesOf(join(root, 'packages', name, 'api.md')))) {
    if (line.startsWith('## ')) section = /\/(func|functional|init|parametrize)$/.exec(line)?.[1] ?? ''
    const type = /^type ([\w.]+)(?:<.*?>)? = (.*)$/.exec(line)
    const parent = /^(?:interface|class) ([\w.]+)(?:<.*>)? extends ([\w.]+)/.exec(line)
    const member = /^(?:readonly |get |set )?([\w.]+)\.(\w+)(\??): (.*)$/.exec(line)
    const call = /^(new |static |set )?([\w.]+?)(?:<.*?>)?(?:: )?\((.*)$/.exec(line)
    if (type !== null) types.set(bare(type[1]), type[2])
    else if (parent !== null) bases.set(bare(parent[1]), bare(parent[2]))
    else if (call !== null && !line.includes('Symbol')) {
      const kind = call[1] === 'new ' || call[1] === 'static ' ? call[1] : ''
      const name = kind + call[2]
      // entries of a package have names that others have: `grad` of func, `functional.hessian` here
      const full = section === 'func' ? `${kind}func.${call[2]}` : name
      const list = calls.get(full) ?? []
      list.push(parametersOf(call[3]))
      calls.set(full, list)
    } else if (member !== null) {
      const owner = bare(member[1])
      if (!members.has(owner)) members.set(owner, new Map())
      members.get(owner)?.set(member[2], member[4])
    }
  }
  const all = new Map<string, ReadonlyMap<string, string>>()
  for (const name of new Set([...members.keys(), ...bases.keys()])) {
    const found = new Map<string, string>()
    for (let owner: string | undefined = name; owner !== undefined; owner = bases.get(owner))
      for (const [member, of] of members.get(owner) ?? []) if (!found.has(member)) found.set(member, of)
    all.set(name, found)
  }
  return { calls, members: all, types }
}

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .replace(/## @gradus\/core\/(backend|reference)[^]*/, '')
    .split('\n')
const bare = (name: string): string => name.split('.').at(-1)!

/** `x: Tensor, axis?: number): Tensor` up to its closing bracket. */
function parametersOf(text: string): Parameter[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const [i, c] of [...text].entries()) {
    if ('([{'.includes(c) || (c === '<' && text[i - 1] !== '=')) depth++
    if (')]}'.includes(c) || (c === '>' && text[i - 1] !== '=')) depth--
    if (depth < 0) break
    if (c === ',' && depth === 0) {
      parts.push(part)
      part = ''
    } else part += c
  }
  return [...parts, part].flatMap((p) => {
    const [, name, optional, type] = /^\s*((?:\.\.\.)?\w+|\{.*?\})(\??)(?:: (.*?))?(?: =.*)?$/.exec(p) ?? []
    if (name === undefined || name === 'this') return []
    return [{ name, type: type ?? 'unknown', optional: optional !== '' || p.includes(' = ') }]
  })
}

/** The options that a call takes besides those of a row: names of the members of its last parameter's type. */
export function optionsOf({ members }: Api, type: string): ReadonlyMap<string, string> | null {
  for (const name of type.matchAll(/\b[A-Z]\w+/g)) {
    const found = members.get(name[0])
    if (/(Options|Profile)$/.test(name[0]) && found !== undefined) return found
  }
  return null
}

/** What `typeof` and a look say a value is. */
export type Category =
  | 'undefined'
  | 'null'
  | 'number'
  | 'string'
  | 'boolean'
  | 'bigint'
  | 'symbol'
  | 'function'
  | 'array'
  | 'tensor'
  | 'object'

/** The categories of values that a declared type takes, or null where it cannot be told. */
export function categoriesOf(api: Api, type: string): ReadonlySet<Category> | null {
  const found = new Set<Category>()
  for (const alternative of alternatives(type)) {
    const known = simple(alternative)
    const alias = api.types.get(bare(alternative.replace(/<.*>$/, '')))
    const deeper = known ?? (alias === undefined || alias === type ? null : categoriesOf(api, alias))
    if (deeper === null) return null
    for (const category of deeper) found.add(category)
  }
  return found
}

function simple(type: string): readonly Category[] | null {
  if (/^(readonly )?[^|]*\[\]$/.test(type) || /^(readonly )?\[.*\]$/.test(type)) return ['array']
  if (/^'.*'$/.test(type)) return ['string']
  if (type.includes('=>')) return ['function']
  switch (type) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'bigint':
    case 'null':
    case 'undefined':
      return [type]
    case 'Tensor':
      return ['tensor']
    // of modules a tensor, of distributions a number too
    case 'Parameter':
      return ['tensor', 'number']
    case 'DType':
      return ['string']
    default:
      return /^[A-Z]\w*Options$/.test(type) ? ['object'] : null
  }
}

/** The parts of a union. */
function alternatives(type: string): string[] {
  const parts: string[] = []
  let depth = 0
  let part = ''
  for (const [i, c] of [...type].entries()) {
    if ('([{<'.includes(c)) depth++
    if (')]}'.includes(c) || (c === '>' && type[i - 1] !== '=')) depth--
    if (c === '|' && depth === 0) {
      parts.push(part.trim())
      part = ''
    } else part += c
  }
  return [...parts, part.trim()].filter((p) => p !== '')
}
