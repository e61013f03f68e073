// Depression remission at twelve months, held to a count by hand of made-up courses on each side of each edge.
import t from 'tap'
import { holdsTo, type HandCount } from './agreement.ts'
import { addDays, addMonths } from './calendar.ts'
import { coded, HCPCS, ICD10, LOINC, put, SNOMED, startPractice, type Entry } from './practice.ts'

interface Score {
  /** A date, dateTime or, from one to the next, a Period. */
  readonly at: string
  /** NaN for a score that could not be computed. */
  readonly value: number
  readonly status?: string
  readonly code?: string
  readonly as?: 'integer' | 'period'
}

interface Visit {
  readonly from: string
  readonly to: string
  readonly status?: string
  readonly class?: string
}

interface Diagnosis {
  readonly code: string
  readonly onset?: string
  readonly recorded?: string
  readonly abated?: string
  readonly clinical?: string
  readonly verification?: string
}

interface Course {
  readonly birth: string
  readonly scores: readonly Score[]
  readonly visits: readonly Visit[]
  readonly diagnoses: readonly Diagnosis[]
  /** Dead; on a day, or on one that is not known. */
  readonly died?: string | true
  readonly hospice?: {
    readonly kind: 'stay' | 'service' | 'order' | 'reason' | 'discharge'
    readonly from: string
    readonly to?: string
    readonly status?: string
    readonly notDone?: boolean
  }
}

const DEPRESSION = ['F33.1', 'F32.5', 'F34.1', 'F33.9']
const OTHERS = ['F31.81', 'F20.9', 'F60.3', 'F84.0']

const MDD: Diagnosis = { code: 'F33.1', onset: '2020-01-01' }
const visit = (day: string): Visit => ({ from: `${day}T09:00:00Z`, to: `${day}T10:00:00Z` })
const INDEX = '2025-03-10'
const base: Course = {
  birth: '1980-05-01',
  scores: [{ at: `${INDEX}T09:30:00Z`, value: 15 }],
  visits: [visit(INDEX)],
  diagnoses: [MDD],
}
const later = (day: string, value: number, more: Partial<Score> = {}): Score => ({ at: day, value, ...more })
const YEAR_ON = addMonths(INDEX, 12)
const withScores = (...scores: Score[]): Course => ({ ...base, scores: [...base.scores, ...scores] })
const indexAt = (day: string, value = 15): Course => ({
  ...base,
  scores: [{ at: day, value }, later(addMonths(day.slice(0, 10), 12), 2)],
  visits: [visit(day.slice(0, 10))],
})

