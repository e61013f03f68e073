// What the index tables hold of each kind of entry and of contained resources, after whatever was written; and files of the layout before.
import { deepStrictEqual as deepEqual } from 'node:assert'
import Database from 'better-sqlite3-multiple-ciphers'
import fc from 'fast-check'
import t from 'tap'
import type { AccessFilter, ContainedIndex, IndexEntry } from '../../../src/store/index.ts'
import { Batches } from '../../../src/store/sqlite/batches.ts'
import {
  commonOf,
  packIndex,
  parseRow,
  readPacked,
  writePacked,
} from '../../../src/store/sqlite/index-rows.ts'
import { GrowingDictionary } from '../../../src/store/sqlite/dictionary.ts'
import { backupSqlite, openSqliteStore } from '../../../src/store/sqlite/index.ts'
import type { Job } from '../../../src/store/sqlite/jobs.ts'
import { countAll } from '../../../src/store/sqlite/maintenance-thread.ts'
import { APPLICATION_ID, LAYOUT, migrate } from '../../../src/store/sqlite/migrations.ts'
import { Statements } from '../../../src/store/sqlite/statements.ts'
import { Turn } from '../../../src/store/sqlite/turn.ts'
import { verify } from '../../../src/store/sqlite/verify.ts'
import {
  bodyOf,
  commit,
  history,
  ids,
  indexOf,
  put,
  remove,
  write,
  type Content,
} from '../../contract/world.ts'
import { testFolder } from './folder.ts'
import { LAYOUT_1 } from './layout-1.ts'

/** Rows of a file that a store has open, by SQL of the test's own. */
function rowsOf(file: string, query: string): unknown[][] {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare(query).raw(true).all() as unknown[][]
  } finally {
    db.close()
  }
}

const named = (columns: string, table: string) =>
  `SELECT n.name, ${columns} FROM ${table} x JOIN param n ON n.tp = x.tp ORDER BY n.name, ${columns}`

t.test('each kind of entry has its rows', async (t) => {
  const at = testFolder(t)
  const file = at('a.db')
  const store = await openSqliteStore({ file })
  t.teardown(() => store.close())
  const entries: IndexEntry[] = [
    { kind: 'string', param: 'name', folded: 'muller', exact: 'Müller' },
    { kind: 'string', param: 'name', folded: 'muller', exact: 'MULLER' },
    { kind: 'string', param: 'name', folded: 'anna', exact: 'anna' },
    { kind: 'position', param: 'near', latitude: -12.5, longitude: 180 },
    {
      kind: 'reference',
      param: 'policy',
      target: { kind: 'url', url: 'http://a.test/p', version: undefined },
    },
    { kind: 'reference', param: 'policy', target: { kind: 'url', url: 'http://a.test/q', version: '2' } },
    { kind: 'token', param: 'subject:identifier', system: 'urn:mrn', code: '7' },
    {
      kind: 'composite',
      param: 'code-value',
      components: [
        { kind: 'token', param: '0', system: 's', code: 'c' },
        { kind: 'quantity', param: '1', low: 1, high: Infinity, system: '', code: 'mg', unit: '' },
      ],
    },
    {
      kind: 'composite',
      param: 'code-value',
      components: [
        { kind: 'uri', param: '0', value: 'urn:x' },
        { kind: 'string', param: '1', folded: 'a', exact: 'Á' },
      ],
    },
  ]
  const content: Content = { entries: [...entries, entries[7]!], patients: ['p'], date: 5 }
  await write(store, put('Observation', 'o', content))
  t.strictSame(rowsOf(file, named('val, exact', 'str')), [
    ['name', 'anna', ''],
    ['name', 'muller', 'MULLER'],
    ['name', 'muller', 'Müller'],
  ])
  t.strictSame(rowsOf(file, named('lat, lon, pat < 0', 'pos')), [['near', -12.5, 180, 1]])
  t.strictSame(
    rowsOf(
      file,
      "SELECT d.val FROM ref x JOIN param n ON n.tp = x.tp JOIN dict d ON d.code = (-1 - x.tgt) / 2 WHERE n.name = 'policy' ORDER BY 1",
    ),
    [['http://a.test/p'], ['http://a.test/q|'], ['http://a.test/q|2']],
    'a canonical with a version stands under that version and under any',
  )
  t.strictSame(
    rowsOf(file, "SELECT val FROM tok x JOIN param n ON n.tp = x.tp WHERE n.name LIKE '%:identifier'"),
    [['7\u001furn:mrn']],
    'identifiers are kept as text',
  )
  const composites = rowsOf(file, named('n, row', 'cmp')).map(([name, n, row]) => [
    name,
    n,
    (JSON.parse(row as string) as unknown[][]).map(([letter, , ...values]) => [letter, ...values]),
  ])
  const mg = rowsOf(file, "SELECT code FROM dict WHERE val = 'mg' AND sys IS NULL")[0]![0]
  const token = rowsOf(file, "SELECT code FROM dict WHERE val = 'c' AND sys = 's'")[0]![0]
  t.same(
    new Set(composites.map((one) => JSON.stringify(one[2]))),
    new Set([
      JSON.stringify([
        ['t', token],
        ['q', 1, '+', 0, mg, 0],
      ]),
      JSON.stringify([
        ['t', '\u001furn:x'],
        ['s', 'a', 'Á'],
      ]),
    ]),
    'each composite once',
  )
  t.strictSame(
    composites.map(([name, n]) => [name, n]),
    [
      ['code-value', 0],
      ['code-value', 1],
    ],
  )
  t.strictSame(await store.maintenance.verify(), [])
  await write(store, remove('Observation', 'o'))
  for (const table of ['tok', 'ref', 'str', 'dat', 'qty', 'pos', 'cmp'])
    t.strictSame(rowsOf(file, `SELECT count(*) FROM ${table}`), [[0]], `${table} after the deletion`)
})

