// Looks for what is wrong with the data at rest: the file itself, versions and their bodies, index rows and words.
import { isNoContained } from './contained.ts'
import { raw, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { Findings, type VerifyProgress } from './verify-findings.ts'
import { verifyRows } from './verify-rows.ts'
import { verifyText } from './verify-text.ts'
import { verifyVersions } from './verify-versions.ts'

/** Until when what is wrong with the file itself is told; SQLite stops here. */
const MOST_DAMAGES = '20'

/**
 * What is wrong, each in a line that names the resource by type and id and says nothing of what it holds; empty when
 * nothing is.
 * @param checksIndexes false for an earlier layout of the index tables
 */
export function verify(
  statements: Statements,
  checksIndexes = true,
  progress: VerifyProgress = () => {},
): string[] {
  // One transaction: all that is compared is of one moment.
  statements.db.exec('BEGIN')
  try {
    const damage = statements
      .rows<[string]>(sql`PRAGMA integrity_check(${raw(MOST_DAMAGES)})`)
      .map(([line]) => line)
    if (damage.length !== 1 || damage[0] !== 'ok') return damage.map((line) => `The file is damaged: ${line}`)
    const findings = new Findings(statements)
    const total = workOf(statements, checksIndexes)
    let done = 0
    const advance = (count: number) => progress((done += count), total)
    verifyVersions(statements, findings, advance)
    if (checksIndexes) {
      verifyRows(statements, findings, advance)
      verifyText(statements, findings, advance)
    }
    return findings.lines()
  } finally {
    statements.db.exec('COMMIT')
  }
}

/** Each version is read once, each current resource twice more. */
function workOf(statements: Statements, checksIndexes: boolean): number {
  const versions = statements.value<number>(sql`SELECT count(*) FROM version`)!
  if (!checksIndexes) return versions
  const current = statements.value<number>(
    sql`SELECT count(*) FROM res INDEXED BY res_tseq WHERE live = 1 AND ${isNoContained('res')}`,
  )!
  return versions + 2 * current
}
