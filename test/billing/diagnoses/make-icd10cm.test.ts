// The list is made from CMS's order files, an edition at a time or all at once, and refuses what is not such a file.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import t from 'tap'
import { Icd10Cm } from '../../../src/billing/index.ts'

const SCRIPT = 'scripts/billing/make-icd10cm.ts'
const folder = mkdtempSync(path.join(tmpdir(), 'icd-'))
const at = (name: string): string => path.join(folder, name)

/** As CMS lays it out: order number, code, mark, short description to column 76, long description. */
const order = (...codes: readonly (readonly [string, 0 | 1, string])[]): string =>
  codes
    .map(
      ([code, mark, text], index) =>
        `${String(index + 1).padStart(5, '0')} ${code.padEnd(7)} ${mark} ${text.slice(0, 60).padEnd(60)} ${text}\r\n`,
    )
    .join('')

const OLD = order(
  ['A00', 0, 'Cholera'],
  ['A000', 1, 'Old words'],
  ['B20', 1, 'Human immunodeficiency virus [HIV] disease'],
)
const NEW = order(
  ['A00', 0, 'Cholera'],
  ['A000', 1, 'Ménière'],
  ['A001', 0, 'Split'],
  ['A001XXA', 1, 'x'.repeat(200)],
)

writeFileSync(at('old.txt'), OLD)
writeFileSync(at('new.txt'), NEW)

function make(...args: readonly string[]): string {
  return execFileSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' })
}

const listText = (name: string): string => brotliDecompressSync(readFileSync(at(name))).toString()

t.test('what it makes is read as the order files say', async (t) => {
  const said = make(
    '--to',
    at('icd-10-cm-x.txt.br'),
    `2025-10-01..2026-09-30=${at('old.txt')}`,
    `2026-10-01..2027-09-30=${at('new.txt')}`,
  )
  t.match(said, '2025-10-01 to 2026-09-30: 2 billable codes, 1 categories')
  t.match(said, '2026-10-01 to 2027-09-30: 2 billable codes, 2 categories')
  t.equal(
    listText('icd-10-cm-x.txt.br').split('\n').slice(2).join('\n'),
    `# edition 2025-10-01 2026-09-30
# edition 2026-10-01 2027-09-30
A00\t00\tCholera
A000\t11\tMeniere
A001\t-0\tSplit
A001XXA\t-1\t${'x'.repeat(200)}
B20\t1-\tHuman immunodeficiency virus [HIV] disease
`,
  )
  const list = new Icd10Cm(folder)
  t.equal(list.isBillable('B20', '2026-09-30'), true)
  t.match(list.faultOf('B20', '2026-10-01'), { kind: 'no-longer-valid' })
  t.equal(list.displayOf('A00.1XXA'), 'x'.repeat(200))
})

t.test('an edition added to a list makes what all at once make', async (t) => {
  make('--to', at('first.br'), `2025-10-01..2026-09-30=${at('old.txt')}`)
  make('--list', at('first.br'), '--to', at('second.br'), `2026-10-01..2027-09-30=${at('new.txt')}`)
  t.equal(listText('second.br'), listText('icd-10-cm-x.txt.br'))
})

t.test('an edition of the midst of a year ends the one before, and the same one is replaced', async (t) => {
  make('--list', at('first.br'), '--to', at('april.br'), `2026-04-01..2026-09-30=${at('new.txt')}`)
  t.match(listText('april.br'), '# edition 2025-10-01 2026-03-31\n# edition 2026-04-01 2026-09-30\n')
  make('--list', at('first.br'), '--to', at('again.br'), `2025-10-01..2026-09-30=${at('new.txt')}`)
  t.notMatch(listText('again.br'), 'B20')
})

t.test('what is wrong is told by its line or code, and nothing is written', async (t) => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /there is no code in it/],
    [`${OLD}A00 cholera\n`, /wrong\.txt: line 4 is not of an order file/],
    [`${OLD}${OLD}`, /line 4 has A00 a second time/],
    [OLD.replace('A00     0', 'A00     1'), /A00 is marked billable, and has codes under it/],
    [OLD.replace('B20     1', 'B20     0'), /B20 is marked a category, and has no code under it/],
    [OLD.replaceAll('HIV', '日本語'), /beyond ASCII/],
  ]
  for (const [text, message] of wrong) {
    writeFileSync(at('wrong.txt'), text)
    const done = spawnSync(
      process.execPath,
      [SCRIPT, '--to', at('none.br'), `2025-10-01..2026-09-30=${at('wrong.txt')}`],
      { encoding: 'utf8' },
    )
    t.equal(done.status, 1)
    t.match(done.stderr, message)
  }
  for (const args of [
    [],
    ['--to', at('none.br')],
    ['--to', at('none.br'), 'x.txt'],
    ['--to', at('none.br'), `2026..2027=${at('old.txt')}`],
  ])
    t.match(spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' }).stderr, /^Usage: /)
  const overlapping = [`2025-10-01..2026-09-30=${at('old.txt')}`, `2025-04-01..2026-01-01=${at('new.txt')}`]
  t.match(
    spawnSync(process.execPath, [SCRIPT, '--to', at('none.br'), ...overlapping], { encoding: 'utf8' }).stderr,
    /reaches into the one from 2025-10-01/,
  )
  t.throws(() => readFileSync(at('none.br')), { code: 'ENOENT' })
})