const code = (param: string, value: string): IndexEntry => ({ kind: 'token', param, system: '', code: value })
const inside = (param: string, id: string): IndexEntry => ({
  kind: 'reference',
  param,
  target: { kind: 'contained', id },
})

t.test('contained resources have rows of their own, which nothing but a search sees', async (t) => {
  const at = testFolder(t)
  const file = at('a.db')
  const store = await openSqliteStore({ file })
  t.teardown(() => store.close())
  const medication: ContainedIndex = {
    type: 'Medication',
    id: 'm',
    entries: [code('code', 'x'), inside('maker', 'o')],
  }
  const maker: ContainedIndex = { type: 'Organization', id: 'o', entries: [code('name', 'y')] }
  const links =
    "SELECT n.name, t.name || ' ' || substr(r.id, instr(r.id, '#') + 1) FROM ref x JOIN param n ON n.tp = x.tp JOIN res r ON r.rid = x.tgt JOIN type t ON t.code = r.type ORDER BY 1, 2"
  const places =
    "SELECT t.name, substr(r.id, instr(r.id, '#')), r.owner, r.ver, r.seq, r.dt, r.live FROM res r JOIN type t ON t.code = r.type WHERE r.owner > 0 ORDER BY 1, 2"
  const request = (content: Content) => put('MedicationRequest', 'r', content)

  await write(
    store,
    request({
      entries: [inside('medication', 'm'), inside('medication', 'nowhere')],
      contained: [medication, maker],
      date: 10,
    }),
    put('Patient', 'p'),
  )
  t.strictSame(rowsOf(file, links), [
    ['maker', '#Organization o'],
    ['medication', '#Medication m'],
  ])
  t.strictSame(rowsOf(file, places), [
    ['#Medication', '#m', 1, 1, 1, 10, 1],
    ['#Organization', '#o', 1, 1, 1, 10, 1],
  ])
  t.strictSame(
    rowsOf(
      file,
      'SELECT t.name, n.name FROM tok x JOIN param n ON n.tp = x.tp JOIN type t ON t.code = n.type ORDER BY 1',
    ),
    [
      ['#Medication', 'code'],
      ['#Organization', 'name'],
    ],
  )
  t.strictSame(await store.maintenance.counts(), { resources: 2, versions: 2 })
  t.strictSame(ids((await Array.fromAsync(store.maintenance.currentResources(10))).flat()), ['p', 'r'])
  t.strictSame(ids((await history(store, { scope: { kind: 'system' } })).versions), ['p', 'r'])

  const before = rowsOf(file, "SELECT rid FROM res WHERE id LIKE '%#m'")
  await write(store, request({ entries: [inside('medication', 'm')], contained: [medication], date: 10 }))
  t.strictSame(
    rowsOf(file, links),
    [['medication', '#Medication m']],
    'what is no longer contained is not there',
  )
  t.strictSame(rowsOf(file, places), [['#Medication', '#m', 1, 2, 3, 10, 1]])
  t.strictSame(rowsOf(file, "SELECT rid FROM res WHERE id LIKE '%#m'"), before)
  t.strictSame(await store.maintenance.verify(), [])

  const other: ContainedIndex = { type: 'Substance', id: 'm', entries: [code('code', 'z')] }
  await write(
    store,
    request({ entries: [inside('medication', 'm')], contained: [other, other, maker], date: 20 }),
  )
  t.strictSame(
    rowsOf(file, links),
    [
      ['medication', '#Substance m'],
      ['medication', '#Substance m#2'],
    ],
    'another type by the same id, twice',
  )
  t.strictSame(await store.maintenance.verify(), [])

  await store.maintenance.replaceIndexes([
    {
      key: { type: 'MedicationRequest', id: 'r' },
      versionId: 3,
      index: indexOf({ entries: [inside('medication', 'o')], contained: [maker], patients: ['p'], date: 30 }),
    },
  ])
  t.strictSame(rowsOf(file, links), [['medication', '#Organization o']])
  t.strictSame(
    rowsOf(file, places),
    [['#Organization', '#o', 1, 3, 4, 30, 1]],
    'a new index is no new version',
  )
  t.strictSame(await store.maintenance.verify(), [])

  await write(store, remove('MedicationRequest', 'r'))
  t.strictSame(rowsOf(file, places), [])
  t.strictSame(rowsOf(file, 'SELECT * FROM tok'), [])
  t.strictSame(await store.maintenance.verify(), [])
  await write(store, put('Patient', 'later'), request({ contained: [medication] }))
  t.strictSame(rowsOf(file, places), [['#Medication', '#m', 1, 5, 7, -9_000_000_000_000_000, 1]])
  t.strictSame(await store.maintenance.counts(), { resources: 3, versions: 7 })
  t.strictSame(await store.maintenance.verify(), [])
})

