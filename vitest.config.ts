import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { writeDocExamples } from './scripts/doc-examples.ts'

await writeDocExamples()

const compiled = fileURLToPath(new URL('packages/testing/src/wasm-in-place-of-reference.ts', import.meta.url))

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/tests.json' },
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'apps/*/test/**/*.test.ts',
          ],
          // kernels are compared over many shapes: half a minute is passed where the machine has other work
          testTimeout: 60_000,
        },
      },
      {
        // the same tests on the compiled backend: what asks for the reference backend is given the other
        resolve: {
          alias: [{ find: /^(@gradus\/core\/reference|.*\/reference\/index\.ts)$/, replacement: compiled }],
        },
        test: {
          name: 'wasm',
          include: [
            'packages/{core,autograd,nn,optim,amp}/test/*.test.ts',
            'packages/testing/test/{accumulation,accumulation-mistakes,amp,errors,grad-factor,grad-scaler,accumulation-gpt,accumulation-memory,half-precision,lbfgs,mixed-precision}.test.ts',
            'packages/testing/test/{gradcheck,memory,modules,opinfo,optim,pointwise,promotion,sched}.test.ts',
          ],
          exclude: ['**/reference*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'docs',
          include: ['packages/testing/.doc-examples/*.test.ts'],
          // many files of few lines: loading gradus once for each would take most of the time
          isolate: false,
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/test/**/*.test-d.ts'],
            tsconfig: 'tsconfig.json',
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
})
