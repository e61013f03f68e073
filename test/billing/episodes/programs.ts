// Residents, day programs, weeks and months of the practice of the tests, short to write down.
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import {
  ACT_CODE,
  billingServer,
  type BillingServer,
  coded,
  condition,
  KINDS,
  note,
  NOW,
  resource,
  site,
  therapist,
  visit,
  NUCC,
  type Visit,
} from '../practice.ts'
import { shipped } from '../rules/services.ts'

export const LEVELS = 'https://alcove.health/fhir/CodeSystem/levels-of-care'
export const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm'
export const SNOMED = 'http://snomed.info/sct'
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType'
const DISPOSITION = 'http://terminology.hl7.org/CodeSystem/discharge-disposition'

export interface Episode {
  readonly id?: string
  readonly start?: string
  readonly end?: string
  /** Of CodeSystem/levels-of-care. */
  readonly level?: string
  /** Of CodeSystem/billable-services. */
  readonly service?: string
  readonly more?: object
}

export function episode({ id = 'ep1', start = '2026-03-03', end, level, service, more }: Episode): Resource {
  const made = resource({
    resourceType: 'EpisodeOfCare',
    id,
    status: end === undefined ? 'active' : 'finished',
    type: [
      ...(level === undefined ? [] : [coded(LEVELS, level)]),
      ...(service === undefined ? [] : [coded(KINDS, service)]),
    ],
    diagnosis: [
      {
        condition: { reference: 'Condition/dep' },
        role: coded('http://terminology.hl7.org/CodeSystem/diagnosis-role', 'billing'),
        rank: 1,
      },
    ],
    patient: { reference: 'Patient/p1' },
    managingOrganization: { reference: 'Organization/clinic1' },
    careManager: { reference: 'Practitioner/physician1' },
    period: { start, ...(end === undefined ? {} : { end }) },
    ...more,
  })
  return withoutEmpty(made)
}

export const physician = (): Resource =>
  therapist('physician1', {
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999984' }],
    name: [{ family: 'Okafor', given: ['Ben'] }],
    qualification: [{ code: coded(NUCC, '2084P0802X') }],
  })

/** With the place of service of each kind of house. */
export const houses: readonly Resource[] = [
  physician(),
  site('house', '55'),
  site('program', '52'),
  site('opioid', '58'),
  condition('opi', 'F11.20'),
]

export interface StayOf {
  readonly id?: string
  readonly start?: string
  readonly end?: string
  readonly disposition?: string
  readonly more?: object
}

/** An inpatient Encounter, finished where it has an end. */
export function stay(
  of: string,
  { id = 'stay1', start = '2026-03-03T10:00:00-06:00', end, disposition = 'home', more }: StayOf = {},
): Resource {
  const made = resource({
    resourceType: 'Encounter',
    id,
    status: end === undefined ? 'in-progress' : 'finished',
    class: { system: ACT_CODE, code: 'IMP' },
    priority: coded('http://terminology.hl7.org/CodeSystem/v3-ActPriority', 'EL'),
    subject: { reference: 'Patient/p1' },
    episodeOfCare: [{ reference: `EpisodeOfCare/${of}` }],
    participant: [
      { type: [coded(PARTICIPATION, 'ATND')], individual: { reference: 'Practitioner/physician1' } },
    ],
    period: { start, ...(end === undefined ? {} : { end }) },
    location: [{ location: { reference: 'Location/house' } }],
    serviceProvider: { reference: 'Organization/clinic1' },
    ...(end === undefined
      ? {}
      : { hospitalization: { dischargeDisposition: coded(DISPOSITION, disposition) } }),
    ...more,
  })
  return withoutEmpty(made)
}

/** Signed notes of the days of a stay. */
export function dailyNotes(of: string, days: readonly string[]): Resource[] {
  return days.map((day) =>
    note(of, 'p1', {
      id: `note-${of}-${day}`,
      date: `${day}T20:00:00-06:00`,
    }),
  )
}

export function daysFrom(first: string, last: string): string[] {
  const days: string[] = []
  for (let at = Date.parse(first); at <= Date.parse(last); at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10))
  return days
}

