// Statements are prepared once, however often they are asked with other values.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { atMost } from '../../../src/store/sqlite/sql.ts'

t.test('no statement bounds its rows in a way that has it prepared anew each time', async (t) => {
  t.same(atMost(5), { text: 'LIMIT ? + 0', params: [5] })
  const folder = new URL('../../../src/store/sqlite/', import.meta.url)
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), 'utf8')
    const bare = text.match(/LIMIT (?:\?|\$\{)(?!rows\} \+ 0)/g) ?? []
    t.same(bare, [], `${file} uses atMost`)
  }
})
