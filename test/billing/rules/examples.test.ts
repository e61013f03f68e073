// Worked examples of what is billed for what was done: minutes at the edges of bands, add-ons, pairs, months and bundles.
import t from 'tap'
import {
  bill,
  book,
  bookOf,
  changed,
  codeOf,
  definitions,
  done,
  paidBy,
  payer,
  PLACES,
  problems,
  shown,
  unit,
} from './services.ts'

const full = bookOf([
  ...definitions,
  changed(
    'T1016',
    { url: 'urn:full', useContext: [payer('full')] },
    {
      unit: [unit('quarter-hour', { rounding: 'full-unit' })],
    },
  ),
])

/** Id, what was done, minutes, and the lines. */
const BY_MINUTES: readonly (readonly [string, string, number, ...string[]])[] = [
  ['PSY15', 'individual-psychotherapy', 15],
  ['PSY16', 'individual-psychotherapy', 16, '90832 x1'],
  ['PSY37', 'individual-psychotherapy', 37, '90832 x1'],
  ['PSY38', 'individual-psychotherapy', 38, '90834 x1'],
  ['PSY52', 'individual-psychotherapy', 52, '90834 x1'],
  ['PSY53', 'individual-psychotherapy', 53, '90837 x1'],
  ['CRI29', 'crisis-psychotherapy', 29, '90832 x1'],
  ['CRI30', 'crisis-psychotherapy', 30, '90839 x1'],
  ['CRI74', 'crisis-psychotherapy', 74, '90839 x1'],
  ['CRI75', 'crisis-psychotherapy', 75, '90839 x1', '90840 x1'],
  ['CRI104', 'crisis-psychotherapy', 104, '90839 x1', '90840 x1'],
  ['CRI105', 'crisis-psychotherapy', 105, '90839 x1', '90840 x2'],
  ['FAM25', '90847', 25],
  ['FAM26', '90847', 26, '90847 x1'],
  ['FAM26 by kind', 'family-psychotherapy-with-patient', 26, '90847 x1'],
  ['U15-7', 'H2014', 7],
  ['U15-22', 'H2014', 22, 'H2014 x1'],
  ['U15-23', 'H2014', 23, 'H2014 x2'],
  ['U15-38', 'H2014', 38, 'H2014 x3'],
  ['U15-68', 'H2014', 68, 'H2014 x5'],
  ['COCM1', 'collaborative-care-initial', 116, '99492 x1', '99494 x2'],
  ['COCM2', 'collaborative-care-initial', 35, 'G2214 x1'],
  ['COCM, later month', 'collaborative-care-subsequent', 76, '99493 x1', '99494 x1'],
  ['office opioid treatment', 'opioid-treatment-first-month', 150, 'G2086 x1', 'G2088 x1'],
]

t.test('minutes choose the code and the units', async (t) => {
  for (const [id, name, minutes, ...lines] of BY_MINUTES) {
    const billed = bill([done(name, minutes)])
    t.strictSame(shown(billed), lines, id)
    t.strictSame(problems(billed), lines.length === 0 ? ['error below-minimum'] : [], id)
  }
  for (const [minutes, ...lines] of [[14], [15, 'T1016 x1'], [29, 'T1016 x1']] as const)
    t.strictSame(shown(bill([done('T1016', minutes)], paidBy('full'), full)), lines, `U15F-${minutes}`)
})

t.test('a payer that does not take a code gets none', async (t) => {
  const without = bookOf([
    ...definitions,
    changed('G2214', { url: 'urn:none', status: 'retired', useContext: [payer('none')] }),
  ])
  const asked = [done('collaborative-care-initial', 35)]
  t.strictSame(shown(bill(asked, paidBy('none'), without)), [])
  t.strictSame(problems(bill(asked, paidBy('none'), without)), ['error below-minimum'])
  t.strictSame(shown(bill(asked, paidBy('another'), without)), ['G2214 x1'])
})

