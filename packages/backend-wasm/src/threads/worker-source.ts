import { control, entryNames, spinMs, spinTurns } from './control.ts'

/**
 * The script of a worker, in Node and in a page: it imports nothing and is complete in itself. A page whose policy forbids
 * scripts from blobs serves this text and gives its address as `workerUrl`.
 */
export const workerSource = `'use strict'
function work({ memory, thread }) {
  const words = new Int32Array(memory.buffer, 0, ${control.end / 4})
  const modules = new Map()
  const load = (code) => {
    const at = words[${control.codeAddress}] >>> 0
    // a module is not made of shared bytes: slice() copies them
    const bytes = new Uint8Array(memory.buffer, at, words[${control.codeBytes}]).slice()
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, thread } })
    modules.set(code, instance.exports)
    return instance.exports
  }
  const job = () => {
    const names = ${JSON.stringify(entryNames)}
    const chunks = words[${control.chunks}]
    const grain = words[${control.grain}]
    const argument = words[${control.argument}]
    const code = words[${control.code}]
    let run
    for (;;) {
      if (Atomics.load(words, ${control.next}) >= chunks) return
      // before a chunk is claimed: others do them all while this one compiles
      if (run === undefined) run = (modules.get(code) || load(code))[names[words[${control.entry}]]]
      const from = Atomics.add(words, ${control.next}, grain)
      if (from >= chunks) return
      const to = Math.min(chunks, from + grain)
      try {
        run(argument, from, to)
      } catch (error) {
        Atomics.add(words, ${control.failed}, 1)
      }
      Atomics.add(words, ${control.finished}, to - from)
      Atomics.notify(words, ${control.finished})
    }
  }
  // leaves the rest of a core to its other thread, where the engine can say so
  const pause = Atomics.pause || (() => {})
  let seen = 0
  Atomics.add(words, ${control.ready}, 1)
  for (;;) {
    let since = 0
    for (let turn = 1; Atomics.load(words, ${control.epoch}) === seen; turn++) {
      pause()
      if (turn % ${spinTurns} !== 0) continue
      const now = performance.now()
      if (since === 0) since = now
      if (now - since < ${spinMs}) continue
      Atomics.add(words, ${control.sleeping}, 1)
      Atomics.wait(words, ${control.epoch}, seen)
      Atomics.sub(words, ${control.sleeping}, 1)
      since = 0
    }
    seen = Atomics.load(words, ${control.epoch})
    Atomics.add(words, ${control.active}, 1)
    try {
      if (Atomics.load(words, ${control.open}) === 1) job()
    } catch (error) {
      // a module that does not load here runs on the other threads
    }
    Atomics.sub(words, ${control.active}, 1)
  }
}
if (typeof require === 'function') work(require('node:worker_threads').workerData)
else self.onmessage = (event) => work(event.data)
`
