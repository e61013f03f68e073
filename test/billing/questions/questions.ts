// Questions to payers in the small practice, and files of answers as payers write them.
import {
  readAuthorizationSet,
  readInquirySet,
  readInterchanges,
  type OutgoingFile,
} from '../../../src/billing/index.ts'
import { SYSTEMS } from '../../../src/billing/systems.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { CLINIC_NPI, coded, resource } from '../practice.ts'

export const CPT = SYSTEMS.cpt

/** Twelve sessions of psychotherapy and four with the family. */
export function authorizationRequest(id: string, more: object = {}): Resource {
  return resource({
    resourceType: 'Claim',
    id,
    status: 'draft',
    type: coded(SYSTEMS.claimType, 'professional'),
    use: 'preauthorization',
    patient: { reference: 'Patient/p1' },
    billablePeriod: { start: '2026-03-01', end: '2026-08-31' },
    created: '2026-03-01',
    insurer: { reference: 'Organization/payer1' },
    provider: { reference: 'Organization/clinic1' },
    priority: coded(SYSTEMS.priority, 'normal'),
    careTeam: [
      {
        sequence: 1,
        provider: { reference: 'PractitionerRole/role1' },
        role: coded(SYSTEMS.careTeamRole, 'rendering'),
      },
    ],
    diagnosis: [
      {
        sequence: 1,
        diagnosisCodeableConcept: coded(SYSTEMS.icd10cm, 'F33.1'),
        type: [coded(SYSTEMS.diagnosisType, 'principal')],
      },
    ],
    insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/cov1' } }],
    item: [
      {
        sequence: 1,
        productOrService: coded(CPT, '90837'),
        diagnosisSequence: [1],
        servicedPeriod: { start: '2026-03-01', end: '2026-08-31' },
        quantity: { value: 12, unit: 'UN' },
      },
      {
        sequence: 2,
        productOrService: coded(CPT, '90847'),
        diagnosisSequence: [1],
        servicedPeriod: { start: '2026-03-01', end: '2026-08-31' },
        quantity: { value: 4, unit: 'UN' },
      },
    ],
    ...more,
  })
}

export function eligibilityRequest(id: string, more: object = {}): Resource {
  return resource({
    resourceType: 'CoverageEligibilityRequest',
    id,
    status: 'active',
    purpose: ['benefits', 'validation'],
    patient: { reference: 'Patient/p1' },
    servicedDate: '2026-03-05',
    created: '2026-03-04',
    provider: { reference: 'PractitionerRole/role1' },
    insurer: { reference: 'Organization/payer1' },
    insurance: [{ focal: true, coverage: { reference: 'Coverage/cov1' } }],
    ...more,
  })
}

function only({ bytes }: OutgoingFile) {
  const [interchange, ...more] = readInterchanges(Buffer.from(bytes).toString('latin1'))
  const [group, ...groups] = interchange?.groups ?? []
  const [set, ...sets] = group?.sets ?? []
  if (interchange === undefined || group === undefined || set === undefined)
    throw new Error('there is no set')
  if (more.length + groups.length + sets.length > 0) throw new Error('there is more than one set in the file')
  return { envelope: interchange.header, group, set }
}

/** What a payer reads of a 278, and of a 270. */
export function received278(file: OutgoingFile) {
  const { envelope, group, set } = only(file)
  return { envelope, group, ...readAuthorizationSet(set) }
}
export function received270(file: OutgoingFile) {
  const { envelope, group, set } = only(file)
  const { header, inquiries } = readInquirySet(set)
  const [inquiry] = inquiries
  if (inquiry === undefined || inquiries.length > 1) throw new Error('there is more than one inquiry')
  return { envelope, group, header, inquiry }
}

interface WrittenSet {
  readonly id: string
  readonly functionalCode: string
  readonly version: string
  readonly body: string
}

