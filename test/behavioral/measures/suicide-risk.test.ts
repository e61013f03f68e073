// Suicide-risk assessment in major depression, which counts visits, held to a count by hand.
import t from 'tap'
import { holdsTo, type HandCount } from './agreement.ts'
import { addDays, addMonths } from './calendar.ts'
import { coded, ICD10, LOINC, put, SNOMED, startPractice, type Entry } from './practice.ts'

interface Visit {
  readonly from: string
  readonly to?: string
  /** What it is for: a reason, a diagnosis, both or neither. */
  readonly by?: 'reason' | 'diagnosis' | 'both' | 'neither'
  readonly code?: string
  readonly status?: string
  readonly class?: string
}

interface Assessment {
  readonly at: string
  readonly as?: 'procedure' | 'result'
  readonly code?: string
  readonly status?: string
  readonly isEmpty?: true
}

interface Story {
  readonly birth: string
  readonly visits: readonly Visit[]
  readonly assessments: readonly Assessment[]
}

const [FIRST, LAST] = ['2025-01-01', '2025-12-31']
const DAY = '2025-05-20'
const base: Story = { birth: '1980-05-01', visits: [{ from: DAY }], assessments: [] }
const visited = (...visits: Visit[]): Story => ({ ...base, visits })
const assessed = (...assessments: Assessment[]): Story => ({ ...base, assessments })

const STORIES: Readonly<Record<string, Story>> = {
  'not-assessed': base,
  'by-procedure': assessed({ at: DAY }),
  'by-result': assessed({ at: `${DAY}T09:10:00Z`, as: 'result' }),
  'by-both': assessed({ at: DAY }, { at: DAY, as: 'result' }),
  'the-day-before': assessed({ at: addDays(DAY, -1) }),
  'the-day-after': assessed({ at: addDays(DAY, 1), as: 'result' }),
  'second-day-of-the-visit': {
    ...base,
    visits: [{ from: DAY, to: addDays(DAY, 1) }],
    assessments: [{ at: addDays(DAY, 1) }],
  },
  'procedure-not-done': assessed({ at: DAY, status: 'not-done' }),
  'another-procedure': assessed({ at: DAY, code: '171207006' }),
  'result-preliminary': assessed({ at: DAY, as: 'result', status: 'preliminary' }),
  'result-without-value': assessed({ at: DAY, as: 'result', isEmpty: true }),
  'another-result': assessed({ at: DAY, as: 'result', code: '44261-6' }),
  'by-diagnosis': visited({ from: DAY, by: 'diagnosis' }),
  'by-reason-and-diagnosis': { ...visited({ from: DAY, by: 'both' }), assessments: [{ at: DAY }] },
  'for-something-else': visited({ from: DAY, code: 'F41.1' }),
  'in-remission': visited({ from: DAY, code: 'F33.42' }),
  'for-nothing': visited({ from: DAY, by: 'neither' }),
  'not-finished': visited({ from: DAY, status: 'cancelled' }),
  inpatient: visited({ from: DAY, class: 'IMP' }),
  'hundred-and-five-days-apart': visited({ from: addDays(DAY, -105) }, { from: DAY }),
  'hundred-and-six-days-apart': visited({ from: addDays(DAY, -106) }, { from: DAY }),
  'in-the-year-before': visited({ from: '2024-12-20' }, { from: '2025-02-01' }),
  'long-in-the-year-before': visited({ from: '2024-09-18' }, { from: FIRST }),
  'just-in-the-year-before': visited({ from: '2024-09-17' }, { from: FIRST }),
  'two-on-a-day': { ...visited({ from: DAY }, { from: DAY, by: 'diagnosis' }), assessments: [{ at: DAY }] },
  'three-episodes': {
    ...visited({ from: '2025-01-10' }, { from: '2025-06-01' }, { from: '2025-12-01' }),
    assessments: [{ at: '2025-01-10' }, { at: '2025-12-01', as: 'result' }],
  },
  'every-month': {
    ...visited(...Array.from({ length: 12 }, (_, month) => ({ from: addMonths('2025-01-15', month) }))),
    assessments: [{ at: '2025-01-15' }, { at: '2025-03-15' }],
  },
  'the-first-day': visited({ from: FIRST }),
  'over-new-year': visited({ from: addDays(FIRST, -1), to: FIRST }),
  'the-last-day': visited({ from: LAST }),
  'into-the-next-year': visited({ from: LAST, to: addDays(LAST, 1) }),
  'eighteen-on-the-last-day': { ...base, birth: '2007-12-31' },
  'eighteen-a-day-later': { ...base, birth: '2008-01-01' },
  nothing: { ...base, visits: [] },
}

