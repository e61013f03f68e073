// Depression screening and follow-up, held to a count by hand of made-up years on each side of each edge.
import t from 'tap'
import { holdsTo, type HandCount } from './agreement.ts'
import { addDays, addMonths } from './calendar.ts'
import { coded, HCPCS, ICD10, LOINC, put, RXNORM, startPractice, type Entry } from './practice.ts'

interface Screen {
  readonly at: string
  readonly code: string
  readonly value?: number
  readonly status?: string
}

interface FollowUp {
  readonly kind: 'visit' | 'visit-by-diagnosis' | 'service' | 'order' | 'prescription'
  readonly at: string
  /** In place of one that counts. */
  readonly code?: string
  readonly status?: string
  readonly forbids?: true
}

interface Year {
  readonly birth: string
  readonly visits: readonly string[]
  readonly screens: readonly Screen[]
  readonly followUps: readonly FollowUp[]
  readonly diagnoses: readonly { readonly code: string; readonly onset: string }[]
  readonly hospice?: { readonly from: string; readonly to?: string }
}

const [FIRST, LAST] = ['2025-01-01', '2025-12-31']

/** From which score on each instrument is positive, as the published table has it. */
const POSITIVE: Readonly<Record<string, number>> = {
  '44261-6': 10,
  '89204-2': 10,
  '55758-7': 3,
  '89208-3': 8,
  '89209-1': 20,
  '89205-9': 17,
  '90853-3': 30,
  '48545-8': 5,
  '48544-1': 10,
  '99046-5': 10,
  '71777-7': 5,
  '71965-8': 60,
  '90221-3': 31,
}
const [FULL, BRIEF] = ['44261-6', '55758-7']
const DAY = '2025-04-10'
const base: Year = { birth: '1980-05-01', visits: [DAY], screens: [], followUps: [], diagnoses: [] }
const positive: Year = { ...base, screens: [{ at: DAY, code: FULL, value: 10 }] }
const followed = (...followUps: FollowUp[]): Year => ({ ...positive, followUps })
const diagnosed = (code: string, onset: string): Year => ({ ...positive, diagnoses: [{ code, onset }] })

