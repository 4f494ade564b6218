import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ones, setBackend, type Tensor } from '@gradus/core'
import { referenceBackend } from '@gradus/core/reference'
import { afterAll, describe, expect, test } from 'vitest'
import { blobSource, bytesSource, fileFolder, httpSource, load, save, toBytes } from '../src/index.ts'
import { fileSink } from '../src/source/node-files.ts'

setBackend(referenceBackend())

const scratch = (): string => mkdtempSync(join(tmpdir(), 'gradus-io-'))
const ten = Uint8Array.from({ length: 10 }, (_, i) => i)

describe('a source of bytes', () => {
  const folder = scratch()
  writeFileSync(join(folder, 'ten'), ten)
  const sources = {
    memory: async () => bytesSource(ten),
    'a part of memory': async () => bytesSource(Uint8Array.of(9, ...ten, 9).subarray(1, 11)),
    'a buffer': async () => bytesSource(ten.slice().buffer),
    'a Blob': async () => blobSource(new Blob([ten])),
    'a file': async () => fileFolder(folder).open('ten'),
  }
  for (const [name, open] of Object.entries(sources)) {
    test(`${name} gives exactly the bytes that were asked for`, async () => {
      const source = await open()
      expect(source.size).toBe(10)
      expect([...(await source.read(3, 4))]).toEqual([3, 4, 5, 6])
      expect([...(await source.read(10, 0))]).toEqual([])
      for (const [offset, length] of [
        [8, 3],
        [-1, 2],
        [0, -1],
        [0.5, 1],
        [2 ** 60, 2 ** 60],
      ] as const)
        await expect(source.read(offset, length)).rejects.toThrow('are beyond the file, which has 10 bytes')
      await source.close()
    })
  }
})

describe('files of Node', () => {
  test('load and save take a path and a URL', async () => {
    const folder = scratch()
    await save({ a: ones(2) }, join(folder, 'a.safetensors'))
    expect(readFileSync(join(folder, 'a.safetensors'))[8]).toBe('{'.charCodeAt(0))
    await save(ones(2), pathToFileURL(join(folder, 'a.npy')))
    expect((await load<Tensor>(pathToFileURL(join(folder, 'a.npy')))).tolist()).toEqual([1, 1])
    expect(await load(new Blob([await toBytes({ a: 1 })]))).toEqual({ a: 1 })
  })

  test('an error says what is wrong with which file', async () => {
    const folder = scratch()
    await expect(load(join(folder, 'none'))).rejects.toThrow('none" failed: there is no such file or folder')
    await expect(load(folder)).rejects.toThrow('is not a file')
    await expect(load('')).rejects.toThrow('"" is not a path')
    await expect(save({}, join(folder, 'none', 'a.pt'))).rejects.toThrow('there is no such file or folder')
    await expect(save({}, new URL('https://127.0.0.1/a.pt'))).rejects.toThrow('cannot be written to')
    // @ts-expect-error a number is nothing to load from
    await expect(load(3)).rejects.toThrow('expected a path, URL, Blob, bytes or ByteSource, got 3')
    // @ts-expect-error a format that is none
    await expect(save({}, join(folder, 'a'), { format: 'zip' })).rejects.toThrow('format must be')
  })

  test('under its name is the file of before until the new one is whole', async () => {
    const folder = scratch()
    const file = join(folder, 'a')
    writeFileSync(file, 'before')
    const sink = await fileSink(file)
    await sink.write(Uint8Array.of(1, 2))
    expect(readFileSync(file, 'utf8')).toBe('before')
    await sink.close()
    expect([...readFileSync(file)]).toEqual([1, 2])
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('a value that cannot be saved leaves the file of before and nothing else', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'a.pt'), 'before')
    await expect(save({ f: () => 1 }, join(folder, 'a.pt'))).rejects.toThrow('a function cannot be saved')
    const sink = await fileSink(join(folder, 'a.pt'))
    await sink.write(Uint8Array.of(1))
    await sink.abort()
    expect(readFileSync(join(folder, 'a.pt'), 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['a.pt'])
  })

  test('a link stays one: the file it leads to is replaced', async () => {
    const folder = scratch()
    writeFileSync(join(folder, 'target.json'), '')
    symlinkSync('target.json', join(folder, 'link.json'))
    await save([1], join(folder, 'link.json'))
    expect(await load(join(folder, 'target.json'))).toEqual([1])
  })

  test('a folder removes what a dead process left, and not what one is writing', async () => {
    const directory = scratch()
    const folder = fileFolder(directory)
    writeFileSync(join(directory, '.a.pt.999999999-0-abc.partial'), '')
    const sink = await folder.create('b.pt')
    expect(await folder.list()).toEqual([])
    expect(readdirSync(directory)).toHaveLength(1)
    await sink.close()
    expect(await folder.list()).toEqual(['b.pt'])
    await folder.remove('b.pt')
    await folder.remove('b.pt')
    expect(await folder.list()).toEqual([])
    await expect(folder.open('../secret')).rejects.toThrow('is not the name of a file')
    expect(await fileFolder(join(directory, 'none')).list()).toEqual([])
  })
})

describe('HTTP', () => {
  const servers: Server[] = []
  afterAll(() => servers.forEach((server) => server.close()))

  async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/model.pt`)
  }

  /** Answers ranges of a file, and notes them. */
  const ranges =
    (file: () => Uint8Array, asked: string[], tag = (): string => '"1"') =>
    (request: IncomingMessage, response: ServerResponse): void => {
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
      asked.push(request.headers.range ?? 'all')
      const bytes = file()
      const end = Math.min(Number(to) + 1, bytes.length)
      response.writeHead(206, { 'Content-Range': `bytes ${from}-${end - 1}/${bytes.length}`, ETag: tag() })
      response.end(bytes.subarray(Number(from), end))
    }

  test('a small file is one request, and a large one is read where it is asked for', async () => {
    const asked: string[] = []
    const small = await toBytes({ a: ones(3) })
    const url = await serve(ranges(() => small, asked))
    expect((await load<{ a: Tensor }>(url.href)).a.tolist()).toEqual([1, 1, 1])
    expect(asked).toEqual(['bytes=0-65535'])
    const large = Uint8Array.from({ length: 1e6 }, (_, i) => i)
    const source = await httpSource(await serve(ranges(() => large, asked)))
    expect([source.size, [...(await source.read(500_000, 2))]]).toEqual([
      1e6,
      [large[500_000], large[500_001]],
    ])
    expect(asked.slice(1)).toEqual(['bytes=0-65535', 'bytes=500000-500001'])
  })

  test('a server without ranges sends all of it once', async () => {
    const url = await serve((_, response) => response.end(ten))
    const source = await httpSource(url)
    expect([source.size, [...(await source.read(8, 2))]]).toEqual([10, [8, 9]])
  })

  test('a file that changes between two requests is an error', async () => {
    let version = 0
    const url = await serve(
      ranges(
        () => new Uint8Array(1e5),
        [],
        () => `"${version++}"`,
      ),
    )
    const source = await httpSource(url)
    await expect(source.read(90_000, 10)).rejects.toThrow('changed while it was read')
  })

  test('an answer that is none is an error with its number', async () => {
    const url = await serve((_, response) => response.writeHead(404).end())
    await expect(load(url)).rejects.toThrow(`${url.href} answered 404 Not Found`)
    await expect(load('http://127.0.0.1:9/x')).rejects.toThrow('cannot be fetched')
  })

  test('an empty file says so', async () => {
    await expect(load(await serve((_, response) => response.writeHead(416).end()))).rejects.toThrow(
      'the file is empty',
    )
  })
})
