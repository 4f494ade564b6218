/* Saves checkpoints of FOLDER one after the other until it is killed, and says which are whole and lasting. Every number in one is its step. */
import * as g from 'gradus'

const [folder = ''] = process.argv.slice(2)
const model = new g.nn.Linear(300, 300)
const checkpoints = new g.io.Checkpoints(folder, { model }, { keep: 2 })
const resumed = await checkpoints.resume()

for (let step = (resumed?.step ?? 0) + 1; ; step++) {
  g.noGrad(() => model.parameters().forEach((p) => p.fill_(step)))
  // every other one is written while the next is made
  if (step % 2 === 0) await checkpoints.saveInBackground({ step })
  else {
    await checkpoints.save({ step })
    console.log(step)
  }
}
