// Files that import each other in a circle, type imports aside: such modules depend on the order they are loaded in.
import { parseDependencyTree, parseCircular } from 'dpdm'

const tree = await parseDependencyTree(['packages/*/src/**/*.ts', 'examples/src/**/*.ts'], {
  context: process.cwd(),
  // drops imports that are types only
  transform: true,
  exclude: /node_modules/,
})
const files = Object.values(tree).filter((imports) => imports !== null).length
const cycles = parseCircular(tree)

for (const cycle of cycles) console.error([...cycle, cycle[0]].join(' -> '))
console.log(`${files} files, ${cycles.length} cycles`)
process.exitCode = cycles.length > 0 ? 1 : 0
