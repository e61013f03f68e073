// The sealed `_cursor`, held to its construction as written down elsewhere, and to what it must not tell.
import { createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { createPageLinks } from '../../src/rest/page-links.ts'

const SECRET = Buffer.alloc(32, 3)
const links = createPageLinks(SECRET)
const text = fc.string({ unit: 'binary', maxLength: 300 })
const RUNS = { seed: 20261130, numRuns: 500 }

/** Opens with the counter mode and the hash of OpenSSL. */
function openedElsewhere(scope: string, sealed: string): string {
  const key = (name: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', SECRET, '', `alcove page link ${name}`, bytes))
  const bytes = Buffer.from(sealed, 'base64url')
  const tag = bytes.subarray(0, 16)
  const count = Math.ceil((bytes.length - 16) / 16)
  const blocks = Array.from({ length: count }, (_, number) => {
    const start = Buffer.from(tag)
    start.writeUInt32BE((tag.readUInt32BE(12) ^ number) >>> 0, 12)
    const at = bytes.subarray(16 + 16 * number, 32 + 16 * number)
    return createDecipheriv('aes-256-ctr', key('encryption', 32), start).update(at)
  })
  const inner = Buffer.concat(blocks)
  const whole = createHash('sha256')
    .update(key('tag', 64))
    .update(`${Buffer.byteLength(scope)}:${scope}`)
    .update(inner)
    .digest()
  if (!whole.subarray(0, 16).equals(tag)) throw new Error('the tag is another')
  return inner.subarray(8).toString()
}

t.test('what is sealed is opened again, for its scope, and elsewhere too', async (t) => {
  fc.assert(
    fc.property(
      text,
      text.filter((one) => one.isWellFormed() && one !== ''),
      (scope, cursor) => {
        const sealed = links.seal(scope, cursor)
        t.equal(links.open(scope, sealed), cursor)
        t.equal(openedElsewhere(scope, sealed), cursor)
      },
    ),
    RUNS,
  )
})

t.test('for no other scope', async (t) => {
  const scopes = fc
    .tuple(text, text)
    .filter(([one, other]) => one.isWellFormed() && other.isWellFormed() && one !== other)
  const refused = { code: 'invalid-search' }
  fc.assert(
    fc.property(scopes, text, ([one, other], cursor) => {
      t.throws(() => links.open(other, links.seal(one, cursor)), refused)
      if (other !== '') t.throws(() => links.open(one + other, links.seal(one, other + cursor)), refused)
    }),
    RUNS,
  )
})

t.test(
  'two of the same place differ, in every block, and by their length tell nothing but its length',
  async (t) => {
    const place = 'x'.repeat(100)
    const bytes = Array.from({ length: 600 }, () => Buffer.from(links.seal('scope', place), 'base64url'))
    t.equal(new Set(bytes.map(({ length }) => length)).size, 1)
    for (let at = 0; at + 16 <= bytes[0]!.length; at += 16)
      t.equal(new Set(bytes.map((one) => one.toString('hex', at, at + 16))).size, bytes.length, `at ${at}`)
  },
)