const YEARS: Record<string, Year> = {
  'not-screened': base,
  negative: { ...base, screens: [{ at: DAY, code: FULL, value: 9 }] },
  'positive-alone': positive,
  'screened-the-first-day': { ...base, screens: [{ at: FIRST, code: FULL, value: 2 }] },
  'screened-the-day-before': { ...base, screens: [{ at: addDays(FIRST, -1), code: FULL, value: 2 }] },
  'screened-in-another-zone': { ...base, screens: [{ at: `${FIRST}T00:30:00+05:00`, code: FULL, value: 2 }] },
  'screened-thirty-days-before-the-end': {
    ...base,
    screens: [{ at: '2025-12-01', code: FULL, value: 12 }],
    followUps: [{ kind: 'visit', at: LAST }],
  },
  'screened-too-late': { ...base, screens: [{ at: '2025-12-02', code: FULL, value: 12 }] },
  'screen-without-value': { ...base, screens: [{ at: DAY, code: FULL }] },
  'screen-withdrawn': { ...base, screens: [{ at: DAY, code: FULL, value: 12, status: 'entered-in-error' }] },
  'another-instrument': { ...base, screens: [{ at: DAY, code: '70274-6', value: 20 }] },
  'first-of-two-positives': {
    ...base,
    screens: [
      { at: '2025-06-01', code: FULL, value: 14 },
      { at: '2025-03-01', code: FULL, value: 12 },
    ],
    followUps: [{ kind: 'visit', at: '2025-06-15' }],
  },
  'negative-before-positive': {
    ...base,
    screens: [
      { at: '2025-03-01', code: FULL, value: 4 },
      { at: '2025-06-01', code: FULL, value: 12 },
    ],
    followUps: [{ kind: 'visit', at: '2025-06-15' }],
  },
  'followed-the-same-day': followed({ kind: 'visit', at: DAY }),
  'followed-the-day-before': followed({ kind: 'visit', at: addDays(DAY, -1) }),
  'followed-after-thirty-days': followed({ kind: 'visit', at: addDays(DAY, 30) }),
  'followed-after-thirty-one-days': followed({ kind: 'visit', at: addDays(DAY, 31) }),
  'followed-by-diagnosis': followed({ kind: 'visit-by-diagnosis', at: addDays(DAY, 3) }),
  'visit-for-something-else': followed({ kind: 'visit', at: addDays(DAY, 3), code: 'J06.9' }),
  'visit-not-finished': followed({ kind: 'visit', at: addDays(DAY, 3), status: 'planned' }),
  'followed-by-service': followed({ kind: 'service', at: addDays(DAY, 30) }),
  'service-too-late': followed({ kind: 'service', at: addDays(DAY, 31) }),
  'service-not-done': followed({ kind: 'service', at: DAY, status: 'not-done' }),
  'another-service': followed({ kind: 'service', at: DAY, code: 'G0008' }),
  'followed-by-order': followed({ kind: 'order', at: DAY }),
  'order-forbids': followed({ kind: 'order', at: DAY, forbids: true }),
  'order-revoked': followed({ kind: 'order', at: DAY, status: 'revoked' }),
  'followed-by-prescription': followed({ kind: 'prescription', at: addDays(DAY, 30) }),
  'prescription-too-late': followed({ kind: 'prescription', at: addDays(DAY, 31) }),
  'prescription-of-another-drug': followed({ kind: 'prescription', at: DAY, code: '1191' }),
  'brief-then-full-negative': {
    ...base,
    screens: [
      { at: DAY, code: BRIEF, value: 3 },
      { at: `${DAY}T18:00:00Z`, code: FULL, value: 9 },
    ],
  },
  'brief-then-full-positive': {
    ...base,
    screens: [
      { at: DAY, code: BRIEF, value: 3 },
      { at: `${DAY}T18:00:00Z`, code: FULL, value: 10 },
    ],
  },
  'brief-then-full-next-day': {
    ...base,
    screens: [
      { at: DAY, code: BRIEF, value: 3 },
      { at: addDays(DAY, 1), code: FULL, value: 2 },
    ],
  },
  'brief-twice': {
    ...base,
    screens: [
      { at: DAY, code: BRIEF, value: 3 },
      { at: `${DAY}T18:00:00Z`, code: BRIEF, value: 1 },
    ],
  },
  'full-then-full-negative': {
    ...base,
    screens: [
      { at: DAY, code: FULL, value: 12 },
      { at: `${DAY}T18:00:00Z`, code: '48544-1', value: 2 },
    ],
  },
  twelve: { ...positive, birth: '2013-01-01' },
  'almost-twelve': { ...positive, birth: '2013-01-02' },
  seventeen: { ...positive, birth: '2007-01-02' },
  eighteen: { ...positive, birth: '2007-01-01' },
  'sixty-four': { ...positive, birth: '1960-01-02' },
  'sixty-five': { ...positive, birth: '1960-01-01' },
  'visit-the-last-day': { ...positive, visits: [LAST] },
  'visit-the-day-after': { ...positive, visits: [addDays(LAST, 1)] },
  'visit-the-day-before': { ...positive, visits: [addDays(FIRST, -1)] },
  'bipolar-before': diagnosed('F31.81', '2024-12-31'),
  'bipolar-during': diagnosed('F31.81', FIRST),
  'depressed-the-year-before': diagnosed('F33.1', '2024-01-01'),
  'depressed-longer': diagnosed('F33.1', '2023-12-31'),
  'depressed-during': diagnosed('F33.1', FIRST),
  'hospice-until-then': { ...positive, hospice: { from: '2024-11-01', to: '2024-12-31' } },
  'hospice-into': { ...positive, hospice: { from: '2024-11-01', to: FIRST } },
  'hospice-from-the-last-day': { ...positive, hospice: { from: LAST } },
  'hospice-after': { ...positive, hospice: { from: addDays(LAST, 1) } },
  nothing: { ...base, visits: [] },
}
for (const [code, from] of Object.entries(POSITIVE)) {
  YEARS[`from-${code}`] = { ...base, screens: [{ at: DAY, code, value: from }] }
  YEARS[`below-${code}`] = { ...base, screens: [{ at: DAY, code, value: from - 1 }] }
}

/** By hand: days compared as text, months by the calendar. */
function count({ birth, visits, screens, followUps, diagnoses, hospice }: Year): HandCount {
  const out = { 'initial-population': 0, denominator: 0, 'denominator-exclusion': 0, numerator: 0 }
  const isIn = visits.some((day) => day >= FIRST && day <= LAST) && addMonths(birth, 144) <= FIRST
  if (!isIn) return { groups: [out, out] }
  const stratum =
    addMonths(birth, 65 * 12) <= FIRST
      ? '65 and older'
      : addMonths(birth, 18 * 12) <= FIRST
        ? '18 to 64'
        : '12 to 17'
  const isExcluded =
    diagnoses.some(({ code, onset }) =>
      code === 'F31.81' ? onset < FIRST : onset < FIRST && onset >= addMonths(FIRST, -12),
    ) ||
    (hospice !== undefined && hospice.from <= LAST && (hospice.to ?? '9999') >= FIRST)
  const valid = screens
    .filter(
      ({ at, value, code, status = 'final' }) =>
        value !== undefined &&
        status === 'final' &&
        code in POSITIVE &&
        at.slice(0, 10) >= FIRST &&
        at.slice(0, 10) <= addDays(LAST, -30),
    )
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
  const isPositive = ({ code, value = 0 }: Screen): boolean => value >= (POSITIVE[code] ?? Infinity)
  const first = valid.find(isPositive)
  const wasFollowed = (): boolean => {
    if (first === undefined) return false
    const day = first.at.slice(0, 10)
    const negative = valid.some(
      (one) => one.at.slice(0, 10) === day && one.code !== BRIEF && !isPositive(one),
    )
    return (
      followUps.some(
        ({ at, code, status, forbids }) =>
          code === undefined &&
          status === undefined &&
          forbids === undefined &&
          at >= day &&
          at <= addDays(day, 30),
      ) ||
      (first.code === BRIEF && negative)
    )
  }
  const inside = (denominator: boolean, numerator: boolean): Record<string, number> => ({
    'initial-population': 1,
    denominator: Number(denominator),
    'denominator-exclusion': Number(denominator && isExcluded),
    numerator: Number(denominator && !isExcluded && numerator),
  })
  return { groups: [inside(true, valid.length > 0), inside(first !== undefined, wasFollowed())], stratum }
}