/** Each branch, and both sides of each edge. */
const COURSES: Readonly<Record<string, Course>> = {
  'never-measured-again': base,
  remitted: withScores(later(YEAR_ON, 4)),
  'not-remitted': withScores(later(YEAR_ON, 5)),
  'sixty-days-early': withScores(later(addDays(YEAR_ON, -60), 3)),
  'sixty-one-days-early': withScores(later(addDays(YEAR_ON, -61), 3)),
  'sixty-days-late': withScores(later(addDays(YEAR_ON, 60), 3)),
  'sixty-one-days-late': withScores(later(addDays(YEAR_ON, 61), 3)),
  'late-in-another-zone': withScores(later(`${addDays(YEAR_ON, 60)}T23:30:00-05:00`, 3)),
  'last-one-counts-worse': withScores(later(YEAR_ON, 3), later(addDays(YEAR_ON, 10), 9)),
  'last-one-counts-better': withScores(later(addDays(YEAR_ON, 10), 3), later(YEAR_ON, 9)),
  'last-one-without-value': withScores(later(YEAR_ON, 3), later(addDays(YEAR_ON, 10), Number.NaN)),
  'never-with-a-value': withScores(later(YEAR_ON, Number.NaN)),
  'same-day-later-hour': withScores(later(`${YEAR_ON}T15:00:00Z`, 9), later(`${YEAR_ON}T16:00:00Z`, 1)),
  'score-of-ten': indexAt(INDEX, 10),
  'score-of-nine': indexAt(INDEX, 9),
  'two-index-events': {
    ...base,
    scores: [
      { at: '2025-06-20', value: 12 },
      { at: INDEX, value: 20 },
      later(addMonths('2025-06-20', 12), 2),
      later(YEAR_ON, 14),
    ],
    visits: [visit(INDEX), visit('2025-06-20')],
  },
  'first-score-outside-a-visit': {
    ...base,
    scores: [{ at: '2025-02-01', value: 20 }, { at: '2025-06-20', value: 12 }, later('2026-06-20', 2)],
    visits: [visit('2025-06-20')],
  },
  'a-week-before-the-visit': {
    ...base,
    scores: [{ at: addDays(INDEX, -7), value: 15 }, later(addMonths(addDays(INDEX, -7), 12), 1)],
  },
  'eight-days-before-the-visit': { ...base, scores: [{ at: addDays(INDEX, -8), value: 15 }] },
  'a-day-after-the-visit': { ...base, scores: [{ at: addDays(INDEX, 1), value: 15 }] },
  'visit-over-midnight': {
    ...base,
    scores: [{ at: addDays(INDEX, 1), value: 15 }],
    visits: [{ from: `${INDEX}T22:00:00Z`, to: `${addDays(INDEX, 1)}T01:00:00Z` }],
  },
  'first-day-of-identification': indexAt('2024-11-01'),
  'day-before-identification': indexAt('2024-10-31'),
  'score-before-identification': {
    ...base,
    scores: [{ at: '2024-10-28', value: 15 }, later('2025-10-28', 3)],
    visits: [visit('2024-11-02')],
  },
  'last-day-of-identification': indexAt('2025-10-31'),
  'day-after-identification': indexAt('2025-11-01'),
  'first-day-in-another-zone': {
    ...indexAt('2024-11-01'),
    visits: [{ from: '2024-11-01T00:30:00+02:00', to: '2024-11-01T01:00:00+02:00' }],
  },
  'last-day-in-another-zone': {
    ...indexAt('2025-10-31'),
    visits: [{ from: '2025-10-31T22:00:00-06:00', to: '2025-10-31T23:00:00-06:00' }],
  },
  'leap-day': {
    ...base,
    scores: [{ at: '2024-11-30', value: 15 }, later(addDays('2025-11-30', 60), 2)],
    visits: [visit('2024-11-30')],
  },
  twelve: { ...withScores(later(YEAR_ON, 1)), birth: '2013-03-10' },
  'almost-twelve': { ...withScores(later(YEAR_ON, 1)), birth: '2013-03-11' },
  seventeen: { ...withScores(later(YEAR_ON, 1)), birth: '2007-03-11' },
  eighteen: { ...withScores(later(YEAR_ON, 1)), birth: '2007-03-10' },
  'teen-instrument': {
    ...base,
    birth: '2010-01-01',
    scores: [{ at: INDEX, value: 11, code: '89204-2' }, later(YEAR_ON, 4, { code: '89204-2' })],
  },
  'another-instrument': { ...base, scores: [{ at: INDEX, value: 12, code: '70274-6' }] },
  'preliminary-score': { ...base, scores: [{ at: INDEX, value: 15, status: 'preliminary' }] },
  'withdrawn-later-score': withScores(later(YEAR_ON, 1, { status: 'entered-in-error' })),
  'amended-scores': {
    ...base,
    scores: [{ at: INDEX, value: 15, status: 'amended' }, later(YEAR_ON, 1, { status: 'corrected' })],
  },
  'whole-numbers': {
    ...base,
    scores: [{ at: INDEX, value: 15, as: 'integer' }, later(YEAR_ON, 4, { as: 'integer' })],
  },
  'scores-with-periods': {
    ...base,
    scores: [{ at: INDEX, value: 15, as: 'period' }, later(YEAR_ON, 4, { as: 'period' })],
  },
  'visit-not-finished': { ...base, visits: [{ ...visit(INDEX), status: 'in-progress' }] },
  'inpatient-only': { ...base, visits: [{ ...visit(INDEX), class: 'IMP' }] },
  'virtual-visit': { ...withScores(later(YEAR_ON, 0)), visits: [{ ...visit(INDEX), class: 'VR' }] },
  'no-diagnosis': { ...base, diagnoses: [] },
  'another-diagnosis': { ...base, diagnoses: [{ code: 'F41.1', onset: '2020-01-01' }] },
  'diagnosis-refuted': { ...base, diagnoses: [{ ...MDD, verification: 'refuted' }] },
  'diagnosis-unsure': { ...base, diagnoses: [{ ...MDD, verification: 'provisional' }] },
  'diagnosis-resolved': { ...base, diagnoses: [{ ...MDD, clinical: 'resolved', abated: '2025-12-01' }] },
  'diagnosis-relapsed': { ...withScores(later(YEAR_ON, 0)), diagnoses: [{ ...MDD, clinical: 'relapse' }] },
  'diagnosis-on-the-day': { ...base, diagnoses: [{ ...MDD, onset: INDEX }] },
  'diagnosis-the-day-after': { ...base, diagnoses: [{ ...MDD, onset: addDays(INDEX, 1) }] },
  'diagnosis-without-onset': { ...base, diagnoses: [{ code: 'F33.1', recorded: addDays(INDEX, -1) }] },
  'diagnosis-recorded-later': { ...base, diagnoses: [{ code: 'F33.1', recorded: addDays(INDEX, 1) }] },
  'diagnosis-without-dates': { ...base, diagnoses: [{ code: 'F34.1' }] },
  'bipolar-before-the-end': {
    ...withScores(later(YEAR_ON, 1)),
    diagnoses: [MDD, { code: 'F31.81', onset: addDays(YEAR_ON, 60) }],
  },
  'bipolar-after-the-end': {
    ...withScores(later(YEAR_ON, 1)),
    diagnoses: [MDD, { code: 'F31.81', onset: addDays(YEAR_ON, 61) }],
  },
  'personality-disorder-refuted': {
    ...withScores(later(YEAR_ON, 1)),
    diagnoses: [MDD, { code: 'F60.3', onset: '2019-01-01', verification: 'refuted' }],
  },
  psychotic: { ...base, diagnoses: [MDD, { code: 'F20.9', onset: '2019-01-01' }] },
  'died-before-the-end': { ...base, died: addDays(YEAR_ON, 60) },
  'died-after-the-end': { ...base, died: addDays(YEAR_ON, 61) },
  'died-some-time': { ...base, died: true },
  'hospice-stay': { ...base, hospice: { kind: 'stay', from: addDays(YEAR_ON, 60) } },
  'hospice-stay-after': { ...base, hospice: { kind: 'stay', from: addDays(YEAR_ON, 61) } },
  'hospice-stay-before': { ...base, hospice: { kind: 'stay', from: '2024-10-01', to: '2024-10-31' } },
  'hospice-stay-into': { ...base, hospice: { kind: 'stay', from: '2024-10-01', to: '2024-11-01' } },
  'hospice-stay-cancelled': { ...base, hospice: { kind: 'stay', from: INDEX, status: 'cancelled' } },
  'hospice-service': { ...base, hospice: { kind: 'service', from: '2025-09-01' } },
  'hospice-service-not-done': {
    ...base,
    hospice: { kind: 'service', from: '2025-09-01', status: 'not-done' },
  },
  'hospice-order': { ...base, hospice: { kind: 'order', from: '2025-09-01' } },
  'hospice-order-forbids': { ...base, hospice: { kind: 'order', from: '2025-09-01', notDone: true } },
  'hospice-order-revoked': { ...base, hospice: { kind: 'order', from: '2025-09-01', status: 'revoked' } },
  'palliative-reason': { ...base, hospice: { kind: 'reason', from: '2025-09-01' } },
  'palliative-reason-after': { ...base, hospice: { kind: 'reason', from: addDays(YEAR_ON, 61) } },
  'discharged-to-hospice': { ...base, hospice: { kind: 'discharge', from: '2025-09-01', to: '2025-09-05' } },
  'discharged-before': { ...base, hospice: { kind: 'discharge', from: '2024-10-20', to: '2024-10-31' } },
  nothing: { birth: '1980-01-01', scores: [], visits: [], diagnoses: [] },
}

