import { GradError, TensorError, type Tensor } from '@gradus/core/functions'
import { internals, ownerOf } from '@gradus/core/internal'

const reasons = {
  several:
    'This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.',
  'no-grad':
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
  custom:
    'This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.',
}

const hints = {
  several: 'unbind, split and chunk give such views; select, slice and narrow give views that may be written',
  'no-grad': 'make the view outside of noGrad(), or clone() it',
  custom: 'return x.clone() from forward',
}

/** Refuses to write a view that the tape does not follow, or to read one whose base was written since it was made. */
export function refuseView(x: Tensor, use: 'write' | 'read'): void {
  const creation = internals(x).viewOf?.creation ?? 'default'
  if (creation === 'default') return
  // the parts of one tensor have the same gradient after a write as before it: only their own writes are ambiguous
  if (creation === 'several' && use === 'read') return
  const what =
    use === 'write' ? 'is being modified' : 'its base or another view of its base has been modified'
  const made = internals(x).node
  const first =
    creation === 'no-grad' || made === null
      ? `A view was created in no_grad mode and ${what} inplace with grad mode enabled.`
      : `Output ${internals(x).outputIndex} of ${made.name.replace(/Backward\d*$/, '')} is a view and ${what} inplace.`
  throw new GradError(`${first} ${reasons[creation]}`, { hint: hints[creation] })
}

const inPlaceOn = (x: string): GradError =>
  new GradError(`${x} that requires grad is being used in an in-place operation.`, {
    hint: 'wrap the write in noGrad(() => …), or use the operation without _',
  })

const isLeaf = (x: Tensor): boolean => internals(x).ownTape !== null && internals(x).node === null

/** @throws GradError where the tape cannot follow a write to this tensor */
export function checkWrite(target: Tensor): void {
  const owner = ownerOf(target)
  if (owner === target) {
    if (isLeaf(target)) throw inPlaceOn('a leaf Variable')
    return
  }
  refuseView(target, 'write')
  if (isLeaf(owner) || isLeaf(target)) throw inPlaceOn('a view of a leaf Variable')
  if (owner.layout.overlaps) {
    throw new TensorError(
      'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
      { hint: 'the tensor is a view of one whose elements share memory, made by expand()' },
    )
  }
}