const param = fc.constantFrom('a', 'b', '0', 'identifier')
const text = fc.constantFrom('', 'x', 'X', 'yz', 'é', '"\n#')
/** Nothing is folded to something: what is written is never ''. */
const written = fc.constantFrom('x', 'X', 'yz', 'é', '"\n#')
const number = fc.constantFrom(-Infinity, -1, 0, 2.5, 3, Infinity)
const localId = fc.constantFrom('m', 'o', 'none')
const flat: fc.Arbitrary<Exclude<IndexEntry, { kind: 'composite' | 'position' }>> = fc.oneof(
  fc.record({ kind: fc.constant('token' as const), param, system: text, code: text }),
  fc.record({ kind: fc.constant('string' as const), param, folded: text, exact: written }),
  fc.record({ kind: fc.constant('uri' as const), param, value: text }),
  fc.record({ kind: fc.constant('date' as const), param, low: number, high: number }),
  fc.record({ kind: fc.constant('number' as const), param, low: number, high: number }),
  fc.record({
    kind: fc.constant('quantity' as const),
    param,
    low: number,
    high: number,
    system: text,
    code: text,
    unit: text,
  }),
  fc.record({
    kind: fc.constant('reference' as const),
    param,
    target: fc.oneof(
      fc.record({
        kind: fc.constant('local' as const),
        type: fc.constantFrom('A', 'B'),
        id: fc.constantFrom('1', '2'),
      }),
      fc.record({
        kind: fc.constant('url' as const),
        url: text,
        version: fc.option(text, { nil: undefined }),
      }),
      fc.record({ kind: fc.constant('contained' as const), id: localId }),
    ),
  }),
)
const position = fc.record({
  kind: fc.constant('position' as const),
  param,
  latitude: fc.constantFrom(-0, 1.5, 90),
  longitude: fc.constantFrom(0, -7),
})
const composite = fc.record({
  kind: fc.constant('composite' as const),
  param,
  components: fc.array(flat, { maxLength: 3 }),
})
const entries: fc.Arbitrary<IndexEntry[]> = fc.array(
  fc.oneof(
    { arbitrary: flat, weight: 4 },
    { arbitrary: position, weight: 1 },
    { arbitrary: composite, weight: 1 },
  ),
  { maxLength: 6 },
)
const content = fc.record({
  entries,
  contained: fc.array(
    fc.record({ type: fc.constantFrom('A', 'M'), id: fc.constantFrom('m', 'o'), entries }),
    { maxLength: 3 },
  ),
  patients: fc.subarray(['1', '2']),
  date: fc.constantFrom(undefined, 1, 2),
})
const step = fc.record({
  what: fc.constantFrom('put', 'put', 'put', 'remove', 'reindex'),
  type: fc.constantFrom('A', 'B'),
  id: fc.constantFrom('1', '2'),
  content,
})

