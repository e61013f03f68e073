// `alcove reindex` makes the index anew whatever stands in its tables, and what is no index stays as it is.
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { runAlcove, temporaryFolder } from '../e2e/server-process.ts'
import { faultsOf, makeDatabase } from './sample-database.ts'

t.setTimeout(300_000)

/** What is done to a table. */
type Damage = (db: Database, table: string) => void

/** Every table whose rows name a resource, beside those of resources and versions themselves. */
const tablesOf = (db: Database): readonly string[] =>
  db
    .prepare(
      `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'rid' WHERE m.type = 'table' AND m.name NOT IN ('res', 'version')`,
    )
    .pluck()
    .all() as string[]

const keyOf = (db: Database, table: string): string =>
  (db.prepare(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0`).pluck().all() as string[]).join()

/** Which of a table's rows are some, others for each `nth`. */
const some = (db: Database, table: string, nth: number): string => {
  const key = keyOf(db, table)
  return `(${key}) IN (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 3 OFFSET ${nth} % (SELECT count(*) FROM ${table}))`
}

const columnsOf = (db: Database, table: string): readonly string[] =>
  db.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all() as string[]

/** A row as it is, but of this resource. */
const copyTo = (db: Database, table: string, rid: string): void => {
  const values = columnsOf(db, table).map((name) => (name === 'rid' ? rid : name))
  db.exec(`INSERT OR IGNORE INTO ${table} SELECT ${values.join()} FROM ${table} LIMIT 3`)
}

const OF_TABLES: readonly (readonly [what: string, damage: Damage])[] = [
  ['all rows are gone', (db, table) => db.exec(`DELETE FROM ${table}`)],
  ['some rows are gone', (db, table) => db.exec(`DELETE FROM ${table} WHERE ${some(db, table, 5)}`)],
  [
    'every column is changed somewhere',
    (db, table) => {
      for (const [nth, name] of columnsOf(db, table).entries())
        db.exec(
          `UPDATE OR REPLACE ${table} SET ${name} = CASE typeof(${name}) WHEN 'text' THEN ${name} || 'x' ELSE ${name} + 7919 END WHERE ${some(db, table, nth * 7)}`,
        )
    },
  ],
  [
    'there are rows of others too',
    (db, table) => {
      copyTo(db, table, `(SELECT rid FROM res WHERE id = 'l')`)
      // Deleted; one that is contained; none.
      copyTo(db, table, `(SELECT rid FROM res WHERE id = 'p2')`)
      copyTo(db, table, '(SELECT max(rid) FROM res WHERE owner > 0)')
      copyTo(db, table, '4711')
      copyTo(db, table, '-3')
    },
  ],
]

const OF_THE_REST: readonly (readonly [what: string, statements: string])[] = [
  ['the copies of rows cannot be read', `UPDATE body SET rows = 'x' WHERE vid IN (SELECT seq FROM res)`],
  [
    'the copies of rows and the rows are gone',
    `UPDATE body SET rows = '{"dt":0,"pat":0,"lab":0,"patients":[],"labels":[]}' WHERE vid IN (SELECT seq FROM res)`,
  ],
  ['dates and labels are others', 'UPDATE res SET dt = 5, lab = 3, pat = 4 WHERE live = 1'],
  [
    'labels of versions are others',
    'UPDATE version SET lab = 3, pat = 4 WHERE vid IN (SELECT seq FROM res WHERE live = 1)',
  ],
  [
    'lists of versions are gone',
    'DELETE FROM version_patient WHERE vid IN (SELECT seq FROM res WHERE live = 1); DELETE FROM version_label WHERE vid IN (SELECT seq FROM res WHERE live = 1)',
  ],
  [
    'lists of versions that are not there',
    'INSERT INTO version_patient VALUES (4711, 1); INSERT INTO version_label VALUES (4711, 1)',
  ],
  ['what is contained is gone', 'DELETE FROM res WHERE owner > 0'],
  [
    'what is contained is of another resource',
    `UPDATE res SET owner = (SELECT rid FROM res WHERE id = 'l') WHERE owner > 0`,
  ],
  ['what is contained is of none', 'UPDATE res SET owner = 4711 WHERE owner > 0'],
  ['what is contained is contained no more', 'UPDATE res SET owner = 0 WHERE owner > 0'],
  ['what is contained has another name', `UPDATE res SET id = id || 'x' WHERE owner > 0`],
  [
    'what is contained stands at another version',
    'UPDATE res SET ver = 9, seq = 1, lu = 1, op = 0, live = 0 WHERE owner > 0',
  ],
  [
    'words are others',
    `DELETE FROM words WHERE rowid % 2 = 0; INSERT INTO words (rowid, narrative, content) VALUES (4711, 'wolf', 'fox')`,
  ],
  ['words are not led to', 'DELETE FROM words_idx'],
  ['codes are others', `UPDATE dict SET val = val || 'x'`],
]

t.test('whatever is wrong with the index, it is right after', async (t) => {
  const folder = await temporaryFolder(t)
  const [whole, file] = [`${folder}/whole.db`, `${folder}/a.db`]
  await makeDatabase(t, whole)
  const env = { ALCOVE_DATABASE: `sqlite:${file}`, ALCOVE_LOG_LEVEL: 'warn' }
  t.same(await faultsOf(whole), [])
  const versions = contentOf(whole)
  const cases = [
    ...OF_TABLES.map(([what, damage]) => ({
      what,
      damage: (db: Database) => tablesOf(db).forEach((table) => damage(db, table)),
    })),
    ...OF_THE_REST.map(([what, statements]) => ({ what, damage: (db: Database) => db.exec(statements) })),
  ]
  for (const { what, damage } of cases) {
    copyFileSync(whole, file)
    const db = new Database(file)
    ;(db as unknown as { unsafeMode(): void }).unsafeMode()
    damage(db)
    db.close()
    t.not((await faultsOf(file)).length, 0, `${what}: a fault`)
    t.match(await runAlcove(['reindex'], env), { status: 0, stdout: /resources indexed/ })
    t.same(await faultsOf(file), [], `${what}: mended`)
    t.same(contentOf(file), versions, 'versions and bodies are as they were')
  }
})

/** Of every version: its number, what it is of, when and how it was written, and its body. */
function contentOf(file: string): unknown[] {
  const db = new Database(file, { readonly: true })
  const versions = db
    .prepare(
      'SELECT v.vid, v.rid, v.ver, v.type, v.lu, v.op, CAST(b.body AS TEXT) FROM version v LEFT JOIN body b ON b.vid = v.vid ORDER BY v.vid',
    )
    .raw(true)
    .all()
  db.close()
  return versions
}
