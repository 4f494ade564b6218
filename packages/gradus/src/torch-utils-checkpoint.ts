export { checkpoint, checkpointSequential } from '@gradus/autograd'
