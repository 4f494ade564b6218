import { Tensor } from '@gradus/core'
import { ellipsis, Slice, Tuple } from './values.ts'

/* What stands here differs in the call alone: a number that PyTorch computes is never computed here. */

/** PyTorch's positional and keyword arguments to results. */
export type Call = (args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => unknown

type Functions = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>

/** A call that differs from PyTorch's by more than the place of its arguments. */
interface Adapter {
  /** Whether tuples are kept apart from lists. */
  readonly tuples?: boolean
  /** What must be there. */
  readonly uses: readonly string[]
  readonly call: (
    f: Functions,
    args: readonly unknown[],
    kwargs: Readonly<Record<string, unknown>>,
  ) => unknown
}

/** `x op y` with the operands exchanged, as Python's `__radd__`. */
const reflected = (name: string): Adapter => ({ uses: [name], call: (f, [x, y]) => f[name](y, x) })

const cast = (dtype: string): Adapter => ({ uses: ['to'], call: (f, [x]) => f.to(x, dtype) })

/** A method that PyTorch has under another name, arguments alike. */
const renamed = (name: string): Adapter => ({ uses: [name], call: (f, args) => f[name](...args) })

/** An in-place method on a copy: the samples' inputs are leaves. */
const onCopy = (name: string): Adapter => ({
  uses: [name, 'clone'],
  call: (f, [x, ...rest]) => f[name](f.clone(x), ...rest),
})

/** A view followed by a copy. */
const copyOf = (name: string): Adapter => ({
  uses: [name, 'clone'],
  call: (f, args) => copyAll(f, f[name](...args)),
})
const copyAll = (f: Functions, value: unknown): unknown =>
  Array.isArray(value) ? value.map((x) => f.clone(x)) : f.clone(value)

/** A variance of everything, sampled as (x, unbiased). */
const overAll = (name: string): Adapter => ({
  uses: [name],
  call: (f, [x, unbiased]) => f[name](x, null, { unbiased }),
})

/** An integral over positions or, by name, at a distance: one argument in gradus. */
const integral = (name: string): Adapter => ({
  uses: [name],
  call: (f, [y, x], k) => f[name](y, x ?? k.dx, k.dim),
})

/** What `x[…]` holds in Python: a list is one index, and a tuple one for each axis. */
function placesOf(f: Functions, index: unknown): unknown[] {
  const one = (i: unknown): unknown =>
    i instanceof Slice ? f.sl(i.start, i.stop, i.step ?? 1) : i === ellipsis ? '...' : i
  return index instanceof Tuple ? index.items.map(one) : [one(index)]
}

/** Sampling with numbers for modes. */
const sampled: Adapter = {
  uses: ['gridSample'],
  call: (f, [x, grid, mode, padding, alignCorners]) =>
    f.gridSample(x, grid, {
      mode: ['bilinear', 'nearest', 'bicubic'][Number(mode)],
      paddingMode: ['zeros', 'border', 'reflection'][Number(padding)],
      alignCorners,
    }),
}

const sameTensor: Adapter = { uses: [], call: (_, [x]) => x }
// what einsum takes is a list of tensors
const tensorsOf = (x: unknown): Tensor[] => x as Tensor[]
// samples of these begin with a tensor
const tensorOf = (x: unknown): Tensor => x as Tensor

const isTensor = (x: unknown): x is Tensor => x instanceof Tensor

/**
 * Operators whose call differs by more than the place of arguments, by file name or operator; an adapter comes before a row of
 * signatures.ts. To add one, name the functions of gradus in `uses`, without which the operator counts as absent, and write
 * the call: `args` are tensors and plain values by position, `kwargs` keep PyTorch's names.
 */
export const adapters: Readonly<Record<string, Adapter>> = {
  __radd__: reflected('add'),
  __rdiv__: reflected('div'),
  __rmatmul__: reflected('matmul'),
  __rmod__: reflected('remainder'),
  __rmul__: reflected('mul'),
  __rpow__: reflected('pow'),
  __rsub__: reflected('sub'),
  // sampled as the method: the tensor, then the condition
  where: { uses: ['where'], call: (f, [x, condition, y]) => f.where(condition, x, y) },
  clamp: {
    uses: ['clamp'],
    call: (f, [x, min = null, max = null], k) => f.clamp(x, k.min ?? min, k.max ?? max),
  },
  'max.binary': renamed('maximum'),
  'min.binary': renamed('minimum'),
  item: { uses: [], call: (_, [x]) => tensorOf(x).item() },
  bool: cast('bool'),
  byte: cast('uint8'),
  char: cast('int8'),
  short: cast('int16'),
  int: cast('int32'),
  long: cast('int64'),
  half: cast('float16'),
  bfloat16: cast('bfloat16'),
  float: cast('float32'),
  double: cast('float64'),
  to: {
    uses: ['to'],
    // (dtype), (device, dtype) or (another tensor)
    call: (f, [x, ...rest], k) => {
      const other = rest.find((v) => typeof v === 'object' && v !== null)
      const dtype =
        k.dtype ?? (other ? tensorOf(other).dtype : rest.find((v) => typeof v === 'string' && v !== 'cpu'))
      return f.to(x, dtype ?? tensorOf(x).dtype)
    },
  },
  true_divide: renamed('div'),
  T: { uses: ['permute'], call: (f, [x]) => f.permute(x, axes(x).reverse()) },
  H: { uses: ['transpose'], call: (f, [x]) => (tensorOf(x).ndim === 0 ? x : f.transpose(x, 0, 1)) },
  mT: { uses: ['transpose'], call: (f, [x]) => f.transpose(x, -2, -1) },
  mH: { uses: ['transpose'], call: (f, [x]) => f.transpose(x, -2, -1) },
  // identities of real tensors
  conj: sameTensor,
  resolve_conj: sameTensor,
  resolve_neg: sameTensor,
  real: sameTensor,
  conj_physical: renamed('clone'),
  'std.unbiased': overAll('std'),
  'var.unbiased': overAll('var'),
  'std_mean.unbiased': overAll('stdMean'),
  'var_mean.unbiased': overAll('varMean'),
  zero_: onCopy('zero_'),
  uniform: onCopy('uniform_'),
  exponential: onCopy('exponential_'),
  geometric: onCopy('geometric_'),
  cauchy: onCopy('cauchy_'),
  log_normal: onCopy('logNormal_'),
  'normal.in_place': onCopy('normal_'),
  // sampled as (std, mean)
  'normal.number_mean': {
    uses: ['normal'],
    call: (f, [std, mean, ...shape], k) => f.normal(mean, std, ...shape, k.dtype ? { dtype: k.dtype } : {}),
  },
  randint_like: {
    uses: ['randintLike'],
    call: (f, [x, ...bounds], k) => {
      const [low, high] = bounds.length > 1 ? bounds : [0, bounds[0] ?? k.high]
      return f.randintLike(x, low, high, k.dtype ? { dtype: k.dtype } : {})
    },
  },
  // sampled as two factors of a singular matrix
  'linalg.pinv.singular': {
    uses: ['linalg.pinv', 'matmul', 'transpose'],
    call: (f, [a, b]) => f['linalg.pinv'](f.matmul(a, f.transpose(b, -2, -1))),
  },
  // sampled without what has no gradient
  'linalg.lstsq.grad_oriented': {
    uses: ['linalg.lstsq'],
    call: (f, [a, b], k) => {
      const { solution, residuals } = f['linalg.lstsq'](a, b, { driver: k.driver }) as Record<string, unknown> // an Lstsq
      return [solution, residuals]
    },
  },
  // four axes are one example without a batch axis
  'nn.functional.dropout3d': {
    uses: ['featureDropout', 'unsqueeze', 'squeeze'],
    call: (f, [x, p], { p: named = p, ...k }) =>
      tensorOf(x).ndim === 4
        ? f.squeeze(f.featureDropout(f.unsqueeze(x, 0), named, k), 0)
        : f.featureDropout(x, named, k),
  },
  // sampled with the list first
  einsum: {
    uses: ['einsum'],
    call: (f, [operands, equation]) => f.einsum(equation, ...tensorsOf(operands)),
  },
  // sampled as (weight, positions)
  'nn.functional.embedding': {
    uses: ['embedding'],
    call: (f, [weight, positions], k) =>
      f.embedding(positions, weight, { paddingIdx: k.padding_idx ?? null }),
  },
  'nn.functional.embedding_bag': {
    uses: ['embeddingBag'],
    call: (f, [weight, positions], k) =>
      f.embeddingBag(positions, weight, {
        mode: k.mode ?? 'mean',
        offsets: k.offsets ?? null,
        perSampleWeights: k.per_sample_weights ?? null,
        paddingIdx: k.padding_idx ?? null,
        includeLastOffset: k.include_last_offset ?? false,
      }),
  },
  alias_copy: renamed('clone'),
  t_copy: copyOf('t'),
  transpose_copy: copyOf('transpose'),
  permute_copy: copyOf('permute'),
  expand_copy: copyOf('expand'),
  squeeze_copy: copyOf('squeeze'),
  unsqueeze_copy: copyOf('unsqueeze'),
  diagonal_copy: {
    uses: ['diagonal', 'clone'],
    call: (f, [x, ...r], k) => f.clone(f.diagonal(x, r[0] ?? k.offset, r[1] ?? k.dim1, r[2] ?? k.dim2)),
  },
  view_copy: copyOf('view'),
  unfold_copy: copyOf('unfold'),
  as_strided_copy: {
    uses: ['asStrided', 'clone'],
    call: (f, [x, size, stride, offset], k) =>
      f.clone(f.asStrided(x, size, stride, offset ?? k.storage_offset)),
  },
  unbind_copy: copyOf('unbind'),
  split_with_sizes: renamed('split'),
  split_with_sizes_copy: copyOf('split'),
  unsafe_split: renamed('split'),
  unsafe_chunk: renamed('chunk'),
  meshgrid: {
    uses: ['meshgrid'],
    call: (f, args, k) =>
      f.meshgrid(Array.isArray(args[0]) ? args[0] : args, { indexing: k.indexing ?? 'ij' }),
  },
  trapezoid: integral('trapezoid'),
  cumulative_trapezoid: integral('cumulativeTrapezoid'),
  fill: { uses: ['fill_', 'clone'], call: (f, [x], k) => f.fill_(f.clone(x), k.value) },
  // these are made of others, which read values on the host
  index_put: {
    uses: ['indexPut', 'setAt_'],
    call: (f, [x, indices, values], k) => f.indexPut(x, indices, values, { accumulate: k.accumulate }),
  },
  nonzero_static: {
    uses: ['nonzeroStatic', 'nonzero'],
    call: (f, [x], k) => f.nonzeroStatic(x, { size: k.size, fillValue: k.fill_value }),
  },
  'masked.median': {
    uses: ['masked.median', 'nanmedian'],
    call: (f, [x, dim], k) => f['masked.median'](x, dim ?? k.dim, { mask: k.mask, keepdim: k.keepdim }),
  },
  resize_: onCopy('resize_'),
  resize_as_: onCopy('resizeAs_'),
  // the last argument says how, not what
  cdist: { uses: ['cdist'], call: (f, [x, y, p], k) => f.cdist(x, y, p ?? k.p) },
  // sizes as one list or as numbers
  sum_to_size: { uses: ['sumToSize'], call: (f, [x, ...sizes]) => f.sumToSize(x, sizes.flat()) },
  grid_sampler_2d: sampled,
  grid_sampler_3d: sampled,
  'nn.functional.upsample_nearest': {
    uses: ['interpolate'],
    call: (f, [x], k) => f.interpolate(x, { size: k.size, scaleFactor: k.scale_factor, mode: 'nearest' }),
  },
  'nn.functional.upsample_bilinear': {
    uses: ['interpolate'],
    call: (f, [x], k) =>
      f.interpolate(x, {
        size: k.size,
        scaleFactor: k.scale_factor,
        mode: 'bilinear',
        alignCorners: true,
      }),
  },
  __getitem__: {
    tuples: true,
    uses: ['at', 'sl'],
    call: (f, [x, index]) => f.at(x, ...placesOf(f, index)),
  },
  trapz: integral('trapz'),
  broadcast_tensors: { uses: ['broadcastTensors'], call: (f, args) => f.broadcastTensors(args) },
  block_diag: { uses: ['blockDiag'], call: (f, args) => f.blockDiag(args) },
  cartesian_prod: { uses: ['cartesianProd'], call: (f, args) => f.cartesianProd(args) },
  'nn.functional.logsigmoid': { uses: ['logsigmoid'], call: (f, [x]) => f.logsigmoid(x) },
  'special.modified_bessel_i0': renamed('special.i0'),
  'special.modified_bessel_i1': renamed('special.i1'),
  mvlgamma: { uses: ['mvlgamma'], call: (f, [x, p], k) => f.mvlgamma(x, p ?? k.p) },
  // sampled as (x, n) for the function (n, x)
  polygamma: { uses: ['polygamma'], call: (f, [x, n], k) => f.polygamma(n ?? k.n, x) },
  'special.polygamma': { uses: ['polygamma'], call: (f, [x, n], k) => f.polygamma(n ?? k.n, x) },
  // indices as a tensor are a list in gradus
  tensor_split: {
    uses: ['tensorSplit'],
    call: (f, [x, parts, dim = 0]) => f.tensorSplit(x, isTensor(parts) ? parts.tolist() : parts, dim),
  },
  // Python's booleans are integers
  arange: { uses: ['arange'], call: (f, args, k) => f.arange(...args.map(Number), { dtype: k.dtype }) },
  // running statistics decide nothing where the input's own are used, and the function of gradus does not take them
  'nn.functional.instance_norm': {
    uses: ['instanceNorm'],
    call: (f, [x, , , weight, bias], k) => {
      if (k.use_input_stats === false) throw new Error('running statistics')
      return f.instanceNorm(x, k.weight ?? weight ?? null, k.bias ?? bias ?? null, { eps: k.eps })
    },
  },
}

const axes = (x: unknown): number[] => tensorOf(x).shape.map((_, i) => i)
