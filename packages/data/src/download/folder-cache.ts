import type { Cache, Part } from './downloadable.ts'

type Fs = ReturnType<typeof modules>['fs']

const modules = () => ({
  fs: process.getBuiltinModule('node:fs').promises,
  crypto: process.getBuiltinModule('node:crypto'),
  path: process.getBuiltinModule('node:path'),
  os: process.getBuiltinModule('node:os'),
})

/** Where programs of this user keep what can be fetched again. */
function cacheFolder(): string {
  const { path, os } = modules()
  const { env, platform } = process
  if (env['XDG_CACHE_HOME']) return path.join(env['XDG_CACHE_HOME'], 'gradus')
  if (platform === 'win32') return path.join(env['LOCALAPPDATA'] ?? os.homedir(), 'gradus', 'cache')
  if (platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'gradus')
  return path.join(os.homedir(), '.cache', 'gradus')
}

/** Files in a folder of Node, each named by its sum. */
export function folderCache(folder = cacheFolder()): Cache {
  const { fs, path } = modules()
  const pathOf = (sha256: string): string => path.join(folder, sha256)
  return {
    async find(sha256) {
      const file = pathOf(sha256)
      if (!(await exists(fs, file))) return null
      if ((await sumOf(file)) === sha256) return file
      await fs.rm(file)
      return null
    },
    async part(sha256) {
      await fs.mkdir(folder, { recursive: true })
      return partOf(pathOf(sha256), sha256)
    },
  }
}

const exists = (fs: Fs, file: string): Promise<boolean> =>
  fs.access(file).then(
    () => true,
    () => false,
  )

/** The sum of a file, read piece by piece. */
async function sumOf(file: string): Promise<string> {
  const { fs, crypto } = modules()
  const hash = crypto.createHash('sha256')
  const handle = await fs.open(file)
  try {
    for await (const bytes of handle.createReadStream({ autoClose: false })) hash.update(bytes as Uint8Array) // no encoding
  } finally {
    await handle.close()
  }
  return hash.digest('hex')
}

/** Beside the file that is not whole lies one with the version that its bytes are of. */
async function partOf(file: string, sha256: string): Promise<Part> {
  const { fs } = modules()
  const [bytesPath, versionPath] = [`${file}.part`, `${file}.part-version`]
  let handle = await fs.open(bytesPath, 'a')
  const version = await fs.readFile(versionPath, 'utf8').catch(() => null)
  const part: Part = {
    size: (await handle.stat()).size,
    version,
    async restart(version) {
      await handle.close()
      // the old version's name goes first: bytes of one version must never be called another
      await fs.rm(versionPath, { force: true })
      handle = await fs.open(bytesPath, 'w')
      if (version !== null) await fs.writeFile(versionPath, version)
      part.size = 0
      part.version = version
    },
    async append(bytes) {
      await handle.appendFile(bytes)
      part.size += bytes.length
    },
    async finish() {
      await handle.sync()
      await handle.close()
      await fs.rm(versionPath, { force: true })
      const found = await sumOf(bytesPath)
      if (found === sha256) {
        await fs.rename(bytesPath, file)
        return { file }
      }
      await fs.rm(bytesPath)
      return { found }
    },
    leave: () => handle.close(),
  }
  return part
}
