import { Tensor } from '@gradus/core/functions'
import { join, membersOf } from '../module/members.ts'
import type { Module } from '../module/module.ts'
import { Parameter } from '../module/parameter.ts'
import { held, isGuarded } from '../module/slots.ts'

/** Where a module keeps a tensor: a field, or a position of an array of parameters. */
export interface Place {
  /** Whether a parameter or buffer is there: false for one that a parametrization computes, and for other fields. */
  readonly listed: boolean
  /** Takes what is there, and puts it back by {@link Taken.putBack}. */
  take(): Taken
  /** The tensor that is there now; null for none. */
  read(): Tensor | null
  write(value: Tensor): void
}

/** What was at a place. */
export interface Taken {
  putBack(): void
}

const tensorOrNull = (value: unknown): Tensor | null => (value instanceof Tensor ? value : null)

/** A field that the module guards: its slot is exchanged, so that a tensor may stand for a parameter. */
function slotPlace(module: Module, field: string): Place {
  const slots = module[held]
  const { kind } = slots[field]
  return {
    listed: kind !== 'computed',
    take() {
      const before = slots[field]
      return { putBack: () => void (slots[field] = before) }
    },
    read() {
      const slot = slots[field]
      return slot.kind === 'computed' ? null : tensorOrNull(slot.value)
    },
    write: (value) => void (slots[field] = { kind: kind === 'buffer' ? 'buffer' : 'parameter', value }),
  }
}

/** A position of an array, or a field that is none of the module's members. */
export function plainPlace(owner: object, key: string, listed: boolean): Place {
  return {
    listed,
    take() {
      const had = Object.hasOwn(owner, key)
      const before: unknown = Reflect.get(owner, key)
      return {
        putBack: () => void (had ? Reflect.set(owner, key, before) : Reflect.deleteProperty(owner, key)),
      }
    },
    read: () => tensorOrNull(Reflect.get(owner, key)),
    write: (value) => void Reflect.set(owner, key, value),
  }
}

function* arrayPlaces(key: string, list: readonly unknown[]): Generator<[string, Place]> {
  for (let i = 0; i < list.length; i++) {
    const item = list[i]
    if (item instanceof Parameter) yield [`${key}.${i}`, plainPlace(list, String(i), true)]
    else if (Array.isArray(item)) yield* arrayPlaces(`${key}.${i}`, item)
  }
}

/** The places of a module and of those below it, by path. */
export function placesOf(root: Module): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const [path, module] of root.namedModules({ removeDuplicate: false })) {
    // listing the members guards the fields that were made by an assignment
    for (const _ of membersOf(module));
    // the class of a module is Module or one that extends it
    const { stateKeys } = module.constructor as typeof Module
    for (const field of Object.keys(module[held])) {
      if (isGuarded(module, field) && module[held][field].kind !== 'module')
        places.set(join(path, stateKeys[field] ?? field), slotPlace(module, field))
    }
    for (const [field, value] of Object.entries(module))
      if (Array.isArray(value))
        for (const [key, place] of arrayPlaces(field, value)) places.set(join(path, key), place)
  }
  return places
}
