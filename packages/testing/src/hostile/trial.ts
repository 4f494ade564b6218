import { Tensor, TensorError, setBackend, setTape, setWarningHandler } from '@gradus/core'
import { describeValue, interceptors, setInterceptors } from '@gradus/core/internal'
import * as g from 'gradus'
import { categoriesOf, optionsOf, type Api, type Category, type Parameter } from './api.ts'
import type { Entry } from './entries.ts'
import type { Arguments } from './rows.ts'
import { hostileValues, type Hostile } from './values.ts'

/** One call with one value replaced. */
export interface Trial {
  readonly entry: Entry
  /** Which argument, by name: `axis`, `options.keepdim`. */
  readonly place: string
  readonly parameter: Parameter | null
  readonly value: Hostile
  arguments(): { args: unknown[]; value: unknown }
}

/** All trials of an entry: each argument, each element of a list and each option in turn. */
export function trialsOf(api: Api, entry: Entry, row: Arguments): Trial[] {
  const declared = api.calls.get(entry.declared) ?? []
  const model = row()
  const first = entry.method ? 1 : 0
  const trials: Trial[] = []
  const parameterAt = (at: number): Parameter | null => {
    // an overload says what another forbids: only one that stands alone is held to
    const list = declared.length === 1 ? declared[0] : undefined
    const shift = entry.method || declared.length === 0 ? first : 0
    return list?.[at - shift] ?? (list?.at(-1)?.name.startsWith('...') === true ? list.at(-1)! : null)
  }
  const add = (
    place: string,
    parameter: Parameter | null,
    put: (args: unknown[], v: unknown) => void,
  ): void => {
    for (const value of hostileValues)
      trials.push({
        entry,
        place,
        parameter,
        value,
        arguments: () => {
          const args = [...row()]
          const made = value.make()
          put(args, made)
          return { args, value: made }
        },
      })
  }
  const longest = Math.max(0, ...declared.map((list) => list.length)) + (entry.method ? 1 : 0)
  for (let at = first; at < Math.max(model.length, longest); at++) {
    const parameter = parameterAt(at)
    // what a class of gradus gives the one that it extends
    if (parameter?.type.startsWith('OptionTable') === true) continue
    add(parameter?.name ?? `argument ${at}`, parameter, (args, v) => {
      while (args.length < at) args.push(undefined)
      args[at] = v
    })
    const given = model[at]
    const anywhere = declared
      .map((list) => list[at - first + (entry.method ? 0 : first)])
      .filter((p) => p !== undefined)
    for (const [name, member] of membersOf(api, given, anywhere))
      add(`${parameter?.name ?? at}.${name}`, member, (args, v) => {
        while (args.length <= at) args.push(undefined)
        const whole: unknown = args[at]
        args[at] = { ...(isPlain(whole) ? whole : {}), [name]: v }
      })
    if (Array.isArray(given))
      given.forEach((_, i) =>
        add(`${parameter?.name ?? at}[${i}]`, null, (args, v) => {
          args[at] = [...(args[at] as unknown[])] // the model has a list here
          ;(args[at] as unknown[])[i] = v
        }),
      )
  }
  return trials
}

