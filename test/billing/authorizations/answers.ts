// Requests for authorization, answers to them and claims that use them, for the tests of the ledger.
import type { Resource } from '../../../src/fhir/index.ts'
import { SYSTEMS } from '../../../src/billing/systems.ts'
import { coded, resource } from '../practice.ts'

export const TERMS = 'https://alcove.health/fhir/CodeSystem/billing-terms'
export const X12 = 'https://codesystem.x12.org/005010'
const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-'

export interface AskedItem {
  readonly code?: string
  readonly revenue?: string
  readonly quantity?: number
}

export function asking(id: string, items: readonly AskedItem[], more: object = {}): Resource {
  return resource({
    resourceType: 'Claim',
    id,
    status: 'active',
    type: coded(SYSTEMS.claimType, 'professional'),
    use: 'preauthorization',
    patient: { reference: 'Patient/p1' },
    created: '2026-01-02',
    insurer: { reference: 'Organization/payer1' },
    provider: { reference: 'Organization/clinic1' },
    priority: coded(SYSTEMS.priority, 'normal'),
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
    item: items.map(({ code, revenue, quantity }, at) => ({
      sequence: at + 1,
      ...(revenue === undefined ? {} : { revenue: coded(SYSTEMS.revenue, revenue) }),
      productOrService:
        code === undefined
          ? coded('http://terminology.hl7.org/CodeSystem/data-absent-reason', 'not-applicable')
          : coded(SYSTEMS.cpt, code),
      ...(quantity === undefined ? {} : { quantity: { value: quantity } }),
    })),
    ...more,
  })
}

export interface AnsweredItem {
  readonly units?: number
  readonly action?: string
  readonly number?: string
  readonly period?: { readonly start: string; readonly end: string }
  readonly sequence?: number
}

export function answering(
  id: string,
  request: string | undefined,
  number: string | undefined,
  items: readonly AnsweredItem[] = [],
  more: object = {},
): Resource {
  return resource({
    resourceType: 'ClaimResponse',
    id,
    status: 'active',
    type: coded(SYSTEMS.claimType, 'professional'),
    use: 'preauthorization',
    patient: { reference: 'Patient/p1' },
    created: '2026-01-03',
    insurer: { reference: 'Organization/payer1' },
    ...(request === undefined ? {} : { request: { reference: `Claim/${request}` } }),
    outcome: 'complete',
    ...(number === undefined ? {} : { preAuthRef: number }),
    preAuthPeriod: { start: '2026-01-01', end: '2026-06-30' },
    ...(items.length === 0 ? {} : { item: items.map(answeredItem) }),
    ...more,
  })
}

function answeredItem({ units, action, number, period, sequence }: AnsweredItem, at: number) {
  const review = {
    url: `${PAS}reviewAction`,
    extension: [
      { url: `${PAS}reviewActionCode`, valueCodeableConcept: coded(`${X12}/306`, action ?? '') },
      ...(number === undefined ? [] : [{ url: 'number', valueString: number }]),
    ],
  }
  return {
    ...(period === undefined ? {} : { extension: [{ url: `${PAS}itemPreAuthPeriod`, valuePeriod: period }] }),
    itemSequence: sequence ?? at + 1,
    adjudication: [
      {
        ...(action === undefined ? {} : { extension: [review] }),
        category: coded('http://terminology.hl7.org/CodeSystem/adjudication', 'submitted'),
      },
      ...(units === undefined ? [] : [{ category: coded(TERMS, 'authorized-units'), value: units }]),
    ],
  }
}

export interface UsingItem {
  readonly code?: string
  readonly revenue?: string
  readonly units?: number
  readonly day?: string
}

export function using(
  id: string,
  numbers: readonly string[],
  items: readonly UsingItem[],
  more: object = {},
): Resource {
  return resource({
    ...asking(id, items),
    use: 'claim',
    insurance: [
      {
        sequence: 1,
        focal: true,
        coverage: { reference: 'Coverage/cov1' },
        ...(numbers.length === 0 ? {} : { preAuthRef: [...numbers] }),
      },
    ],
    item: items.map(({ code, revenue, units, day = '2026-03-02' }, at) => ({
      sequence: at + 1,
      ...(revenue === undefined ? {} : { revenue: coded(SYSTEMS.revenue, revenue) }),
      productOrService: coded(SYSTEMS.cpt, code ?? 'none'),
      servicedDate: day,
      ...(units === undefined ? {} : { quantity: { value: units } }),
    })),
    ...more,
  })
}

/** Elements of a claim that takes the place of another (7), or voids it (8). */
export function instead(of: string, frequency: '7' | '8'): object {
  return {
    supportingInfo: [
      {
        sequence: 1,
        category: coded(
          'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType',
          'claimFrequency',
        ),
        code: coded('https://www.nubc.org/CodeSystem/TypeOfBill', frequency),
      },
    ],
    related: [{ claim: { reference: `Claim/${of}` }, relationship: coded(SYSTEMS.relatedClaim, 'prior') }],
  }
}
