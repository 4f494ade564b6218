import { f32, f64 } from '../assembler/index.ts'
import type { Func, Local, Value } from '../assembler/index.ts'
import type { Helper, Node } from '../codegen/graph.ts'
import { double, narrow, widen, type Floats } from './lanes.ts'

/** `x - trunc(x / y) * y` without error, with the sign of x. */
export function floatRemainder(s: Floats, x: Node, y: Node): Node {
  const { graph } = s
  if (s.bits === 64) return graph.perLane('f64', 'f64', remainder64, [x, y])
  const d = double(graph)
  const wideX = widen(graph, x)
  const wideY = widen(graph, y)
  const quotients = wideX.map((v, i) => d.trunc(d.div(v, wideY[i])))
  // exact while a quotient times 24 bits has 53
  const rests = wideX.map((v, i) => d.sub(v, d.mul(quotients[i], wideY[i])))
  const rest = s.copysign(narrow(graph, rests[0], rests[1]), x)
  // an infinite divisor, and quotients that are too large
  const ratio = s.abs(s.div(x, y))
  const rare = s.or(s.ge(ratio, s.c(2 ** 28)), s.eq(s.abs(y), s.c(Infinity)))
  return graph.rare('f32', rare, rest, remainder32, [x, y])
}

const remainder64: Helper = {
  name: 'fmod f64',
  imported: false,
  define: (module) =>
    module.func({ params: { x: 'f64', y: 'f64' }, result: 'f64' }, (f, { x, y }) => longDivision(f, x, y)),
}

const remainder32: Helper = {
  name: 'fmod f32',
  imported: false,
  define: (module) =>
    module.func({ params: { x: 'f32', y: 'f32' }, result: 'f32' }, (f, { x, y }) =>
      f32.demoteF64(longDivision(f, f.let(f64.promoteF32(x)), f.let(f64.promoteF32(y)))),
    ),
}

// subtracts y times powers of two, each of them and each difference exact
function longDivision(f: Func, x: Local<'f64'>, y: Local<'f64'>): Value<'f64'> {
  const rest = f.let(f64.abs(x))
  const step = f.let(f64.abs(y))
  const least = f.let(step)
  f.if(
    f64.lt(rest, Infinity),
    () => {
      f.if(
        f64.gt(step, 0),
        () => {
          f.if(f64.lt(step, Infinity), () => {
            f.while(f64.le(step, f64.sub(rest, step)), () => f.set(step, f64.add(step, step)))
            f.while(f64.ge(step, least), () => {
              f.if(f64.ge(rest, step), () => f.set(rest, f64.sub(rest, step)))
              f.set(step, f64.mul(step, 0.5))
            })
          })
        },
        () => f.set(rest, NaN),
      )
    },
    () => f.set(rest, NaN),
  )
  return f64.copysign(rest, x)
}