function resourcesOf(id: string, year: Year): Entry[] {
  const subject = { reference: `Patient/${id}` }
  const encounter = (at: string, from: string, to: string | undefined, more: object): Entry => ({
    resourceType: 'Encounter',
    id: `${id}-${at}`,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject,
    period: { start: from, ...(to === undefined ? {} : { end: to }) },
    ...more,
  })
  const condition = (at: string, code: string, onset: string): Entry => ({
    resourceType: 'Condition',
    id: `${id}-${at}`,
    subject,
    code: coded(ICD10, code),
    clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
    verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    onsetDateTime: onset,
  })
  const followUp = ({ kind, at, code, status, forbids }: FollowUp, place: number): Entry[] => {
    const forbidden = forbids === undefined ? {} : { doNotPerform: true }
    const own = { id: `${id}-f${place}`, subject }
    switch (kind) {
      case 'visit':
        return [
          // In a hospital, so that it does not make for the visit of the year.
          encounter(`f${place}`, at, at, {
            class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'EMER' },
            reasonCode: [coded(ICD10, code ?? 'F32.1')],
            ...(status === undefined ? {} : { status }),
          }),
        ]
      case 'visit-by-diagnosis':
        return [
          condition(`c${place}`, 'F32.1', at),
          encounter(`f${place}`, at, at, {
            diagnosis: [{ condition: { reference: `Condition/${id}-c${place}` } }],
          }),
        ]
      case 'service':
        return [
          {
            resourceType: 'Procedure',
            ...own,
            status: status ?? 'completed',
            code: coded(HCPCS, code ?? 'H0031'),
            performedDateTime: at,
          },
        ]
      case 'order':
        return [
          {
            resourceType: 'ServiceRequest',
            ...own,
            ...forbidden,
            status: status ?? 'active',
            intent: 'order',
            code: coded(HCPCS, code ?? 'T1016'),
            authoredOn: at,
          },
        ]
      case 'prescription':
        return [
          {
            resourceType: 'MedicationRequest',
            ...own,
            ...forbidden,
            status: status ?? 'active',
            intent: 'order',
            medicationCodeableConcept: coded(RXNORM, code ?? '36437'),
            authoredOn: at,
          },
        ]
    }
  }
  const { birth, visits, screens, followUps, diagnoses, hospice } = year
  return [
    { resourceType: 'Patient', id, birthDate: birth },
    ...visits.map((day, at) => encounter(`v${at}`, day, day, {})),
    ...diagnoses.map(({ code, onset }, at) => condition(`d${at}`, code, onset)),
    ...screens.map(
      ({ at, code, value, status = 'final' }, place): Entry => ({
        resourceType: 'Observation',
        id: `${id}-s${place}`,
        status,
        code: coded(LOINC, code),
        subject,
        effectiveDateTime: at,
        ...(value === undefined ? { dataAbsentReason: { text: 'not done' } } : { valueQuantity: { value } }),
      }),
    ),
    ...followUps.flatMap(followUp),
    ...(hospice === undefined
      ? []
      : [
          encounter('h', hospice.from, hospice.to, {
            class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
            status: hospice.to === undefined ? 'in-progress' : 'finished',
            type: [coded(HCPCS, 'Q5006')],
          }),
        ]),
  ]
}

t.test('every year of the cohort', async (t) => {
  const server = await startPractice(t)
  const years = Object.entries(YEARS)
  const expected = new Map(years.map(([id, year]) => [id, count(year)]))
  await put(
    server,
    years.flatMap(([id, year]) => resourcesOf(id, year)),
  )

  const followUps = [...expected.values()].map(({ groups }) => JSON.stringify(groups[1]))
  t.equal(new Set(followUps).size, 5, 'outside, screened only, positive and excluded, followed up or not')

  await holdsTo(t, {
    server,
    measure: 'depression-screening-follow-up',
    period: 'periodStart=2025&periodEnd=2025',
    expected,
  })
})
