import {
  checkConv,
  checkGather,
  checkMatmul,
  checkPool,
  checkRandom,
  checkScan,
  checkScatter,
  checkSort,
  unreachable,
} from '@gradus/core/backend'
import type { View, Window } from '@gradus/core/backend'
import { Convolutions } from '../routines/conv/run.ts'
import { MatrixProducts } from '../routines/gemm/run.ts'
import { Indexing } from '../routines/indexing/run.ts'
import { Pools } from '../routines/pool/run.ts'
import { RandomNumbers } from '../routines/random/run.ts'
import { Scans } from '../routines/scan/run.ts'
import { Sorts } from '../routines/sort/run.ts'
import { transpose, transposeHelps } from '../routines/transpose/index.ts'
import { canSpawn, hardwareThreads, Pool } from '../threads/index.ts'
import type { Part, Routines } from './part.ts'

/** Matrix products: `matmul`, `linear`, `einsum` and their kin. */
export const matrixProducts: Part = {
  name: 'matrixProducts',
  routines({ machine, copies, run }): Pick<Routines, 'matmul'> {
    const products = MatrixProducts.of(machine, copies)
    return {
      matmul(x, y, out, { accumulate = false, epilogue } = {}) {
        checkMatmul(x, y, out, epilogue)
        machine.begin()
        const done = products.run(x, y, out, accumulate, epilogue)
        machine.end()
        if (done || epilogue === undefined) return
        const { program, operands, params } = epilogue
        run(program, [{ outer: out.layout.shape, inner: [], operands: [out, ...operands, out], params }])
      },
    }
  },
}

/** Convolutions and their gradients. */
export const convolutions: Part = {
  name: 'convolutions',
  routines({ machine, copies }): Pick<Routines, 'conv'> {
    const convolutions = new Convolutions(machine, copies, MatrixProducts.of(machine, copies))
    return {
      conv(pass, x, weight, out, window, groups, bias) {
        checkConv(x, weight, out, window, groups, bias)
        machine.begin()
        convolutions.run(pass, x, weight, out, window, groups, bias)
        machine.end()
      },
    }
  },
}

/** Maxima and sums of windows. */
export const pools: Part = {
  name: 'pools',
  routines({ machine, copies }): Pick<Routines, 'pool'> {
    const pools = new Pools(machine, copies)
    return {
      pool(
        kind: 'max' | 'sum' | 'spread',
        x: View,
        out: View,
        kernel: readonly number[],
        window: Window,
        indices?: View,
      ) {
        checkPool(kind, x, out, kernel, window, indices)
        machine.begin()
        if (kind !== 'max') pools.sum(kind, x, out, kernel, window)
        else pools.max(x, out, kernel, window, indices ?? unreachable('pool max without a view for indices'))
        machine.end()
      },
    }
  },
}

/** Elements by index: `gather`, `indexSelect`, `embedding`, cross entropy of class numbers, and what adds to such places. */
export const indexing: Part = {
  name: 'indexing',
  routines({ machine, copies }): Pick<Routines, 'gather' | 'scatter'> {
    const indexing = new Indexing(machine, copies)
    return {
      gather(x, index, axis, out) {
        checkGather(x, index, axis, out)
        machine.begin()
        indexing.gather(x, index, axis, out)
        machine.end()
      },
      scatter(kind, source, index, axis, out) {
        checkScatter(source, index, axis, out)
        machine.begin()
        indexing.scatter(kind, source, index, axis, out)
        machine.end()
      },
    }
  },
}

/** Running sums, products and extremes: `cumsum` and its kin. */
export const scans: Part = {
  name: 'scans',
  routines({ machine, copies }): Pick<Routines, 'scan'> {
    const scans = new Scans(machine, copies)
    return {
      scan(kind, x, axis, out, indices) {
        checkScan(x, axis, out, indices)
        machine.begin()
        scans.run(kind, x, axis, out, indices)
        machine.end()
      },
    }
  },
}

/** `sort`, and so `topk`, `median`, `quantile` and `unique`. */
export const sorts: Part = {
  name: 'sorts',
  routines({ machine, copies }): Pick<Routines, 'sort'> {
    const sorts = new Sorts(machine, copies)
    return {
      sort(x, axis, descending, values, indices) {
        checkSort(x, axis, values, indices)
        machine.begin()
        sorts.run(x, axis, descending, values, indices)
        machine.end()
      },
    }
  },
}

/** Random numbers in compiled code. Without this part core draws the same numbers, more slowly. */
export const randomNumbers: Part = {
  name: 'randomNumbers',
  routines({ machine, copies }): Pick<Routines, 'random'> {
    const numbers = new RandomNumbers(machine, copies)
    return {
      random(distribution, state, out, first, second) {
        checkRandom(state, out)
        machine.begin()
        numbers.run(distribution, state, out, first, second)
        machine.end()
      },
    }
  },
}

/** Copies across memory in tiles. Without this part they are slower. */
export const transposes: Part = { name: 'transposes', transposes: { transpose, helps: transposeHelps } }

/** Workers that share large kernels with the main thread. Without this part all runs on the main thread. */
export const threads: Part = {
  name: 'threads',
  threads: {
    canSpawn,
    hardwareThreads,
    pool: (memory, count, url) => new Pool(memory, count, url),
  },
}
