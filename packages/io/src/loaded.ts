import type { Tensor } from '@gradus/core'

/** What a file may hold. */
export type Loaded =
  | Tensor
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Loaded[]
  | { [key: string]: Loaded }
  | Map<Loaded, Loaded>
  | Set<Loaded>
