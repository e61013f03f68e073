// The list that ships: every code of every edition against a naive second reading, and what CMS has published of it.
import fc from 'fast-check'
import t from 'tap'
import { dotted, editions, file, folder, isLeaf, marks, packed, shipped, texts } from './shipped-list.ts'

const NOW = '2026-03-02'

t.test('the editions have as many billable codes as CMS has published', async (t) => {
  const counted = editions.map((edition) => [
    edition.first,
    edition.last,
    [...edition.codes].filter((code) => isLeaf(edition, code)).length,
  ])
  t.same(counted, [
    ['2021-01-01', '2021-09-30', 72_621],
    ['2024-10-01', '2025-09-30', 74_260],
    ['2025-10-01', '2026-09-30', 74_719],
  ])
  t.same(
    shipped.editions,
    editions.map(({ first, last }) => ({ first, last })),
  )
})

t.test('every code is marked as the tree of codes has it, and is below its category', async (t) => {
  const wrong = editions.flatMap((edition, index) =>
    [...marks].filter(([code, mark]) => {
      if (mark[index] === '-') return edition.codes.has(code)
      if (!edition.codes.has(code.slice(0, 3))) return true
      return (mark[index] === '1') !== isLeaf(edition, code)
    }),
  )
  t.same(wrong, [])
})

t.test('every code, with the dot and without, on every edition: billable is the leaf', async (t) => {
  for (const edition of editions) {
    const wrong: string[] = []
    for (const code of marks.keys())
      for (const written of [code, dotted(code)]) {
        const fault = shipped.faultOf(written, edition.last)
        const isRight = isLeaf(edition, code)
          ? fault === undefined
          : fault?.severity === 'error' && (fault.kind === 'category') === edition.codes.has(code)
        if (!isRight || shipped.isBillable(written, edition.last) !== isLeaf(edition, code))
          wrong.push(written)
      }
    t.same(wrong, [], `on ${edition.last}`)
  }
})

t.test('a code keeps its text, and no other code gets it', async (t) => {
  t.same(
    [...texts].filter(([code, text]) => text === '' || shipped.displayOf(dotted(code)) !== text),
    [],
  )
  t.equal(shipped.displayOf('F33.1'), 'Major depressive disorder, recurrent, moderate')
  t.equal(shipped.displayOf('F10'), 'Alcohol related disorders')
  t.equal(shipped.displayOf('F99.9'), undefined)
  t.equal(shipped.displayOf('no code'), undefined)
})

t.test('every category of mental and behavioral disorders is refused, with the codes under it', async (t) => {
  const edition = editions.at(-1)
  if (edition === undefined) return t.fail('there is no edition')
  const codes = [...edition.codes].filter((code) => code.startsWith('F'))
  const categories = codes.filter((code) => edition.beginnings.has(code))
  t.ok(categories.length > 200, `${categories.length} categories`)
  for (const category of categories) {
    const leaves = codes.filter((code) => code.startsWith(category) && isLeaf(edition, code)).map(dotted)
    const fault = shipped.faultOf(category, NOW)
    t.match(fault, { kind: 'category', severity: 'error' }, category)
    if (leaves.length <= 12) {
      t.same(fault?.instead, leaves, category)
      for (const leaf of leaves) t.match(fault?.text, new RegExp(`[ ]${leaf.replace('.', '\\.')}(,| or|$)`))
    } else {
      t.same(fault?.instead, [], category)
      t.match(fault?.text, `one of the ${leaves.length} codes from ${leaves[0]} to ${leaves.at(-1)}`)
    }
  }
})

