// Rows of numbers come into the order that comparing any two of them would give.
import fc from 'fast-check'
import t from 'tap'
import { sortedPlaces } from '../../../src/store/sqlite/sorted-places.ts'

const number = fc.oneof(
  fc.constantFrom(
    -Infinity,
    Infinity,
    0,
    1,
    -1,
    65_535,
    65_536,
    2 ** 32,
    -(2 ** 32),
    Number.MAX_SAFE_INTEGER,
  ),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }).map((value) => value + 0),
)

t.test('rows stand in the order of their first numbers, and equal ones as they came', (t) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number, number), { maxLength: 60 }), (rows) => {
      const expected = rows
        .map((_, place) => place)
        .sort((a, b) => {
          const [one, other] = [rows[a]!, rows[b]!]
          for (const column of [0, 1] as const)
            if (one[column] !== other[column]) return one[column] < other[column] ? -1 : 1
          return a - b
        })
      const places = sortedPlaces(Float64Array.from(rows.flat()), 3, 2)
      if (places.join() !== expected.join()) throw new Error(`${places.join()} is not ${expected.join()}`)
    }),
    { seed: 20_261_130, numRuns: 2000 },
  )
  t.same([...sortedPlaces(new Float64Array(), 3, 2)], [])
  t.end()
})
