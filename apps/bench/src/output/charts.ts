import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Suite } from '../case.ts'
import { Figures, shown } from '../figures.ts'
import type { Report, Row } from '../report.ts'
import { median } from '../statistics.ts'
import { suites } from '../suites/index.ts'
import { families, type Family } from '../suites/scaling.ts'

interface Chart {
  file: string
  svg: string
}

interface Point {
  case: string
  peer: string
  value: number
}

// one colour for each library, in every chart
const colours: Record<string, string> = {
  gradus: '#d6336c',
  'gradus-2t': '#f5a3c0',
  'jax-js': '#1971c2',
  'tfjs-wasm': '#f08c00',
  'tfjs-cpu': '#fcc97d',
  js: '#868e96',
  torch: '#2b8a3e',
  'torch-2t': '#8fce9b',
}

function toSvg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  // Plot asks for no more of a document than linkedom has
  const figure = Plot.plot({ ...options, document })
  const svg = figure.tagName.toLowerCase() === 'svg' ? figure : figure.querySelector('svg')
  if (svg === null) throw new Error('the chart has no picture')
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // pages are dark or light, the file does not know
  svg.setAttribute('style', 'background: white; font-family: system-ui, sans-serif')
  return svg.outerHTML
}

/** Charts of a run by suite: the name of a file and its text. */
export function drawCharts(report: Report): Map<string, Chart[]> {
  const figures = new Figures(report)
  const drawn = new Map<string, Chart[]>()
  for (const suite of suites) {
    const runtime = figures.runtimes()[0]
    if (
      runtime === undefined ||
      !report.rows.some((row) => row.suite === suite.name && row.samples.length > 0)
    )
      continue
    const charts =
      suite.chart === 'scaling'
        ? scalingCharts(figures, runtime)
        : suite.chart === 'value'
          ? []
          : [{ file: `${suite.name}.svg`, svg: dots(suite, figures, runtime) }]
    drawn.set(suite.name, charts)
  }
  return drawn
}

const isIn = (runtime: string, id: string) => id.endsWith(`@${runtime}`) || !id.includes('@')

/** One line per case, one dot per library: far right is fast for rates, far left for times. */
function dots(suite: Suite, figures: Figures, runtime: string): string {
  const points: Point[] = []
  let unit = ''
  for (const one of suite.cases) {
    for (const { id, peer } of figures.report.contenders) {
      const row = figures.row(suite.name, one.name, id)
      if (row === null || row.samples.length === 0 || !isIn(runtime, id)) continue
      const figure = shown(suite, one, row)
      unit = figure.unit
      points.push({ case: one.name, peer, value: figure.value })
    }
  }
  const names = suite.cases
    .map((one) => one.name)
    .filter((name) => points.some((point) => point.case === name))
  const marginLeft = 12 + 6.6 * Math.max(...names.map((name) => name.length))
  const present = Object.keys(colours).filter((peer) => points.some((point) => point.peer === peer))
  // gradus is drawn last, over the others
  points.sort((a, b) => Object.keys(colours).indexOf(b.peer) - Object.keys(colours).indexOf(a.peer))
  const peaks = figures.contender(`gradus@${runtime}`)?.peaks
  const limit = suite.chart === 'gflops' && peaks != null ? [peaks.relaxedMadd ?? peaks.mulAdd] : []
  return toSvg({
    width: 900,
    height: 80 + names.length * 26,
    marginLeft,
    marginTop: 56,
    marginRight: 24,
    x: {
      type: 'log',
      grid: true,
      inset: 10,
      label: `${unit} (${runtime})`,
      tickFormat: (value: number) => `${Number(value.toPrecision(6))}`,
    },
    y: { domain: names, label: null },
    color: { domain: present, range: present.map((peer) => colours[peer]) },
    marks: [
      Plot.ruleX(limit, { stroke: '#868e96', strokeDasharray: '4 3' }),
      Plot.text(limit, {
        x: (value: number) => value,
        text: () => 'limit',
        frameAnchor: 'bottom',
        dy: -4,
        dx: -4,
        textAnchor: 'end',
        fill: '#868e96',
      }),
      Plot.ruleY(names, { stroke: '#e9ecef' }),
      Plot.dot(points, { x: 'value', y: 'case', fill: 'peer', r: 5, fillOpacity: 0.9 }),
      // a legend inside the picture, so that the file is one SVG
      ...legend(present, marginLeft),
    ],
  })
}

/** Names beside their colours, from the left edge of the picture. */
const legend = (present: readonly string[], marginLeft: number): Plot.Markish[] =>
  present.flatMap((peer, i) => [
    Plot.dot([0], {
      frameAnchor: 'top-left',
      dx: i * 84 + 12 - marginLeft,
      dy: -40,
      r: 5,
      fill: colours[peer],
    }),
    Plot.text([peer], {
      frameAnchor: 'top-left',
      dx: i * 84 + 21 - marginLeft,
      dy: -45,
      text: (name: string) => name,
      fontSize: 12,
    }),
  ])

interface Growth {
  size: number
  peer: string
  value: number
}

const quantities = {
  time: { label: 'ms a step', of: (row: Row) => median(row.samples) },
  memory: { label: 'MB at the peak', of: (row: Row) => (row.peakBytes ?? 0) / 1e6 },
}

function scalingCharts(figures: Figures, runtime: string): Chart[] {
  return families.flatMap((family) =>
    (['time', 'memory'] as const).flatMap((what) => {
      const svg = growth(family, quantities[what], figures, runtime)
      return svg === null
        ? []
        : [{ file: `scaling-${family.name.toLowerCase().replace(' ', '-')}-${what}.svg`, svg }]
    }),
  )
}

/** One line per library over the sizes of a family, and the expected order of time through the last point of gradus. */
function growth(
  family: Family,
  { label, of }: (typeof quantities)['time'],
  figures: Figures,
  runtime: string,
): string | null {
  const measured: Growth[] = figures.report.contenders
    .filter(({ id }) => isIn(runtime, id))
    .flatMap(({ id, peer }) =>
      family.values.flatMap((size) => {
        const row = figures.row('scaling', `${family.name}: ${size}`, id)
        const value = row === null || row.samples.length === 0 ? 0 : of(row)
        return value > 0 ? [{ size, peer, value }] : []
      }),
    )
  const own = measured.filter((point) => point.peer === 'gradus')
  const last = own.at(-1)
  if (last === undefined) return null
  const expected =
    label === quantities.time.label
      ? own.map((point) => ({ ...point, value: last.value * (point.size / last.size) ** family.order }))
      : []
  const present = Object.keys(colours).filter((peer) => measured.some((point) => point.peer === peer))
  return toSvg({
    width: 480,
    height: 300,
    marginTop: 58,
    marginLeft: 46,
    marginRight: 20,
    x: {
      type: 'log',
      base: 2,
      ticks: family.values.length,
      inset: 6,
      label: family.name,
      tickFormat: (value: number) => `${value}`,
    },
    y: {
      type: 'log',
      grid: true,
      inset: 6,
      label,
      tickFormat: (value: number) => `${Number(value.toPrecision(6))}`,
    },
    color: { domain: present, range: present.map((peer) => colours[peer]) },
    marks: [
      Plot.line(expected, { x: 'size', y: 'value', stroke: '#868e96', strokeDasharray: '5 4' }),
      Plot.line(measured, { x: 'size', y: 'value', stroke: 'peer', strokeWidth: 2 }),
      Plot.dot(measured, { x: 'size', y: 'value', fill: 'peer', r: 3.5 }),
      ...legend(present, 46),
    ],
  })
}
