// Texts of SQL are put together once: the same pieces give the same text, others another, and parameters keep their places.
import t from 'tap'
import { allOf, anyOf, FALSE, isIn, joined, raw, sql, TRUE } from '../../../src/store/sqlite/sql.ts'

const row = (n: number) => sql`a = ${n}`
const pair = (table: string, n: number) =>
  sql`SELECT ${n} FROM ${raw(table)} WHERE ${row(n + 1)} AND b = ${'x'}`

t.test('parameters stand in the order of the text, whatever was made before', async (t) => {
  for (let n = 0; n < 3; n++) {
    t.strictSame(pair('t', n), { text: 'SELECT ? FROM t WHERE a = ? AND b = ?', params: [n, n + 1, 'x'] })
    t.strictSame(pair('u', n), { text: 'SELECT ? FROM u WHERE a = ? AND b = ?', params: [n, n + 1, 'x'] })
  }
})

t.test('a value is never put into the text, be it like a piece of one', async (t) => {
  const piece = (part: Parameters<typeof sql>[1]) => sql`(${part})`
  t.strictSame(piece('?'), { text: '(?)', params: ['?'] })
  t.strictSame(piece(raw('?')), { text: '(?)', params: [] })
  t.strictSame(piece(raw('x')), { text: '(x)', params: [] })
  t.strictSame(piece('x'), { text: '(?)', params: ['x'] })
  t.strictSame(piece(null), { text: '(?)', params: [null] })
})

t.test('conditions come together as they did', async (t) => {
  const four = [row(1), row(2), row(3), row(4)]
  t.strictSame(allOf(four), {
    text: '((a = ? AND a = ?) AND (a = ? AND a = ?))',
    params: [1, 2, 3, 4],
  })
  t.equal(anyOf(four.slice(1)).text, '(a = ? OR (a = ? OR a = ?))')
  t.equal(allOf([TRUE, row(1), TRUE]).text, 'a = ?')
  t.equal(allOf([row(1), FALSE]), FALSE)
  t.equal(anyOf([row(1), TRUE]), TRUE)
  t.strictSame(joined(four, ', '), { text: 'a = ?, a = ?, a = ?, a = ?', params: [1, 2, 3, 4] })
  t.strictSame(isIn([5]), { text: '= ?', params: [5] })
})

t.test('more texts than are kept are made anew', async (t) => {
  const long = 'x'.repeat(10_000)
  const made = (n: number) => sql`${raw(`${long}${n}`)} = ${n}`
  for (let n = 0; n < 1000; n++) {
    const { text, params } = made(n)
    if (text !== `${long}${n} = ?` || params[0] !== n) t.fail(`${n}`)
  }
  t.equal(made(0).text, `${long}0 = ?`)
})
