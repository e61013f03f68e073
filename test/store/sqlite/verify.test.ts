// `verify` finds what someone, or a failing disk, did to the file; and labels that have no bit of their own hide like others.
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { SEE_EVERYTHING, textMatch, tokenMatch, type AccessFilter } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { verify } from '../../../src/store/sqlite/verify.ts'
import { ids, history, put, remove, search, write } from '../../contract/world.ts'
import { testFolder } from './folder.ts'

t.test('damage is found and named', async (t) => {
  const damages: [string, string, RegExp][] = [
    ['nothing', 'SELECT 1', /^$/],
    ['an index row gone', 'DELETE FROM tok', /Patient\/a lacks an index row in tok/],
    [
      'an index row too many',
      "INSERT INTO str SELECT tp, 'other', rid, exact, pat, lab FROM str",
      /Patient\/a has an index row too many in str/,
    ],
    ['an index row of another patient', 'UPDATE str SET pat = 77', /Patient\/a lacks an index row in str/],
    [
      'a resource of another patient',
      'UPDATE res SET pat = 77; UPDATE version SET pat = 77',
      /Patient\/a has index rows of another date, patient or label/,
    ],
    [
      'a version gone',
      'DELETE FROM version WHERE ver = 1',
      /Patient\/a has a gap or a repetition in its versions/,
    ],
    ['a pointer to an old version', 'UPDATE res SET seq = 1, ver = 1', /does not stand at its last version/],
    [
      'a time that goes back',
      'UPDATE version SET lu = 5 WHERE ver = 2; UPDATE res SET lu = 5',
      /not in the order of their times/,
    ],
    ['a body gone', 'DELETE FROM body WHERE vid = 1', /has a version without content/],
    [
      'a body cut short',
      'UPDATE body SET body = substr(body, 1, 20) WHERE vid = 1',
      /Patient\/a version 1 \(create\): its content is not JSON/,
    ],
    [
      'bodies exchanged',
      'UPDATE body SET body = (SELECT body FROM body WHERE vid = 2) WHERE vid = 1',
      /Patient\/a version 1 \(create\): its content is of another version/,
    ],
    ['a string written otherwise', "UPDATE str SET exact = 'a'", /Patient\/a lacks an index row in str/],
    ['a position moved', 'UPDATE pos SET lat = 3', /Patient\/a lacks an index row in pos/],
    ['a composite gone', 'DELETE FROM cmp', /Patient\/a lacks an index row in cmp/],
    [
      'a contained resource gone',
      'DELETE FROM res WHERE owner > 0',
      /Patient\/a lacks a resource that it contains/,
    ],
    [
      'a contained resource of another label',
      'UPDATE res SET lab = 4 WHERE owner > 0',
      /Patient\/a contains a resource that stands at another version, date, patient or label/,
    ],
    [
      'a contained resource too many',
      "INSERT INTO res SELECT 77, type, id || 'x', ver, seq, lu, op, live, pat, lab, dt, owner FROM res WHERE owner > 0",
      /There are 2 contained resources, 1 are listed/,
    ],
    ['words gone', 'DELETE FROM words', /Patient\/a is missing in the text index/],
    [
      'words of something else',
      "INSERT INTO words (rowid, narrative, content) VALUES (99, '', 'strange')",
      /Resource number 99 stands in the text index, where it does not belong/,
    ],
    [
      'other words',
      "INSERT OR REPLACE INTO words (rowid, narrative, content) VALUES (1, '', 'strange')",
      /Patient\/a has other words in the text index/,
    ],
    ['a damaged text index', 'DELETE FROM words_data WHERE id > 10', /The file is damaged/],
    ['a resource gone', 'DELETE FROM res', /belongs to no resource/],
  ]
  const at = testFolder(t)
  const store = await openSqliteStore({ file: at('whole.db') })
  const entries = [
    { kind: 'token', param: 'code', system: 's', code: 'c' },
    { kind: 'string', param: 'name', folded: 'a', exact: 'A' },
    { kind: 'position', param: 'near', latitude: 1, longitude: 2 },
    { kind: 'composite', param: 'pair', components: [] },
  ] as const
  const contained = [{ type: 'Group', id: 'g', entries: [] }]
  await write(store, put('Patient', 'a', { patients: ['a'] }))
  await write(store, put('Patient', 'a', { patients: ['a'], entries, contained, notes: ['some words'] }))
  await search(store, { type: 'Patient', where: textMatch('content', ['words']) })
  t.strictSame(await store.maintenance.verify(), [])
  await store.close()
  for (const [what, sql, line] of damages) {
    copyFileSync(at('whole.db'), at('a.db'))
    const db = new Database(at('a.db'))
    // Else SQLite guards the tables behind a virtual one.
    ;(db as unknown as { unsafeMode(): void }).unsafeMode()
    db.exec(sql)
    t.match(verify(new Statements(db)).join('\n'), line, what)
    db.close()
  }
})

t.test('more labels than have bits', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const label = (n: number) => ({ system: 'http://l.test', code: `l${n}` })
  const entries = [{ kind: 'token', param: 'code', system: '', code: 'c' }] as const
  for (let n = 0; n < 70; n++)
    await write(store, put('Observation', `o${n}`, { entries, labels: [label(n), label((n + 5) % 70)] }))
  await write(store, put('Observation', 'gone', { entries, labels: [label(65)] }))
  await write(store, remove('Observation', 'gone'))
  const without = (...numbers: number[]): AccessFilter => ({
    anyOf: [{ types: '*', patients: '*', withoutLabels: numbers.map(label) }],
  })
  const where = tokenMatch('code', undefined, 'c')
  for (const hidden of [[3], [60], [3, 60], [65, 69], [100]]) {
    const expected = Array.from({ length: 70 }, (_, n) => n).filter(
      (n) => !hidden.includes(n) && !hidden.includes((n + 5) % 70),
    )
    const filter = without(...hidden)
    const found = await search(store, { type: 'Observation', where, total: 'accurate' }, filter)
    t.strictSame(ids(found.matches), expected.map((n) => `o${n}`).toSorted(), `without ${hidden}`)
    t.equal(found.total, expected.length)
    const versions = (await history(store, { scope: { kind: 'type', type: 'Observation' } }, filter)).versions
    t.equal(versions.length, expected.length + (hidden.includes(65) ? 0 : 2), `history without ${hidden}`)
  }
  t.equal(
    await store.read({ type: 'Observation', id: 'gone' }, without(65)),
    undefined,
    'a deletion has the labels of what it deleted',
  )
  t.ok(await store.read({ type: 'Observation', id: 'gone' }, without(64)))
  await write(store, put('Observation', 'o60', { entries, labels: [label(1)] }))
  t.ok(await store.read({ type: 'Observation', id: 'o60' }, without(60, 65)), 'labels follow an update')
  t.equal(
    await store.readVersion({ type: 'Observation', id: 'o60' }, 1, without(60)),
    undefined,
    'each version keeps its own',
  )
  t.ok(await store.readVersion({ type: 'Observation', id: 'o60' }, 1, SEE_EVERYTHING))
})
