import { learningRate, path, real, seed, whole, type Chosen } from '../program/options.ts'
import { svgOption } from '../program/svg.ts'

/** The command line of the program. */
export const usage = {
  summary: 'Trains a character-level language model and prints a sample of what it learned.',
  command: 'npm start',
  options: {
    data: path('FILE', 'text to learn, UTF-8', "the repository's own Markdown"),
    steps: whole(400, 1e7, 'optimizer steps'),
    'batch-size': whole(16, 65_536, 'windows in a step'),
    context: whole(48, 1024, 'characters the model sees at most'),
    width: whole(96, 4096, 'units of a layer'),
    layers: whole(3, 48, 'of the transformer'),
    lr: learningRate(0.003),
    seed: seed('of initialisation, batches and sample'),
    sample: whole(400, 1e6, 'characters sampled at the end'),
    temperature: real(0.8, 0.01, 100, 'of the sample: below 1 prefers what is likely'),
    svg: svgOption,
  },
}

/** The settings of a run. */
export type Options = Chosen<typeof usage.options>
