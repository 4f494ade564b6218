// The article's program on accumulated gradients, line by line, with a seed: prints the losses that PyTorch prints.
import * as g from 'gradus'

g.manualSeed(0)
const model = new g.nn.Linear(10, 1)
const lossFn = new g.nn.MSELoss()
const optimizer = new g.optim.SGD(model.parameters(), { lr: 0.1 })
const x = g.randn(10, 10)
const y = g.randn(10, 1)

for (let epoch = 0; epoch < 100; epoch++) {
  optimizer.zeroGrad()
  const loss = lossFn(model(x), y)
  loss.backward()
  optimizer.step()
  // what the article wanted of optimizer.param_groups[0]['grad']
  const gradNorm = g.optim.getTotalNorm(optimizer.paramGroups[0].grads())
  console.log(epoch, loss.item(), gradNorm.item())
}
