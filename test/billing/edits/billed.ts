// Claims without fault, each with the visit, the notes and the Provenance behind it, to break on purpose.
import { claimOf, provenanceOf } from '../../../src/billing/claims/index.ts'
import {
  BILLING_TASKS,
  checkClaim,
  fhirMoney,
  madeName,
  quantityTimesToTheCent,
  readMoney,
  type ClaimPlan,
  type Coding,
  type Finding,
} from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import {
  type BillingWorld,
  billingWorld,
  clinic,
  coded,
  coverage,
  DAY,
  NOW,
  note,
  patient,
  payer,
  PLACES,
  practice,
  priced,
  priceOf,
  resource,
  therapist,
  visit,
} from '../practice.ts'
import { codeOf, definitionOf, EXTENSION, shipped } from '../rules/services.ts'

/** Tests break resources as they like. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Any = any

export interface BilledCase {
  /** Of `practice`, each with its own id, instead of those of the practice. */
  readonly overrides: Any[]
  readonly visits: Any[]
  readonly notes: Any[]
  readonly claim: Any
  readonly provenance: Any
  /** Other resources: claims, authorizations, packs. Stored before the claim. */
  readonly others: Any[]
  /** Stored after the claim and its Provenance, in turn. */
  readonly later: Any[]
}

export interface LineMade {
  readonly code: string
  readonly units?: number
  readonly modifiers?: readonly string[]
  readonly place?: string
  readonly day?: string
  readonly revenue?: string
  readonly unit?: 'UN' | 'DA'
}

export interface CaseMade {
  readonly id?: string
  readonly type?: 'professional' | 'institutional'
  readonly lines?: readonly LineMade[]
  readonly modality?: 'in-person' | 'video' | 'audio'
  readonly authorizations?: readonly string[]
  readonly day?: string
  /** Of a stay: a note of each of these days. */
  readonly noted?: readonly string[]
  /** Of the visit; another takes part in the same day's care. */
  readonly visitId?: string
}

const REVENUE = 'https://www.nubc.org/CodeSystem/RevenueCodes'
const PCT = 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType'
const CARIN = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType'
const NUBC = 'https://www.nubc.org/CodeSystem'

const modifier = (code: string): Coding => ({ system: 'http://www.ama-assn.org/go/cpt', code })

