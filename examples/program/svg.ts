// The curve of the losses as a picture.
import { appendFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import type * as Plot from '@observablehq/plot'
import type { History } from './chart.ts'
import { locate } from './files.ts'
import { path, UsageError, type PathOption } from './options.ts'

/** The option that names the file. */
export const svgOption: PathOption = {
  ...path('FILE', 'where to draw the curve of the losses', 'in the terminal alone'),
  check: (file) => tried(file, (path) => appendFileSync(path, '')),
}

// the file need not be there, but its folder
const pathOf = (file: string): string => resolve(locate(dirname(file)), basename(file))

/** Draws the losses of training and of what is held out, and the loss of a uniform guess. Returns the path. */
export async function writeSvg(file: string, history: History, baseline: number): Promise<string> {
  // most runs draw no picture, and these are large
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')])
  return tried(file, (path) => writeFileSync(path, draw(plot, parseHTML, history, baseline)))
}

function tried(file: string, write: (path: string) => void): string {
  const path = pathOf(file)
  try {
    write(path)
    return path
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new UsageError(`${JSON.stringify(file)} cannot be written (${code})`, 1)
  }
}

interface Point {
  step: number
  loss: number
  curve: string
}

const colours = { training: '#1971c2', 'held out': '#f08c00', 'uniform guess': '#868e96' }

function draw(
  plot: typeof Plot,
  parseHTML: (html: string) => { document: unknown },
  { train, heldOut }: History,
  baseline: number,
): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const batches = train.map((loss, i): Point => ({ step: i + 1, loss, curve: 'training' }))
  const measured = heldOut.map((point): Point => ({ ...point, curve: 'held out' }))
  const guess = [0, train.length].map((step): Point => ({ step, loss: baseline, curve: 'uniform guess' }))
  const line = { x: 'step', y: 'loss', stroke: 'curve' }
  const figure = plot.plot({
    // Plot asks for no more of a document than linkedom has
    document: document as Document,
    width: 720,
    height: 400,
    marginTop: 40,
    x: { label: 'step' },
    y: { label: 'loss', grid: true },
    color: { domain: Object.keys(colours), range: Object.values(colours) },
    marks: [
      plot.lineY(guess, { ...line, strokeDasharray: '5 4' }),
      plot.lineY(batches, { ...line, strokeOpacity: 0.35 }),
      plot.lineY(batches, plot.windowY({ k: Math.max(1, Math.round(train.length / 40)), ...line })),
      plot.lineY(measured, { ...line, marker: 'dot' }),
      ...Object.entries(colours).map(([name, fill], i) =>
        plot.text([name], { frameAnchor: 'top-left', dx: i * 90, dy: -28, text: [name], fill, fontSize: 12 }),
      ),
    ],
  })
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // pages are dark or light, the file does not know
  figure.setAttribute('style', 'background: white; font-family: system-ui, sans-serif')
  return figure.outerHTML
}
