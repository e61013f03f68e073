// Where a page begins, as text: read again as it was, for its kind alone.
import fc from 'fast-check'
import t from 'tap'
import { readCursor, writeCursor } from '../../../src/store/sqlite/cursor.ts'

t.test('what is written is read again', async (t) => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    fc.boolean(),
    fc.constant(null),
  )
  fc.assert(
    fc.property(fc.array(value), (place) => {
      t.strictSame(readCursor('kind', writeCursor('kind', place)), place)
    }),
    { seed: 20261130, numRuns: 300 },
  )
})

t.test('for its kind alone, and only whole', async (t) => {
  const cursor = writeCursor('kind', [1, 'x'])
  for (const [kind, text] of [
    ['other', cursor],
    ['kin', cursor],
    ['kinds', cursor],
    ['kind', cursor.slice(0, -1)],
    ['kind', `${cursor} `],
    ['kind', ` ${cursor}`],
    ['kind', `${cursor}]`],
    ['kind', '["kind",]'],
    ['kind', ''],
  ] as const)
    t.throws(() => readCursor(kind, text), { code: 'invalid-search' }, `${kind} ${text}`)
})

t.test('its numbers cannot be guessed by its length', async (t) => {
  const lengths = [0, 9, 10, 123_456_789, -1.7976931348623157e308].map((n) => writeCursor('kind', [n]).length)
  t.equal(new Set(lengths).size, 1)
})