/** A visit in an episode, with its note. */
export function attended(of: string, id: string, day: string, made: Visit = {}): Resource[] {
  const { more, ...rest } = made
  return [
    visit(id, {
      day,
      kinds: [],
      location: 'program',
      ...rest,
      more: { episodeOfCare: [{ reference: `EpisodeOfCare/${of}` }], diagnosis: [], ...more },
    }),
    note(id, made.of ?? 'p1', { date: `${day}T18:00:00-06:00` }),
  ].map(withoutEmpty)
}

function withoutEmpty(one: Resource): Resource {
  const kept = Object.entries(one).filter(
    ([, value]) => value !== undefined && (!Array.isArray(value) || value.length > 0),
  )
  return Object.fromEntries(kept) as Resource
}

/** The 837 of a stored claim. */
export async function x12Of(server: BillingServer, id: string): Promise<string> {
  const reply = await server.ask(`GET Claim/${id}/$x12`, undefined, { accept: 'application/edi-x12' })
  return reply.text
}

/** A dose: methadone by mouth, unless it is said. */
export function dose(id: string, day: string, drug = '6813', more: JsonObject = {}): Resource {
  return resource({
    resourceType: 'MedicationAdministration',
    id,
    status: 'completed',
    medicationCodeableConcept: coded(RXNORM, drug),
    subject: { reference: 'Patient/p1' },
    effectiveDateTime: `${day}T07:30:00-06:00`,
    dosage: { route: coded(SNOMED, '26643006'), dose: { value: 60, unit: 'mg' } },
    ...more,
  })
}

export function takeHome(id: string, day: string, days: number, drug = '6813'): Resource {
  return resource({
    resourceType: 'MedicationDispense',
    id,
    status: 'completed',
    medicationCodeableConcept: coded(RXNORM, drug),
    subject: { reference: 'Patient/p1' },
    daysSupply: { value: days, unit: 'days' },
    whenHandedOver: `${day}T08:00:00-06:00`,
  })
}

/** Maps that ship, and the houses. */
export const programParts: readonly Resource[] = [
  ...shipped.filter(({ resourceType }) => resourceType === 'ConceptMap'),
  ...houses,
]

/** `programParts` in a practice as a whole server, at noon of a day. */
export async function programServer(
  t: { teardown(work: () => unknown): void },
  today: string,
): Promise<BillingServer> {
  const server = await billingServer(t)
  server.tick(Date.parse(`${today}T12:00:00Z`) - NOW)
  await server.put(...programParts)
  return server
}

/** Asks for the claims of an episode; `more` are further parameters of the URL. */
export function askClaims(server: BillingServer, of: string, start: string, end: string, more = '') {
  return server.ask(`POST EpisodeOfCare/${of}/$generate-claim?start=${start}&end=${end}${more}`)
}

// oxlint-disable-next-line no-explicit-any -- any claim
type Any = any

/** `date code units`, with the revenue code where there is one. */
export function linesOf(claim: Any): readonly string[] {
  return claim.item.map((item: Any) =>
    [
      item.servicedDate.slice(5),
      ...(item.revenue === undefined ? [] : [item.revenue.coding[0].code]),
      item.productOrService.coding[0].code,
      `x${item.quantity.value}`,
    ].join(' '),
  )
}

/** Codes of supportingInfo by category. */
export function informationOf(claim: Any): Readonly<Record<string, string>> {
  return Object.fromEntries(
    claim.supportingInfo.map((one: Any) => [
      one.category.coding[0].code,
      one.code?.coding[0].code ?? `${one.timingPeriod.start ?? ''}/${one.timingPeriod.end ?? ''}`,
    ]),
  )
}

const problems = new Set(
  shipped
    .filter(({ id }) => id === 'billing-problems')
    .flatMap(({ concept }) => (concept as Any[]).map(({ code }) => code)),
)

/** `code expression` of each issue. */
export function told(outcome: Any): readonly string[] {
  return outcome.issue.map(({ details, expression }: Any) => {
    const code = details?.coding[0].code
    if (!problems.has(code)) throw new Error(`${code} is none of the billing problems that ship`)
    return `${code} ${String(expression?.[0])}`
  })
}

export function toldOf(outcome: Any, code: string): string {
  return outcome.issue.find(({ details }: Any) => details?.coding[0].code === code)?.diagnostics ?? ''
}
