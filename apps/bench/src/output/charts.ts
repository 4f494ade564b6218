import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Suite } from '../case.ts'
import { Figures, shown } from '../figures.ts'
import type { Report } from '../report.ts'
import { suites } from '../suites/index.ts'
import { families } from '../suites/scaling.ts'

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
  const figure = Plot.plot({ ...options, document: document as unknown as Document })
  const svg = figure.tagName.toLowerCase() === 'svg' ? figure : figure.querySelector('svg')
  if (svg === null) throw new Error('the chart has no picture')
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // pages are dark or light, the file does not know
  svg.setAttribute('style', 'background: white; font-family: system-ui, sans-serif')
  return svg.outerHTML
}

/** Charts of a run by suite: the name of a file and its text. */
export function drawCharts(report: Report): Map<string, { file: string; svg: string }[]> {
  const figures = new Figures(report)
  const drawn = new Map<string, { file: string; svg: string }[]>()
  for (const suite of suites) {
    const runtime = figures.runtimes()[0]
    if (
      runtime === undefined ||
      !report.rows.some((row) => row.suite === suite.name && row.samples.length > 0)
    )
      continue
    const charts =
      suite.chart === 'scaling'
        ? [...scalingCharts(figures, runtime, 'time'), ...scalingCharts(figures, runtime, 'memory')]
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
  const present = Object.keys(colours).filter((peer) => points.some((point) => point.peer === peer))
  const peaks = figures.contender(`gradus@${runtime}`)?.peaks
  const limit = suite.chart === 'gflops' && peaks != null ? [peaks.relaxedMadd ?? peaks.mulAdd] : []
  return toSvg({
    width: 900,
    height: 70 + names.length * 26,
    marginLeft: 12 + 6.6 * Math.max(...names.map((name) => name.length)),
    marginTop: 46,
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
      ...legend(present),
    ],
  })
}

const legend = (present: readonly string[]): Plot.Markish[] =>
  present.flatMap((peer, i) => [
    Plot.dot([0], { frameAnchor: 'top-left', dx: i * 92 + 5, dy: -30, r: 5, fill: colours[peer] }),
    Plot.text([peer], {
      frameAnchor: 'top-left',
      dx: i * 92 + 14,
      dy: -35,
      text: (name: string) => name,
      fontSize: 12,
    }),
  ])

interface Growth {
  family: string
  size: number
  peer: string
  value: number
}

function scalingCharts(
  figures: Figures,
  runtime: string,
  what: 'time' | 'memory',
): { file: string; svg: string }[] {
  const measured: Growth[] = []
  const expected: Growth[] = []
  for (const family of families) {
    for (const { id, peer } of figures.report.contenders) {
      if (!isIn(runtime, id) || peer === 'torch-2t') continue
      const line: Growth[] = []
      for (const size of family.values) {
        const row = figures.row('scaling', `${family.name}: ${size}`, id)
        if (row === null || row.samples.length === 0) continue
        const value =
          what === 'time'
            ? [...row.samples].sort((a, b) => a - b)[row.samples.length >> 1]
            : (row.peakBytes ?? 0) / 1e6
        if (value > 0) line.push({ family: family.name, size, peer, value })
      }
      measured.push(...line)
      const last = line.at(-1)
      if (peer === 'gradus' && last !== undefined) {
        expected.push(
          ...line.map((point) => ({
            ...point,
            value: last.value * (point.size / last.size) ** family.order,
          })),
        )
      }
    }
  }
  if (measured.length === 0) return []
  const present = Object.keys(colours).filter((peer) => measured.some((point) => point.peer === peer))
  const svg = toSvg({
    width: 1000,
    height: 380,
    marginTop: 56,
    marginLeft: 50,
    marginRight: 20,
    x: { type: 'log', base: 2, label: 'size', tickFormat: (value: number) => `${value}` },
    y: {
      type: 'log',
      grid: true,
      label: what === 'time' ? 'ms a step' : 'MB at the peak',
      tickFormat: (value: number) => `${Number(value.toPrecision(6))}`,
    },
    fx: { label: null, padding: 0.12 },
    color: { domain: present, range: present.map((peer) => colours[peer]) },
    marks: [
      Plot.line(expected, { fx: 'family', x: 'size', y: 'value', stroke: '#868e96', strokeDasharray: '5 4' }),
      Plot.line(measured, { fx: 'family', x: 'size', y: 'value', stroke: 'peer', strokeWidth: 2 }),
      Plot.dot(measured, { fx: 'family', x: 'size', y: 'value', fill: 'peer', r: 3.5 }),
      Plot.text(
        present.map((peer, i) => ({ peer, i, family: families[Math.min(i, families.length - 1)].name })),
        {
          fx: 'family',
          frameAnchor: 'top-left',
          dy: -46,
          text: 'peer',
          fill: 'peer',
          fontWeight: 'bold',
          fontSize: 12,
        },
      ),
    ],
  })
  return [{ file: `scaling-${what}.svg`, svg }]
}
