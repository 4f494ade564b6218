// The comment of an op function as that of its method.
import ts from 'typescript'

/** The lines of a doc comment without its stars, or null where there is none. */
export function commentOf(node, source) {
  const text = source.text.slice(node.getFullStart(), node.getStart(source))
  const [last] = [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].reverse()
  if (last === undefined) return null
  return last[1]
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

/** Parts of a comment: the text, then one part per tag. */
const partsOf = (text) => text.split(/\n(?=@\w)/)

/** The comment without the parameter that became `this`; an example only where a method says the same. */
export function methodComment(text, name, first) {
  const parts = partsOf(text).flatMap((part) => {
    if (new RegExp(`^@param ${first}\\b`).test(part)) return []
    if (!part.startsWith('@example')) return [part]
    const example = methodExample(part.slice('@example'.length), name)
    return example === null ? [] : [`@example${example}`]
  })
  const lines = parts.join('\n').trim().split('\n')
  if (lines.length === 1) return `/** ${lines[0]} */`
  return ['/**', ...lines.map((line) => (line === '' ? ' *' : ` * ${line}`)), ' */'].join('\n')
}

/** `g.add(x, y)` written `x.add(y)`, or null if a call of the function has no such form or there is none. */
function methodExample(code, name) {
  if (code.includes('```')) return null
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true)
  let found = 0
  let exact = true
  const tensors = new Set()
  const write = (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer && isCall(node.initializer))
      tensors.add(node.name.getText())
    const children = []
    ts.forEachChild(node, (child) => void children.push(child))
    let text = ''
    let at = node.getStart()
    for (const child of children) {
      text += code.slice(at, child.getStart()) + write(child)
      at = child.end
    }
    text += code.slice(at, node.end)
    if (!ts.isCallExpression(node) || node.expression.getText() !== `g.${name}`) return text
    found++
    const [self, ...rest] = node.arguments
    if (self === undefined || !(isCall(self) || tensors.has(self.getText()))) {
      exact = false
      return text
    }
    return `${write(self)}.${name}(${rest.map(write).join(', ')})`
  }
  const written = code.slice(0, source.getStart()) + write(source)
  return exact && found > 0 ? written + code.slice(source.end) : null
}

/** A call that makes a tensor, as examples write one. */
const isCall = (node) => ts.isCallExpression(node)
