// Checks the full-text table against the resources: those it has, and which words of each stand where.
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { TEXT_INDEX_MARK, textIndexMark } from './text-index.ts'
import { columnsOf } from './text-indexer.ts'
import type { Advance, Findings } from './verify-findings.ts'

/** What the table need not know yet is passed over. */
export function verifyText(statements: Statements, findings: Findings, advance: Advance): void {
  if (!markIsSound(statements, findings)) return
  const mark = textIndexMark(statements)
  // The table of sizes has a row for each rowid (https://sqlite.org/fts5.html#fts5_data_structures).
  const strangers = statements.rows<[number]>(
    sql`SELECT w.id FROM words_docsize w LEFT JOIN res r ON r.rid = w.id WHERE r.rid IS NULL OR r.owner > 0 OR (r.live = 0 AND r.seq <= ${mark})`,
  )
  for (const [rid] of strangers) findings.of(rid, 'stands in the text index, where it does not belong')
  const sums = wordSums(statements, findings)
  let behind = 0
  for (;;) {
    const rows = statements.rows<[rid: number, seq: number, size: Buffer | null, body: Buffer]>(
      sql`SELECT r.rid, r.seq, w.sz, b.body FROM res r JOIN body b ON b.vid = r.seq LEFT JOIN words_docsize w ON w.id = r.rid WHERE r.live = 1 AND r.owner = 0 AND r.rid > ${behind} ORDER BY r.rid LIMIT 100`,
    )
    if (rows.length === 0) return
    behind = rows.at(-1)![0]
    for (const [rid, seq, size, body] of rows) {
      if (seq > mark) continue
      const wanted = wordsIn(body)
      if (size === null) findings.of(rid, 'is missing in the text index')
      else if (sums[rid] !== wanted.sum || varints(size).join() !== wanted.counts.join())
        findings.of(rid, 'has other words in the text index than in its content')
    }
    advance(rows.length)
  }
}

/** The mark says up to which version words were taken in. */
function markIsSound(statements: Statements, findings: Findings): boolean {
  const mark = statements.value<string>(sql`SELECT value FROM setting WHERE name = ${TEXT_INDEX_MARK}`)
  const last = statements.value<number>(sql`SELECT coalesce(max(vid), 0) FROM version`)!
  if (mark === undefined && statements.row(sql`SELECT 1 FROM words_docsize LIMIT 1`) !== undefined)
    findings.add('The mark of the text index is missing.')
  else if (mark !== undefined && !(/^\d+$/.test(mark) && Number(mark) <= last))
    findings.add('The mark of the text index is beyond all that was written.')
  else return true
  return false
}

const COLUMNS = ['narrative', 'content'] as const

/**
 * For each resource one number: the sum over its words of what each is and where it stands. Whether each word leads
 * to all that have it is checked on the way.
 */
function wordSums(statements: Statements, findings: Findings): Uint32Array {
  const { db } = statements
  const sums = new Uint32Array(statements.value<number>(sql`SELECT coalesce(max(rid), 0) + 1 FROM res`)!)
  // https://sqlite.org/fts5.html#the_fts5vocab_virtual_table_module
  db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS temp.every_word USING fts5vocab(main, words, instance)
    ; CREATE VIRTUAL TABLE IF NOT EXISTS temp.known_word USING fts5vocab(main, words, row)`)
  const words = db
    .prepare('SELECT term, doc, col, offset FROM temp.every_word')
    .raw(true)
    .iterate() as IterableIterator<readonly [term: string, doc: number, col: string, offset: number]>
  let last = ''
  let hash = hashOf(last)
  for (const [term, doc, col, offset] of words) {
    if (term !== last) hash = hashOf((last = term))
    if (doc < sums.length) sums[doc] = sums[doc]! + placed(hash, COLUMNS.indexOf(col as 'content'), offset)
  }
  const lost = statements.value<number>(
    sql`SELECT count(*) FROM temp.known_word k WHERE k.doc <> (SELECT count(*) FROM words WHERE words MATCH '"' || k.term || '"')`,
  )!
  if (lost > 0) findings.add(`The text index does not lead to all that have a word: ${lost} such words.`)
  return sums
}

function wordsIn(body: Buffer): { readonly sum: number; readonly counts: readonly number[] } {
  const columns = columnsOf(body)
  let sum = 0
  const counts = COLUMNS.map((name, column) => {
    const words = columns[name] === '' ? [] : columns[name].split(' ')
    for (const [offset, word] of words.entries()) sum = (sum + placed(hashOf(word), column, offset)) >>> 0
    return words.length
  })
  return { sum, counts }
}

/** Big-endian, seven bits a byte (https://sqlite.org/fileformat2.html#varint). */
function varints(bytes: Buffer): number[] {
  const numbers: number[] = []
  let number = 0
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  return numbers
}

/** The table cuts longer words off, somewhere behind this. */
const LONGEST_WORD = 8000

function hashOf(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length && at < LONGEST_WORD; at++)
    hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

function placed(word: number, column: number, offset: number): number {
  const mixed = Math.imul(word ^ Math.imul(offset * 2 + column + 1, 0x9e3779b1), 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
