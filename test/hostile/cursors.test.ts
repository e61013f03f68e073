// Page links that somebody has tampered with: every byte of one changed, and links of other searches, callers, servers.
import t from 'tap'
import { createPageLinks, pageScope } from '../../src/rest/page-links.ts'
import { FhirError } from '../../src/fhir/index.ts'
import { attacked } from './attacked.ts'

const cursorIn = (url: string): string => new URL(url).searchParams.get('_cursor') ?? ''
const nextOf = (reply: { json: { link: { relation: string; url: string }[] } }): string =>
  cursorIn(reply.json.link.find(({ relation }) => relation === 'next')?.url ?? 'x:')

t.test('a link is good as it is, and in no other form', async (t) => {
  const server = await attacked(t)
  for (const id of ['a', 'b', 'c']) await server.ask(`PUT Patient/${id}`, { resourceType: 'Patient', id })
  await server.ask('PUT Patient/a', { resourceType: 'Patient', id: 'a', active: true })
  const pages = [
    'Patient?_count=1',
    '?_count=1',
    'Patient?_count=1&_sort=-_lastUpdated',
    'Patient/_history?_count=1',
  ]
  pages.push('_history?_count=1', 'Patient/a/_history?_count=1', 'Patient?_count=2')
  const cursors = new Map<string, string>()
  for (const page of pages) cursors.set(page, nextOf(await server.ask(`GET ${page}`)))
  for (const [page, cursor] of cursors) {
    t.ok(cursor.length > 20, page)
    const follow = (text: string) => server.attack(page, `GET ${page}&_cursor=${encodeURIComponent(text)}`)
    t.equal((await follow(cursor)).status, 200, page)
    const bytes = Buffer.from(cursor, 'base64url')
    const wrong = new Set<string>()
    for (let at = 0; at < bytes.length; at++)
      for (const bit of [1, 0x80]) {
        const flipped = Buffer.from(bytes)
        flipped[at] = (flipped[at] as number) ^ bit
        wrong.add(flipped.toString('base64url'))
      }
    for (let length = 1; length < cursor.length; length += 3) wrong.add(cursor.slice(0, length))
    for (const other of cursors.values()) if (other !== cursor) wrong.add(other)
    for (const more of ['=', 'A', ' ', '\n', '.', '\0', cursor]) wrong.add(cursor + more).add(more + cursor)
    wrong.add(bytes.toString('base64').padEnd(cursor.length + 4, '='))
    wrong.add(`${cursor}&_cursor=${cursor}`)
    for (const text of wrong) {
      const reply = await follow(text)
      if (reply.status !== 400 || !reply.text.includes('_cursor'))
        t.fail(`${page}: ${reply.status} for ${text}`)
    }
  }
  const several = await server.ask(
    `GET Patient?_count=1&_cursor=${cursors.get('Patient?_count=1')}&_cursor=x`,
  )
  t.equal(several.status, 400, 'two cursors')
  await server.survives()
})

t.test('a link is good for its caller and its servers alone', async (t) => {
  const links = createPageLinks(Buffer.alloc(32, 1))
  const scope = pageScope('ann', 'Patient', [['_count', '1']])
  const sealed = links.seal(scope, 'place')
  t.equal(links.open(scope, sealed), 'place')
  t.equal(createPageLinks(Buffer.alloc(32, 1)).open(scope, sealed), 'place', 'a server with the same secret')
  const refused = (open: () => string, what: string): void => {
    t.throws(open, FhirError, what)
  }
  refused(() => links.open(pageScope('bob', 'Patient', [['_count', '1']]), sealed), 'another caller')
  refused(() => links.open(pageScope('ann', 'Observation', [['_count', '1']]), sealed), 'another path')
  refused(() => links.open(pageScope('ann', 'Patient', [['_count', '2']]), sealed), 'another search')
  refused(() => links.open(pageScope('ann\nPatient?x', '', []), sealed), 'a caller whose name holds a path')
  refused(() => createPageLinks(Buffer.alloc(32, 2)).open(scope, sealed), 'a server with another secret')
})
