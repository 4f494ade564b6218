import { expect, test } from 'vitest'
import { known, withoutRows } from '../src/hostile/known.ts'
import { runHostile } from '../src/hostile/run.ts'

// every 101st call, or with GRADUS_HOSTILE=n every n-th: each takes 20 minutes
const stride = Number(process.env.GRADUS_HOSTILE ?? 101)

test(
  'a call with a value that it was not written for answers, or refuses it in words, and leaves the rest as it was',
  { timeout: Math.max(240_000, 7_200_000 / stride) },
  async () => {
    const { entries, calls, refused, missing, spare, problems } = await runHostile(stride)
    console.log(`${entries} exports and methods, ${calls} calls, ${refused} refused`)
    const left = missing.filter((name) => !withoutRows.some((space) => name.startsWith(space)))
    if (missing.length > left.length)
      console.log(`not tried: ${missing.length - left.length} of ${withoutRows.join()}`)
    expect(left, 'exports without a valid call: add a row to packages/testing/src/hostile').toEqual([])
    expect(spare, 'rows of what is not exported').toEqual([])
    const unknown = problems.filter((text) => !Object.keys(known).some((start) => text.startsWith(start)))
    expect(unknown).toEqual([])
  },
)
