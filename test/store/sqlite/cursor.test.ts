// A page link tells nothing of what it holds: neither how large its numbers are, nor whether they have changed.
import t from 'tap'
import { Cursors } from '../../../src/store/sqlite/cursor.ts'

const cursors = new Cursors(Buffer.alloc(32, 7))

t.test('what is written is read again', async (t) => {
  for (const place of [
    [],
    [0],
    [1.5, -7, null, true, 'a "text", with\nmore'],
    [Number.MIN_VALUE, -Number.MAX_VALUE, [1]],
  ])
    t.same(cursors.read('kind', cursors.write('kind', place)), place)
})

t.test('for its kind and key alone, and only whole', async (t) => {
  const link = cursors.write('kind', [1])
  const refused = { code: 'invalid-search' }
  t.throws(() => cursors.read('other', link), refused)
  t.throws(() => new Cursors(Buffer.alloc(32, 8)).read('kind', link), refused)
  t.throws(() => cursors.read('kind', link.slice(0, -4)), refused)
  t.throws(() => cursors.read('kind', `${link}=`), refused)
  t.throws(() => cursors.read('kind', ''), refused)
})

t.test(
  'its numbers cannot be guessed by its length, nor that they are the same by its letters',
  async (t) => {
    const lengths = [0, 9, 10, 123_456_789, -1.7976931348623157e308].map(
      (n) => cursors.write('kind', [n]).length,
    )
    t.equal(new Set(lengths).size, 1)
    t.not(cursors.write('kind', [1]), cursors.write('kind', [1]))
  },
)
