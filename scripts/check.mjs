// `pnpm check` runs every check; `pnpm check lint types` runs the named ones; `pnpm fix` repairs what can be repaired.
import { spawnSync } from 'node:child_process'

/** [name, command, command that repairs] */
const steps = [
  ['format', 'prettier --check --log-level warn .', 'prettier --write --log-level warn .'],
  ['lint', 'eslint --max-warnings 0 .', 'eslint --max-warnings 0 --fix .'],
  // asks the type checker, which takes as long as all other rules together
  [
    'assertions',
    'eslint --config eslint.typed.config.js --max-warnings 0 .',
    'eslint --config eslint.typed.config.js --max-warnings 0 --fix .',
  ],
  ['methods', 'node scripts/methods.mjs', 'node scripts/methods.mjs --write'],
  ['api', 'node scripts/api.mjs', 'node scripts/api.mjs --write'],
  ['manifests', 'node scripts/manifests.mjs', 'node scripts/manifests.mjs --write'],
  ['coverage', 'node scripts/coverage.mjs', 'node scripts/coverage.mjs --write'],
  // its --fix would drop the comments of pnpm-workspace.yaml
  ['workspace', 'sherif'],
  ['types', 'tsc -p .'],
  ['cycles', 'node scripts/cycles.mjs'],
  ['unused', 'knip --no-progress --no-config-hints'],
  ['test', 'vitest run'],
  [
    'build',
    'turbo run build --output-logs=errors-only --continue=dependencies-successful && node scripts/declarations.mjs',
  ],
  ['pack', 'node scripts/pack.mjs'],
  ['sizes', 'node scripts/sizes.mjs', 'node scripts/sizes.mjs --write'],
]

const fix = process.argv.includes('--fix')
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = wanted.filter((name) => !steps.some(([step]) => step === name))
if (unknown.length > 0) {
  console.error(
    `no check is called ${unknown.join(', ')}; there are ${steps.map(([name]) => name).join(', ')}`,
  )
  process.exit(2)
}

const failed = []
for (const [name, check, repair] of steps) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  if (fix && repair === undefined) continue
  const began = performance.now()
  console.log(`\n== ${name}`)
  const { status } = spawnSync(fix ? repair : check, {
    shell: true,
    stdio: 'inherit',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok' : 'FAILED'} ${name} (${seconds} s)`)
  if (status !== 0) failed.push(name)
}

console.log(failed.length > 0 ? `\nfailed: ${failed.join(', ')}` : '\nall checks passed')
process.exitCode = failed.length > 0 ? 1 : 0
