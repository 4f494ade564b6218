// The model, behind an interface of one method: another architecture takes its place by having the same.
import * as g from 'gradus'

/**
 * From windows [n, context] of character numbers to logits [n, p, vocabulary]: what follows each of the last `p`
 * characters of a window. A model that looks at the whole window at once has p = 1; a transformer has p = context.
 */
export type CharModel = g.nn.Module & { forward(ids: g.Tensor): g.Tensor }

/** Sizes of a model. */
export interface ModelSizes {
  vocabulary: number
  context: number
  width: number
}

/**
 * Embeds every character of the window and reads all of them with one multilayer perceptron.
 *
 * @see Bengio et al. 2003, https://www.jmlr.org/papers/v3/bengio03a.html
 */
export class MLP extends g.nn.Module {
  readonly layers: g.nn.Sequential

  constructor({ vocabulary, context, width }: ModelSizes) {
    super()
    const features = 16
    this.layers = new g.nn.Sequential(
      new g.nn.Embedding(vocabulary, features),
      new g.nn.Flatten(),
      new g.nn.Linear(context * features, width),
      new g.nn.GELU(),
      new g.nn.Linear(width, vocabulary),
    )
  }

  forward(ids: g.Tensor): g.Tensor {
    return this.layers(ids).unsqueeze(1)
  }
}

/** How many numbers a model learns. */
export function parameterCount(model: CharModel): number {
  let count = 0
  for (const parameter of model.parameters()) count += parameter.numel()
  return count
}

/**
 * Continues a text without end, one character number at a time, drawn from `softmax(logits / temperature)` with the
 * generator of `manualSeed`.
 *
 * @param prompt - at least one window of characters; the last window is what the model sees first
 */
export function* continueText(
  model: CharModel,
  prompt: Int32Array,
  { context, temperature }: { context: number; temperature: number },
): Generator<number, never> {
  let window = prompt.slice(prompt.length - context)
  model.eval()
  for (;;) {
    const id = g.noGrad(() => {
      const logits = model(g.tensor(window).reshape(1, context)).select(1, -1)
      return g.multinomial(g.softmax(logits.div(temperature), -1), 1).item()
    })
    yield id
    window = Int32Array.of(...window.subarray(1), id)
  }
}
