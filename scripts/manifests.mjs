// What every published package says of itself: the root's license, author, engines and addresses, its own folder in the
// repository, keywords, a README. `--write` copies the root's fields; `--repository owner/name` asks that the address is
// that of the repository it runs in.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { published } from './published.mjs'

const root = JSON.parse(readFileSync('package.json', 'utf8'))
const address = root.homepage.replace(/#.*/, '')
const write = process.argv.includes('--write')

/** The fields in the order in which npm's documentation lists them; the others follow. */
const order = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'repository',
  'license',
  'author',
]

const shared = (dir, files = []) => ({
  homepage: `${address}/tree/main/${dir}#readme`,
  bugs: root.bugs,
  repository: { ...root.repository, directory: dir },
  license: root.license,
  author: root.author,
  engines: root.engines,
  // npm adds the README and the license by itself, the changelog only if it is named
  files: [...new Set([...files, 'CHANGELOG.md'])],
})

let problems = 0
const report = (text) => {
  problems++
  console.error(text)
}

const at = process.argv.indexOf('--repository')
if (at > 0 && !root.repository.url.endsWith(`/${process.argv[at + 1]}.git`)) {
  report(`package.json: repository is ${root.repository.url}, but this is ${process.argv[at + 1]}`)
}

for (const { dir, manifest } of published) {
  const given = { ...manifest, ...shared(dir, manifest.files) }
  const names = [
    ...order.filter((name) => name in given),
    ...Object.keys(manifest).filter((name) => !order.includes(name)),
  ]
  const right = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, given[name]])), null, 2)}\n`
  const file = join(dir, 'package.json')
  if (readFileSync(file, 'utf8') !== right) {
    if (write) writeFileSync(file, right)
    else
      report(
        `${file}: fields differ from the root's package.json; npx -y ${root.packageManager} fix manifests copies them`,
      )
  }
  if (!(manifest.keywords?.length > 0)) report(`${file}: no keywords`)
  if (!existsSync(join(dir, 'README.md'))) report(`${dir}: no README.md, which is its page on npm`)
}
console.log(`${published.length} packages, ${problems} problems`)
process.exitCode = problems > 0 ? 1 : 0
