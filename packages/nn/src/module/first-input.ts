/** The method of a lazy module that reads its first arguments. */
export const firstInput: unique symbol = /* @__PURE__ */ Symbol('firstInput')