t.test('codes that claims for behavioral health carry', async (t) => {
  for (const code of [
    'F33.1',
    'F41.1',
    'F11.20',
    'F32.A',
    'F32.9',
    'Z91.51',
    'T43.205A',
    'R45.851',
    'X71.0XXA',
  ])
    t.equal(shipped.faultOf(code, NOW), undefined, code)
  t.same(shipped.faultOf('F32', NOW), {
    kind: 'category',
    severity: 'error',
    text: 'F32 is a category with codes under it, which is not billed; use F32.0, F32.1, F32.2, F32.3, F32.4, F32.5, F32.81, F32.89, F32.9 or F32.A',
    instead: 'F32.0 F32.1 F32.2 F32.3 F32.4 F32.5 F32.81 F32.89 F32.9 F32.A'.split(' '),
  })
  t.same(shipped.faultOf('T43.205', NOW)?.instead, ['T43.205A', 'T43.205D', 'T43.205S'])
  t.match(shipped.faultOf('T43.20XA', NOW), { kind: 'unknown', severity: 'error' })
  t.match(shipped.faultOf('X71.0A', NOW), { kind: 'unknown', instead: ['X71.0XXA'] })
})

t.test('a code that is split or new is judged by the day of service', async (t) => {
  t.equal(shipped.faultOf('F01.51', '2021-06-01'), undefined)
  t.same(shipped.faultOf('F01.51', NOW)?.instead, ['F01.511', 'F01.518'])
  t.match(shipped.faultOf('F01.511', '2021-06-01'), { kind: 'not-yet-valid', severity: 'error' })
  t.equal(shipped.faultOf('F01.511', '2023-06-01'), undefined, 'in a year that the list does not have')
  t.match(shipped.faultOf('QA0.0101', '2025-09-30'), {
    kind: 'not-yet-valid',
    text: 'QA0.0101 is not yet valid on 2025-09-30: it is listed from 2025-10-01 on',
  })
  t.equal(shipped.faultOf('QA0.0101', '2025-10-01'), undefined)
})

t.test(
  'past its last day the list goes on for what it knows, and warns of what it does not know',
  async (t) => {
    t.equal(shipped.faultOf('F33.1', '2026-10-01'), undefined)
    t.match(shipped.faultOf('F33', '2027-05-01'), { kind: 'category', severity: 'error' })
    t.match(shipped.faultOf('F33.77', '2026-09-30'), { kind: 'unknown', severity: 'error' })
    t.match(shipped.faultOf('F33.77', '2026-10-01'), { kind: 'newer-than-list', severity: 'warning' })
    t.equal(shipped.isBillable('F33.77', '2026-10-01'), true)
  },
)

t.test(
  'whatever is written: an answer, dots make no difference, and what is named instead can be billed',
  async (t) => {
    const known = [...marks.keys()]
    const characters = fc.constantFrom(...'ABFQSTXZ0123456789.-axé '.split(''))
    const near = fc
      .tuple(fc.constantFrom(...known), fc.nat(8), fc.string({ unit: characters, maxLength: 2 }), fc.nat(2))
      .map(([code, at, text, cut]) => code.slice(0, at) + text + code.slice(at + cut))
    const written = fc.oneof(near, fc.constantFrom(...known), fc.string({ unit: 'binary', maxLength: 12 }))
    const day = fc
      .date({ min: new Date('2014-01-01'), max: new Date('2031-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10))
    fc.assert(
      fc.property(written, day, (code, date) => {
        const fault = shipped.faultOf(code, date)
        const edition = editions.find(({ first, last }) => first <= date && date <= last)
        const plain = code.replace('.', '')
        const isWritten = code === plain || code === dotted(plain)
        if (edition !== undefined) t.equal(fault === undefined, isWritten && isLeaf(edition, plain))
        if (fault === undefined) return
        t.equal(fault.kind === 'malformed', !isWritten || !/^[A-Z][A-Z0-9]{2,6}$/.test(plain))
        if (fault.kind === 'malformed') t.notOk(fault.text.includes(`${code} `) && code.length > 1)
        else t.same(shipped.faultOf(dotted(plain), date), fault)
        t.ok(fault.instead.length <= 12)
        for (const other of fault.instead) t.equal(shipped.faultOf(other, date), undefined)
      }),
      { seed: 10_2026, numRuns: 4000 },
    )
  },
)

t.test('one file ships, small', async (t) => {
  t.same(file, ['icd-10-cm-2026.txt.br'], folder)
  t.ok(packed.length < 1_500_000)
})
