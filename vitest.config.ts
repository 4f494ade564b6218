import { defineConfig } from 'vitest/config'
import { writeDocExamples } from './scripts/doc-examples.ts'

await writeDocExamples()

export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    outputFile: { json: '.reports/tests.json' },
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'apps/*/test/**/*.test.ts'],
          testTimeout: 30_000,
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
