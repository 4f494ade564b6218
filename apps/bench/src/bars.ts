import type { Figures } from './figures.ts'
import { accumulationCost } from './suites/accumulation-cost.ts'
import { activations, activationsOf, type Precision } from './suites/activations.ts'

/** A limit that was set before the library was written, and what a run says about it. */
export interface Bar {
  readonly what: string
  readonly target: string
  readonly figure: string
  /** `elsewhere` is what tests show or no target was set for. */
  readonly met: 'met' | 'not met' | 'not measured' | 'elsewhere'
}

type Limit = { most: number } | { least: number }

const satisfies = (value: number, limit: Limit) =>
  'most' in limit ? value <= limit.most : value >= limit.least

const pass = 'not measured in this run'

/** One row for each bar of the compiled backend, read from the figures of the newest Node. */
export function judgeBars(figures: Figures): Bar[] {
  const nodes = figures.runtimes().filter((runtime) => runtime.startsWith('node'))
  const relaxed = nodes.find((runtime) => figures.contender(`gradus@${runtime}`)?.peaks?.relaxedMadd != null)
  const plain = nodes.find((runtime) => figures.contender(`gradus@${runtime}`)?.peaks?.relaxedMadd === null)
  const node = nodes[0] ?? 'node20'
  const own = `gradus@${node}`

  const ratioBar = (what: string, target: string, limit: Limit, value: number | null, note = ''): Bar => {
    if (value === null) return { what, target, figure: pass, met: 'not measured' }
    return {
      what,
      target,
      figure: `${value.toPrecision(3)} ×${note}`,
      met: satisfies(value, limit) ? 'met' : 'not met',
    }
  }

  /** Time of gradus over time of another contender. */
  const against = (suite: string, name: string, other: string): number | null => {
    const [mine, theirs] = [figures.value(suite, name, own), figures.value(suite, name, other)]
    return mine === null || theirs === null ? null : mine / theirs
  }

  /** Rate of a product as a part of the arithmetic limit of the same engine. */
  const share = (suite: string, name: string, flops: number, runtime: string | undefined): number | null => {
    if (runtime === undefined) return null
    const ms = figures.value(suite, name, `gradus@${runtime}`)
    const peaks = figures.contender(`gradus@${runtime}`)?.peaks
    if (ms === null || peaks == null) return null
    return flops / ms / 1e6 / (peaks.relaxedMadd ?? peaks.mulAdd)
  }
  const shareBar = (what: string, least: number, value: number | null): Bar => ({
    what,
    target: `≥ ${least * 100} %`,
    figure: value === null ? pass : `${(value * 100).toFixed(1)} %`,
    met: value === null ? 'not measured' : value >= least ? 'met' : 'not met',
  })

  const products: [string, number][] = [
    ['64 × 784 · 784 × 512', 2 * 64 * 784 * 512],
    ['weight gradient: (64 × 784)ᵀ · 64 × 512', 2 * 64 * 784 * 512],
    ['input gradient: 64 × 512 · (784 × 512)ᵀ', 2 * 64 * 784 * 512],
    ['32 of 64 × 32 · 32 × 64', 2 * 32 * 64 * 32 * 64],
  ]
  const gemmNames = ['64³', '128³', '256³', '512³', '1024³', '127³', ...products.map(([name]) => name)]
  const cubeFlops = 2 * 256 ** 3

  const convolutionOf = (passName: string) => `16 → 32, 3 × 3, 28², batch 64, ${passName}`
  const convolutionFlops = 2 * 64 * 32 * 16 * 9 * 28 * 28

  /** The smallest lead over a peer among several cases. */
  const lead = (
    suite: string,
    names: readonly string[],
    peer: string,
  ): { value: number; name: string } | null => {
    const leads = names.flatMap((name) => {
      const ratio = against(suite, name, `${peer}@${node}`)
      return ratio === null ? [] : [{ value: 1 / ratio, name }]
    })
    return leads.length === 0 ? null : leads.reduce((least, one) => (one.value < least.value ? one : least))
  }
  const leadBar = (what: string, least: number, found: ReturnType<typeof lead>): Bar =>
    ratioBar(
      what,
      `≥ ${least} ×`,
      { least },
      found === null ? null : found.value,
      found === null ? '' : ` (${found.name})`,
    )

  const torchBar = (suite: string, name: string, most: number): Bar =>
    ratioBar(`${suite}: ${name}, time over PyTorch`, `≤ ${most} ×`, { most }, against(suite, name, 'torch'))
  const torchLead = (suite: string, name: string, least: number): Bar => {
    const ratio = against(suite, name, 'torch')
    return ratioBar(
      `${suite}: ${name}, lead over PyTorch`,
      `≥ ${least} ×`,
      { least },
      ratio === null ? null : 1 / ratio,
    )
  }
  const timeBar = (what: string, suite: string, name: string, most: number, unit: 'µs' | 'ms'): Bar => {
    const ms = figures.value(suite, name, own)
    const value = ms === null ? null : unit === 'µs' ? ms * 1000 : ms
    return {
      what,
      target: `≤ ${most} ${unit}`,
      figure: value === null ? pass : `${value.toPrecision(3)} ${unit}`,
      met: value === null ? 'not measured' : value <= most ? 'met' : 'not met',
    }
  }
  const keptBar = (model: string, precision: Precision, parts: number, most: number, what: string): Bar => {
    const of = (name: string) => figures.value(activations.name, name, own)
    const [value, whole] = [
      of(activationsOf(model, precision, parts)),
      of(activationsOf(model, 'float32', 1)),
    ]
    return ratioBar(
      `memory for backward of the GPT, ${what}`,
      `≤ ${Number(most.toPrecision(3))} ×`,
      // to the byte, where a micro-batch has a whole part of the rows
      { most: most * 1.001 },
      value === null || whole === null ? null : value / whole,
    )
  }
  const sizeBar = (name: string, most: number): Bar => {
    const value = figures.value('size', name, 'gradus')
    return {
      what: `gzip size: ${name}`,
      target: `≤ ${most} kB`,
      figure: value === null ? pass : `${value.toFixed(1)} kB`,
      met: value === null ? 'not measured' : value <= most ? 'met' : 'not met',
    }
  }

  const gemv = figures.value('gemm', '1 × 784 · 784 × 512', own)
  const gemvRate = gemv === null ? null : (2 * 784 * 512) / gemv / 1e6
  const gptName = 'GPT width 128, 4 layers, 64 tokens, batch 12'
  const [single, double] = [
    figures.value('training', gptName, own),
    figures.value('training', gptName, `gradus-2t@${node}`),
  ]
  const steps = [
    'MLP 64-128-10, batch 64',
    'MLP 784-512-512-10, batch 64',
    'CNN 28 × 28, 16-32 channels, batch 64',
    gptName,
    "the article's step",
    'LSTM 32-64, 32 tokens, batch 16',
    'GPT width 32, 2 layers, 32 tokens, batch 8',
    'GPT width 256, 6 layers, 128 tokens, batch 4',
  ]
  const control = figures.report.machine.twoThreads

  const best = Math.max(
    ...['128³', '256³', '512³'].map((name) => share('gemm', name, 2 * parseInt(name) ** 3, relaxed) ?? 0),
  )
  const [kept, tidied] = [
    figures.value('budget', 'plain loop, budget of 64 MB', own),
    figures.value('budget', 'in tidy, budget of 1024 MB', own),
  ]

  return [
    {
      what: 'GEMM micro-kernel, of the relaxed multiply-add limit',
      target: '≥ 95 %',
      figure:
        best === 0 ? pass : `at least ${(best * 100).toFixed(1)} %: the best whole product, packing included`,
      met: best >= 0.95 ? 'met' : 'elsewhere',
    },
    shareBar('GEMM 256³, of the relaxed multiply-add limit', 0.88, share('gemm', '256³', cubeFlops, relaxed)),
    ...products.map(([name, flops]) =>
      shareBar(`GEMM ${name}, of the relaxed limit`, 0.8, share('gemm', name, flops, relaxed)),
    ),
    shareBar(
      'GEMM 256³ without relaxed SIMD, of the multiply and add limit',
      0.85,
      share('gemm', '256³', cubeFlops, plain),
    ),
    ...products.map(([name, flops]) =>
      shareBar(`GEMM ${name} without relaxed SIMD`, 0.75, share('gemm', name, flops, plain)),
    ),
    {
      what: 'GEMV 1 × 784 · 784 × 512',
      target: '≥ 20 GFLOP/s',
      figure: gemvRate === null ? pass : `${gemvRate.toFixed(1)} GFLOP/s`,
      met: gemvRate === null ? 'not measured' : gemvRate >= 20 ? 'met' : 'not met',
    },
    shareBar(
      'convolution 16 → 32 forward',
      0.8,
      share('convolution', convolutionOf('forward'), convolutionFlops, relaxed),
    ),
    shareBar(
      'convolution 16 → 32 input gradient',
      0.8,
      share('convolution', convolutionOf('input gradient'), convolutionFlops, relaxed),
    ),
    shareBar(
      'convolution 16 → 32 weight gradient',
      0.65,
      share('convolution', convolutionOf('weight gradient'), convolutionFlops, relaxed),
    ),
    leadBar('GEMM, smallest lead over TensorFlow.js wasm', 1, lead('gemm', gemmNames, 'tfjs-wasm')),
    leadBar(
      'GEMM AᵀB and batches, lead over TensorFlow.js wasm',
      20,
      lead('gemm', [products[1][0], products[3][0]], 'tfjs-wasm'),
    ),
    leadBar(
      'GEMM up to 256³, smallest lead over jax-js',
      2,
      lead('gemm', ['16³', '32³', '64³', '128³', '256³'], 'jax-js'),
    ),
    leadBar('GEMM beyond 256³, smallest lead over jax-js', 1.8, lead('gemm', ['512³', '1024³'], 'jax-js')),
    ...['add', 'relu', 'sum', 'sum of rows', 'sum of columns'].map((name) =>
      torchBar('pointwise', name, 1.05),
    ),
    torchBar('rows', 'layerNorm', 1.05),
    ...['exp', 'tanh'].map((name) => torchBar('pointwise', name, 0.6)),
    torchBar('rows', 'softmax', 0.9),
    torchBar('pointwise', 'gelu (erf)', 1.3),
    torchBar('rows', 'AdamW step', 1),
    ...[
      'layerNorm backward',
      'softmax backward',
      'cross-entropy, forward and backward',
      'batchNorm, training',
    ].map((name) => torchBar('rows', name, 1.3)),
    // with clipping and a schedule on, the same bars hold
    ...['training', 'training-recipe'].flatMap((suite) => [
      torchBar(suite, 'MLP 784-512-512-10, batch 64', 1.1),
      torchBar(suite, gptName, 1.7),
      torchBar(suite, 'CNN 28 × 28, 16-32 channels, batch 64', 2),
      torchLead(suite, 'MLP 64-128-10, batch 64', 2),
      torchLead(suite, "the article's step", 5),
    ]),
    leadBar('training, smallest lead over jax-js under jit', 1.8, lead('training', steps, 'jax-js')),
    leadBar(
      'large MLP, lead over TensorFlow.js wasm',
      10,
      lead('training', ['MLP 784-512-512-10, batch 64'], 'tfjs-wasm'),
    ),
    ratioBar(
      'GPT step, two threads over one',
      '≥ 1.5 × on two real cores',
      { least: 1.5 },
      single === null || double === null ? null : single / double,
      ` (control: two busy threads reach ${control.toFixed(2)} × one)`,
    ),
    ...accumulationCost.cases.map(({ name }) =>
      ratioBar(
        `GradAccumulator: ${name}, time over a loop by hand`,
        '≤ 1.05 ×',
        { most: 1.05 },
        figures.value(accumulationCost.name, name, own),
      ),
    ),
    ...(['bfloat16', 'float16'] as const).map((precision) =>
      keptBar(gptName, precision, 1, 0.65, `${precision} over float32`),
    ),
    ...[4, 12].map((parts) =>
      keptBar(gptName, 'float32', parts, 1 / parts, `${parts} micro-batches over one batch`),
    ),
    {
      what: 'a step at the memory budget over the same step in tidy',
      target: 'no limit set',
      figure: kept === null || tidied === null ? pass : `${(kept / tidied).toFixed(2)} ×`,
      met: kept === null || tidied === null ? 'not measured' : 'elsewhere',
    },
    {
      what: '10,000 steps flat, live data of twice the budget, errors, threads that die',
      target: 'as designed',
      figure: 'tests of backend-wasm',
      met: 'elsewhere',
    },
    timeBar('a small op without gradients', 'dispatch', 'add', 0.5, 'µs'),
    timeBar('a small op with gradients', 'dispatch', 'add, recorded for gradients', 1.2, 'µs'),
    timeBar('from import to the first result', 'start-up', 'from import to the first result', 60, 'ms'),
    sizeBar('core, autograd and the compiled backend', 60),
    sizeBar('all', 110),
  ]
}