/** By hand: days compared as text. */
function count({ birth, visits, assessments }: Story): HandCount {
  const ours = visits.filter(
    ({ by = 'reason', code = 'F33.1', status = 'finished', class: setting = 'AMB' }) =>
      by !== 'neither' && code === 'F33.1' && status === 'finished' && setting === 'AMB',
  )
  const end = ({ from, to }: Visit): string => to ?? from
  const episodes = ours.filter(
    (visit) =>
      visit.from >= FIRST &&
      end(visit) <= LAST &&
      addMonths(birth, 216) <= LAST &&
      !ours.some((one) => end(one) < visit.from && end(one) >= addDays(visit.from, -105)),
  )
  const done = episodes.filter((visit) =>
    assessments.some(
      ({ at, code, status, isEmpty }) =>
        code === undefined &&
        status === undefined &&
        isEmpty === undefined &&
        at.slice(0, 10) >= visit.from &&
        at.slice(0, 10) <= end(visit),
    ),
  )
  return {
    groups: [{ 'initial-population': episodes.length, denominator: episodes.length, numerator: done.length }],
  }
}

function resourcesOf(id: string, { birth, visits, assessments }: Story): Entry[] {
  const subject = { reference: `Patient/${id}` }
  return [
    { resourceType: 'Patient', id, birthDate: birth },
    ...visits.flatMap(
      ({ from, to, by = 'reason', code = 'F33.1', status = 'finished', class: setting = 'AMB' }, at) => {
        const condition: Entry = {
          resourceType: 'Condition',
          id: `${id}-c${at}`,
          subject,
          code: coded(ICD10, code),
        }
        const encounter: Entry = {
          resourceType: 'Encounter',
          id: `${id}-v${at}`,
          status,
          class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: setting },
          subject,
          period: { start: from, end: to ?? from },
          ...(by === 'reason' || by === 'both' ? { reasonCode: [coded(ICD10, code)] } : {}),
          ...(by === 'diagnosis' || by === 'both'
            ? { diagnosis: [{ condition: { reference: `Condition/${condition.id}` } }] }
            : {}),
        }
        return [condition, encounter]
      },
    ),
    ...assessments.map(
      ({ at, as = 'procedure', code, status, isEmpty }, place): Entry =>
        as === 'procedure'
          ? {
              resourceType: 'Procedure',
              id: `${id}-a${place}`,
              status: status ?? 'completed',
              subject,
              code: coded(SNOMED, code ?? '225337009'),
              performedDateTime: at,
            }
          : {
              resourceType: 'Observation',
              id: `${id}-a${place}`,
              status: status ?? 'final',
              subject,
              code: coded(LOINC, code ?? '93374-7'),
              effectiveDateTime: at,
              ...(isEmpty === true
                ? { dataAbsentReason: { text: 'an answer is missing' } }
                : { valueCodeableConcept: { text: 'Low' } }),
            },
    ),
  ]
}

t.test('every story of the cohort', async (t) => {
  const server = await startPractice(t)
  const stories = Object.entries(STORIES)
  const expected = new Map(stories.map(([id, story]) => [id, count(story)]))
  await put(
    server,
    stories.flatMap(([id, story]) => resourcesOf(id, story)),
  )

  t.ok(
    [...expected.values()].some(({ groups }) => groups[0]?.['denominator'] === 3),
    'several visits of one',
  )
  await holdsTo(t, {
    server,
    measure: 'suicide-risk-assessment-major-depression',
    period: 'periodStart=2025-01-01&periodEnd=2025-12-31',
    expected,
  })
})
