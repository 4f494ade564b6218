/** Lint rule: an `as` has a comment beside it (on its line or the line above) that says why it is true. */
export const explainedAs = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { unexplained: 'Say in a comment beside this `as` why it is true, or do without it.' },
  },
  create(context) {
    const commented = new Set()
    for (const { loc } of context.sourceCode.getAllComments()) {
      for (let line = loc.start.line; line <= loc.end.line + 1; line++) commented.add(line)
    }
    return {
      TSAsExpression(node) {
        const { typeAnnotation, loc } = node
        const isConst = typeAnnotation.type === 'TSTypeReference' && typeAnnotation.typeName.name === 'const'
        if (!isConst && !commented.has(loc.start.line) && !commented.has(loc.end.line)) {
          context.report({ node: typeAnnotation, messageId: 'unexplained' })
        }
      },
    }
  },
}
