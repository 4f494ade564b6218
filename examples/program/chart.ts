// The curve of the losses, drawn in characters.
import { cyan, darkgray, plot, reset, yellow } from 'asciichart'

/** Losses by step, and the held-out losses by the step they were measured after. */
export interface History {
  train: number[]
  heldOut: { step: number; loss: number }[]
}

/** How much room there is, and whether colours can tell the curves apart. */
export interface Canvas {
  columns: number
  colors: boolean
}

const axis = 9
const height = 12

/**
 * Training and held-out loss by step. In colours, one chart with the loss of a uniform guess as a third line; without,
 * a chart for each.
 */
export function lossCurve({ train, heldOut }: History, baseline: number, canvas: Canvas): string {
  const width = Math.max(10, Math.min(canvas.columns - axis - 2, 72))
  const trained = resample(train, width)
  const steps = `${' '.repeat(axis)}0${`${train.length} steps`.padStart(width - 1)}`
  const measured = resample(between(heldOut, train.length), width)
  if (!canvas.colors)
    return [...chart('training loss', trained), ...chart('held-out loss', measured), steps].join('\n')

  const key = [
    `${cyan}─ training${reset}`,
    `${yellow}─ held out${reset}`,
    `${darkgray}─ uniform guess${reset}`,
  ].join('  ')
  const series = [trained.map(() => baseline), trained, measured]
  const drawn = plot(series, { height, format: label, offset: 3, colors: [darkgray, cyan, yellow] })
  return [`${' '.repeat(axis)}${key}`, drawn, steps].join('\n')
}

const chart = (title: string, series: number[]): string[] => [
  `${' '.repeat(axis)}${title}`,
  plot(series, { height: height / 2, format: label }),
]

const label = (loss: number): string => loss.toFixed(3).padStart(axis - 2)

/** The held-out loss at every step, on straight lines between the steps it was measured at. */
function between(points: History['heldOut'], steps: number): number[] {
  let next = 0
  return Array.from({ length: steps }, (_, i) => {
    const step = i + 1
    while (next < points.length - 1 && points[next].step < step) next++
    const [a, b] = [points[Math.max(0, next - 1)], points[next]]
    // training that was stopped has steps after the last point
    const part = b.step > a.step ? Math.min(1, (step - a.step) / (b.step - a.step)) : 1
    return a.loss + part * (b.loss - a.loss)
  })
}

/** Means of equal stretches of `values`, one for each column; values repeat if there are fewer. */
function resample(values: readonly number[], columns: number): number[] {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns)
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns))
    const part = values.slice(from, to)
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}
