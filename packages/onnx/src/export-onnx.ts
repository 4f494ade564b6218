import { type AnyOp, getRngState, setGradEnabled, Tensor, ValueError, withInterceptor } from '@gradus/core'
import {
  defineOptions,
  functionKind,
  integer,
  listOf,
  takeArgument,
  takeOptions,
  takeTensors,
  text,
} from '@gradus/core/internal'
import { formulaNodes } from './formula-nodes.ts'
import { forms, pointwise } from './forms.ts'
import { Graph, type AttributeValue, type GraphNode } from './graph.ts'
import { encodeModel } from './schema.ts'
import { dataTypes, type Form } from './traced-call.ts'

/** What is exported: a module, or any function of tensors. */
export type Traceable = ((...inputs: Tensor[]) => Tensor | readonly Tensor[]) & {
  namedParameters?(): readonly (readonly [string, Tensor])[]
  namedBuffers?(): readonly (readonly [string, Tensor])[]
}

/** Options of {@link exportOnnx}. */
export interface OnnxOptions {
  /** The version of ONNX's operators: 17 by default, the least; up to 17 is written. */
  opset?: number
  /** `input`, or `input_0`, … by default. */
  inputNames?: readonly string[]
  /** `output`, or `output_0`, … by default. */
  outputNames?: readonly string[]
}

const options = /* @__PURE__ */ defineOptions<OnnxOptions>({
  opset: /* @__PURE__ */ integer(17, 17),
  inputNames: /* @__PURE__ */ listOf(text),
  outputNames: /* @__PURE__ */ listOf(text),
})

const modelKind = /* @__PURE__ */ functionKind<Traceable>()

/**
 * A model as an ONNX file. It is called once with example inputs, and the ops that ran become the graph: shapes are those of the examples,
 * and what depends on values is as it was. Call `model.eval()` first.
 *
 * @param model - a module, or any function of tensors
 * @param inputs - examples, one for each argument
 * @returns the bytes of a file
 * @throws ValueError for an op that has no form in ONNX, naming it, and for a model that draws random numbers
 * @see https://onnx.ai/onnx/intro/concepts.html
 * @example
 * import { exportOnnx } from '@gradus/onnx'
 * const model = new g.nn.Linear(2, 1)
 * const bytes = exportOnnx(model.eval(), [g.ones(4, 2)])
 */
export function exportOnnx(model: Traceable, inputs: readonly Tensor[], given?: OnnxOptions): Uint8Array {
  takeArgument('exportOnnx', 'model', modelKind, model)
  takeTensors('exportOnnx', 'inputs', inputs)
  const {
    opset = 17,
    inputNames = namesOf('input', inputs.length),
    outputNames,
  } = takeOptions('exportOnnx', options, given)
  const graph = new Graph(parametersOf(model))
  inputs.forEach((x, i) => graph.input(x, inputNames[i] ?? `input_${i}`))
  const result = trace(model, inputs, graph)
  const outputs = result instanceof Tensor ? [result] : result
  if (!outputs.every((x) => x instanceof Tensor))
    throw new ValueError('the model must return a tensor or an array of tensors')
  const names = outputNames ?? namesOf('output', outputs.length)
  const ends = outputs.map((x, i): GraphNode => ({
    opType: 'Identity',
    inputs: [graph.nameOf(x)],
    outputs: [names[i] ?? `output_${i}`],
    attributes: {},
  }))
  const nodes = needed([...graph.nodes, ...ends], names)
  const used = new Set(nodes.flatMap((node) => node.inputs))
  return encodeModel({
    irVersion: 8,
    producerName: 'gradus',
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'model',
      node: nodes.map(({ opType, inputs: from, outputs: to, attributes }) => ({
        opType,
        input: from,
        output: to,
        attribute: Object.entries(attributes).map(attribute),
      })),
      initializer: graph.initializers
        .filter(({ name }) => used.has(name))
        .map(({ name, dtype, shape, data }) => ({
          name,
          dataType: dataTypes[dtype],
          dims: shape,
          rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        })),
      input: inputs.map((x, i) => value(inputNames[i] ?? `input_${i}`, x)),
      output: outputs.map((x, i) => value(names[i] ?? `output_${i}`, x)),
    },
  })
}

const namesOf = (what: string, count: number): string[] =>
  count === 1 ? [what] : Array.from({ length: count }, (_, i) => `${what}_${i}`)

function parametersOf(model: Traceable): Map<Tensor, string> {
  const named = [...(model.namedParameters?.() ?? []), ...(model.namedBuffers?.() ?? [])]
  return new Map(named.map(([name, x]) => [x, name]))
}

function trace(model: Traceable, inputs: readonly Tensor[], graph: Graph): Tensor | readonly Tensor[] {
  return setGradEnabled(false, () => {
    const drawn = getRngState()
    const result = withInterceptor(
      (op, operands, attrs, next) => {
        const before = graph.nodes.length
        const outputs = next(operands, attrs)
        const form = formOf(op, operands, attrs)
        if (!form) {
          // what an op is made of was traced within it
          for (const out of outputs)
            if (!graph.has(out)) graph.refuse(out, `the op ${op.name} has no form in ONNX here`)
          return outputs
        }
        graph.dropFrom(before)
        const made = form(graph, { inputs: operands, attrs, out: outputs[0], outputs })
        const names = typeof made === 'string' ? [made] : made
        outputs.forEach((out, i) => {
          if (names[i] === undefined) graph.refuse(out, `result ${i} of ${op.name} has no form in ONNX here`)
          else graph.set(out, names[i])
        })
        return outputs
      },
      () => model(...inputs),
    )
    if (getRngState().some((byte, i) => byte !== drawn[i])) {
      throw new ValueError('the model draws random numbers, which a graph would repeat at each run', {
        hint: 'call model.eval() first',
      })
    }
    return result
  })
}

/** How a call is written: a pointwise op under its name in ONNX or by its formula, another by its form, if it has one. */
function formOf(op: AnyOp, operands: Parameters<AnyOp['formula']>[0], attrs: unknown): Form | undefined {
  const formula = op.formula(operands)
  if (formula === null) return Object.hasOwn(forms, op.name) ? forms[op.name] : undefined
  // coefficients are what the name does not say
  const plain = Array.isArray(attrs) && attrs.length === 0 && Object.hasOwn(pointwise, op.name)
  return plain ? pointwise[op.name] : (graph, call) => formulaNodes(graph, call, formula)
}

/** The nodes that the outputs depend on, in their order. */
function needed(nodes: readonly GraphNode[], outputs: readonly string[]): GraphNode[] {
  const wanted = new Set(outputs)
  const kept: GraphNode[] = []
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue
    for (const name of node.inputs) wanted.add(name)
    kept.push(node)
  }
  return kept.reverse()
}

/** AttributeProto: its type says which field it has. */
function attribute([name, value]: [string, AttributeValue]): object {
  if (typeof value === 'number') return { name, i: value, type: 2 }
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 }
  if ('float' in value) return { name, f: value.float, type: 1 }
  return { name, ints: value, type: 7 }
}

const value = (name: string, x: Tensor): object => ({
  name,
  type: {
    tensorType: { elemType: dataTypes[x.dtype], shape: { dim: x.shape.map((n) => ({ dimValue: n })) } },
  },
})