/** A writer without its thread. */
function writerOf(db: Database) {
  migrate(db)
  const statements = new Statements(db)
  const dictionary = new GrowingDictionary(statements)
  const reading = { statements, dictionary }
  const batches = new Batches(statements, dictionary, new Turn(reading, dictionary))
  const run = (job: Job): void => {
    const [answer] = batches.run([job])
    const done = answer!.kind === 'commit' ? answer!.result.kind === 'committed' : answer!.kind === job.kind
    if (!done) throw new Error(JSON.stringify(answer))
  }
  return { statements, batches, run }
}

t.test('after whatever was written the tables hold what they should, and no more', (t) => {
  const property = fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
    const db = new Database(':memory:')
    try {
      const { statements, run } = writerOf(db)
      const versions = new Map<string, number>()
      const current = new Set<string>()
      for (const [time, { what, type, id, content: wanted }] of steps.entries()) {
        const name = `${type}/${id}`
        const versionId = versions.get(name) ?? 0
        if (what === 'reindex') {
          const items = [{ key: { type, id }, versionId, index: indexOf(wanted) }]
          run({ kind: 'replace-indexes', items, how: time % 2 === 0 ? 'difference' : 'anew' })
          continue
        }
        const writes =
          what === 'put' ? [put(type, id, { ...wanted, text: `"time":${time}` })] : [remove(type, id)]
        if (what === 'put' || current.has(name)) versions.set(name, versionId + 1)
        if (what === 'put') current.add(name)
        else current.delete(name)
        run({ kind: 'commit', commit: commit(writes), time })
        if (time % 3 === 0) run({ kind: 'index-words' })
      }
      const problems = [...verify(statements)]
      const { resources, versions: written } = countAll(statements)
      if (resources !== current.size) problems.push(`${resources} are counted, ${current.size} are there`)
      const all = [...versions.values()].reduce((sum, one) => sum + one, 0)
      if (written !== all) problems.push(`${written} versions are counted, ${all} are there`)
      if (problems.length > 0) throw new Error(problems.join('\n'))
    } finally {
      db.close()
    }
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 150 }))
  t.end()
})

/** All rows of all tables, but for how far the words have been taken in. */
function contentsOf(db: Database): unknown {
  const tables = db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'setting' AND name NOT LIKE 'words%' ORDER BY name",
    )
    .pluck()
    .all() as string[]
  return tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).raw(true).all()])
}