/** By hand: days compared as text, months by the calendar. */
function count(course: Course, start = '2026-01-01'): HandCount {
  const { birth, diagnoses, died, hospice } = course
  const first = addMonths(start, -14)
  const last = addDays(addMonths(start, -2), -1)
  const scores = course.scores
    .filter(
      ({ value, status = 'final', code = '44261-6' }) =>
        !Number.isNaN(value) &&
        ['final', 'amended', 'corrected'].includes(status) &&
        ['44261-6', '89204-2'].includes(code),
    )
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  const isActive = ({ clinical = 'active', verification = 'confirmed' }: Diagnosis): boolean =>
    verification === 'confirmed' && ['active', 'recurrence', 'relapse'].includes(clinical)
  const began = ({ onset, recorded }: Diagnosis): string => onset ?? recorded ?? '0001-01-01'
  let index: string | undefined
  for (const { at, value } of scores) {
    if (value <= 9 || index !== undefined) continue
    const day = at.slice(0, 10)
    for (const { from, to, status = 'finished', class: setting = 'AMB' } of course.visits) {
      const [begin, end] = [from.slice(0, 10), to.slice(0, 10)]
      if (status !== 'finished' || setting === 'IMP' || end < first || end > last) continue
      if (day > end || day < addDays(begin, -7)) continue
      const within = diagnoses.some(
        (one) =>
          DEPRESSION.includes(one.code) &&
          isActive(one) &&
          began(one) <= end &&
          (one.abated ?? '9999') >= begin,
      )
      if (within) index = day
    }
  }
  const out = { 'initial-population': 0, denominator: 0, 'denominator-exclusion': 0, numerator: 0 }
  if (index === undefined || addMonths(birth, 144) > index) return { groups: [out] }
  const stratum = addMonths(birth, 216) <= index ? '18 and older' : '12 to 17'
  const [open, close] = [addDays(addMonths(index, 12), -60), addDays(addMonths(index, 12), 60)]
  const isInHospice = (): boolean => {
    if (hospice === undefined) return false
    const { kind, from, to, status, notDone = false } = hospice
    if (status !== undefined || notDone) return false
    if (kind === 'stay' || kind === 'reason') return from <= close && (to ?? '9999') >= first
    const end = to ?? from
    return end >= first && end <= close
  }
  const isExcluded =
    died === true ||
    (died !== undefined && died <= close) ||
    diagnoses.some((one) => OTHERS.includes(one.code) && isActive(one) && began(one) <= close) ||
    isInHospice()
  const within = scores.filter(({ at }) => at.slice(0, 10) >= open && at.slice(0, 10) <= close)
  const remits = (within.at(-1)?.value ?? 27) < 5
  return {
    groups: [
      {
        'initial-population': 1,
        denominator: 1,
        'denominator-exclusion': isExcluded ? 1 : 0,
        numerator: remits && !isExcluded ? 1 : 0,
      },
    ],
    stratum,
  }
}

