// Looks for what is wrong with the data at rest: the file itself, versions, bodies, and index rows.
import { parseJson } from '../../fhir/json/index.ts'
import { isJsonObject } from '../../fhir/resource.ts'
import { containedNow, isNoContained, NO_TARGETS, targetsOf } from './contained.ts'
import { commonOf, readPacked } from './index-rows.ts'
import { DELETE, OPS } from './schema.ts'
import { raw, sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import { rowTable, tableRows } from './table-rows.ts'
import { verifyText } from './verify-text.ts'

/** At most this many lines of one kind; the rest is counted. */
const MOST_LINES = 20

/** What is wrong, each in a line that names the resource by type and id; empty when nothing is. */
/** @param checksIndexes false for an earlier layout of the index tables */
export function verify(statements: Statements, checksIndexes = true): string[] {
  // One transaction: all that is compared is of one moment.
  statements.db.exec('BEGIN')
  try {
    const damage = statements.rows<[string]>(sql`PRAGMA integrity_check`).map(([line]) => line)
    if (damage.length !== 1 || damage[0] !== 'ok') return damage.map((line) => `The file is damaged: ${line}`)
    return [
      ...CHECKS.flatMap((check) => checked(statements, check)),
      ...bodies(statements),
      ...(checksIndexes
        ? [
            ...checked(statements, CONTAINED_CHECK),
            ...indexes(statements),
            ...shortened(verifyText(statements).map(([rid, says]) => `${nameOf(statements, rid)} ${says}.`)),
          ]
        : []),
    ]
  } finally {
    statements.db.exec('COMMIT')
  }
}

interface Check {
  readonly says: string
  /** Yields the `rid` of each resource at fault. */
  readonly faulty: Fragment
}

const CHECKS: readonly Check[] = [
  {
    says: 'has a gap or a repetition in its versions',
    faulty: sql`SELECT rid FROM version GROUP BY rid HAVING min(ver) <> 1 OR max(ver) <> count(*)`,
  },
  {
    says: 'has versions that are not in the order of their times',
    faulty: sql`SELECT DISTINCT rid FROM (SELECT rid, lu, lag(lu, 1, lu) OVER (ORDER BY vid) AS before FROM version) WHERE lu < before`,
  },
  {
    says: 'has a version that belongs to no resource',
    faulty: sql`SELECT DISTINCT v.rid FROM version v LEFT JOIN res r ON r.rid = v.rid AND r.type = v.type WHERE r.rid IS NULL`,
  },
  {
    says: 'does not stand at its last version',
    faulty: sql`SELECT r.rid FROM res r LEFT JOIN version v ON v.vid = r.seq AND v.rid = r.rid AND v.ver = r.ver AND v.lu = r.lu AND v.op = r.op AND v.pat = r.pat AND v.lab = r.lab WHERE ${isNoContained('r')} AND (v.vid IS NULL OR r.live <> (r.op <> ${DELETE}) OR EXISTS (SELECT 1 FROM version n WHERE n.rid = r.rid AND n.ver > r.ver))`,
  },
  {
    says: 'has a version without content, or a deletion with one',
    faulty: sql`SELECT DISTINCT v.rid FROM version v LEFT JOIN body b ON b.vid = v.vid WHERE (b.vid IS NULL) <> (v.op = ${DELETE})`,
  },
]

function checked(statements: Statements, { says, faulty }: Check): string[] {
  const rids = statements.rows<[number]>(faulty).map(([rid]) => rid)
  return shortened(rids.map((rid) => `${nameOf(statements, rid)} ${says}.`))
}

function nameOf(statements: Statements, rid: number): string {
  const name = statements.value<string>(
    sql`SELECT t.name || '/' || r.id FROM res r JOIN type t ON t.code = r.type WHERE r.rid = ${rid}`,
  )
  return name ?? `Resource number ${rid}`
}

const CONTAINED_CHECK: Check = {
  says: 'contains a resource that stands at another version, date, patient or label than its own',
  faulty: sql`SELECT DISTINCT c.owner FROM res c LEFT JOIN res r ON r.rid = c.owner WHERE c.owner > 0 AND (r.rid IS NULL OR r.live = 0 OR (c.ver, c.seq, c.lu, c.op, c.live, c.pat, c.lab, c.dt) <> (r.ver, r.seq, r.lu, r.op, r.live, r.pat, r.lab, r.dt))`,
}

/** Every body is JSON of the type, id and version that it is stored as. */
function bodies(statements: Statements): string[] {
  const problems: string[] = []
  const rows = statements.db
    .prepare(
      'SELECT t.name, r.id, v.ver, v.op, b.body FROM version v JOIN res r ON r.rid = v.rid JOIN type t ON t.code = r.type JOIN body b ON b.vid = v.vid ORDER BY v.vid',
    )
    .raw(true)
    .iterate() as IterableIterator<[type: string, id: string, ver: number, op: number, body: Buffer]>
  for (const [type, id, ver, op, body] of rows) {
    const fault = bodyFault(type, id, ver, body)
    if (fault !== undefined) problems.push(`${type}/${id} version ${ver} (${OPS[op]?.change}): ${fault}.`)
  }
  return shortened(problems)
}

function bodyFault(type: string, id: string, ver: number, body: Buffer): string | undefined {
  let parsed: unknown
  try {
    parsed = parseJson(body)
  } catch {
    return 'its content is not JSON'
  }
  if (!isJsonObject(parsed)) return 'its content is not a resource'
  if (parsed['resourceType'] !== type || parsed['id'] !== id) return 'its content is of another resource'
  const meta = parsed['meta']
  if (!isJsonObject(meta) || meta['versionId'] !== String(ver)) return 'its content is of another version'
  return undefined
}

/** The rows in the index tables are those that the packed copies list: each is there, and there are no others. */
function indexes(statements: Statements): string[] {
  const problems: string[] = []
  const expected = new Map<string, number>()
  const count = (table: string) => expected.set(table, (expected.get(table) ?? 0) + 1)
  for (const [rid, dt, pat, lab, text] of liveRows(statements)) {
    const packed = readPacked(text)
    const common = commonOf(packed)
    if (common.dt !== dt || common.pat !== pat || common.lab !== lab) {
      problems.push(`${nameOf(statements, rid)} has index rows of another date, patient or label.`)
    }
    const contained = packed.contained.length === 0 ? NONE : containedNow(statements, rid, packed.contained)
    const targets = contained.size === 0 ? NO_TARGETS : targetsOf(contained)
    for (let left = packed.contained.length; left > 0; left--) count('res')
    if (contained.size < packed.contained.length)
      problems.push(`${nameOf(statements, rid)} lacks a resource that it contains.`)
    for (const [own, rows] of [
      [rid, packed.rows] as const,
      ...[...contained.values()].map((kept) => [kept.rid, kept.rows] as const),
    ]) {
      for (const row of rows.flatMap((line) => tableRows(line, targets))) {
        const { table, key, dated, filtered } = rowTable(row)
        count(table.text)
        const found = statements.row(
          sql`SELECT 1 FROM ${table} WHERE ${key} AND rid = ${own} ${filtered ? sql`AND pat = ${pat} AND lab = ${lab}` : sql``} ${dated ? sql`AND dt = ${dt}` : sql``}`,
        )
        if (found === undefined)
          problems.push(`${nameOf(statements, rid)} lacks an index row in ${table.text}.`)
      }
    }
  }
  for (const table of ['tok', 'ref', 'str', 'dat', 'qty', 'pos', 'cmp']) {
    const there = statements.value<number>(sql`SELECT count(*) FROM ${raw(table)}`)!
    const listed = expected.get(table) ?? 0
    if (there !== listed) problems.push(`The index table ${table} has ${there} rows, ${listed} are listed.`)
  }
  const there = statements.value<number>(sql`SELECT count(*) FROM res WHERE owner > 0`)!
  const listed = expected.get('res') ?? 0
  if (there !== listed) problems.push(`There are ${there} contained resources, ${listed} are listed.`)
  return shortened(problems)
}

const NONE: ReturnType<typeof containedNow> = new Map()

type LiveRow = readonly [rid: number, dt: number, pat: number, lab: number, rows: string]

/** In portions: statements are run in between, and all at once would fill the memory. */
function* liveRows(statements: Statements): Generator<LiveRow> {
  let behind = 0
  for (;;) {
    const rows = statements.rows<LiveRow>(
      sql`SELECT r.rid, r.dt, r.pat, r.lab, b.rows FROM res r JOIN body b ON b.vid = r.seq WHERE r.live = 1 AND r.owner = 0 AND r.rid > ${behind} ORDER BY r.rid LIMIT 1000`,
    )
    yield* rows
    if (rows.length === 0) return
    behind = rows.at(-1)![0]
  }
}

function shortened(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines]
  return [...lines.slice(0, MOST_LINES), `... and ${lines.length - MOST_LINES} more like these.`]
}
