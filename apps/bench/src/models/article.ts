import type { Case } from '../case.ts'
import { fill } from '../fill.ts'
import * as gradus from '../libraries/gradus.ts'
import type { JaxArray } from '../libraries/jax.ts'
import * as jaxjs from '../libraries/jax.ts'
import * as tfjs from '../libraries/tfjs.ts'

/** nn.Linear(10, 1), MSELoss, SGD(lr=0.1) on ten rows: the smallest program that trains. */
export const article: Pick<Case, 'gradus' | 'jax' | 'tfjs' | 'js' | 'torch'> = {
  gradus: (g) => {
    const model = new g.nn.Linear(10, 1)
    gradus.setParameters(g, model)
    const lossFn = new g.nn.MSELoss()
    const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
    const [x, y] = [gradus.tensorOf(g, [10, 10], 1), gradus.tensorOf(g, [10, 1], 2)]
    return gradus.stepping(g, () => {
      optimizer.zeroGrad()
      const loss = lossFn(model(x), y)
      loss.backward()
      optimizer.step()
      return loss
    })
  },
  jax: (jax) => {
    const { numpy: np } = jax
    const [x, y] = [jaxjs.arrayOf(jax, [10, 10], 1), jaxjs.arrayOf(jax, [10, 1], 2)]
    const step = jax.jit((w: JaxArray, b: JaxArray, xs: JaxArray, ys: JaxArray) => {
      const lossOf = (u: JaxArray, v: JaxArray) => np.mean(np.square(np.matmul(xs, u).add(v).sub(ys)))
      const [loss, [dw, db]] = jax.valueAndGrad(lossOf, { argnums: [0, 1] })(w.ref, b.ref)
      return [loss, w.sub(dw.mul(0.1)), b.sub(db.mul(0.1))]
    })
    let [w, b] = [jaxjs.weightOf(jax, 0, 1, 10), np.zeros([1])]
    const run = async () => {
      const [loss, nextW, nextB] = step(w, b, x.ref, y.ref)
      w = nextW
      b = nextB
      await jax.blockUntilReady([loss, w, b])
      return loss
    }
    return {
      run: async () => (await run()).dispose(),
      result: async () => [(await run()).item(), (await run()).item(), (await run()).item()],
      release: () => jax.tree.dispose([w, b, x, y]),
    }
  },
  tfjs: (tf) => {
    const [x, y] = [tfjs.tensorOf(tf, [10, 10], 1), tfjs.tensorOf(tf, [10, 1], 2)]
    const [w, b] = [tfjs.weightOf(tf, 0, 1, 10), tfjs.constantOf(tf, [1], 0)]
    const optimizer = tf.train.sgd(0.1)
    const step = () => {
      const loss = optimizer.minimize(
        () => tfjs.scalarOf(tf, tf.losses.meanSquaredError(y, tf.add(tf.matMul(x, w), b))),
        true,
        [w, b],
      )
      if (loss === null) throw new Error('no loss')
      return loss
    }
    return {
      run: () => step().dispose(),
      result: () => [step().dataSync()[0], step().dataSync()[0], step().dataSync()[0]],
      release: () => tf.disposeVariables(),
    }
  },
  js: () => {
    const [x, y] = [fill(100, 1), fill(10, 2)]
    const w = fill(10, 1000).map((value) => value / Math.sqrt(10))
    let b = 0
    const dw = new Float32Array(10)
    const step = () => {
      dw.fill(0)
      let [db, loss] = [0, 0]
      for (let i = 0; i < 10; i++) {
        let z = b
        for (let j = 0; j < 10; j++) z += x[i * 10 + j] * w[j]
        const error = z - y[i]
        loss += (error * error) / 10
        const g = (2 * error) / 10
        db += g
        for (let j = 0; j < 10; j++) dw[j] += g * x[i * 10 + j]
      }
      for (let j = 0; j < 10; j++) w[j] -= 0.1 * dw[j]
      b -= 0.1 * db
      return loss
    }
    return { run: step, result: () => [step(), step(), step()] }
  },
  torch: `
model = nn.Linear(10, 1)
x, y = fill(10, 10, seed=1), fill(10, 1, seed=2)
run, result = training(model, lambda m: F.mse_loss(m(x), y), torch.optim.SGD(model.parameters(), lr=0.1))
`,
}