/** A claim as the generator would make it, with all that stands behind it. */
export function billedCase(made: CaseMade = {}): BilledCase {
  const { id = 'c1', type = 'professional', day = DAY, noted, visitId = `v-${id}` } = made
  const { modality = 'in-person', authorizations = [], lines = [{ code: '90834' }] } = made
  const lastDay = lines
    .map((line) => line.day ?? day)
    .toSorted()
    .at(-1) as string
  const plan: ClaimPlan = {
    type,
    source: `Encounter/${visitId}`,
    period: { start: day, end: lastDay },
    parties: {
      patient: patient(),
      coverage: coverage(),
      payer: payer(),
      provider: clinic(),
      careTeam: [
        {
          resource: therapist(),
          role: type === 'professional' ? 'rendering' : 'attending',
          taxonomy: { system: 'http://nucc.org/provider-taxonomy', code: '1041C0700X' },
        },
      ],
    },
    diagnoses: [
      { code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F33.1' }, type: 'principal' },
      { code: { system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F41.1' }, type: 'secondary' },
    ],
    lines: lines.map((line) => {
      const { code, units = 1, modifiers = [], place = '11', revenue, unit = 'UN' } = line
      const unitPrice = readMoney(priceOf(code), 'price')
      return {
        line: {
          code: { ...codeOf(code), display: 'A service' },
          modifiers: modifiers.map(modifier),
          units,
          ...(revenue === undefined ? {} : { revenue: { system: REVENUE, code: revenue } }),
          place: { system: PLACES, code: place },
          rule: `https://alcove.health/fhir/ChargeItemDefinition/${code}|1.0.0`,
          service: 0,
        },
        date: line.day ?? day,
        unitPrice,
        net: quantityTimesToTheCent(unitPrice, String(units), 'quantity'),
        encounters: [`Encounter/${visitId}`],
        diagnoses: [1, 2],
        careTeam: [1],
        unit,
      }
    }),
    information: type === 'professional' ? professional() : institutional(day),
    authorizations: [...authorizations],
    madeOf: [`DocumentReference/note-${visitId}/_history/1`, `Encounter/${visitId}/_history/1`],
    labels: [],
  }
  const as = { name: madeName('claim', id), now: NOW }
  const claim: Any = { ...claimOf(plan, as), id }
  const provenance: Any = {
    ...provenanceOf(plan, as),
    id: `prov-${id}`,
    target: [{ reference: `Claim/${id}` }],
  }
  const about: Any =
    noted === undefined
      ? visit(visitId, { day, modality })
      : visit(visitId, {
          day,
          modality,
          more: { period: { start: `${day}T10:00:00-06:00`, end: `${lastDay}T18:00:00-06:00` } },
        })
  const notes: Any[] =
    noted === undefined
      ? [note(visitId, 'p1', { date: `${day}T11:30:00-06:00` })]
      : noted.map((date, at) =>
          note(visitId, 'p1', {
            id: at === 0 ? `note-${visitId}` : `note-${visitId}-${at}`,
            date: `${date}T17:00:00-06:00`,
          }),
        )
  return { overrides: [], visits: [about], notes, claim, provenance, others: [], later: [] }
}

function professional() {
  return [{ category: coded(PCT, 'claimFrequency'), code: coded(`${NUBC}/TypeOfBill`, '1') }]
}

function institutional(day: string) {
  return [
    { category: coded(PCT, 'typeofbill'), code: coded(`${NUBC}/TypeOfBill`, '0861') },
    { category: coded(PCT, 'admtype'), code: coded(`${NUBC}/PriorityTypeOfAdmitOrVisit`, '3') },
    { category: coded(PCT, 'pointoforigin'), code: coded(`${NUBC}/PointOfOrigin`, '1') },
    { category: coded(CARIN, 'discharge-status'), code: coded(`${NUBC}/PatDischargeStatus`, '01') },
    { category: coded(CARIN, 'admissionperiod'), timingPeriod: { start: `${day}T10:00:00-06:00` } },
  ]
}

/** Three days by the bed. */
export function stay(made: CaseMade = {}): BilledCase {
  const days = ['2026-03-02', '2026-03-03', '2026-03-04']
  return billedCase({
    type: 'institutional',
    lines: days.map((day) => ({ code: 'H0018', day, revenue: '1002', unit: 'DA', place: '55' })),
    noted: days,
    ...made,
  })
}

/** The total as the sum of the lines that there are now. */
export function summed(claim: Any): void {
  const nets = (claim.item as Any[]).map(({ net }) => BigInt(Math.round(net.value * 10_000)))
  claim.total = fhirMoney(nets.reduce((sum, net) => sum + net, 0n) as never)
}

/** Another claim that stands beside it, with its own visit and note. */
export function beside(made: CaseMade): Any[] {
  const other = billedCase(made)
  return [...other.visits, ...other.notes, other.claim]
}

/** A definition of a payer's own for a code, with more extensions. */
export function pack(code: string, extensions: readonly object[], more: object = {}): Any {
  const shipped: Any = priced(definitionOf(code), priceOf(code))
  return {
    ...shipped,
    id: `pack-${code}`,
    url: `https://example.org/ChargeItemDefinition/pack-${code}`,
    useContext: ofPayer(),
    extension: [...shipped.extension, ...extensions],
    ...more,
  }
}

/** A definition of a payer's own for all services. */
export function packOfAll(extensions: readonly object[]): Any {
  return resource({
    resourceType: 'ChargeItemDefinition',
    id: 'pack-all',
    url: 'https://example.org/ChargeItemDefinition/pack-all',
    version: '1',
    status: 'active',
    useContext: ofPayer(),
    extension: extensions,
  })
}

function ofPayer() {
  return [
    {
      code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
      valueReference: { reference: 'Organization/payer1' },
    },
  ]
}

export const extension = (name: string, parts: Readonly<Record<string, unknown>>): object => ({
  url: EXTENSION + name,
  extension: Object.entries(parts).map(([key, value]) => {
    const [url, type] = key.split(':')
    return { url, [`value${type}`]: value }
  }),
})

/** What a payer authorized, as a practice stores it: the request and the answer. */
export function authorization(made: {
  readonly number?: string
  readonly code?: string
  readonly units?: number
  readonly period?: object
}): Any[] {
  const { number = 'A1', code = '90834', units, period = { start: '2026-01-01', end: '2026-12-31' } } = made
  const head = {
    status: 'active',
    type: coded('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
    use: 'preauthorization',
    patient: { reference: 'Patient/p1' },
    created: '2026-01-01',
    insurer: { reference: 'Organization/payer1' },
  }
  return [
    resource({
      resourceType: 'Claim',
      id: `asked-${number}`,
      ...head,
      provider: { reference: 'Organization/clinic1' },
      priority: coded('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
      item: [{ sequence: 1, productOrService: { coding: [codeOf(code)] } }],
    }),
    resource({
      resourceType: 'ClaimResponse',
      id: `answer-${number}`,
      ...head,
      request: { reference: `Claim/asked-${number}` },
      outcome: 'complete',
      preAuthRef: number,
      preAuthPeriod: period,
      item: [
        {
          itemSequence: 1,
          adjudication: [
            {
              category: coded('https://alcove.health/fhir/CodeSystem/billing-terms', 'authorized-units'),
              ...(units === undefined ? {} : { value: units }),
            },
          ],
        },
      ],
    }),
  ]
}

/** The Task of a claim that was sent. */
export function sentTask(claimId: string, on: string): Any {
  return resource({
    resourceType: 'Task',
    id: `sent-${claimId}`,
    status: 'in-progress',
    intent: 'order',
    code: coded(BILLING_TASKS, 'claim-submission'),
    businessStatus: coded(BILLING_TASKS, 'sent'),
    focus: { reference: `Claim/${claimId}` },
    authoredOn: `${on}T12:00:00Z`,
  })
}

/** Puts all of this into the practice. */
export async function putCase(world: BillingWorld, made: BilledCase): Promise<void> {
  const { overrides, visits, notes, others, claim, provenance, later } = made
  await world.put(...lastOfEach([editsCodeSystem, ...overrides, ...visits, ...notes, ...others, claim]))
  if (provenance !== undefined) {
    for (const { what } of provenance.entity) {
      const [type, id] = what.reference.split('/')
      const { meta }: Any = await world.read(type, id)
      what.reference = `${type}/${id}/_history/${meta.versionId}`
    }
    await world.put(provenance)
  }
  for (const one of later) await world.put(one)
}

/** Leaves the practice as it was. */
async function takeCase(world: BillingWorld, made: BilledCase): Promise<void> {
  const { overrides, visits, notes, others, claim, provenance, later } = made
  const put = lastOfEach([...overrides, ...visits, ...notes, ...others, claim, provenance, ...later])
  const before = new Map(practice.map((one) => [keyOf(one), one]))
  const gone = put.filter((one) => !before.has(keyOf(one)))
  const changed = put.flatMap((one) => before.get(keyOf(one)) ?? [])
  if (changed.length > 0) await world.put(...changed)
  await world.repository.transaction(
    gone.map((one, entry) => ({ kind: 'delete', target: { type: one.resourceType, id: one.id }, entry })),
  )
}

const keyOf = (one: Any): string => `${one.resourceType}/${one.id}`

const editsCodeSystem = shipped.find(({ id }) => id === 'claim-edits')

function lastOfEach(resources: readonly Any[]): Any[] {
  const there = resources.filter((one) => one !== undefined)
  const byKey = new Map(there.map((one) => [keyOf(one), withoutUndefined(one)]))
  return [...byKey.values()]
}

function withoutUndefined(one: Any): Any {
  return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined))
}

let shared: Promise<BillingWorld> | undefined

/** In a practice that is otherwise without fault. */
export async function findingsOf(made: BilledCase, now = NOW): Promise<readonly Finding[]> {
  shared ??= billingWorld()
  const world = await shared
  await putCase(world, made)
  const claim = await world.read('Claim', String(made.claim.id))
  const findings = await checkClaim(world.view(), world.parts, claim, now)
  await takeCase(world, made)
  return findings
}

export function edits(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map(({ edit }) => edit))].toSorted()
}

export type { Resource }
