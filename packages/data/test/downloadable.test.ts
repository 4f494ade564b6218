import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { downloadable, type DownloadProgress } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'gradus-download-'))
const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3))
const sha256 = createHash('sha256').update(content).digest('hex')

/** What the server does with a request. */
type Behaviour = (request: IncomingMessage, response: ServerResponse, count: number) => void

let behave: Behaviour
let ranges: (string | undefined)[] = []
let folder = ''
let tests = 0
let url = ''
const server = createServer((request, response) => {
  ranges.push(request.headers.range)
  behave(request, response, ranges.length)
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = typeof address === 'object' ? `http://127.0.0.1:${address!.port}/file` : ''
})
beforeEach(() => {
  ranges = []
  folder = join(root, String(tests++))
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(root, { recursive: true })
})

const startOf = (request: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)

/** Answers as servers of files do; `cut` bytes later the connection ends. */
function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { body = content, tag = '"1"', cut = Infinity } = {},
): void {
  const start = request.headers['if-range'] === tag ? startOf(request) : 0
  response.setHeader('ETag', tag)
  response.setHeader('Content-Length', body.length - start)
  if (start > 0) {
    response.statusCode = 206
    response.setHeader('Content-Range', `bytes ${start}-${body.length - 1}/${body.length}`)
  }
  if (cut >= body.length - start) response.end(body.subarray(start))
  else response.write(body.subarray(start, start + cut), () => setTimeout(() => response.destroy(), 200))
}

const fetched = async (options = {}): Promise<Buffer> =>
  readFileSync((await downloadable(url, { sha256, folder, ...options })) as string)

test('a file is fetched, checked, reported on, and kept', async () => {
  behave = (request, response) => serve(request, response)
  const progress: DownloadProgress[] = []
  expect((await fetched({ onProgress: (p: DownloadProgress) => progress.push(p) })).equals(content)).toBe(
    true,
  )
  expect(progress[0]).toEqual({ received: 0, total: content.length })
  expect(progress.at(-1)).toEqual({ received: content.length, total: content.length })
  expect(readdirSync(folder)).toEqual([sha256])
  await fetched()
  expect(ranges).toEqual([undefined])
})

test('a kept file that was damaged is fetched again', async () => {
  behave = (request, response) => serve(request, response)
  await fetched()
  writeFileSync(join(folder, sha256), 'damaged')
  expect((await fetched()).equals(content)).toBe(true)
  expect(ranges).toHaveLength(2)
})

test('a connection that is cut goes on where it ended', async () => {
  behave = (request, response, count) => serve(request, response, { cut: count < 3 ? 100_000 : Infinity })
  expect((await fetched()).equals(content)).toBe(true)
  expect(ranges).toHaveLength(3)
  expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true)
})

test('another call goes on after the bytes of one that gave up', async () => {
  behave = (request, response) => serve(request, response, { cut: 100_000 })
  await expect(fetched({ retries: 0 })).rejects.toThrow(
    /could not be fetched[\s\S]*another call goes on after them/,
  )
  behave = (request, response) => serve(request, response)
  expect((await fetched()).equals(content)).toBe(true)
  expect(ranges[1]).toMatch(/^bytes=[1-9]/)
})

test('a server without ranges, and one whose file changed, send all of it again', async () => {
  behave = (_, response, count) => {
    response.setHeader('Content-Length', content.length)
    if (count === 1) response.write(content.subarray(0, 5000), () => setTimeout(() => response.destroy(), 30))
    else response.end(content)
  }
  expect((await fetched()).equals(content)).toBe(true)
  const other = Buffer.from(content).fill(1, 0, 100)
  folder += 'changed'
  behave = (request, response, count) =>
    serve(request, response, count === 3 ? { body: other, tag: '"old"', cut: 5000 } : {})
  expect((await fetched()).equals(content)).toBe(true)
})

test('a server that answers with another part than was asked for is not believed', async () => {
  behave = (request, response, count) => {
    if (count === 1) return serve(request, response, { cut: 5000 })
    if (count > 2) return serve(request, response)
    response.statusCode = 206
    response.setHeader('Content-Range', `bytes 10-${content.length - 1}/${content.length}`)
    response.end(content.subarray(10))
  }
  expect((await fetched()).equals(content)).toBe(true)
})

test('another file than was meant is refused, and not kept', async () => {
  behave = (request, response) => serve(request, response, { body: Buffer.from('a web page') })
  const found = createHash('sha256').update('a web page').digest('hex')
  await expect(fetched()).rejects.toThrow(`${url} has the SHA-256 ${found}, not ${sha256}`)
  expect(readdirSync(folder)).toEqual([])
})

test('a server that refuses is not asked again, one that is overwhelmed is', async () => {
  behave = (_, response) => response.writeHead(404).end('no')
  await expect(fetched()).rejects.toThrow('the server answered 404 Not Found')
  expect(ranges).toHaveLength(1)
  behave = (request, response, count) =>
    count === 2 ? response.writeHead(503).end() : serve(request, response)
  expect((await fetched()).equals(content)).toBe(true)
})

test('nobody who answers is an error after the tries', async () => {
  const gone = `http://127.0.0.1:1/file`
  await expect(downloadable(gone, { sha256, folder, retries: 1 })).rejects.toThrow(
    `${gone} could not be fetched`,
  )
  expect(existsSync(join(folder, sha256))).toBe(false)
})

test('a sum is asked for, and options are checked', async () => {
  const untyped = downloadable as (url: unknown, options?: unknown) => Promise<unknown>
  await expect(untyped(url)).rejects.toThrow('downloadable needs sha256')
  await expect(untyped(url, { sha256: 'abc' })).rejects.toThrow('sha256 must be 64 hexadecimal digits')
  await expect(untyped(url, { sha256, cache: 1 })).rejects.toThrow("downloadable has no option 'cache'")
  await expect(untyped('ftp://x/y', { sha256 })).rejects.toThrow('an http or https URL')
  await expect(untyped(3, { sha256 })).rejects.toThrow('an http or https URL')
})
