// A second, naive reading of minutes: tables written by hand, from the sources and not from profiles/, held to the engine
// over every minute from 0 to 600.
import t, { type Test } from 'tap'
import { bill, bookOf, changed, definitions, done, paidBy, payer, shown, unit } from './services.ts'

const MOST = 600

/** Bands as tables print them: the last minute of each, or none. */
type Bands = readonly (readonly [code: string, from: number, to: number | undefined])[]

const BANDS: Readonly<Record<string, Bands>> = {
  'individual-psychotherapy': [
    ['90832', 16, 37],
    ['90834', 38, 52],
    ['90837', 53, undefined],
  ],
  'family-psychotherapy-without-patient': [['90846', 26, undefined]],
  'family-psychotherapy-with-patient': [['90847', 26, undefined]],
  'substance-use-brief-intervention': [
    ['99408', 15, 30],
    ['99409', 31, undefined],
  ],
  'substance-use-structured-assessment': [
    ['G2011', 5, 14],
    ['G0396', 15, 30],
    ['G0397', 31, undefined],
  ],
  'office-visit-new': [
    ['99202', 15, 29],
    ['99203', 30, 44],
    ['99204', 45, 59],
    ['99205', 60, undefined],
  ],
  'office-visit-established': [
    ['99212', 10, 19],
    ['99213', 20, 29],
    ['99214', 30, 39],
    ['99215', 40, undefined],
  ],
  'telephone-assessment': [
    ['98966', 5, 10],
    ['98967', 11, 20],
    ['98968', 21, 30],
  ],
  'interprofessional-consult': [
    ['G0546', 5, 10],
    ['G0547', 11, 20],
    ['G0548', 21, 30],
    ['G0549', 31, undefined],
  ],
  'behavioral-health-integration': [['99484', 20, undefined]],
  'program-group-psychotherapy': [['G0410', 45, undefined]],
  'virtual-check-in': [['98016', 5, 10]],
}

/** A code of the first stretch of time, and one for each further stretch of `each` minutes, counted one by one. */
interface Lengthened {
  readonly short: Bands
  readonly base: string
  readonly from: number
  readonly more: string
  readonly moreFrom: number
  readonly each: number
}

const LENGTHENED: Readonly<Record<string, Lengthened>> = {
  'crisis-psychotherapy': lengthened('90839', 30, '90840', 75, 30, [['90832', 16, 29]]),
  'mobile-crisis-psychotherapy': lengthened('G0017', 30, 'G0018', 75, 30),
  'neurobehavioral-status-exam': lengthened('96116', 31, '96121', 91, 60),
  'psychological-testing-evaluation': lengthened('96130', 31, '96131', 91, 60),
  'neuropsychological-testing-evaluation': lengthened('96132', 31, '96133', 91, 60),
  'test-administration-by-professional': lengthened('96136', 16, '96137', 46, 30),
  'test-administration-by-technician': lengthened('96138', 16, '96139', 46, 30),
  'health-behavior-individual': lengthened('96158', 16, '96159', 38, 15),
  'health-behavior-group': lengthened('96164', 16, '96165', 38, 15),
  'health-behavior-family-with-patient': lengthened('96167', 16, '96168', 38, 15),
  'health-behavior-family-without-patient': lengthened('96170', 16, '96171', 38, 15),
  'collaborative-care-initial': lengthened('99492', 36, '99494', 86, 30, [['G2214', 16, 35]]),
  'collaborative-care-subsequent': lengthened('99493', 31, '99494', 76, 30, [['G2214', 16, 30]]),
  'opioid-treatment-first-month': lengthened('G2086', 70, 'G2088', 150, 30),
  'opioid-treatment-later-month': lengthened('G2087', 60, 'G2088', 150, 30),
  'digital-treatment-management': lengthened('G0553', 20, 'G0554', 40, 20),
}

function lengthened(
  base: string,
  from: number,
  more: string,
  moreFrom: number,
  each: number,
  short: Bands = [],
): Lengthened {
  return { base, from, more, moreFrom, each, short }
}

function byBands(bands: Bands, minutes: number): readonly string[] {
  for (const [code, from, to] of bands)
    if (minutes >= from && (to === undefined || minutes <= to)) return [`${code} x1`]
  return []
}

function byLength(
  { short, base, from, more, moreFrom, each }: Lengthened,
  minutes: number,
): readonly string[] {
  if (minutes < from) return byBands(short, minutes)
  let further = 0
  for (let mark = moreFrom; mark <= minutes; mark += each) further++
  return further === 0 ? [`${base} x1`] : [`${base} x1`, `${more} x${further}`]
}

t.test('each minute of each kind', async (t) => {
  for (const [kind, bands] of Object.entries(BANDS)) agreeOn(t, kind, (minutes) => byBands(bands, minutes))
  for (const [kind, rule] of Object.entries(LENGTHENED))
    agreeOn(t, kind, (minutes) => byLength(rule, minutes))
})

t.test('psychotherapy beside a medical visit', async (t) => {
  const addOns: Bands = [
    ['90833', 16, 37],
    ['90836', 38, 52],
    ['90838', 53, undefined],
  ]
  agreeOn(
    t,
    'individual-psychotherapy',
    (minutes) => ['99214 x1', ...byBands(addOns, minutes)],
    (minutes) => shown(bill([done('99214'), done('individual-psychotherapy', minutes)])),
  )
})

/** Units by walking through the minutes one by one: what has passed, and what of the unit that runs. */
const WALKS: Readonly<Record<string, (whole: number, part: number, each: number) => number>> = {
  'eight-minute': (whole, part) => whole + (part >= 8 ? 1 : 0),
  'full-unit': (whole) => whole,
  midpoint: (whole, part, each) => whole + (part > each / 2 ? 1 : 0),
  ceiling: (whole, part) => whole + (part > 0 ? 1 : 0),
}

t.test('each way to round, for quarters of an hour, hours and other lengths', async (t) => {
  const lengths = [
    ['quarter-hour', 15],
    ['hour', 60],
    ['minutes', 20],
    ['minutes', 7],
  ] as const
  for (const [basis, each] of lengths)
    for (const [rounding, walk] of Object.entries(WALKS)) {
      if (rounding === 'eight-minute' && each !== 15) continue
      const rest = basis === 'minutes' ? { minutesPerUnit: each } : {}
      const rounds = bookOf([
        ...definitions,
        changed(
          'H2017',
          { url: 'urn:rounds', useContext: [payer('rounds')] },
          {
            unit: [unit(basis, { rounding, ...rest })],
          },
        ),
      ])
      agreeOn(
        t,
        `${rounding} of ${each} minutes`,
        (minutes) => {
          let whole = 0
          let part = 0
          for (let minute = 1; minute <= minutes; minute++) {
            part++
            if (part === each) {
              whole++
              part = 0
            }
          }
          const units = walk(whole, part, each)
          return units === 0 ? [] : [`H2017 x${units}`]
        },
        (minutes) => shown(bill([done('H2017', minutes)], paidBy('rounds'), rounds)),
      )
    }
})

function agreeOn(
  t: Test,
  name: string,
  naive: (minutes: number) => readonly string[],
  ours = (minutes: number) => shown(bill([done(name, minutes)])),
): void {
  const differing: string[] = []
  for (let minutes = 0; minutes <= MOST; minutes++) {
    const expected = naive(minutes).join(', ')
    const billed = ours(minutes).join(', ')
    if (billed !== expected) differing.push(`${minutes}: ${billed} for ${expected}`)
  }
  t.strictSame(differing.slice(0, 5), [], name)
}
