import { noGrad, requireGrad } from '@gradus/autograd'
import { manualSeed, Tensor, tensor } from '@gradus/core'
import * as nn from '@gradus/nn'
import { readGolden } from './files.ts'
import { signatures } from './module-classes.ts'
import { camel, type GoldenTensor } from './optim.ts'
import { close, toleranceOf, type Tolerance } from './tolerance.ts'

/** One call of a module with PyTorch's answers. */
export interface ModuleCase {
  module: string
  training: boolean
  desc: string
  ctor: unknown[]
  ctor_kwargs: Record<string, unknown>
  state_dict: Record<string, GoldenTensor>
  args: unknown[]
  kwargs: Record<string, unknown>
  out: unknown[]
  /** By argument; null where none was asked for. */
  input_grads: (GoldenTensor | null)[]
  param_grads: Record<string, GoldenTensor>
  state_after?: Record<string, GoldenTensor>
}

interface ModulesFile {
  seed: number
  records: ModuleCase[]
}

export function readModuleCases(): ModulesFile {
  return readGolden<ModulesFile>('modules.json')
}

/** Whether gradus has a module of this name. */
export const isPresent = (name: string): boolean => name in nn

const isGolden = (x: unknown): x is GoldenTensor => typeof x === 'object' && x !== null && '$t' in x

const make = ({ $t, shape, v }: GoldenTensor): Tensor => tensor(v, { dtype: $t }).reshape(shape)

/** Tensors made of their description, wherever they stand; keys of records in camelCase. */
function read(x: unknown): unknown {
  if (isGolden(x)) return make(x)
  if (Array.isArray(x)) return x.map(read)
  if (typeof x !== 'object' || x === null) return x
  if ('$repr' in x) return String(x.$repr).replace('torch.', '')
  return Object.fromEntries(
    Object.entries(x).flatMap(([key, value]) => (key === 'device' ? [] : [[camel(key), read(value)]])),
  )
}

type Construct = new (...args: unknown[]) => nn.Module & { forward(...args: unknown[]): unknown }

/** The module that PyTorch's constructor arguments make. */
export function construct({
  module,
  ctor,
  ctor_kwargs,
}: Pick<ModuleCase, 'module' | 'ctor' | 'ctor_kwargs'>): InstanceType<Construct> {
  const [positional, ...names] = signatures[module] ?? [0]
  const given: Record<string, unknown> = { ...ctor_kwargs }
  ctor.forEach((value, i) => {
    if (names[i] === undefined) throw new Error(`${module} has no positional argument ${i}`)
    given[names[i]] = value
  })
  const required = names.slice(0, positional).map((name) => read(given[name]))
  const options = Object.fromEntries(
    Object.entries(given).filter(([key]) => !names.slice(0, positional).includes(key)),
  )
  const Class = Reflect.get(nn, module) as Construct // present: see isPresent
  return new Class(...required, read(options))
}

const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()

/** The tolerance of the operator that a module is named after. */
function tolerance(module: string): Tolerance {
  const name = snake(module)
  const [a, b] = [toleranceOf(name, 'float32'), toleranceOf(`nn.functional.${name}`, 'float32')]
  return a.relative > b.relative ? a : b
}

/** The tensors of an answer; those deeper in it (the states of an LSTM) are not in the file. */
function outputsOf(x: unknown): Tensor[] {
  if (x instanceof Tensor) return [x]
  return Object.values(Object(x)).filter((y) => y instanceof Tensor)
}

/** Throws unless `x` is what PyTorch has. */
function compare(what: string, x: unknown, golden: GoldenTensor, bound: Tolerance): void {
  if (!(x instanceof Tensor))
    throw new Error(`${what}: ${x === null ? 'null' : typeof x} instead of a tensor`)
  const position = golden.$t === 'int64' && x.dtype === 'int32'
  if (x.dtype !== golden.$t && !position) throw new Error(`${what}: ${x.dtype} instead of ${golden.$t}`)
  if (x.shape.join() !== golden.shape.join())
    throw new Error(`${what}: shape [${x.shape}] instead of [${golden.shape}]`)
  const values = x.readSync()
  golden.v.forEach((target, i) => {
    const value = Number(values[i])
    if (!close(value, target, bound))
      throw new Error(`${what}: element ${i} is ${value}, PyTorch has ${target}`)
  })
}

const toBits: Tolerance = { relative: 0, absolute: 0 }
// nine significant digits identify a float32
const rounded = (golden: GoldenTensor): GoldenTensor =>
  golden.$t === 'float32' ? { ...golden, v: golden.v.map(Math.fround) } : golden

/** `cos(0.7 i) + 0.3` over the elements, row-major. */
const cotangent = ({ shape, dtype }: Tensor): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Array.from({ length: count }, (_, i) => Math.cos(0.7 * i) + 0.3),
    { dtype },
  ).reshape(shape)
}

/** Runs a case: initialisation to the bit, output, gradients and state afterwards. Throws what differs. */
export function runModuleCase(golden: ModuleCase, seed: number): void {
  const bound = tolerance(golden.module)
  const { module, args, outputs } = callCase(golden, seed, bound)
  for (const y of outputs) {
    if (y.requiresGrad) y.backward(cotangent(y), { retainGraph: true })
  }
  golden.input_grads.forEach((grad, i) => {
    if (grad !== null && args[i] instanceof Tensor)
      compare(`gradient of input ${i}`, args[i].grad, grad, bound)
  })
  const parameters = new Map(module.namedParameters())
  for (const [key, grad] of Object.entries(golden.param_grads)) {
    compare(`gradient of ${key}`, parameters.get(key)?.grad, grad, bound)
  }
  const after = module.stateDict()
  for (const [key, value] of Object.entries(golden.state_after ?? {}))
    compare(`${key} afterwards`, after[key], value, bound)
  // the kernels of ops that run a decomposition where something is recorded
  noGrad(() => callCase(golden, seed, bound, 'under noGrad, '))
}

/** Makes the module, compares its initial state, calls it, and compares its outputs. */
function callCase(golden: ModuleCase, seed: number, bound: Tolerance, how = '') {
  manualSeed(seed)
  const module = construct(golden).train(golden.training)
  const state = module.stateDict()
  const keys = Object.keys(golden.state_dict)
  if (Object.keys(state).join() !== keys.join()) {
    throw new Error(`${how}state keys ${Object.keys(state)} instead of ${keys}`)
  }
  for (const key of keys) compare(`${how}initial ${key}`, state[key], rounded(golden.state_dict[key]), toBits)
  manualSeed(seed + 1)
  const args = golden.args.map(read)
  golden.input_grads.forEach((grad, i) => {
    if (grad !== null && args[i] instanceof Tensor) requireGrad(args[i])
  })
  // the input may stand among the keywords; the others are options
  const { input, ...keywords } = golden.kwargs
  const named = Object.keys(keywords).length > 0 ? [read(keywords)] : []
  const outputs = outputsOf(module(...(input === undefined ? args : [...args, read(input)]), ...named))
  const expected = golden.out.filter(isGolden)
  if (outputs.length !== expected.length)
    throw new Error(`${how}${outputs.length} outputs instead of ${expected.length}`)
  expected.forEach((y, i) => compare(`${how}output ${i}`, outputs[i], y, bound))
  return { module, args, outputs }
}
