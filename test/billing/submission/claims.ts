// Claims as the generator makes them, written by hand, for tests of what sends them.
import { isJsonObject, type Resource } from '../../../src/fhir/index.ts'
import { coded, DAY, ICD_10, money, NUCC, PLACES, resource } from '../practice.ts'

const CPT = 'http://www.ama-assn.org/go/cpt'
const THO = 'http://terminology.hl7.org/CodeSystem'
const PCT = 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType'
const CARIN = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType'
const NUBC = 'https://www.nubc.org/CodeSystem'

const head = (id: string, of: string, coverageId: string, day: string) => ({
  resourceType: 'Claim',
  id,
  identifier: [
    {
      type: coded(`${THO}/v2-0203`, 'PLAC'),
      system: 'https://alcove.health/fhir/NamingSystem/claim-control-number',
      value: `C${id}`.toUpperCase().replace(/[^A-Z0-9]/g, ''),
    },
  ],
  status: 'draft',
  use: 'claim',
  patient: { reference: `Patient/${of}` },
  billablePeriod: { start: day, end: day },
  created: day,
  insurer: { reference: 'Organization/payer1' },
  provider: { reference: 'Organization/clinic1' },
  priority: coded(`${THO}/processpriority`, 'normal'),
  payee: { type: coded(`${THO}/payeetype`, 'provider') },
  insurance: [{ sequence: 1, focal: true, coverage: { reference: `Coverage/${coverageId}` } }],
})

const diagnosis = (sequence: number, code: string, type: string) => ({
  sequence,
  diagnosisCodeableConcept: coded(ICD_10, code),
  type: [coded(`${THO}/diagnosistype`, type)],
})

export interface ClaimOf {
  readonly of?: string
  readonly coverage?: string
  readonly day?: string
  readonly frequency?: string
  readonly price?: string
  readonly more?: object
}

/** The same for the same claim, and another for `c2` than for `c1`: what is billed twice is refused. */
function dayOf(id: string): string {
  const days = Number(/\d+$/.exec(id)?.[0] ?? 0)
  return new Date(Date.parse(DAY) - days * 86_400_000).toISOString().slice(0, 10)
}

/** A draft: one visit of psychotherapy. */
export function professionalClaim(id: string, made: ClaimOf = {}): Resource {
  const { of = 'p1', coverage = 'cov1', day = dayOf(id), frequency = '1', price = '131.07', more } = made
  return resource({
    ...head(id, of, coverage, day),
    type: coded(`${THO}/claim-type`, 'professional'),
    facility: { reference: 'Location/site1' },
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'Practitioner/therapist1' },
        role: coded(`${THO}/claimcareteamrole`, 'rendering'),
        qualification: coded(NUCC, '1041C0700X'),
      },
    ],
    supportingInfo: [
      {
        sequence: 1,
        category: coded(PCT, 'claimFrequency'),
        code: coded(`${NUBC}/TypeOfBill`, frequency),
      },
    ],
    diagnosis: [diagnosis(1, 'F33.1', 'principal'), diagnosis(2, 'F41.1', 'secondary')],
    item: [
      {
        sequence: 1,
        careTeamSequence: [1],
        diagnosisSequence: [1, 2],
        productOrService: coded(CPT, '90834'),
        servicedDate: day,
        locationCodeableConcept: coded(PLACES, '11'),
        quantity: { value: 1, unit: 'UN' },
        unitPrice: money(price),
        net: money(price),
      },
    ],
    total: money(price),
    ...more,
  })
}

/** A draft: three days of a residential stay. */
export function institutionalClaim(id: string, made: ClaimOf = {}): Resource {
  const { of = 'p1', coverage = 'cov1', more } = made
  const coded1 = (sequence: number, category: object, code: object) => ({ sequence, category, code })
  return resource({
    ...head(id, of, coverage, DAY),
    billablePeriod: { start: '2026-03-02', end: '2026-03-04' },
    type: coded(`${THO}/claim-type`, 'institutional'),
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'PractitionerRole/role1' },
        role: coded(`${THO}/claimcareteamrole`, 'attending'),
        qualification: coded(NUCC, '1041C0700X'),
      },
    ],
    supportingInfo: [
      coded1(1, coded(PCT, 'typeofbill'), coded(`${NUBC}/TypeOfBill`, '0861')),
      coded1(2, coded(PCT, 'admtype'), coded(`${NUBC}/PriorityTypeOfAdmitOrVisit`, '3')),
      coded1(3, coded(PCT, 'pointoforigin'), coded(`${NUBC}/PointOfOrigin`, '1')),
      coded1(4, coded(CARIN, 'discharge-status'), coded(`${NUBC}/PatDischargeStatus`, '01')),
      {
        sequence: 5,
        category: coded(CARIN, 'admissionperiod'),
        timingPeriod: { start: '2026-03-02T10:00:00-06:00', end: '2026-03-05T09:00:00-06:00' },
      },
    ],
    diagnosis: [diagnosis(1, 'F33.1', 'principal'), diagnosis(2, 'F33.1', 'admitting')],
    item: ['2026-03-02', '2026-03-03', '2026-03-04'].map((day, at) => ({
      sequence: at + 1,
      revenue: coded(`${NUBC}/RevenueCodes`, '1001'),
      productOrService: coded('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'H0018'),
      servicedDate: day,
      quantity: { value: 1, unit: 'DA' },
      unitPrice: money('402.10'),
      net: money('402.10'),
    })),
    total: money('1206.30'),
    ...more,
  })
}

/** A copy with another text in place of one, wherever it stands. */
export function replaced(original: Resource, text: string, by: string): Resource {
  return JSON.parse(JSON.stringify(original).replaceAll(JSON.stringify(text), JSON.stringify(by))) as Resource
}

/** What stands at a path such as `meta.versionId` or `item.0.net`. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (one, key) =>
        Array.isArray(one) ? one[Number(key)] : isJsonObject(one as never) ? (one as never)[key] : undefined,
      value,
    )
}