t.test('psychotherapy is an add-on where there is a medical visit', async (t) => {
  const both = [done('office-visit-established', 25), done('individual-psychotherapy', 40)]
  t.strictSame(shown(bill(both)), ['99213 x1', '90836 x1'])
  t.strictSame(shown(bill(both.toReversed())), ['90836 x1', '99213 x1'], 'whatever is listed first')
  t.strictSame(shown(bill([done('99214'), done('crisis-psychotherapy', 29)])), ['99214 x1', '90833 x1'])
  const alone = bill([done('90836', 40)])
  t.strictSame(shown(alone), [])
  t.strictSame(problems(alone), ['error without-primary B15'], 'EMPSY2')
})

t.test('add-ons go with what they add to, and with nothing else', async (t) => {
  t.strictSame(shown(bill([done('90853'), done('90785')])), ['90853 x1', '90785 x1'], 'IC2')
  const crisis = bill([done('crisis-psychotherapy', 60), done('interactive-complexity')])
  t.strictSame(shown(crisis), ['90839 x1'])
  t.strictSame(problems(crisis), ['error without-primary B15'])
  const medical = bill([done('diagnostic-evaluation'), done('99213')])
  t.strictSame(shown(medical), ['90791 x1'])
  t.strictSame(problems(medical), ['error excluded'])
})

t.test('a day of a program and therapy beside it are billed with a warning', async (t) => {
  const both = bill([done('partial-hospitalization-day'), done('individual-psychotherapy', 45)])
  t.strictSame(shown(both), ['H0035 x1', '90834 x1'])
  t.strictSame(problems(both), ['warning excluded 97'], 'CONC1')
})

t.test('a week of an opioid treatment program', async (t) => {
  const place = { system: PLACES, code: '58' }
  const week = done('opioid-program-week-methadone')
  const asked = [week, done('opioid-program-take-home-methadone', undefined, 5)]
  const billed = bill(asked, { place })
  t.strictSame(shown(billed), ['G2067 x1', 'G2078 x3'])
  t.strictSame(problems(billed), ['warning units-over-limit'])
  t.strictSame(problems(bill([week])), ['error place-not-allowed'])
  const before = (date: string, code: string) => ({
    place,
    earlier: [{ code: codeOf(code), date, units: 1 }],
  })
  t.strictSame(problems(bill([week], before('2026-02-24', 'G2068'))), ['error excluded'], 'six days apart')
  t.strictSame(shown(bill([week], before('2026-02-23', 'G2068'))), ['G2067 x1'], 'seven days apart')
})

t.test('limits of a day and of many days', async (t) => {
  t.strictSame(shown(bill([done('brief-instrument', undefined, 2)])), ['96127 x2'])
  const many = bill([done('brief-instrument', undefined, 5)])
  t.strictSame(shown(many), ['96127 x3'])
  t.strictSame(problems(many), ['warning units-over-limit'])
  const earlier = [{ code: codeOf('G0444'), date: '2025-06-01', units: 1 }]
  t.strictSame(problems(bill([done('depression-screening')], { earlier })), ['error units-over-limit'])
  t.strictSame(shown(bill([done('depression-screening')], { earlier, date: '2026-06-01' })), ['G0444 x1'])
})

t.test('one month is billed once, and one day of a program', async (t) => {
  const month = bill([done('99484', 20)], {
    earlier: [{ code: codeOf('99484'), date: '2026-03-31', units: 1 }],
  })
  t.strictSame(problems(month), ['error units-over-limit'])
  t.strictSame(
    shown(bill([done('99484', 20)], { earlier: [{ code: codeOf('99484'), date: '2026-02-28', units: 1 }] })),
    ['99484 x1'],
  )
  t.strictSame(shown(bill([done('residential-short-term-day'), done('H0018')])), ['H0018 x1'])
})

t.test('minutes of one day are added where a payer adds them', async (t) => {
  const adds = bookOf([
    ...definitions,
    changed(
      'H2014',
      { url: 'urn:adds', useContext: [payer('adds')] },
      {
        unit: [
          {
            extension: [
              { url: 'basis', valueCode: 'quarter-hour' },
              { url: 'rounding', valueCode: 'eight-minute' },
              { url: 'aggregate', valueBoolean: true },
            ],
          },
        ],
      },
    ),
  ])
  const twice = [done('H2014', 7), done('H2014', 7)]
  t.strictSame(shown(bill(twice, paidBy('another'), adds)), [])
  t.strictSame(shown(bill(twice, paidBy('adds'), adds)), ['H2014 x1'])
  const earlier = [{ code: codeOf('H2014'), date: '2026-03-02', units: 1, minutes: 22 }]
  t.strictSame(shown(bill([done('H2014', 1)], { earlier, ...paidBy('adds') }, adds)), ['H2014 x1'])
  t.strictSame(problems(bill([done('H2014', 1)], { earlier, ...paidBy('another') }, adds)), [
    'error below-minimum',
  ])
})

