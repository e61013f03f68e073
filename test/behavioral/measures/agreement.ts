// Holds the reports of a Measure to a count by hand: of each patient, of the lists, of the sums and the strata.
import type t from 'tap'
import type { TestServer } from '../../rest/server.ts'
import { countsOf, evaluate, strataOf, subjectsOf, type Report } from './practice.ts'

/** Of one patient, of each group of the Measure: how often they count in each population; and their stratum. */
export interface HandCount {
  readonly groups: readonly Readonly<Record<string, number>>[]
  readonly stratum?: string
}

interface Agreement {
  readonly server: TestServer
  readonly measure: string
  readonly period: string
  /** By the id of the patient. */
  readonly expected: ReadonlyMap<string, HandCount>
}

type Assertions = Pick<typeof t, 'same' | 'equal' | 'ok'>

export async function holdsTo(
  t: Assertions,
  { server, measure, period, expected }: Agreement,
): Promise<void> {
  const ask = (query: string): Promise<Report> => evaluate(server, measure, `${period}${query}`)
  for (const [id, { groups }] of expected) {
    const report = await ask(`&subject=Patient/${id}`)
    t.equal(report.type, 'individual', id)
    t.same(countsOf(report), groups, id)
    t.equal(report.subject.reference, `Patient/${id}`)
  }

  const first = [...expected.values()][0] as HandCount
  const inside = [...expected].filter(([, { groups }]) =>
    groups.some((it) => (it['initial-population'] ?? 0) > 0),
  )
  const sums = first.groups.map((group, at) =>
    Object.fromEntries(Object.keys(group).map((code) => [code, sum(inside, at, code)])),
  )
  const summary = await ask('')
  t.equal(summary.type, 'summary')
  t.same(countsOf(summary), sums, 'sums of the individuals')
  for (const [at, group] of summary.group.entries())
    t.equal(group.measureScore?.value, scoreOf(sums[at] ?? {}))

  const list = await ask('&reportType=subject-list')
  t.equal(list.type, 'subject-list')
  t.same(countsOf(list), sums)
  t.same(
    subjectsOf(list),
    first.groups.map((group, at) =>
      Object.fromEntries(
        Object.keys(group).map((code) => [
          code,
          inside
            .filter(([, { groups }]) => (groups[at]?.[code] ?? 0) > 0)
            .map(([id]) => id)
            .toSorted(),
        ]),
      ),
    ),
    'who is counted',
  )

  if (first.stratum !== undefined || inside.some(([, { stratum }]) => stratum !== undefined)) {
    for (const [at, group] of summary.group.entries()) {
      const strata = new Map<string, [string, HandCount][]>()
      for (const one of inside) {
        const name = one[1].stratum ?? 'unknown'
        strata.set(name, [...(strata.get(name) ?? []), one])
      }
      t.same(
        strataOf(group),
        Object.fromEntries(
          [...strata].map(([name, members]) => [
            name,
            Object.fromEntries(
              Object.keys(first.groups[at] ?? {}).map((code) => [code, sum(members, at, code)]),
            ),
          ]),
        ),
        'strata',
      )
    }
  }

  const each = await ask('&reportType=subject')
  t.equal(each.resourceType, 'Bundle')
  t.same(
    each.entry.map(({ resource }: Report) => resource.subject.reference.slice('Patient/'.length)).toSorted(),
    inside.map(([id]) => id).toSorted(),
    'a report of each who is in an initial population',
  )
  for (const { resource } of each.entry)
    t.same(countsOf(resource), expected.get(resource.subject.reference.slice('Patient/'.length))?.groups)
  for (const report of [summary, list, each.entry[0].resource]) {
    const kept = await server.ask('POST MeasureReport', report)
    t.equal(kept.status, 201, kept.text.slice(0, 500))
  }
}

function sum(of: readonly (readonly [string, HandCount])[], at: number, code: string): number {
  return of.reduce((total, [, { groups }]) => total + (groups[at]?.[code] ?? 0), 0)
}

function scoreOf(counts: Readonly<Record<string, number>>): number | undefined {
  const denominator = (counts['denominator'] ?? 0) - (counts['denominator-exclusion'] ?? 0)
  return denominator === 0 ? undefined : (counts['numerator'] ?? 0) / denominator
}