/** Whoever sees only these types is told only after the writes that something else is not there. */
const SEES_SOME: AccessFilter = { anyOf: [{ types: ['A', 'B'], patients: '*', withoutLabels: [] }] }

t.test('what is written in one batch is as if each had been alone, also when some are refused', (t) => {
  const refusals = new Set<string>()
  const cut = fc.record({ step, ends: fc.boolean(), refused: fc.constantFrom(false, false, true) })
  const property = fc.property(fc.array(cut, { minLength: 2, maxLength: 12 }), (steps) => {
    const [together, alone] = [new Database(':memory:'), new Database(':memory:')]
    try {
      const [a, b] = [writerOf(together), writerOf(alone)]
      const versions = new Map<string, number>()
      let batch: Job[] = []
      for (const [time, { step, ends, refused }] of steps.entries()) {
        const { what, type, id, content: wanted } = step
        const name = `${type}/${id}`
        const version = versions.get(name) ?? 0
        if (what === 'reindex') {
          const items = [{ key: { type, id }, versionId: version, index: indexOf(wanted) }]
          batch.push({ kind: 'replace-indexes', items, how: time % 2 === 0 ? 'difference' : 'anew' })
        } else {
          const written = { ...wanted, text: `"time":${time}` }
          const writes = [what === 'put' ? put(type, id, written) : remove(type, id)]
          const dangling = put('B', '3', written, { mustExist: [{ type: 'C', id: '1' }] })
          if (refused)
            batch.push({ kind: 'commit', commit: commit([...writes, dangling], { access: SEES_SOME }), time })
          batch.push({ kind: 'commit', commit: commit(writes), time })
          if (what === 'put' || version > 0) versions.set(name, version + 1)
        }
        if (time % 4 === 3) batch.push({ kind: 'index-words' })
        if (!ends && time < steps.length - 1) continue
        const answers = a.batches.run(batch)
        for (const { kind, result } of answers.filter((one) => one.kind === 'commit'))
          refusals.add(`${kind} ${result.kind}`)
        deepEqual(
          answers,
          batch.flatMap((job) => b.batches.run([job])),
        )
        batch = []
      }
      deepEqual(contentsOf(together), contentsOf(alone))
      deepEqual([...verify(a.statements)], [])
    } finally {
      together.close()
      alone.close()
    }
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 50 }))
  t.strictSame([...refusals].sort(), ['commit committed', 'commit missing-references'])
  t.end()
})

t.test('packed rows are read as they were written, and those of before too', (t) => {
  const db = new Database(':memory:')
  migrate(db)
  const dictionary = new GrowingDictionary(new Statements(db))
  const packed = packIndex(
    indexOf({
      entries: [code('code', '\n["c",\u2028'), inside('a', 'm'), inside('a', '#')],
      contained: [
        { type: 'M', id: 'm', entries: [code('code', '{')] },
        { type: 'M', id: '', entries: [] },
      ],
      date: 3,
    }),
    dictionary.addType('A'),
    dictionary,
  )
  t.equal(packed.rows.length, 3)
  const written = readPacked(writePacked(packed))
  // What was just packed knows what its texts say.
  const { common, values, contained, ...texts } = packed
  t.strictSame(written, { ...texts, contained: contained.map(({ type, id, rows }) => ({ type, id, rows })) })
  t.strictSame(commonOf(written), common)
  t.strictSame(written.rows.map(parseRow), values)
  t.strictSame(
    written.contained.map(({ rows }) => rows.map(parseRow)),
    contained.map((one) => one.values),
  )
  t.strictSame(readPacked('{"dt":3}'), { head: '{"dt":3}', rows: [], contained: [] })
  const old = readPacked('{"dt":3}\n["t",1,2]\n["s",2,"x"]')
  t.strictSame(old.rows.map(parseRow), [
    ['t', 1, 2],
    ['s', 2, 'x'],
  ])
  db.close()
  t.end()
})

