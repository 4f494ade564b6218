import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Reply, Request } from '../protocol.ts'

/** A contender in a process (or page) of its own. */
export interface Remote {
  /** Never rejects: a process that dies or does not answer in `timeout` milliseconds is an error reply. */
  request<R extends Request>(request: R, timeout: number): Promise<Reply<R['op']>>
  /** False once it died or was given up on; a new one has to be started. */
  readonly alive: boolean
  close(): Promise<void>
}

/** A Node or Python process that speaks the protocol on stdin and descriptor 3. */
export class ProcessRemote implements Remote {
  private readonly child: ChildProcess
  private readonly input: Writable
  private readonly ended: Promise<void>
  private waiting: ((line: string | null) => void) | null = null
  private errors = ''
  alive = true

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    })
    // the four descriptors were asked for as pipes
    this.input = this.child.stdin as Writable
    const replies = this.child.stdio[3] as Readable
    this.input.on('error', () => {})
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-2000)
    })
    createInterface({ input: replies }).on('line', (line) => this.settle(line))
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.alive = false
        this.settle(null)
        resolve()
      }
      this.child.on('error', (error) => {
        this.errors += error.message
        end()
      })
      this.child.on('exit', end)
    })
  }

  private settle(line: string | null): void {
    const resolve = this.waiting
    this.waiting = null
    resolve?.(line)
  }

  async request<R extends Request>(request: R, timeout: number): Promise<Reply<R['op']>> {
    if (!this.alive) return { error: this.lastWords() }
    const line = await new Promise<string | null>((resolve) => {
      const timer = setTimeout(() => {
        this.waiting = null
        this.child.kill('SIGKILL')
        this.alive = false
        this.errors = `no answer within ${timeout / 1000} s`
        resolve(null)
      }, timeout)
      this.waiting = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.input.write(`${JSON.stringify(request)}\n`)
    })
    if (line === null) return { error: this.lastWords() }
    // the other end is session.ts or worker.py
    return JSON.parse(line) as Reply<R['op']>
  }

  private lastWords(): string {
    const lines = this.errors.trim().split('\n')
    const telling = lines.findLast((line) => /error|no answer/i.test(line)) ?? lines.at(-1)
    return telling === undefined || telling === '' ? 'the process ended' : telling.trim()
  }

  async close(): Promise<void> {
    this.input.end()
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 2000)
    await this.ended
    clearTimeout(timer)
  }
}
