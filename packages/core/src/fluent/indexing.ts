import * as indexing from '../ops/index/indexing.ts'
import * as gathering from '../ops/index/gather.ts'
import * as along from '../ops/index/index-along.ts'
import * as masked from '../ops/index/masked.ts'
import * as random from '../ops/random/in-place-draws.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { FluentShape } from './shape.ts'

/** Indexing, scattering and random filling as methods: each is the function of the same name with this tensor first. */
export abstract class FluentIndexing extends FluentShape {
  at(this: Tensor, ...indices: readonly indexing.Index[]): Tensor {
    return indexing.at(this, ...indices)
  }
  setAt_(
    this: Tensor,
    indices: readonly indexing.Index[],
    value: Tensor | number | boolean,
    options?: indexing.SetAtOptions,
  ): Tensor {
    return indexing.setAt_(this, indices, value, options)
  }
  gather(this: Tensor, axis: number, index: Tensor): Tensor {
    return gathering.gather(this, axis, index)
  }
  scatter(this: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor {
    return gathering.scatter(this, axis, index, src)
  }
  scatter_(this: Tensor, axis: number, index: Tensor, src: Tensor | number): Tensor {
    return gathering.scatter_(this, axis, index, src)
  }
  scatterAdd(this: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
    return gathering.scatterAdd(this, axis, index, src)
  }
  scatterAdd_(this: Tensor, axis: number, index: Tensor, src: Tensor): Tensor {
    return gathering.scatterAdd_(this, axis, index, src)
  }
  indexSelect(this: Tensor, axis: number, index: Tensor): Tensor {
    return along.indexSelect(this, axis, index)
  }
  indexAdd(
    this: Tensor,
    axis: number,
    index: Tensor,
    source: Tensor,
    options?: along.IndexAddOptions,
  ): Tensor {
    return along.indexAdd(this, axis, index, source, options)
  }
  indexAdd_(
    this: Tensor,
    axis: number,
    index: Tensor,
    source: Tensor,
    options?: along.IndexAddOptions,
  ): Tensor {
    return along.indexAdd_(this, axis, index, source, options)
  }
  indexCopy_(this: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
    return along.indexCopy_(this, axis, index, source)
  }
  indexFill_(this: Tensor, axis: number, index: Tensor, value: number | Tensor): Tensor {
    return along.indexFill_(this, axis, index, value)
  }
  take(this: Tensor, index: Tensor): Tensor {
    return along.take(this, index)
  }
  maskedSelect(this: Tensor, mask: Tensor): Tensor {
    return masked.maskedSelect(this, mask)
  }
  nonzero(this: Tensor): Tensor {
    return masked.nonzero(this)
  }
  uniform_(this: Tensor, from?: number, to?: number, options?: random.RandomOptions): Tensor {
    return random.uniform_(this, from, to, options)
  }
  normal_(this: Tensor, mean?: number, std?: number, options?: random.RandomOptions): Tensor {
    return random.normal_(this, mean, std, options)
  }
  random_(this: Tensor, from?: number | null, to?: number | null, options?: random.RandomOptions): Tensor {
    return random.random_(this, from, to, options)
  }
  bernoulli_(this: Tensor, p?: number | Tensor, options?: random.RandomOptions): Tensor {
    return random.bernoulli_(this, p, options)
  }
  exponential_(this: Tensor, lambda?: number, options?: random.RandomOptions): Tensor {
    return random.exponential_(this, lambda, options)
  }
}
