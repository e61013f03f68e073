// Times in headers are those that the engine writes, of any day and in any order.
import fc from 'fast-check'
import t from 'tap'
import { createHttpDate } from '../../src/http/http-date.ts'

t.test('as toUTCString writes them', async (t) => {
  const httpDate = createHttpDate()
  const time = fc.oneof(
    fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(9999, 11, 31) }),
    // Around midnight, before and after 1970.
    fc
      .tuple(fc.integer({ min: -40_000, max: 40_000 }), fc.integer({ min: -1500, max: 1500 }))
      .map(([day, off]) => day * 86_400_000 + off),
  )
  const agrees = fc.property(
    time,
    (milliseconds) => httpDate(milliseconds) === new Date(milliseconds).toUTCString(),
  )
  t.doesNotThrow(() => fc.assert(agrees, { numRuns: 5000 }))
})