function resourcesOf(id: string, course: Course): Entry[] {
  const subject = { reference: `Patient/${id}` }
  const { birth, scores, visits, diagnoses, died, hospice } = course
  const condition = (one: Diagnosis, at: number | string): Entry => ({
    resourceType: 'Condition',
    id: `${id}-d${at}`,
    subject,
    code: coded(ICD10, one.code),
    clinicalStatus: coded(
      'http://terminology.hl7.org/CodeSystem/condition-clinical',
      one.clinical ?? 'active',
    ),
    verificationStatus: coded(
      'http://terminology.hl7.org/CodeSystem/condition-ver-status',
      one.verification ?? 'confirmed',
    ),
    ...(one.onset === undefined ? {} : { onsetDateTime: one.onset }),
    ...(one.recorded === undefined ? {} : { recordedDate: one.recorded }),
    ...(one.abated === undefined ? {} : { abatementDateTime: one.abated }),
  })
  const encounter = (at: string, from: string, to: string | undefined, more: object): Entry => ({
    resourceType: 'Encounter',
    id: `${id}-e${at}`,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject,
    period: { start: from, ...(to === undefined ? {} : { end: to }) },
    ...more,
  })
  const care = coded(HCPCS, 'Q5005')
  const inHospice = (): Entry[] => {
    if (hospice === undefined) return []
    const { kind, from, to, status, notDone } = hospice
    if (kind === 'stay')
      return [
        encounter('h', from, to, {
          status: status ?? (to === undefined ? 'in-progress' : 'finished'),
          type: [care],
        }),
      ]
    if (kind === 'discharge')
      return [
        encounter('h', from, to, {
          class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
          hospitalization: { dischargeDisposition: coded(SNOMED, '428361000124107') },
        }),
      ]
    if (kind === 'reason') return [condition({ code: 'Z51.5', onset: from }, 'h')]
    const more = {
      id: `${id}-h`,
      subject,
      code: care,
      status: status ?? (kind === 'order' ? 'active' : 'completed'),
    }
    return kind === 'service'
      ? [{ resourceType: 'Procedure', ...more, performedDateTime: from }]
      : [
          {
            resourceType: 'ServiceRequest',
            ...more,
            intent: 'order',
            authoredOn: from,
            ...(notDone === true ? { doNotPerform: true } : {}),
          },
        ]
  }
  return [
    {
      resourceType: 'Patient',
      id,
      birthDate: birth,
      ...(died === undefined ? {} : died === true ? { deceasedBoolean: true } : { deceasedDateTime: died }),
    },
    ...diagnoses.map(condition),
    ...visits.map(({ from, to, status = 'finished', class: code = 'AMB' }, at) =>
      encounter(String(at), from, to, {
        status,
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code },
      }),
    ),
    ...scores.map(
      ({ at, value, status = 'final', code = '44261-6', as }, place): Entry => ({
        resourceType: 'Observation',
        id: `${id}-s${place}`,
        status,
        code: coded(LOINC, code),
        subject,
        ...(as === 'period'
          ? { effectivePeriod: { start: at, end: addDays(at, 1) } }
          : { effectiveDateTime: at }),
        ...valueOf(value, as),
      }),
    ),
    ...inHospice(),
  ]
}

