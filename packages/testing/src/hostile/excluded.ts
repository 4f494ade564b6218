/** Exports that are not called, and why. */
export const excluded: Readonly<Record<string, string>> = {
  defineOp: 'a declaration of an op is checked by the compiler, and by the tests of every op',
  defineListOp: 'as defineOp',
  definePointwise: 'as defineOp',
  attributes: 'as defineOp',
  plain: 'a part of a declaration of an op',
  saving: 'as plain',
  savingAll: 'as plain',
  Layout: 'of the interface of backends: what makes layouts has checked sizes before',
  Storage: 'as Layout',
  Tensor: 'made by factories: a storage and a layout are of the interface of backends',
  'nn.Identity.forward': 'gives what it is given, as in PyTorch',
  ArgumentError: 'an error prints what it is given',
  'autograd.Context.readFrom': 'called by the tape alone',
  'optim.accumulate': 'a loop over accumulate: the accumulator has rows',
  'optim.gradReport': 'runs whole models',
  'optim.verifyAccumulation': 'runs whole models',
}

/** Whether an export is excluded: by its name, as a member of a class that is, as a class of errors or a word of formulas. */
export const isExcluded = (name: string): boolean =>
  name in excluded || /^(Layout|Storage)\.|^formula\.|Error(\.at)?$/.test(name)