t.test('visits by video and audio', async (t) => {
  const therapy = [done('individual-psychotherapy', 45)]
  const told = (more: Parameters<typeof bill>[1], by = book) =>
    bill(therapy, more, by).lines.map(({ modifiers, place }) => [
      ...modifiers.map(({ code }) => code),
      `@${place?.code}`,
    ])
  const office = { system: PLACES, code: '11' }
  t.strictSame(told({ place: office }), [['@11']])
  t.strictSame(told({ place: office, modality: 'video' }), [['95', '@02']])
  t.strictSame(told({ place: office, modality: 'video', atHome: true }), [['95', '@10']])
  t.strictSame(told({ place: office, modality: 'audio', atHome: true }), [['93', '@10']])
  const audioOnly = changed(
    'all-services',
    { url: 'urn:federal', useContext: [payer('federal')] },
    {
      modifier: [
        {
          extension: [
            { url: 'modifier', valueCoding: codeOf('93') },
            {
              url: 'when',
              valueExpression: { language: 'text/fhirpath', expression: "%service.modality = 'audio'" },
            },
          ],
        },
      ],
    },
  )
  const federal = bookOf([...definitions, audioOnly])
  t.strictSame(told({ modality: 'video', atHome: true, ...paidBy('federal') }, federal), [['@10']], 'TEL1')
  t.strictSame(told({ modality: 'audio', atHome: true, ...paidBy('federal') }, federal), [['93', '@10']])
  t.strictSame(told({ modality: 'video', atHome: true, ...paidBy('another') }, federal), [['95', '@10']])
})

t.test('who is treated in a group is marked so, where the code does not say it', async (t) => {
  const marks = (participants: number, name: string) =>
    bill([done(name, 60)], { participants }).lines.map(({ modifiers }) => modifiers.map(({ code }) => code))
  t.strictSame(marks(6, 'H0004'), [['HQ']])
  t.strictSame(marks(1, 'H0004'), [[]])
  t.strictSame(marks(6, '90853'), [[]])
})

t.test('a revenue code goes by the level of care', async (t) => {
  const revenue = (code?: string) =>
    bill([done('H0018')], code === undefined ? {} : { levelOfCare: { code } }).lines[0]?.revenue?.code
  t.equal(revenue('residential-substance-use'), '1002')
  t.equal(revenue('residential-psychiatric'), '1001')
  t.equal(revenue(), undefined)
})

t.test('what cannot be billed says why', async (t) => {
  t.strictSame(problems(bill([done('individual-psychotherapy')])), ['error minutes-needed'])
  t.strictSame(problems(bill([done('99441')])), ['error no-rule'])
  t.strictSame(shown(bill([done('99441')], { date: '2024-12-31' })), ['99441 x1'], 'until it was deleted')
  t.strictSame(problems(bill([done('00000')])), ['error no-rule'])
  const alone = bill([done('individual-psychotherapy', 45), done('90863')])
  t.strictSame(problems(alone), ['error provider-not-allowed'])
  const psychologist = { taxonomies: [{ system: 'http://nucc.org/provider-taxonomy', code: '103TP0016X' }] }
  t.strictSame(shown(bill([done('individual-psychotherapy', 45), done('90863')], psychologist)), [
    '90834 x1',
    '90863 x1',
  ])
  t.strictSame(problems(bill([done('digital-treatment-device')], { modality: 'video' })), [
    'error not-applicable',
  ])
})

t.test('facts that are none are refused', async (t) => {
  for (const bad of [
    () => bill([done('90834', 45.5)]),
    () => bill([done('90834', -1)]),
    () => bill([done('90853', undefined, 0)]),
    () => bill([{ codings: [] }]),
    () => bill([done('90834', 45)], { date: '2026-02-30' }),
    () => bill([done('90834', 45)], { date: '2026-02' }),
  ])
    t.throws(bad, { code: 'invalid' })
})
