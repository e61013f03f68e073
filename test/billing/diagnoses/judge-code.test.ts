// Codes judged by small made-up lists: new, split, retired and returned codes, days between and beyond the editions.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import t from 'tap'
import { type DiagnosisFault, Icd10Cm } from '../../../src/billing/index.ts'

const HEAD =
  '# made up\n# edition 2020-10-01 2021-09-30\n# edition 2021-10-01 2022-09-30\n# edition 2023-10-01 2024-09-30'

const LIST = `${HEAD}
A00\t000\tCategory
A000\t111\tAlways
A001\t1--\tRetired when the second began
A002\t--1\tNew in the third
A003\t100\tSplit when the second began
A0031\t-11\tFirst part
A0032\t-11\tSecond part
A004\t1-1\tReturned
A005\t11-\tRetired at some time between the second and the third
A00XXXA\t111\tWith placeholders
B00\t--0\tNew category
B000\t--1\tIn it
B00Z\t--1\tLast in it
`

/** The list in a folder of its own. */
function listOf(
  text: string,
  name = 'icd-10-cm-2024.txt.br',
  folder = mkdtempSync(path.join(tmpdir(), 'icd-')),
) {
  writeFileSync(path.join(folder, name), brotliCompressSync(text))
  return { folder, list: new Icd10Cm(folder) }
}

const { list } = listOf(LIST)

const told = (code: string, date: string): DiagnosisFault['kind'] | 'billable' =>
  list.faultOf(code, date)?.kind ?? 'billable'

const FIRST = '2021-03-01'
const SECOND = '2021-10-01'
const BETWEEN = '2023-01-01'
const THIRD = '2024-09-30'

t.test('each code on each kind of day', async (t) => {
  const days = ['2019-01-01', FIRST, '2021-09-30', SECOND, BETWEEN, THIRD, '2025-01-01']
  const table: Record<string, readonly string[]> = {
    'A00.0': ['billable', 'billable', 'billable', 'billable', 'billable', 'billable', 'billable'],
    A00: ['category', 'category', 'category', 'category', 'category', 'category', 'category'],
    'A00.1': [
      'billable',
      'billable',
      'billable',
      'no-longer-valid',
      'no-longer-valid',
      'no-longer-valid',
      'no-longer-valid',
    ],
    'A00.2': [
      'not-yet-valid',
      'not-yet-valid',
      'not-yet-valid',
      'not-yet-valid',
      'billable',
      'billable',
      'billable',
    ],
    'A00.3': ['billable', 'billable', 'billable', 'category', 'category', 'category', 'category'],
    'A00.31': [
      'not-yet-valid',
      'not-yet-valid',
      'not-yet-valid',
      'billable',
      'billable',
      'billable',
      'billable',
    ],
    'A00.4': ['billable', 'billable', 'billable', 'no-longer-valid', 'billable', 'billable', 'billable'],
    'A00.5': [
      'billable',
      'billable',
      'billable',
      'billable',
      'billable',
      'no-longer-valid',
      'no-longer-valid',
    ],
    B00: [
      'not-yet-valid',
      'not-yet-valid',
      'not-yet-valid',
      'not-yet-valid',
      'category',
      'category',
      'category',
    ],
    'C00.0': [
      'older-than-list',
      'unknown',
      'unknown',
      'unknown',
      'older-than-list',
      'unknown',
      'newer-than-list',
    ],
    'C00.': Array(7).fill('malformed'),
  }
  for (const [code, kinds] of Object.entries(table))
    t.same(
      days.map((day) => told(code, day)),
      kinds,
      code,
    )
})

t.test('only what the list cannot know is a warning', async (t) => {
  for (const day of ['2019-01-01', FIRST, SECOND, BETWEEN, THIRD, '2025-01-01'])
    for (const code of ['A00', 'A00.1', 'A00.2', 'A00.3', 'A00.4', 'B00', 'C00.0', 'a00.0', 'A0.00', '']) {
      const fault = list.faultOf(code, day)
      if (fault === undefined) continue
      t.equal(fault.severity, fault.kind.endsWith('than-list') ? 'warning' : 'error', `${code} on ${day}`)
      t.equal(list.isBillable(code, day), fault.severity === 'warning')
    }
})

