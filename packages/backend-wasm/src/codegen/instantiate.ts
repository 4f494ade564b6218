import type { Kernel } from './compile.ts'

/** The exports of a kernel; see {@link Kernel}. */
export interface KernelFunctions {
  readonly run: (block: number, from: number, to: number) => void
  readonly runMany: (table: number, from: number, to: number) => void
}

/** Functions of doubles by the name of the primitive, for kernels that import some. */
export type HostFunction = (name: string) => (x: number, y: number) => number

/** Compiles and links a kernel on this thread. */
export function instantiateKernel(
  kernel: Kernel,
  memory: WebAssembly.Memory,
  host: HostFunction,
): KernelFunctions {
  const env: Record<string, WebAssembly.ImportValue> = { memory }
  for (const name of kernel.imports) env[name] = host(name)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel.bytes), { env })
  // the module was written by compileProgram, which exports these two
  return exports as unknown as KernelFunctions
}
