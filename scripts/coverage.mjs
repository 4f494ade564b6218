// Writes docs/coverage.json and docs/coverage.md: each public name of PyTorch with its place here or the reason why it has
// none, and each parameter likewise. Names of PyTorch are read from the golden data, and without it from the JSON as it was
// written. `--write` renews the files; `--list` also names anew what is missing; without it, what is out of date, or neither present nor accounted for, fails.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { counted, page } from './coverage-page.mjs'
import { reasonOfName, reasonOfParameter } from './coverage-reasons.mjs'
import { surfaceAt } from './coverage-surface.mjs'

const [table, text, missing] = ['docs/coverage.json', 'docs/coverage.md', 'scripts/coverage-missing.json']
const write = process.argv.includes('--write')

/** `nan_to_num` is `nanToNum`, and `pad_` keeps its underscore. */
const camelCase = (name) => name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter) => letter.toUpperCase())

/** Names of which gradus has a function of another meaning: its cells take gates, and no weights. */
const ofGates = new Set(['gru_cell', 'lstm_cell'])

/** Parameters in whose place gradus takes another one, and not this. */
const notByPlace = new Set(['view(dtype)'])

/** Where gradus has what PyTorch has in an area; an instance is reached by its class. */
function placesOf(area, name) {
  const own = camelCase(name)
  if (area === 'aten' && ofGates.has(name)) return []
  if (area === 'aten') return [[own], ['Tensor', own]]
  if (area === 'Tensor properties and Python methods') return [['Tensor', own], [own]]
  if (area === 'module functions') return [[own]]
  if (area === 'nn.Module') return [['nn', 'Module', own]]
  return [[...area.split('.').map(camelCase), ...name.split('.').map(camelCase)]]
}
const shown = (path) =>
  path[0] === 'Tensor' ? `x.${path[1]}` : path[1] === 'Module' ? `module.${path[2]}` : `g.${path.join('.')}`

/** Other words for a parameter, tried after PyTorch's own. */
const synonyms = {
  dim: ['axis', 'dims', 'axes'],
  dims: ['axes', 'axis'],
  size: ['shape', 'sizes'],
  stride: ['strides'],
  storage_offset: ['offset'],
  self: ['x', 'input'],
  input: ['x'],
  dim0: ['axis0'],
  dim1: ['axis1'],
  dim2: ['axis2'],
  start_dim: ['start', 'startAxis'],
  end_dim: ['end', 'endAxis'],
  train: ['training'],
  diagonal: ['offset'],
  split_size: ['parts', 'size'],
  mat2: ['y'],
  other: ['y', 'x2'],
  indices_or_sections: ['parts'],
}

/** Every parameter of all forms of a call, each once; those that only take a place for the result are `out`. */
function parametersOf(signature) {
  if (!signature || signature.length === 0) return []
  const forms = Array.isArray(signature[0]?.[0]) || signature[0]?.length === 0 ? signature : [signature]
  // TorchScript's forms for plain numbers, lists and text stand beside those for tensors
  const ofText = (form) => form.some(([name]) => /^(separator|reverse)$/.test(name))
  const proper = forms.filter((form) => !/^(a|l|list|val)$/.test(form[0]?.[0] ?? '') && !ofText(form))
  const onTensors = proper.filter((form) => form[0]?.[0] === 'self')
  const used = onTensors.length > 0 ? onTensors : proper.length > 0 ? proper : forms
  const namesOf = (form) => new Set(form.map(([name]) => name))
  const isResult = (form, [name, value, kind]) =>
    kind === 'kw' &&
    value === null &&
    used.some((other) => {
      const names = namesOf(other)
      const extra = form.filter(([n]) => !names.has(n))
      return (
        extra.some(([n]) => n === name) &&
        extra.every(([, v, k]) => v === null && k === 'kw') &&
        other.every(([n]) => namesOf(form).has(n))
      )
    })
  const found = new Map()
  for (const form of used)
    form.forEach((parameter, place) => {
      const [name, value, kind] = parameter
      const known = found.get(name)
      const needed = value === null && kind === 'pos'
      if (known) known.needed &&= needed
      else
        found.set(name, {
          name,
          kind,
          needed,
          or: elsewhere(used, name, place),
          out: isResult(form, parameter),
        })
    })
  return [...found.values()]
}

/** The parameter in whose place this one stands in another form of the call. */
function elsewhere(forms, name, place) {
  const first = forms.map((form) => form[place]?.[0]).find((other) => other !== undefined)
  const together = forms.some((form) => [first, name].every((n) => form.some(([m]) => m === n)))
  return together ? undefined : first
}