/** The members of an argument that is options: those it has, and those that its declared types name. */
function membersOf(api: Api, given: unknown, declared: readonly Parameter[]): Map<string, Parameter> {
  const options = declared.map((p) => optionsOf(api, p.type)).find((o) => o !== null)
  const names = new Map<string, Parameter>()
  if (isPlain(given))
    for (const name of Object.keys(given)) names.set(name, { name, type: 'unknown', optional: false })
  for (const [name, type] of options ?? []) names.set(name, { name, type, optional: true })
  return names
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** What a call left behind, as text: equal texts, equal states. */
function modes(): string {
  const state = g.defaultGenerator().getState()
  let hash = 0
  for (const byte of state) hash = (hash * 31 + byte) | 0
  return [
    `grad mode ${g.isGradEnabled()}`,
    `autocast ${String(g.amp.isAutocastEnabled())}`,
    `${interceptors().length} interceptors`,
    `generator ${hash}`,
    `backend ${g.currentBackend().name}`,
    `print ${String(probe)}`,
  ].join(', ')
}
const probe = g.tensor([0.123456, 1000])

/** Tensors that no call was given, and everything that this one was: their elements as text. */
const bitsOf = (tensors: readonly Tensor[]): string[] =>
  tensors.map((t) => {
    try {
      return t.numel() > 10_000 ? '' : `${t.dtype}[${t.shape}] ${bytesOf(t.readSync())}`
    } catch {
      return 'freed'
    }
  })
const bytesOf = (values: ArrayLike<number | bigint | boolean>): string => Array.from(values, String).join()

/** The tensors that a value holds, a module's parameters and an optimizer's among them. */
function tensorsIn(value: unknown, depth = 3, seen = new Set<unknown>()): Tensor[] {
  if (value instanceof Tensor) return [value]
  if (
    (typeof value !== 'object' && typeof value !== 'function') ||
    value === null ||
    seen.has(value) ||
    depth === 0
  )
    return []
  seen.add(value)
  if (value instanceof g.nn.Module)
    return [...value.namedParameters().map(([, p]) => p), ...value.namedBuffers().map(([, b]) => b)]
  if (ArrayBuffer.isView(value)) return []
  if (value instanceof Map) return [...value].flatMap((pair) => tensorsIn(pair, depth, seen))
  return Object.values(value).flatMap((inner) => tensorsIn(inner, depth - 1, seen))
}

/** A receiver as text, without its tensors' elements. */
function textOf(value: unknown): string {
  if (value instanceof g.nn.Module)
    return [...value.namedModules().map(([n]) => n), ...value.namedParameters().map(([n]) => n)].join()
  if (value instanceof g.optim.Optimizer)
    return `${value.toString()} ${value.paramGroups.map((p) => p.params.length).join()} ${value.state.size}`
  if (
    typeof value === 'object' &&
    value !== null &&
    'stateDict' in value &&
    typeof value.stateDict === 'function'
  )
    return JSON.stringify(Reflect.apply(value.stateDict, value, []))
  return ''
}

/** What is wrong with how a call answered, or null; and whether it was refused. */
export interface Answer {
  readonly problem: string | null
  readonly refused: boolean
}

/** Makes one call and judges the answer. */
export async function tryCall(api: Api, trial: Trial): Promise<Answer> {
  const before = g.ones(8)
  const { args, value } = trial.arguments()
  const after = g.ones(8)
  const given = [before, ...tensorsIn(args), after]
  const bits = bitsOf(given)
  const receiver = trial.entry.method ? textOf(args[0]) : ''
  const state = modes()
  const resident = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  let refusal: { error: unknown } | null = null
  let result: unknown
  try {
    result = trial.entry.call(args)
    if (result instanceof Promise) result = await withLimit(result)
    else if (isIterator(result)) result = result.next()
  } catch (error) {
    refusal = { error }
  }
  const { user, system } = process.cpuUsage(cpu)
  const problems: string[] = []
  if ((user + system) / 1e6 > 1.5) problems.push(`took ${((user + system) / 1e6).toFixed(1)} s`)
  const grown = (process.memoryUsage.rss() - resident) / 2 ** 20
  if (grown > 600) problems.push(`memory grew by ${grown.toFixed(0)} MB`)
  if (refusal === null) {
    const kept = bitsOf([before, after])
    if (kept.join() !== [bits[0], bits.at(-1)].join()) problems.push('overwrote other tensors')
    const quiet = quietly(api, trial, value)
    if (quiet !== null) problems.push(`${quiet}: returned ${describeValue(result)}`)
  } else {
    const judged = judge(refusal.error)
    if (judged !== null) problems.push(judged)
    const changed = bitsOf(given).findIndex((text, i) => text !== bits[i])
    if (changed >= 0) problems.push(`refused, and changed tensor ${changed} of ${given.length}`)
    const now = modes()
    if (now !== state) problems.push(`refused, and left other modes: ${now} after ${state}`)
    if (trial.entry.method && textOf(args[0]) !== receiver)
      problems.push(`refused, and changed what it was called on: ${textOf(args[0])} after ${receiver}`)
  }
  restore()
  return { problem: problems.length === 0 ? null : problems.join('; '), refused: refusal !== null }
}

const isIterator = (value: unknown): value is Iterator<unknown> =>
  typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function'

async function withLimit(promise: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('its promise was not settled within a second')), 1500)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** What is wrong with an error, or null. */
function judge(error: unknown): string | null {
  if (!(error instanceof TensorError)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    if (error instanceof Error && (error.name === 'AbortError' || expected.test(error.message))) return null
    return `not an error of gradus: ${text.slice(0, 160)}`
  }
  const { message } = error
  const raw =
    /Cannot (read|set|convert|mix|destructure)|is not (a function|iterable|a constructor|defined)|Invalid (array|typed|string)|believes impossible|memory access|call stack|\[object|allocation failed/.exec(
      message,
    )
  return raw === null ? null : `an error that says nothing: ${message.slice(0, 160)}`
}
// what the environment says of files, addresses and places that are not there is said in its words
// a class is a function: what JavaScript says of its call is clear
const expected = /Class constructor|ENOENT|EISDIR|ENOTDIR|EINVAL|ENAMETOOLONG|fetch failed|ECONNREFUSED/

/** Why an accepted value should not have been, or null. */
function quietly(api: Api, { parameter }: Trial, value: unknown): string | null {
  if (parameter === null) return null
  if (value === undefined && parameter.optional) return null
  const takes = categoriesOf(
    api,
    parameter.type.replace(/^readonly (.*)\[\]$/, parameter.name.startsWith('...') ? '$1' : '$&'),
  )
  // a rest of several forms has its own checks; a boolean is a number beside tensors, as in PyTorch
  if (takes === null || (parameter.name.startsWith('...') && !parameter.type.endsWith('[]'))) return null
  if (typeof value === 'boolean' && takes.has('tensor') && takes.has('number')) return null
  const category = categoryOf(value)
  // an object is what an interface is, whatever it is called
  return takes.has(category) ? null : `${parameter.name}: ${parameter.type} took ${describeValue(value)}`
}

function categoryOf(value: unknown): Category {
  if (value === null) return 'null'
  if (value instanceof Tensor) return 'tensor'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const [backend, tape] = [g.currentBackend(), g.autograd.tape]
const generator = g.defaultGenerator()
const stack = interceptors()

/** Puts back what an accepted call may have set. */
function restore(): void {
  setBackend(backend)
  setTape(tape)
  g.setDefaultGenerator(generator)
  g.setGradEnabled(true)
  setInterceptors(stack)
  setWarningHandler(() => {})
  g.setPrintOptions({ profile: 'default' })
}
restore()
