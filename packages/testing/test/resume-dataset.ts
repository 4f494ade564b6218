/* The rows that resume-program trains on, made in its loader's workers: noise from each item's own generator and what the default one gives. */
import * as g from 'gradus'

/** Forty rows `{ x: [6], y }` that differ from epoch to epoch. */
export class Rows extends g.utils.data.Dataset<{ x: g.Tensor; y: number }> {
  readonly length = 40
  override async get(index: number, context?: g.utils.data.ItemContext): Promise<{ x: g.Tensor; y: number }> {
    // rows come out of their order
    await new Promise((resolve) => setTimeout(resolve, (index * 7) % 4))
    const noise = g.randn([6], { generator: context?.generator })
    return { x: noise.add(index % 3), y: index % 3 }
  }
}

g.utils.data.serveDataset(() => new Rows())