/** Where each parameter is in the call: its name here, or null. */
function bound(name, parameters, { positional, options }, { isMethod, inPlace }) {
  const free = positional.map((names) => [...names])
  const taken = new Map()
  const filled = new Set()
  const rest = []
  for (const parameter of parameters) {
    const wanted = [camelCase(parameter.name), ...(synonyms[parameter.name] ?? [])]
    if (isMethod && ['self', 'input'].includes(parameter.name)) taken.set(parameter.name, 'this tensor')
    else {
      const option = wanted.find((name) => options.includes(name))
      const at = free.findIndex((names) => names.some((name) => wanted.includes(name)))
      if (at >= 0) {
        const own = free[at].find((name) => wanted.includes(name))
        taken.set(parameter.name, own)
        free[at] = free[at].filter((name) => name !== own)
        filled.add(at)
      } else if (option !== undefined) taken.set(parameter.name, option)
      else if (parameter.name === 'inplace' && inPlace !== null) taken.set(parameter.name, inPlace)
      else rest.push(parameter)
    }
  }
  // what a call needs stands by position, whatever it is called
  for (const parameter of rest) {
    if (notByPlace.has(`${name}(${parameter.name})`)) continue
    if (taken.has(parameter.or)) taken.set(parameter.name, taken.get(parameter.or))
    else if (parameter.needed || parameter.kind === '*') {
      const at = free.findIndex((names, i) => names.length > 0 && !filled.has(i))
      if (at < 0) continue
      taken.set(parameter.name, free[at][0])
      if (parameter.kind !== '*') filled.add(at)
    }
  }
  return taken
}

/** The entry of one name. */
function entryOf(area, name, parameters, notYet) {
  const places = placesOf(area, name)
  const found = places.map((path) => [path, surfaceAt(path)]).filter(([, surface]) => surface !== null)
  if (found.length === 0) {
    const why = reasonOfName(area, name)
    return { ...(why ? { why } : { missing: true }), parameters: parameters.map(plain) }
  }
  const [path] = found[0]
  const maps = found.map(([at, surface]) => {
    const inPlace = [...at.slice(0, -1), `${at.at(-1)}_`]
    const written = [inPlace, inPlace.slice(-1)].find((p) => surfaceAt(p) !== null)
    return bound(name, parameters, surface, {
      isMethod: at[0] === 'Tensor',
      inPlace: written ? shown(written) : null,
    })
  })
  return {
    at: found.map(([p]) => shown(p)).join(', '),
    path: path.join('.'),
    parameters: parameters.map((parameter) => {
      const as = maps.map((map) => map.get(parameter.name)).find((value) => value !== undefined)
      if (as !== undefined) return { ...plain(parameter), as }
      const why = parameter.out ? 'out=' : reasonOfParameter(area, name, parameter.name)
      return { ...plain(parameter), ...(why ? { why } : { missing: true }) }
    }),
  }
}
const plain = ({ name, kind, needed, or, out }) => ({
  name,
  ...(kind === 'pos' ? {} : { kind }),
  ...(needed ? { needed } : {}),
  ...(or ? { or } : {}),
  ...(out ? { out } : {}),
})

/** Names and parameters of PyTorch by area. */
function readNames() {
  const folder = process.env.GRADUS_GOLDEN ?? '../shared/golden'
  const path = join(folder, 'signatures.json')
  if (existsSync(path)) {
    const areas = JSON.parse(readFileSync(path, 'utf8'))
    return Object.entries(areas).map(([area, names]) => [
      area,
      Array.isArray(names)
        ? names.map((name) => [name, []])
        : Object.entries(names).map(([name, signature]) => [name, parametersOf(signature)]),
    ])
  }
  console.log(`no ${path}: names as ${table} has them`)
  return Object.entries(JSON.parse(readFileSync(table, 'utf8')).areas).map(([area, names]) => [
    area,
    Object.entries(names).map(([name, entry]) => [
      name,
      entry.parameters.map(({ kind = 'pos', ...p }) => ({ ...p, kind })),
    ]),
  ])
}

const listed = new Set(JSON.parse(readFileSync(missing, 'utf8')))
const absent = []
const areas = {}
for (const [area, names] of readNames()) {
  areas[area] = {}
  for (const [name, parameters] of names) {
    const entry = entryOf(area, name, parameters)
    areas[area][name] = entry
    if (entry.missing) absent.push(`${area}: ${name}`)
    if (entry.at) for (const p of entry.parameters) if (p.missing) absent.push(`${area}: ${name}(${p.name})`)
  }
}

const unlisted = absent.filter((name) => !listed.has(name))
const present = [...listed].filter((name) => !absent.includes(name))
let failed = false
if (process.argv.includes('--list')) writeFileSync(missing, `${JSON.stringify(absent, null, 2)}\n`)
else if (unlisted.length > 0) {
  failed = true
  console.error(`neither present nor accounted for:\n  ${unlisted.join('\n  ')}`)
  console.error(`give a reason in scripts/coverage-reasons.mjs, or name them in ${missing}`)
}
const result = { areas }
const files = [
  [table, `${JSON.stringify(result)}\n`.replaceAll('},"', '},\n"')],
  [text, page(areas)],
  [
    missing,
    `${JSON.stringify(
      absent.filter((name) => listed.has(name)),
      null,
      2,
    )}\n`,
  ],
]
if (present.length > 0 && !write) {
  failed = true
  console.error(`present, though ${missing} names them: ${present.join(', ')}`)
}
for (const [path, content] of failed && write ? [] : files) {
  if (process.argv.includes('--list') && path === missing) continue
  if (write) writeFileSync(path, content)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== content) {
    failed = true
    console.error(`${path} is out of date: \`pnpm fix coverage\` renews it`)
  }
}
console.log(counted(areas))
process.exitCode = failed ? 1 : 0
