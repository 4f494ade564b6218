// enough to hide the latency of multiply and add; with the factors they fill the registers
const chainCount = 12

/** Counters beside the chains of a canary: two instructions each for every chain's two. */
const counterCount = 4

/**
 * A WebAssembly module that does nothing but arithmetic on registers: twelve independent chains of four lanes. Its rate is
 * the most that SIMD code can reach. With `counters` it also counts, so that there are more instructions than the processor
 * can begin: its time then moves with the clock and with whatever shares the core, another thread of it too.
 */
function chainModule(relaxed: boolean, counters: boolean): Uint8Array<ArrayBuffer> {
  const leb = (value: number): number[] => {
    const bytes: number[] = []
    do {
      const low = value & 127
      value >>>= 7
      bytes.push(value > 0 ? low | 128 : low)
    } while (value > 0)
    return bytes
  }
  const section = (id: number, body: number[]) => [id, ...leb(body.length), ...body]
  const simd = (opcode: number) => [0xfd, ...leb(opcode)]
  const constant = (value: number) => [
    ...simd(12),
    ...new Uint8Array(new Float32Array([value, value, value, value]).buffer),
  ]
  // local 0 is the count, 1 and 2 the factors, the others the chains: x = x · 0.999 + 0.001
  const chains = Array.from({ length: chainCount }, (_, i) => 3 + i)
  const step = (i: number) =>
    relaxed
      ? [0x20, i, 0x20, 1, 0x20, 2, ...simd(0x105), 0x21, i]
      : [0x20, i, 0x20, 1, ...simd(0xe6), 0x20, 2, ...simd(0xe4), 0x21, i]
  // x = (x + 3) | 1
  const counter = (i: number) => {
    const local = 3 + chainCount + (i % counterCount)
    return counters ? [0x20, local, 0x41, 3, 0x6a, 0x41, 1, 0x72, 0x21, local] : []
  }
  const body = [
    ...[2, 2 + chainCount, 0x7b, counterCount, 0x7f],
    ...constant(0.999),
    0x21,
    1,
    ...constant(0.001),
    0x21,
    2,
    ...chains.flatMap((i) => [...constant(i), 0x21, i]),
    0x03,
    0x40,
    ...chains.flatMap((chain, i) => [...step(chain), ...counter(i)]),
    ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    // the result depends on every chain, or the compiler would drop them
    ...[0x20, 3],
    ...chains.slice(1).flatMap((i) => [0x20, i, ...simd(0xe4)]),
    ...simd(0x1f),
    0,
    // and on every counter: f32 of it, added
    ...Array.from({ length: counterCount }, (_, i) => [0x20, 3 + chainCount + i, 0xb2, 0x92]).flat(),
    0x0b,
  ]
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x63, 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ])
}

const flopsPerTurn = chainCount * 4 * 2

function instantiate(relaxed: boolean, counters = false): (turns: number) => number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(chainModule(relaxed, counters)))
  // the module above exports one function of this type
  return exports.c as (turns: number) => number
}

/** Whether this engine has relaxed SIMD, that is a fused multiply and add. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(chainModule(true, false))

/** A canary of about a third of a millisecond; answers the milliseconds it took. */
export function makeCanary(): () => number {
  const chain = instantiate(false, true)
  const turns = 100_000
  for (let i = 0; i < 60; i++) chain(turns / 10)
  return () => {
    const start = performance.now()
    chain(turns)
    return performance.now() - start
  }
}

/** The best rate of ten runs, in GFLOP/s. Relaxed SIMD is left out where the engine has none. */
export function measurePeaks(): { relaxedMadd: number | null; mulAdd: number } {
  const rate = (relaxed: boolean) => {
    const chain = instantiate(relaxed)
    const turns = 400_000
    for (let i = 0; i < 60; i++) chain(turns / 10)
    let best = Infinity
    for (let i = 0; i < 10; i++) {
      const start = performance.now()
      chain(turns)
      best = Math.min(best, performance.now() - start)
    }
    return (turns * flopsPerTurn) / best / 1e6
  }
  return { relaxedMadd: hasRelaxedSimd() ? rate(true) : null, mulAdd: rate(false) }
}