/** A payer's file. */
export function fileOf(sets: readonly WrittenSet[], number = 7): Buffer {
  const control = String(number).padStart(9, '0')
  const lines = sets.flatMap(({ id, functionalCode, version, body }, at) => {
    const segments = body
      .trim()
      .split('\n')
      .map((line) => line.trim())
    return [
      `GS*${functionalCode}*CLEARING*HARBOR*20260306*0930*${at + 1}*X*${version}`,
      `ST*${id}*0001*${version}`,
      ...segments,
      `SE*${segments.length + 2}*0001`,
      `GE*1*${at + 1}`,
    ]
  })
  const all = [
    `ISA*00*          *00*          *ZZ*CLEARING       *ZZ*HARBOR         *260306*0930*^*00501*${control}*0*T*:`,
    ...lines,
    `IEA*${sets.length}*${control}`,
  ]
  return Buffer.from(all.map((line) => `${line}~\n`).join(''), 'latin1')
}

export interface Told278 {
  /** TRN02 of the request; none is told without it. */
  readonly trace?: string
  /** BHT03. */
  readonly reference: string
  readonly date?: string
  /** HCR of the event, such as `A1*AUTH-1`, and segments after it. */
  readonly decision?: readonly string[]
  /** Instead of an event: AAA of the requester. */
  readonly rejected?: string
}

export function decided(told: Told278): WrittenSet {
  const { trace, reference, date = '20260306', decision = [], rejected } = told
  return {
    id: '278',
    functionalCode: 'HI',
    version: '005010X217',
    body: [
      `BHT*0007*11*${reference}*${date}*0930`,
      'HL*1**20*1',
      'NM1*X3*2*HARBOR HEALTH PLAN*****PI*60054',
      'HL*2*1*21*1',
      `NM1*1P*2*HARBOR BEHAVIORAL HEALTH*****XX*${CLINIC_NPI}`,
      ...(rejected === undefined
        ? [
            'HL*3*2*22*1',
            'NM1*IL*1*LAKE-P1*SAM****MI*MCOV1',
            'HL*4*3*EV*0',
            ...(trace === undefined ? [] : [`TRN*2*${trace}*1123456789`]),
            'UM*HS*I',
            ...decision,
          ]
        : [rejected]),
    ].join('\n'),
  }
}

export interface Told271 {
  readonly trace?: string
  readonly reference: string
  readonly date?: string
  /** EB and AAA segments of the patient. */
  readonly benefits: readonly string[]
}

export function told271({ trace, reference, date = '20260306', benefits }: Told271): WrittenSet {
  return {
    id: '271',
    functionalCode: 'HB',
    version: '005010X279A1',
    body: [
      `BHT*0022*11*${reference}*${date}*0930`,
      'HL*1**20*1',
      'NM1*PR*2*HARBOR HEALTH PLAN*****PI*60054',
      'HL*2*1*21*1',
      'NM1*1P*1*RIVERA*ANA****XX*1000000012',
      'HL*3*2*22*0',
      ...(trace === undefined ? [] : [`TRN*2*${trace}*1123456789`]),
      'NM1*IL*1*LAKE-P1*SAM****MI*MCOV1',
      ...benefits,
    ].join('\n'),
  }
}

/** A 999 of a group of one set. */
export function acknowledged(functionalCode: 'HI' | 'HS', group: number, accepted: boolean): WrittenSet {
  const [set, version] = functionalCode === 'HI' ? ['278', '005010X217'] : ['270', '005010X279A1']
  const code = accepted ? 'A' : 'R'
  return {
    id: '999',
    functionalCode: 'FA',
    version: '005010X231A1',
    body: [
      `AK1*${functionalCode}*${group}*${version}`,
      `AK2*${set}*0001*${version}`,
      ...(accepted ? [] : ['IK3*NM1*5**8', 'IK4*9*67*1']),
      `IK5*${code}`,
      `AK9*${code}*1*1*${accepted ? 1 : 0}`,
    ].join('\n'),
  }
}
