// A practice on a whole server: the Measures that ship, patients put into it, and reports asked of it.
import { readdirSync, readFileSync } from 'node:fs'
import { startSqliteServer, type TestServer } from '../../rest/server.ts'

const SHIPPED = new URL('../../../profiles/measures/', import.meta.url)

export const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm'
export const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
export const LOINC = 'http://loinc.org'
export const SNOMED = 'http://snomed.info/sct'
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'

export type Entry = Record<string, unknown> & { resourceType: string; id: string }

/** With all that ships of measures in its store. */
export async function startPractice(t: { teardown(work: () => unknown): void }): Promise<TestServer> {
  const server = await startSqliteServer(t)
  await putShipped(server)
  return server
}

/** Puts all that ships of measures. */
export async function putShipped(server: Pick<TestServer, 'ask'>): Promise<void> {
  const shipped = readdirSync(SHIPPED).map(
    (file) => JSON.parse(readFileSync(new URL(file, SHIPPED), 'utf8')) as Entry,
  )
  await put(server, shipped)
}

/** Puts resources in their order, which is that in which they come to be. */
export async function put(server: Pick<TestServer, 'ask'>, resources: readonly Entry[]): Promise<void> {
  for (let from = 0; from < resources.length; from += 400) {
    const entry = resources.slice(from, from + 400).map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }))
    const reply = await server.ask('POST ', { resourceType: 'Bundle', type: 'transaction', entry })
    if (reply.status !== 200) throw new Error(reply.text)
  }
}

export function coded(system: string, code: string) {
  return { coding: [{ system, code }] }
}

// oxlint-disable-next-line no-explicit-any -- reports are looked into as they come
export type Report = any

export async function evaluate(
  server: Pick<TestServer, 'ask'>,
  measure: string,
  query: string,
): Promise<Report> {
  const reply = await server.ask(`GET Measure/${measure}/$evaluate-measure?${query}`)
  if (reply.status !== 200) throw new Error(reply.text)
  return reply.json
}

/** Of each group of a report, the count of each population by its code. */
export function countsOf(report: Report): Record<string, number>[] {
  return report.group.map(populationCounts)
}

export function populationCounts(group: Report): Record<string, number> {
  return Object.fromEntries(
    group.population.map((one: Report) => [one.code.coding[0].code, one.count] as const),
  )
}

/** Of each group, the patients of each population by its code, in order. */
export function subjectsOf(report: Report): Record<string, string[]>[] {
  const lists = new Map<string, string[]>(
    report.contained.map((list: Report) => [
      `#${list.id}`,
      (list.entry ?? []).map(({ item }: Report) => item.reference.slice('Patient/'.length)).toSorted(),
    ]),
  )
  return report.group.map((group: Report) =>
    Object.fromEntries(
      group.population.map((one: Report) => [
        one.code.coding[0].code,
        lists.get(one.subjectResults.reference),
      ]),
    ),
  )
}

/** Of a group, each stratum's counts by its text. */
export function strataOf(group: Report): Record<string, Record<string, number>> {
  return Object.fromEntries(
    (group.stratifier[0].stratum ?? []).map((one: Report) => [one.value.text, populationCounts(one)]),
  )
}
