// `alcove verify` finds whatever is changed in any column of any table, and says what, but not what resources hold.
import { copyFileSync } from 'node:fs'
import Database from 'better-sqlite3-multiple-ciphers'
import t from 'tap'
import { runAlcove, temporaryFolder } from '../e2e/server-process.ts'
import { shipped } from '../access/labels/rules.ts'
import { faultsOf, makeSmallDatabase } from './sample-database.ts'

t.setTimeout(300_000)

/** Words of the records that no line of verify may repeat. */
const SECRETS = /Zebrowski|wombat|555-0100|MRN-4711/

type Value = string | number | Buffer | null

interface Column {
  readonly table: string
  readonly name: string
}

/** Where another value is as good as the one that stands there: none of these is part of a record. */
const FREE: Readonly<Record<string, string>> = {
  'setting.name of custom-search-parameters': 'custom parameters are indexed anew at the next start',
  'setting.value of custom-search-parameters': 'as without it',
  'setting.name of page-link-secret': 'made anew at the next start',
  'setting.value of page-link-secret': 'any text is a secret',
  'setting.name of relabelling': 'everything is gone through once more at the next start',
  'setting.value of relabelling': 'as without it',
  'setting.name of shipped': 'what was shipped is recognised by its content',
  // https://sqlite.org/fts5.html#fts5_data_structures
  'words_data.id of 1': 'averages, for ranks that nobody asks for',
  'words_data.block of 1': 'averages, for ranks that nobody asks for',
}

t.test('whatever is changed in a table is found', async (t) => {
  const folder = await temporaryFolder(t)
  const whole = `${folder}/whole.db`
  await makeSmallDatabase(t, whole)
  const env = { ALCOVE_DATABASE: `sqlite:${whole}` }
  const agree = new RegExp(`${8 + shipped.length} resources, .* agree`)
  t.match(await runAlcove(['verify'], env), { status: 0, stdout: agree })
  t.same(await faultsOf(whole), [], 'the whole database has no fault')
  const look = new Database(whole, { readonly: true })
  const columns = look
    .prepare(
      `SELECT m.name AS "table", c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1, c.cid`,
    )
    .all() as Column[]
  look.close()
  let changed = 0
  for (const { table, name } of columns) {
    // Where in the table a deletion would be noted: what is there is found either way.
    if (table === 'words_docsize' && name === 'origin') continue
    // The first page of a segment is found without it, and these are of one page.
    if (table === 'words_idx' && name === 'segid') continue
    for (const place of [0, 0.5, 1]) {
      copyFileSync(whole, `${folder}/a.db`)
      const db = new Database(`${folder}/a.db`)
      ;(db as unknown as { unsafeMode(): void }).unsafeMode()
      const key = (
        db.prepare(`SELECT name FROM pragma_table_info('${table}') WHERE pk > 0`).pluck().all() as string[]
      ).join()
      const rows = db.prepare(`SELECT ${key} FROM ${table} ORDER BY ${key}`).raw(true).all() as Value[][]
      const row = rows[Math.round(place * (rows.length - 1))]
      if (row === undefined) {
        t.fail(`${table} has no rows`)
        db.close()
        break
      }
      const value = db
        .prepare(`SELECT ${name} FROM ${table} WHERE (${key}) = (${row.map(() => '?').join()})`)
        .pluck()
        .get(...row) as Value
      db.prepare(`UPDATE ${table} SET ${name} = ? WHERE (${key}) = (${row.map(() => '?').join()})`).run(
        another(value),
        ...row,
      )
      db.close()
      changed++
      const faults = await faultsOf(`${folder}/a.db`)
      const what = `${table}.${name} of ${row.join(' ')}`
      if (Object.hasOwn(FREE, what)) t.same(faults, [], `${what}: ${FREE[what]}`)
      else if (faults.length === 0) t.fail(`${what} is changed unseen: ${value}`)
      else t.notMatch(faults.join('\n'), SECRETS, `${what}: ${faults[0]}`)
    }
  }
  t.ok(changed > 250, `${changed} changes`)
  copyFileSync(whole, `${folder}/a.db`)
  const db = new Database(`${folder}/a.db`)
  db.exec(`UPDATE body SET body = CAST(replace(CAST(body AS TEXT), 'wombat', 'potoroo') AS BLOB)
      WHERE vid = (SELECT seq FROM res WHERE id = 'o1');
    UPDATE tok SET pat = 4711 WHERE rid = (SELECT rid FROM res WHERE id = 'o1')`)
  db.close()
  const told = await runAlcove(['verify', `${folder}/a.db`], env)
  t.match(told, {
    status: 1,
    stdout:
      /^Observation\/o1 .+ in tok\.\n(.*\n)*Observation\/o1 has other words(.*\n)*.* the search parameter 'code:text'/m,
    stderr: /a\.db has .* faults?/,
  })
  t.notMatch(told.stdout + told.stderr, SECRETS)

  copyFileSync(whole, `${folder}/a.db`)
  const ended = new Database(`${folder}/a.db`)
  ended.exec("INSERT INTO setting (name, value) VALUES ('index-rows-left-out', '1')")
  ended.close()
  t.match(
    await runAlcove(['verify', `${folder}/a.db`], env),
    { status: 0, stdout: /a\.db: bodies and history agree\n$/, stderr: /a load that was ended/ },
    'nothing is claimed of what was not looked at',
  )
})

/** Of the same type, and not yet there. */
function another(value: Value): Value {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 7919 : 7919
  if (typeof value === 'string') return `${value}x`
  if (value instanceof Uint8Array) return Buffer.concat([value.subarray(1), Buffer.from('x')])
  return 7919
}
