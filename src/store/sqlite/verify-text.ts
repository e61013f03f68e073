// Checks the full-text table against the resources: those it has, and how many words each has.
import { sql } from './sql.ts'
import type { Statements } from './statements.ts'
import { textIndexMark } from './text-index.ts'
import { columnsOf } from './text-indexer.ts'

/** What is wrong, by `rid`; what the table need not know yet is passed over. */
export function verifyText(statements: Statements): (readonly [rid: number, says: string])[] {
  const mark = textIndexMark(statements)
  const problems: (readonly [number, string])[] = []
  // The table of sizes has a row for each rowid (https://sqlite.org/fts5.html#fts5_data_structures).
  const strangers = statements.rows<[number]>(
    sql`SELECT w.id FROM words_docsize w LEFT JOIN res r ON r.rid = w.id WHERE r.rid IS NULL OR r.owner > 0 OR (r.live = 0 AND r.seq <= ${mark})`,
  )
  for (const [rid] of strangers) problems.push([rid, 'stands in the text index, where it does not belong'])
  let behind = 0
  for (;;) {
    const rows = statements.rows<[rid: number, size: Buffer | null, body: Buffer]>(
      sql`SELECT r.rid, w.sz, b.body FROM res r JOIN body b ON b.vid = r.seq LEFT JOIN words_docsize w ON w.id = r.rid WHERE r.live = 1 AND r.owner = 0 AND r.seq <= ${mark} AND r.rid > ${behind} ORDER BY r.rid LIMIT 100`,
    )
    if (rows.length === 0) return problems
    behind = rows.at(-1)![0]
    for (const [rid, size, body] of rows) {
      if (size === null) {
        problems.push([rid, 'is missing in the text index'])
        continue
      }
      const { narrative, content } = columnsOf(body)
      const [inNarrative, inContent] = varints(size)
      if (inNarrative !== countWords(narrative) || inContent !== countWords(content))
        problems.push([rid, 'has other words in the text index than in its content'])
    }
  }
}

function countWords(text: string): number {
  return text === '' ? 0 : text.split(' ').length
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
