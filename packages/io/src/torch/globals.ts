import { elementType } from '../elements.ts'
import { FileError } from '../file-error.ts'
import { defineGlobal, isGlobal, PyDict, type Global, type PickleRules } from '../pickle/values.ts'
import { StorageRef, TensorRef, type StorageClass } from './refs.ts'

/*
 * What a file of PyTorch may name, and what becomes of it: the list of torch._weights_only_unpickler, without what gradus has no tensors
 * for. Nothing else is looked up anywhere.
 */

type Call = NonNullable<Global['call']>

const storageClasses: Record<string, string | null> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  UntypedStorage: null,
}

const dtypes = ['complex32', 'complex64', 'complex128', 'float8_e4m3fn', 'float8_e5m2', 'float8_e4m3fnuz', 'float8_e5m2fnuz', 'float8_e8m0fnu', 'float4_e2m1fn_x2', 'uint16', 'uint32', 'uint64', 'bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'bfloat16', 'float32', 'float64'] // prettier-ignore

const bad = (name: string): FileError => new FileError(`${name} is called with what it does not take`)

const asText = (value: unknown, name: string): string => {
  if (typeof value === 'string') return value
  throw bad(name)
}

/** OrderedDict and Counter: of nothing, of pairs, or of a dictionary. */
const dictOf =
  (name: string, ordered: boolean): Call =>
  (args, machine) => {
    const dict = new PyDict(ordered)
    const [from] = args
    if (args.length > 1) throw bad(name)
    if (from instanceof PyDict) {
      machine.spend(from.size)
      for (const [key, value] of from) dict.set(key, value)
    } else if (Array.isArray(from)) {
      machine.spend(from.length)
      for (const pair of from) {
        if (!Array.isArray(pair) || pair.length !== 2) throw bad(name)
        dict.set(pair[0], pair[1])
      }
    } else if (args.length > 0) throw bad(name)
    return dict
  }

const setOf: Call = (args, machine) => {
  const [items] = args
  if (args.length === 0) return new Set()
  if (!Array.isArray(items)) throw bad('builtins.set')
  machine.spend(items.length)
  return new Set(items)
}

/** Text of one byte a character, as bytes: how protocol 2 writes them. */
const bytesOf =
  (name: string): Call =>
  ([text, encoding], machine) => {
    if (text instanceof Uint8Array) {
      machine.spend(text.length)
      return text.slice()
    }
    if (text === undefined) return new Uint8Array(0)
    const characters = asText(text, name)
    if (!/^latin-?1$/.test(asText(encoding, name))) throw bad(name)
    machine.spend(characters.length)
    return Uint8Array.from(characters, (c) => c.charCodeAt(0))
  }

const deviceOf: Call = ([type, index]) =>
  index === undefined || index === null
    ? asText(type, 'torch.device')
    : `${asText(type, 'torch.device')}:${String(index)}`

const sizeOf: Call = ([sizes, ...rest]) => {
  if (rest.length > 0 || (sizes !== undefined && !Array.isArray(sizes))) throw bad('torch.Size')
  return sizes ?? []
}

function storageOf(value: unknown, name: string): StorageRef {
  if (value instanceof StorageRef) return value
  throw bad(name)
}

/** `(storage, offset, size, stride, requires_grad, hooks, …)`. */
const rebuildTensor: Call = ([storage, offset, shape, strides, requiresGrad]) => {
  const ref = storageOf(storage, 'torch._utils._rebuild_tensor_v2')
  if (!ref.class.type) throw new FileError(`a tensor on ${ref.class.name} has no dtype`)
  return new TensorRef(ref, ref.class.type, { offset, shape, strides, requiresGrad })
}

/** `(storage, offset, size, stride, requires_grad, hooks, dtype, …)`: dtypes that have no class of storages. */
const rebuildTensorV3: Call = ([storage, offset, shape, strides, requiresGrad, , dtype]) => {
  const name = isGlobal(dtype) ? String(dtype.value) : 'none'
  const type = elementType(name)
  if (!type) throw new FileError(`tensors of dtype ${name} are not supported`)
  return new TensorRef(storageOf(storage, 'torch._utils._rebuild_tensor_v3'), type, {
    offset,
    shape,
    strides,
    requiresGrad,
  })
}

/** `(data, requires_grad, hooks)`. */
const rebuildParameter: Call = ([data, requiresGrad]) => {
  if (!(data instanceof TensorRef)) throw bad('torch._utils._rebuild_parameter')
  const { storage, type, shape, strides } = data
  return new TensorRef(storage, type, { offset: data.offset - storage.start, shape, strides, requiresGrad })
}

/** `(function, type, arguments, attributes)`: a tensor with attributes of its own, which are dropped. */
const rebuildFromType: Call = ([build, , args], machine) => {
  if (
    !isGlobal(build) ||
    !build.name.startsWith('torch._utils._rebuild_') ||
    !build.call ||
    !Array.isArray(args)
  )
    throw bad('torch._tensor._rebuild_from_type_v2')
  return build.call(args, machine)
}

const allowed: ReadonlyMap<string, Global> = /* @__PURE__ */ makeAllowed()

/*@__NO_SIDE_EFFECTS__*/
function makeAllowed(): Map<string, Global> {
  const list: Global[] = [
    { name: 'collections.OrderedDict', call: dictOf('collections.OrderedDict', true) },
    { name: 'collections.Counter', call: dictOf('collections.Counter', false) },
    { name: 'builtins.set', call: setOf },
    { name: 'builtins.bytearray', call: bytesOf('builtins.bytearray') },
    { name: '_codecs.encode', call: bytesOf('_codecs.encode') },
    { name: 'torch.Size', call: sizeOf },
    { name: 'torch.device', call: deviceOf },
    { name: 'torch.Tensor' },
    { name: 'torch.nn.parameter.Parameter' },
    { name: 'torch._utils._rebuild_tensor', call: rebuildTensor },
    { name: 'torch._utils._rebuild_tensor_v2', call: rebuildTensor },
    { name: 'torch._utils._rebuild_tensor_v3', call: rebuildTensorV3 },
    { name: 'torch._utils._rebuild_parameter', call: rebuildParameter },
    { name: 'torch._utils._rebuild_parameter_with_state', call: rebuildParameter },
    { name: 'torch._tensor._rebuild_from_type_v2', call: rebuildFromType },
    ...dtypes.map((dtype): Global => ({ name: `torch.${dtype}`, value: dtype })),
  ]
  for (const [name, dtype] of Object.entries(storageClasses)) {
    const value: StorageClass = { name, type: dtype === null ? null : (elementType(dtype) ?? null) }
    for (const module of ['torch', 'torch.cuda', 'torch.storage'])
      list.push({ name: `${module}.${name}`, value })
  }
  return new Map(list.map((global) => [global.name, defineGlobal(global)]))
}

function reason(module: string, name: string): string {
  if (name.includes('.')) return 'its name reaches through a module'
  if (/sparse/i.test(name)) return 'it makes a sparse tensor, which gradus does not have'
  if (/qtensor|^QU?Int|affine/.test(name)) return 'it makes a quantized tensor, which gradus does not have'
  if (/complex/i.test(name)) return 'it makes complex numbers, which gradus does not have'
  const own = /^torch(\.|$)/.test(module) ? '; in PyTorch save model.state_dict(), not the model' : ''
  return `it is a class or function, not data${own}`
}

/** The rules of one file. `storages` is filled with those that it speaks of, by their keys. */
export function torchRules(storages: Map<string, StorageRef>): PickleRules {
  return {
    find: (module, name) => allowed.get(`${module}.${name}`) ?? null,
    refuse: reason,
    persistent(id) {
      if (!Array.isArray(id) || id[0] !== 'storage')
        throw new FileError('the pickle has a persistent id that is no storage')
      const [, storageClass, key, , length, view] = id
      const ref = new StorageRef(keyOf(key), classOf(storageClass), lengthOf(length))
      const known = storages.get(ref.key)
      if (known && (known.length !== ref.length || known.class.type !== ref.class.type))
        throw new FileError(`the file describes storage ${ref.key} twice, and differently`)
      if (!known) storages.set(ref.key, ref)
      return view === undefined || view === null ? (known ?? ref) : partOf(known ?? ref, view)
    },
  }
}

const keyOf = (key: unknown): string => {
  if (typeof key === 'string' || typeof key === 'number') return String(key)
  throw new FileError('a storage of the file has no key')
}

function classOf(value: unknown): StorageClass {
  const known = isGlobal(value) ? value.value : undefined
  // of the globals with a value, dtypes are text and the others are classes of storages
  if (typeof known === 'object' && known !== null) return known as StorageClass
  throw new FileError('a storage of the file has no class of storages')
}

function lengthOf(length: unknown): number {
  if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length
  throw new FileError(`a storage of the file has the length ${String(length)}`)
}

/** `(key, offset, length)` of a part that has a key of its own. */
function partOf(root: StorageRef, view: unknown): StorageRef {
  const [, start, length] = Array.isArray(view) ? view : []
  const [from, count] = [lengthOf(start), lengthOf(length)]
  if (from + count > root.length) throw new FileError(`a part of storage ${root.key} reaches beyond it`)
  return new StorageRef(root.key, root.class, count, from)
}
