// Courses of any Observations, and for any caller, against a naive second reading of the same list.
import fc from 'fast-check'
import t from 'tap'
import type { JsonObject } from '../../src/fhir/index.ts'
import { runs } from '../runs.ts'
import { foundIn, outcomesServer, PHQ_9_TOTAL } from './outcomes-server.ts'

const RESTRICTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
const DATES = [
  '2023',
  '2024-01',
  '2024-01-15',
  '2024-01-31T23:30:00-05:00',
  '2024-02-01T00:10:00+10:00',
  '2024-02-29',
  '2024-03-01T12:00:00Z',
  undefined,
] as const

interface Told {
  readonly date: (typeof DATES)[number]
  readonly value: number
  readonly status: string
  readonly isHidden: boolean
  readonly isCode: boolean
}

const told: fc.Arbitrary<Told> = fc.record({
  date: fc.constantFrom(...DATES),
  value: fc.integer({ min: -2, max: 30 }),
  status: fc.constantFrom('final', 'amended', 'corrected', 'preliminary', 'entered-in-error', 'cancelled'),
  isHidden: fc.boolean(),
  isCode: fc.constantFrom(true, true, true, false),
})

function resourceOf({ date, value, status, isHidden, isCode }: Told, index: number): JsonObject {
  return {
    resourceType: 'Observation',
    id: `o${index}`,
    ...(isHidden ? { meta: { security: [RESTRICTED] } } : {}),
    status,
    code: { coding: [isCode ? PHQ_9_TOTAL : { ...PHQ_9_TOTAL, system: 'urn:other' }] },
    subject: { reference: 'Patient/p' },
    ...(date === undefined ? {} : { effectiveDateTime: date }),
    valueInteger: value,
    issued: new Date(Date.UTC(2024, 5, 1, 0, index)).toISOString(),
  }
}

/** In the order of their instants, then of their issue. */
function naive(
  all: readonly Told[],
  sees: (one: Told) => boolean,
  [start, end]: readonly [string, string],
): readonly string[] {
  const begins = (date: string): string =>
    date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date
  return all
    .map((one, index) => ({ ...one, index }))
    .filter((one) => sees(one) && one.isCode && !['entered-in-error', 'cancelled'].includes(one.status))
    .filter(({ value, date }) => value >= 0 && value <= 27 && date !== undefined)
    .filter(({ date = '' }) => begins(date).slice(0, 10) >= start && begins(date).slice(0, 10) <= end)
    .toSorted(
      (a, b) => Date.parse(begins(a.date ?? '')) - Date.parse(begins(b.date ?? '')) || a.index - b.index,
    )
    .map(({ index, value }) => `Observation/o${index} ${value}`)
}

t.test('any Observations', async (t) => {
  const server = await outcomesServer(t)
  const window = fc.constantFrom<readonly [string, string]>(
    ['0000', '9999'],
    ['2024-01-31', '2024-02-01'],
    ['2024-01-01', '2024-01-31'],
    ['2024-02-01', '2024-12-31'],
  )
  let written = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(told, { maxLength: 12 }),
      window,
      fc.boolean(),
      async (all, [start, end], seesAll) => {
        const gone = Array.from({ length: Math.max(0, written - all.length) }, (_, index) => ({
          request: { method: 'DELETE', url: `Observation/o${all.length + index}` },
        }))
        const put = all.map((one, index) => ({
          request: { method: 'PUT', url: `Observation/o${index}` },
          resource: resourceOf(one, index),
        }))
        written = all.length
        const entry = [...gone, ...put]
        const reply = await server.ask('POST /fhir', { resourceType: 'Bundle', type: 'transaction', entry })
        if (reply.status !== 200) throw new Error(reply.text)
        const caller = seesAll
          ? server
          : server.seenBy({ anyOf: [{ types: '*', patients: '*', withoutLabels: [RESTRICTED] }] })
        const dates = start === '0000' ? '' : `?start=${start}&end=${end}`
        const found = foundIn(await caller.ask(`GET Patient/p/$outcomes${dates}`))
        const [score] = found.all('instrument').flatMap((one) => found.all('score', one))
        const points = (score === undefined ? [] : found.all('point', score)).map(
          (point) =>
            `${(found.value('observation', point) as { reference: string }).reference} ${String(found.value('value', point))}`,
        )
        const expected = naive(all, ({ isHidden }) => seesAll || !isHidden, [start, end])
        t.same(points, expected)
        const valueOf = (line: string | undefined): number => Number(line?.split(' ')[1])
        const [change] = score === undefined ? [] : found.all('change', score)
        t.equal(
          change === undefined ? undefined : found.value('points', change),
          expected.length < 2 ? undefined : valueOf(expected.at(-1)) - valueOf(expected[0]),
        )
      },
    ),
    runs(40),
  )
})