t.test('it says until when, from when, and what to use', async (t) => {
  const text = (code: string, date: string) => list.faultOf(code, date)?.text
  t.equal(
    text('A00.1', SECOND),
    'A00.1 is no longer valid on 2021-10-01: it is listed until 2021-09-30; use A00.0, A00.31, A00.32, A00.5 or A00.XXXA',
  )
  t.equal(text('B00.0', FIRST), 'B00.0 is not yet valid on 2021-03-01: it is listed from 2023-10-01 on')
  t.equal(
    text('A00.3', SECOND),
    'A00.3 is a category with codes under it, which is not billed; use A00.31 or A00.32',
  )
  t.equal(text('A00.XA', SECOND), 'A00.XA is not a code of ICD-10-CM on 2021-10-01; use A00.XXXA')
  t.equal(text('A00.07', SECOND), 'A00.07 is not a code of ICD-10-CM on 2021-10-01; use A00.0')
  t.equal(
    text('A00.07', '2025-01-01'),
    'A00.07 is newer than the list, which ends on 2024-09-30, or not a code of ICD-10-CM; nearest to it: A00.0',
  )
  t.same(list.faultOf('B00', THIRD)?.instead, ['B00.0', 'B00.Z'])
  t.same(list.faultOf(' a00.0', SECOND)?.instead, ['A00.0'])
  t.same(list.faultOf(' a00.2', SECOND)?.instead, [], 'not what is not valid either')
})

t.test('the edition after the day says what to use, the last one that had a code until when', async (t) => {
  const after = ['A00.0', 'A00.2', 'A00.31', 'A00.32', 'A00.4', 'A00.XXXA']
  t.same(list.faultOf('A00', BETWEEN)?.instead, after)
  t.same(list.faultOf('A00.1', BETWEEN)?.instead, after)
  t.match(list.faultOf('A00.5', THIRD)?.text, 'it is listed until 2022-09-30; use A00.0, A00.2,')
})

t.test('what is malformed is not repeated', async (t) => {
  for (const code of [
    '<script>',
    'Jane Doe 1970',
    'F'.repeat(10_000),
    'A00.00000',
    '\u0000',
    'A00..0',
    'А00.0',
  ])
    t.equal(
      list.faultOf(code, SECOND)?.text.replace('; use A00.0', ''),
      'codes of ICD-10-CM are written with capitals and a dot after the third character, like F33.1',
    )
})

t.test('a day is a whole date', async (t) => {
  for (const day of ['2026', '2026-03', '2026-03-01T10:00:00Z', '', '20260301'])
    t.throws(() => list.faultOf('A00.0', day), { name: 'FhirError', code: 'invalid' })
})

t.test('of several lists in the folder the one named last is read', async (t) => {
  const { folder } = listOf(LIST)
  const words = () => new Icd10Cm(folder).displayOf('A00')
  listOf(LIST.replace('Category', 'Of 2025'), 'icd-10-cm-2025.txt.br', folder)
  t.equal(words(), 'Of 2025')
  listOf(LIST.replace('Category', 'Of April 2025'), 'icd-10-cm-2025-04.txt.br', folder)
  t.equal(words(), 'Of April 2025')
})

t.test(
  'a folder without a list, or with a broken one, is told in plain words when it is asked',
  async (t) => {
    const { folder } = listOf('', 'readme.txt')
    const missing = new Icd10Cm(folder)
    t.throws(() => missing.faultOf('A00.0', THIRD), /No list of ICD-10-CM codes/)
    for (const text of ['', 'A00\t1\tno edition\n', `${HEAD}\n`, `${HEAD}\nA00\t111\tno end`])
      t.throws(
        () => listOf(text).list.faultOf('A00.0', THIRD),
        /icd-10-cm-2024.txt.br is no list of ICD-10-CM codes/,
      )
    writeFileSync(path.join(folder, 'icd-10-cm-2026.txt.br'), 'not compressed')
    t.throws(() => missing.faultOf('A00.0', THIRD), /is no list of ICD-10-CM codes/)
  },
)