const shape = (db: Database): unknown =>
  (
    db.prepare('SELECT name, tbl_name, type FROM sqlite_schema ORDER BY name').all() as {
      name: string
      type: string
    }[]
  ).map((one) => ({
    ...one,
    columns: db
      .prepare(`SELECT * FROM pragma_${one.type === 'table' ? 'table_xinfo' : 'index_xinfo'}(?)`)
      .all(one.name),
  }))

t.test('a file of layout 1 is brought to this layout, and all that is in it stays', async (t) => {
  const at = testFolder(t)
  const body = (version: number, time: number, note: string) => {
    const meta = { versionId: String(version), lastUpdated: new Date(time).toISOString() }
    return JSON.stringify({ resourceType: 'Patient', id: 'a', meta, note })
  }
  const head = JSON.stringify({ dt: 7, pat: 1, lab: 0, patients: [], labels: [] })
  const makeOld = (file: string) => {
    const db = new Database(file)
    db.pragma('journal_mode = WAL')
    db.exec(LAYOUT_1)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma('user_version = 1')
    db.exec(`
      INSERT INTO type VALUES (1, 'Patient');
      INSERT INTO param VALUES (1, 1, 'name', 0), (2, 1, 'gender', 0);
      INSERT INTO dict VALUES (1, 'female', '');
      INSERT INTO res VALUES (1, 1, 'a', 2, 2, 1000, 1, 1, 1, 0, 7);
      INSERT INTO version VALUES (1, 1, 1, 1, 900, 0, 1, 0), (2, 1, 2, 1, 1000, 1, 1, 0);
      INSERT INTO str VALUES (1, 'anna', 1, 1, 0);
      INSERT INTO tok VALUES (2, 1, 7, 1, 1, 0);`)
    const insert = db.prepare('INSERT INTO body VALUES (?, ?, ?)')
    insert.run(1, Buffer.from(body(1, 900, 'first')), head)
    insert.run(2, Buffer.from(body(2, 1000, 'second words')), `${head}\n["s",1,"anna"]\n["t",2,1]`)
    db.close()
  }
  makeOld(at('old.db'))
  const copied = await backupSqlite({ file: at('old.db') }, at('copy.db'))
  t.match(copied, { resources: 1, versions: 2 }, 'it can be backed up before')

  const store = await openSqliteStore({ file: at('old.db') })
  t.strictSame(await store.maintenance.verify(), [])
  t.strictSame(await store.maintenance.counts(), { resources: 1, versions: 2 })
  t.strictSame(rowsOf(at('old.db'), 'SELECT val, rid, exact FROM str'), [['anna', 1, '']])
  t.equal(rowsOf(at('old.db'), 'PRAGMA user_version')[0]![0], LAYOUT)
  const entry: IndexEntry = { kind: 'string', param: 'name', folded: 'berta', exact: 'Berta' }
  await write(store, put('Patient', 'a', { entries: [entry], patients: ['a'] }), put('Patient', 'b'))
  t.strictSame(rowsOf(at('old.db'), 'SELECT val, rid, exact FROM str'), [['berta', 1, 'Berta']])
  t.strictSame(rowsOf(at('old.db'), 'SELECT * FROM tok'), [], 'rows of before are found by their packed text')
  t.match(
    bodyOf(
      await store.readVersion({ type: 'Patient', id: 'a' }, 1, {
        anyOf: [{ types: '*', patients: '*', withoutLabels: [] }],
      }),
    ),
    { note: 'first' },
  )
  t.strictSame(await store.maintenance.verify(), [])
  await store.close()

  makeOld(at('again.db'))
  const migrated = new Database(at('again.db'))
  migrate(migrated)
  const fresh = new Database(':memory:')
  migrate(fresh)
  t.strictSame(shape(migrated), shape(fresh), 'the tables and indexes are those of a new file')
  migrated.close()
  fresh.close()
})
