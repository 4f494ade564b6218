// What scripts/long-loop.mjs runs in a Node: a training loop in one style, and the process's resident size over its steps.
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { manualSeed, memory, nn, noGrad, optim, randint, randn } from 'gradus'

const [style = 'sync', count = '30000'] = process.argv.slice(2)
const steps = Number(count)
manualSeed(1)
const model = new nn.Sequential(new nn.Linear(64, 256), new nn.ReLU(), new nn.Linear(256, 10))
const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 })
const criterion = new nn.CrossEntropyLoss()
const [inputs, targets] = [randn(512, 64), randint(0, 10, [512])]

function train(step: number): void {
  const start = (step * 32) % 512
  optimizer.zeroGrad()
  const loss = criterion(model(inputs.narrow(0, start, 32)), targets.narrow(0, start, 32))
  loss.backward()
  optimizer.step()
}

/** What programs do between epochs: predictions of everything, and a number of them. */
function evaluate(): number {
  model.eval()
  const right = noGrad(() => model(inputs).argmax(1).eq(targets).sum().item())
  model.train()
  return right
}

/** What is left in the engine's heap after a collection, which the trace of the resident size is not to see often. */
setFlagsFromString('--expose-gc')
// the flag makes the name known to contexts that are made from here on
const collect = runInNewContext('gc') as () => void
const kept: number[] = []
const trace: (readonly [step: number, resident: number, ofTensors: number])[] = []
for (let step = 0; step <= steps; step++) {
  train(step)
  if (style.includes('await')) await null
  if (style.includes('setImmediate')) await setImmediate()
  if (style.includes('evaluation') && step % 50 === 49) evaluate()
  if (step % Math.ceil(steps / 300) === 0)
    trace.push([step, process.memoryUsage.rss() / 2 ** 20, memory().live / 2 ** 20])
  if (step % Math.ceil(steps / 4) === 0) {
    collect()
    kept.push(process.memoryUsage().heapUsed / 2 ** 20)
  }
}
process.stdout.write(JSON.stringify({ node: process.version, style, trace, kept }))
