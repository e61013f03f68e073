// Checks that versions follow each other without a gap, that each has its content, and who may see it.
import { parseJson } from '../../fhir/json/index.ts'
import { isJsonObject } from '../../fhir/resource.ts'
import { isNoContained } from './contained.ts'
import { commonOf, readPacked } from './index-rows.ts'
import { DELETE, OPS } from './schema.ts'
import { raw, sql, type Fragment } from './sql.ts'
import type { Statements } from './statements.ts'
import type { Advance, Findings } from './verify-findings.ts'

export function verifyVersions(statements: Statements, findings: Findings, advance: Advance): void {
  for (const { says, faulty } of CHECKS)
    for (const [rid] of statements.rows<[number]>(faulty)) findings.of(rid, says)
  settings(statements, findings)
  contents(statements, findings, advance)
}

interface Check {
  readonly says: string
  /** Yields the `rid` of each resource at fault. */
  readonly faulty: Fragment
}

const FIRST_OPS = OPS.flatMap(({ change }, op) => (change === 'create' ? [op] : [])).join()

const CHECKS: readonly Check[] = [
  {
    says: 'has a gap or a repetition in its versions',
    faulty: sql`SELECT rid FROM version GROUP BY rid HAVING min(ver) <> 1 OR max(ver) <> count(*)`,
  },
  {
    says: 'has versions that are not in the order of their times',
    faulty: sql`SELECT DISTINCT rid FROM (SELECT rid, ver, lu, lag(lu, 1, lu) OVER all_of AS before, lag(ver, 1, 0) OVER own AS last FROM version WINDOW all_of AS (ORDER BY vid), own AS (PARTITION BY rid ORDER BY vid)) WHERE lu < before OR ver <= last`,
  },
  {
    says: 'has a version that creates what is there, or changes what is not',
    faulty: sql`SELECT DISTINCT rid FROM (SELECT rid, op, lag(op, 1, ${DELETE}) OVER (PARTITION BY rid ORDER BY ver) AS before FROM version) WHERE (before = ${DELETE}) <> (op IN (${raw(FIRST_OPS)})) OR op NOT BETWEEN 0 AND ${OPS.length - 1}`,
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
  {
    says: 'has content of a version that is not there',
    faulty: sql`SELECT b.vid FROM body b LEFT JOIN version v ON v.vid = b.vid WHERE v.vid IS NULL`,
  },
  {
    says: 'has a deletion of another patient or label than what was deleted',
    faulty: sql`SELECT DISTINCT v.rid FROM version v JOIN version p ON p.rid = v.rid AND p.ver = v.ver - 1 WHERE v.op = ${DELETE} AND (v.pat <> p.pat OR v.lab <> p.lab OR ${listsDiffer('version', 'v.vid', 'version', 'p.vid')})`,
  },
  {
    says: 'is listed for other patients or labels than its last version',
    faulty: sql`SELECT r.rid FROM res r WHERE ${isNoContained('r')} AND ${listsDiffer('res', 'r.rid', 'version', 'r.seq')}`,
  },
  {
    says: 'is listed for patients or labels, and is no resource',
    faulty: sql`SELECT l.rid FROM (SELECT rid FROM res_patient UNION SELECT rid FROM res_label) l LEFT JOIN res r ON r.rid = l.rid AND ${isNoContained('r')} WHERE r.rid IS NULL`,
  },
  {
    says: 'is the number of a version that is listed for patients or labels, and is none',
    faulty: sql`SELECT l.vid FROM (SELECT vid FROM version_patient UNION SELECT vid FROM version_label) l LEFT JOIN version v ON v.vid = l.vid WHERE v.vid IS NULL`,
  },
]

/** Whether the patients or labels that are listed for one are not those for the other. */
function listsDiffer(
  one: 'res' | 'version',
  oneKey: string,
  other: 'res' | 'version',
  otherKey: string,
): Fragment {
  const list = (of: 'res' | 'version', key: string, what: string, column: string) =>
    raw(`SELECT ${column} FROM ${of}_${what} WHERE ${of === 'res' ? 'rid' : 'vid'} = ${key}`)
  const differ = (what: string, column: string) => {
    const [a, b] = [list(one, oneKey, what, column), list(other, otherKey, what, column)]
    return sql`EXISTS (${a} EXCEPT ${b}) OR EXISTS (${b} EXCEPT ${a})`
  }
  return sql`(${differ('patient', 'pat')} OR ${differ('label', 'label')})`
}

/** Those that the store itself lives by. */
function settings(statements: Statements, findings: Findings): void {
  const strangers = statements.rows<[string]>(
    sql`SELECT 'search parameter ' || p.name FROM param p LEFT JOIN type t ON t.code = p.type WHERE t.code IS NULL UNION ALL SELECT 'reference to ' || g.id FROM ghost g LEFT JOIN type t ON t.code = g.type WHERE t.code IS NULL`,
  )
  const forms = statements.rows<[string]>(sql`SELECT name FROM param WHERE form NOT IN (0, 1)`)
  for (const [name] of forms)
    findings.add(`The search parameter '${name}' is kept in a form that is none.`, 'forms')
  for (const [what] of strangers) findings.add(`A ${what} is of a type that is not there.`, 'strange types')
}

/** Every body is JSON of the type, id, version and time that it is stored as, and its index is of who may see it. */
function contents(statements: Statements, findings: Findings, advance: Advance): void {
  const listed = (what: string, column: string) =>
    `coalesce((SELECT group_concat(${column}) FROM (SELECT ${column} FROM version_${what} WHERE vid = v.vid ORDER BY 1)), '')`
  const rows = statements.db
    .prepare(
      `SELECT t.name, r.id, v.ver, v.op, v.lu, v.pat, v.lab, ${listed('patient', 'pat')}, ${listed('label', 'label')}, b.rows, b.body FROM version v JOIN res r ON r.rid = v.rid JOIN type t ON t.code = r.type JOIN body b ON b.vid = v.vid ORDER BY v.vid`,
    )
    .raw(true)
    .iterate() as IterableIterator<ContentRow>
  for (const row of rows) {
    const [type, id, ver, op] = row
    for (const fault of [bodyFault(row), indexFault(row)])
      if (fault !== undefined)
        findings.add(`${type}/${id} version ${ver} (${OPS[op]?.change}): ${fault}.`, 'contents')
    advance(1)
  }
}

type ContentRow = readonly [
  type: string,
  id: string,
  ver: number,
  op: number,
  lu: number,
  pat: number,
  lab: number,
  patients: string,
  labels: string,
  rows: string,
  body: Buffer,
]

function bodyFault([type, id, ver, , lu, , , , , , body]: ContentRow): string | undefined {
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
  if (Date.parse(String(meta['lastUpdated'])) !== lu) return 'its content is of another time'
  return undefined
}

function indexFault([, , , , , pat, lab, patients, labels, rows]: ContentRow): string | undefined {
  try {
    const packed = readPacked(rows)
    const common = commonOf(packed)
    for (const line of [packed.rows, ...packed.contained.map((one) => one.rows)].flat()) JSON.parse(line)
    if (common.pat !== pat || common.patients.join() !== patients) return 'its index is of other patients'
    if (common.lab !== lab || common.labels.join() !== labels) return 'its index is of other labels'
    return undefined
  } catch {
    return 'its index cannot be read'
  }
}
