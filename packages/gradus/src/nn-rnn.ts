// where PyTorch has them: nn.utils.rnn.pad_sequence
export { invertPermutation, padSequence, unpadSequence } from '@gradus/nn'
