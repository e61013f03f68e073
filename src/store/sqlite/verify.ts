// Looks for what is wrong with the data at rest: the file itself, versions and their bodies, index rows and words.
import { isNoContained } from './contained.ts'
import { raw, sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { Findings, type VerifyProgress } from './verify-findings.ts'
import { verifyRows } from './verify-rows.ts'
import { verifyText } from './verify-text.ts'
import { verifyVersions } from './verify-versions.ts'

/** How a line begins that tells of the file itself; no more is told then. */
export const DAMAGED = 'The file is damaged'
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
    const damage = damageOf(statements)
    if (damage.length > 0) return damage
    const findings = new Findings(statements)
    const total = workOf(statements, checksIndexes)
    let done = 0
    const advance = (count: number) => progress((done += count), total)
    for (const check of checksIndexes ? [verifyVersions, verifyRows, verifyText] : [verifyVersions])
      try {
        check(statements, findings, advance)
      } catch (error) {
        // Values of other types than are ever written, or a text index that is damaged inside.
        findings.add(`A check came to no end: ${(error as Error).message}.`)
      }
    return findings.lines()
  } finally {
    statements.db.exec('COMMIT')
  }
}

/** What SQLite finds wrong with the file: https://sqlite.org/pragma.html#pragma_integrity_check */
function damageOf(statements: Statements): string[] {
  const named = (line: string) => `${DAMAGED}: ${line}`
  try {
    const lines = statements.rows<[string]>(sql`PRAGMA integrity_check(${raw(MOST_DAMAGES)})`)
    return lines.length === 1 && lines[0]![0] === 'ok' ? [] : lines.map(([line]) => named(line))
  } catch (error) {
    return [named((error as Error).message)]
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
