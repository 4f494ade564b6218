import {
  DTypeError,
  isFloat,
  promoteTypes,
  setGradEnabled,
  Tensor,
  type TensorError,
  type Autocast,
  type CallInputs,
  type DType,
  type Interceptor,
} from '@gradus/core/functions'
import {
  addAmbient,
  defineOptions,
  dtypeName,
  flag,
  functionKind,
  interceptors,
  setInterceptors,
  synchronous,
  takeArgument,
  warn,
  withDefaults,
  type Kind,
  internals,
} from '@gradus/core/internal'

/** Options of {@link autocast}. */
export interface AutocastOptions {
  /** The dtype of products and convolutions; bfloat16 by default. */
  dtype?: 'bfloat16' | 'float16'
  /** With false, a region in which nothing is cast, also inside of another; true by default. */
  enabled?: boolean
}

// any dtype is taken, and others than half precision switch the region off with a warning, as in PyTorch
const halfDType = dtypeName as Kind<'bfloat16' | 'float16'>

const autocastOptions = /* @__PURE__ */ defineOptions<AutocastOptions>({ dtype: halfDType, enabled: flag })

const autocastDefaults: Required<AutocastOptions> = { dtype: 'bfloat16', enabled: true }

const body = /* @__PURE__ */ functionKind<() => unknown>()

/** The region that is open: the one interceptor that casts. */
export interface Region {
  readonly dtype: DType
  readonly enabled: boolean
}

let open: Region | null = null

/** Whether operations are being cast. */
export const isAutocastEnabled = (): boolean => open?.enabled ?? false

/** The dtype that products and convolutions are cast to, or null outside of {@link autocast}. */
export const getAutocastDtype = (): DType | null => (open?.enabled ? open.dtype : null)

/**
 * Runs `fn` in mixed precision: products and convolutions in half precision, operations that need range or precision in
 * float32, all others in the dtype of their inputs.
 *
 * Each op declares its class (`op.autocast`); the lists are PyTorch's for CUDA, with either dtype. In-place operations and
 * float64 are never cast. Call `backward()` outside: each operation is differentiated in the dtype it ran in, and
 * gradients of float32 parameters are float32. Regions nest; the innermost decides.
 *
 * @throws ArgumentError for an option it does not know, or no function
 * @throws TypeError if `fn` returns a promise
 * @see https://pytorch.org/docs/stable/amp.html
 * @example
 * const x = g.ones(2, 2)
 * g.autocast({ dtype: 'bfloat16' }, () => x.matmul(x)).dtype // => 'bfloat16'
 */
export function autocast<T>(options: AutocastOptions, fn: () => T): T {
  const { dtype, enabled } = withDefaults('autocast', autocastOptions, options, autocastDefaults)
  takeArgument('autocast', 'fn', body, fn)
  const supported = dtype === 'bfloat16' || dtype === 'float16'
  if (!supported) {
    warn(
      `In CPU autocast, but the target dtype is not supported. Disabling autocast. It takes bfloat16 and float16, got ${String(dtype)}.`,
    )
  }
  addAmbient(captureRegion)
  return inRegion({ dtype, enabled: enabled && supported }, () => synchronous(fn, 'autocast'))
}

/** The region that is open. */
export const region = (): Region | null => open

/** The region of a forward, for the part of it that backward computes again. */
function captureRegion(): <T>(fn: () => T) => T {
  const captured = open
  return (fn) => inRegion(captured, fn)
}

/** Runs `fn` in a region; with null, as outside of any. */
export function inRegion<T>(next: Region | null, fn: () => T): T {
  const outer = open
  const stack = interceptors()
  open = next
  // one interceptor however deep regions nest: it reads which one is open
  if (next !== null && !stack.includes(cast)) setInterceptors([...stack, cast])
  try {
    return fn()
  } finally {
    open = outer
    if (outer === null) casts = new Map()
    setInterceptors(stack)
  }
}

const cast: Interceptor = (op, inputs, attrs, next) => {
  if (open === null || !open.enabled || op.inplace || op.autocast === 'keep') return next(inputs, attrs)
  const given = castAll(inputs, dtypeFor(op.autocast, inputs, open.dtype))
  const attributes = op.autocast === 'fp32-dtype' ? withDType(inputs, attrs) : attrs
  // the parts of an op run in the dtypes that it got
  return inRegion(null, () => next(given, attributes))
}

/** The dtype that the inputs of an op are cast to; null leaves them as they are. */
function dtypeFor(autocast: Autocast, inputs: CallInputs, lower: DType): DType | null {
  switch (autocast) {
    case 'lower':
      return lower
    case 'fp32':
      return 'float32'
    case 'promote':
      return widest(inputs)
    case 'banned':
      throw banned()
    case 'fp32-dtype':
    case 'keep':
      return null
  }
}

const eligible = (x: CallInputs[number]): x is Tensor =>
  x instanceof Tensor && isFloat(x.dtype) && x.dtype !== 'float64'

const castAll = (inputs: CallInputs, dtype: DType | null): CallInputs =>
  dtype === null ? inputs : inputs.map((x) => (eligible(x) && x.dtype !== dtype ? converted(x, dtype) : x))

/** The widest dtype among the inputs that may be cast. */
function widest(inputs: CallInputs): DType | null {
  let dtype: DType | null = null
  for (const x of inputs) if (eligible(x)) dtype = dtype === null ? x.dtype : promoteTypes(dtype, x.dtype)
  return dtype
}

function withDType(inputs: CallInputs, attrs: unknown): unknown {
  if (!eligible(inputs[0]) || typeof attrs !== 'object' || attrs === null) return attrs
  return 'dtype' in attrs && attrs.dtype ? attrs : { ...attrs, dtype: 'float32' }
}

/** A cast of a parameter, and the version of the memory that it was cast from. */
interface Cast {
  readonly storage: Tensor['storage']
  readonly version: number
  readonly result: Tensor
}

/** Casts of parameters while a region is open. Each holds for one version of one storage. */
let casts = new Map<Tensor, Map<DType, Cast>>()

/**
 * A cast of a parameter is made once and kept until the parameter is written or given other memory: so no weight is stale
 * after an optimizer's step inside of a region. Also when it is first made under noGrad it is recorded.
 */
function converted(x: Tensor, dtype: DType): Tensor {
  if (!x.requiresGrad || !x.isLeaf || internals(x).viewOf !== null) return x.to(dtype)
  const known = casts.get(x) ?? new Map<DType, Cast>()
  casts.set(x, known)
  const { storage } = x
  const { counter } = internals(x)
  const before = known.get(dtype)
  if (before?.version === counter.value && before.storage === storage && !before.result.storage.freed) {
    return before.result
  }
  const result = setGradEnabled(true, () => x.to(dtype))
  known.set(dtype, { storage, version: counter.value, result })
  return result
}

// the only op that PyTorch bans
const banned = (): TensorError =>
  new DTypeError(
    'binaryCrossEntropy and BCELoss are unsafe to autocast.\n' +
      'Many models use a sigmoid layer right before the binary cross entropy layer.\n' +
      'In this case, combine the two layers using binaryCrossEntropyWithLogits\n' +
      'or BCEWithLogitsLoss.  binaryCrossEntropyWithLogits and BCEWithLogits are\n' +
      'safe to autocast.',
  )
