// where PyTorch has them: nn.utils.rnn.pad_sequence
export {
  invertPermutation,
  PackedSequence,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  unpackSequence,
  unpadSequence,
} from '@gradus/nn'