function valueOf(value: number, as: Score['as']): object {
  if (Number.isNaN(value)) return { dataAbsentReason: { text: 'an answer is missing' } }
  return as === 'integer' ? { valueInteger: value } : { valueQuantity: { value } }
}

/** Courses around the edges, by a seed. */
function madeUp(seed: number): Course {
  let state = seed
  const roll = (below: number): number => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  const pick = <Item>(items: readonly Item[]): Item => items[roll(items.length)] as Item
  const around = (day: string, by: number): string => addDays(day, roll(2 * by + 1) - by)
  const visits = Array.from({ length: 1 + roll(3) }, () =>
    visit(pick([around('2024-11-01', 3), around('2025-10-31', 3), around('2025-05-15', 90)])),
  )
  const near = (): string => around((pick(visits).from as string).slice(0, 10), 8)
  const indexes = Array.from({ length: 1 + roll(3) }, () => ({ at: near(), value: 9 + roll(4) }))
  const followed = Array.from({ length: 1 + roll(3) }, () => ({
    at: around(addMonths(pick(indexes).at, 12), pick([2, 30, 62])),
    value: 2 + roll(4),
  }))
  return {
    birth: pick(['1970-07-07', '2012-12-01', '2013-05-20', '2007-05-20']),
    scores: [...indexes, ...followed],
    visits,
    diagnoses: [
      { code: pick(DEPRESSION), onset: pick(['2020-01-01', near(), '2025-05-01']) },
      ...(roll(6) === 0 ? [{ code: pick(OTHERS), onset: around('2026-05-01', 200) }] : []),
    ],
    ...(roll(8) === 0 ? { died: around('2026-05-01', 200) } : {}),
  }
}

t.test('every course of the cohort', async (t) => {
  const server = await startPractice(t)
  const courses = new Map(Object.entries(COURSES))
  for (let seed = 1; seed <= 80; seed++) courses.set(`made-up-${seed}`, madeUp(seed))
  const expected = new Map([...courses].map(([id, course]) => [id, count(course)]))
  await put(
    server,
    [...courses].flatMap(([id, course]) => resourcesOf(id, course)),
  )

  const outcomes = new Set(
    [...expected.values()].map(({ groups, stratum }) => JSON.stringify([groups, stratum])),
  )
  t.equal(outcomes.size, 7, 'in each stratum: excluded, remitted, not remitted; and outside')
  const made = [...expected].filter(([id]) => id.startsWith('made-up-'))
  t.ok(made.filter(([, { groups }]) => groups[0]?.['numerator'] === 1).length >= 5, 'made-up ones remit')
  t.ok(made.filter(([, { groups }]) => groups[0]?.['denominator'] === 0).length >= 5, 'others are outside')

  await holdsTo(t, {
    server,
    measure: 'depression-remission-twelve-months',
    period: 'periodStart=2026-01-01&periodEnd=2026-12-31',
    expected,
  })
})

t.test('twelve months with a leap day in them', async (t) => {
  const server = await startPractice(t)
  const course = (index: string, score: string): Course => ({
    ...base,
    scores: [{ at: index, value: 15 }, later(score, 2)],
    visits: [visit(index)],
  })
  const courses = new Map([
    ['from-january', course('2024-01-15', '2025-03-16')],
    ['from-january-late', course('2024-01-15', '2025-03-17')],
    ['from-the-leap-day', course('2024-02-29', '2025-04-29')],
    ['from-the-leap-day-late', course('2024-02-29', '2025-04-30')],
    ['early', course('2024-01-15', '2024-11-16')],
    ['too-early', course('2024-01-15', '2024-11-15')],
  ])
  await put(
    server,
    [...courses].flatMap(([id, one]) => resourcesOf(id, one)),
  )
  const expected = new Map([...courses].map(([id, one]) => [id, count(one, '2025-01-01')]))
  t.same(
    [...expected.values()].map(({ groups }) => groups[0]?.['numerator']),
    [1, 0, 1, 0, 1, 0],
  )
  await holdsTo(t, {
    server,
    measure: 'depression-remission-twelve-months',
    period: 'periodStart=2025&periodEnd=2025',
    expected,
  })
})
