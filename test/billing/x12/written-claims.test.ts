// Claims as a practice has them, with mixed case, dots and dashes, and the segments that they must become.
import t from 'tap'
import {
  contentOf,
  readInterchanges,
  writeClaimSet,
  type ClaimBundle,
  type ClaimKind,
} from '../../../src/billing/index.ts'
import { HEADER, written837 } from './written-837.ts'
import { parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'

const coded = (system: string, code: string) => ({ coding: [{ system, code }] })
const NUBC = 'https://www.nubc.org/CodeSystem'
const THO = 'http://terminology.hl7.org/CodeSystem'
const PCT = 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType'
const CARIN = 'http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType'
const PLACE = 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set'
const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const CPT = 'http://www.ama-assn.org/go/cpt'
const NPI = 'http://hl7.org/fhir/sid/us-npi'

/** A resource with its numbers as they are written. */
const exact = (value: object) => parseJson(Buffer.from(JSON.stringify(value))) as Resource

const billingProvider = exact({
  resourceType: 'Organization',
  identifier: [
    { system: NPI, value: '1234567893' },
    { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' },
  ],
  name: 'Open Door Clinic, Inc.',
  type: [coded('http://nucc.org/provider-taxonomy', '261QM0801X')],
  address: [{ line: ['12 Elm Street', 'Suite 4'], city: 'Albany', state: 'NY', postalCode: '12201-1234' }],
})
const payer = exact({
  resourceType: 'Organization',
  identifier: [{ type: { coding: [{ code: 'payerid' }] }, value: '12345' }],
  name: 'Health Plan',
})
const patient = exact({
  resourceType: 'Patient',
  name: [
    { use: 'old', family: 'Was' },
    { use: 'nickname', family: 'Mimi' },
    { use: 'official', family: 'Núñez', given: ['María', 'José'] },
  ],
  gender: 'female',
  birthDate: '1990-02-03',
  address: [{ line: ['1 Main St #2'], city: 'Albany', state: 'NY', postalCode: '12201' }],
})
const coverage = exact({
  resourceType: 'Coverage',
  type: coded('https://codesystem.x12.org/005010/1032', 'CI'),
  subscriberId: 'MEM123',
  relationship: coded(`${THO}/subscriber-relationship`, 'self'),
  class: [{ type: coded(`${THO}/coverage-class`, 'group'), value: 'G77', name: 'Staff' }],
})
const therapist = exact({
  resourceType: 'Practitioner',
  identifier: [{ system: NPI, value: '1111111112' }],
  name: [{ family: "O'Hara", given: ['Ann'], suffix: ['Jr'] }],
})
const terms = { assignment: 'A', release: 'Y', signature: true } as const

const item = (sequence: number, more: object) => ({
  sequence,
  diagnosisSequence: [2, 1],
  productOrService: coded(CPT, '90837'),
  servicedDate: '2026-09-14',
  locationCodeableConcept: coded(PLACE, '11'),
  quantity: { value: 1 },
  net: { value: 150 },
  ...more,
})
const professionalClaim = {
  resourceType: 'Claim',
  identifier: [{ value: 'other' }, { type: coded(`${THO}/v2-0203`, 'PLAC'), value: 'C0000012345' }],
  type: coded(`${THO}/claim-type`, 'professional'),
  payee: { type: coded(`${THO}/payeetype`, 'provider') },
  careTeam: [
    {
      sequence: 1,
      role: coded(`${THO}/claimcareteamrole`, 'rendering'),
      qualification: coded('http://nucc.org/provider-taxonomy', '1041C0700X'),
    },
  ],
  supportingInfo: [
    { category: coded(PCT, 'claimFrequency'), code: coded(`${NUBC}/TypeOfBill`, '7') },
    { category: coded(`${THO}/claiminformationcategory`, 'info'), valueString: 'Keep this at home' },
  ],
  related: [
    { relationship: coded(`${THO}/ex-relatedclaimrelationship`, 'prior'), reference: { value: 'ICN9' } },
  ],
  diagnosis: [
    { sequence: 2, diagnosisCodeableConcept: coded(ICD, 'F41.1'), type: [coded('x', 'secondary')] },
    { sequence: 1, diagnosisCodeableConcept: coded(ICD, 'F33.1'), type: [coded('x', 'principal')] },
  ],
  insurance: [{ sequence: 1, focal: true, preAuthRef: ['A123456'] }],
  item: [
    item(1, { modifier: [coded(CPT, '95')], net: { value: 150.5 } }),
    item(2, {
      productOrService: coded('https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'H0004'),
      locationCodeableConcept: coded(PLACE, '02'),
      servicedDate: undefined,
      servicedPeriod: { start: '2026-09-14', end: '2026-09-15' },
      quantity: { value: 1.5, unit: 'UN' },
    }),
  ],
  total: { value: 300.5 },
}
const professional = (changes: object = {}): ClaimBundle => ({
  claim: exact({ ...professionalClaim, ...changes }),
  patient,
  coverage,
  payer,
  billingProvider,
  careTeam: { 1: therapist },
  terms,
})

const institutionalClaim = {
  ...professionalClaim,
  type: coded(`${THO}/claim-type`, 'institutional'),
  related: undefined,
  billablePeriod: { start: '2026-03-03', end: '2026-03-20' },
  careTeam: [
    {
      sequence: 1,
      role: coded(`${THO}/claimcareteamrole`, 'attending'),
      qualification: coded('http://nucc.org/provider-taxonomy', '2084P0802X'),
    },
  ],
  supportingInfo: [
    { category: coded(PCT, 'typeofbill'), code: coded(`${NUBC}/TypeOfBill`, '0861') },
    {
      category: coded(CARIN, 'admissionperiod'),
      timingPeriod: { start: '2026-03-03T23:30:00-05:00', end: '2026-03-20T11:00:00-04:00' },
    },
    { category: coded(PCT, 'admtype'), code: coded(`${NUBC}/PriorityTypeOfAdmitOrVisit`, '3') },
    { category: coded(PCT, 'pointoforigin'), code: coded(`${NUBC}/PointOfOrigin`, '1') },
    { category: coded(CARIN, 'discharge-status'), code: coded(`${NUBC}/PatDischargeStatus`, '01') },
    {
      category: coded(`${THO}/claiminformationcategory`, 'info'),
      code: coded(`${NUBC}/ConditionCodes`, '92'),
    },
  ],
  diagnosis: [
    {
      sequence: 1,
      diagnosisCodeableConcept: coded(ICD, 'F11.20'),
      type: [coded('x', 'principal')],
      onAdmission: coded(`${NUBC}/PresentOnAdmissionIndicator`, 'Y'),
    },
    { sequence: 2, diagnosisCodeableConcept: coded(ICD, 'F11.20'), type: [coded('x', 'admitting')] },
  ],
  item: [
    {
      sequence: 1,
      revenue: coded(`${NUBC}/RevenueCodes`, '1002'),
      productOrService: coded('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'H0018'),
      servicedDate: '2026-03-03',
      quantity: { value: 17, unit: 'DA' },
      net: { value: 6800 },
    },
    {
      sequence: 2,
      revenue: coded(`${NUBC}/RevenueCodes`, '250'),
      productOrService: coded(`${THO}/data-absent-reason`, 'not-applicable'),
      quantity: { value: 1 },
      net: { value: 0.01 },
    },
  ],
  total: { value: 6800.01 },
}
const institutional = (): ClaimBundle => ({ ...professional(), claim: exact(institutionalClaim) })

function written(kind: ClaimKind, bundles: readonly ClaimBundle[]): string[] {
  const set = writeClaimSet(1, { header: HEADER, kind, claims: bundles.map(contentOf) })
  const text = written837(kind, set)
  t.equal(readInterchanges(text).length, 1)
  return text.split('~').slice(0, -1)
}

const HEAD = [
  'ISA*00*          *00*          *ZZ*SUB1           *ZZ*REC1           *260915*1805*^*00501*000000012*0*T*:',
  'GS*HC*SUB1*REC1*20260915*1805*34*X*',
  'ST*837*0001*',
  'BHT*0019*00*BATCH-7*20260915*1805*CH',
  'NM1*41*2*OPEN DOOR CLINIC*****46*SUB1',
  'PER*IC*BILLING OFFICE*TE*5555550100',
  'NM1*40*2*CLEARING HOUSE*****46*REC1',
]
const head = (guide: string) =>
  HEAD.map((one) => (one.startsWith('GS') || one.startsWith('ST') ? one + guide : one))
const PROVIDER = [
  'HL*1**20*1',
  'PRV*BI*PXC*261QM0801X',
  'NM1*85*2*OPEN DOOR CLINIC, INC.*****XX*1234567893',
  'N3*12 ELM STREET*SUITE 4',
  'N4*ALBANY*NY*122011234',
  'REF*EI*123456789',
]
const SUBSCRIBER = [
  'HL*2*1*22*0',
  'SBR*P*18*G77*STAFF*****CI',
  'NM1*IL*1*NUNEZ*MARIA*JOSE***MI*MEM123',
  'N3*1 MAIN ST 2',
  'N4*ALBANY*NY*12201',
  'DMG*D8*19900203*F',
  'NM1*PR*2*HEALTH PLAN*****PI*12345',
]
const CLAIM = [
  'CLM*C0000012345*300.5***11:B:7*Y*A*Y*Y',
  'REF*G1*A123456',
  'REF*F8*ICN9',
  'HI*ABK:F331*ABF:F411',
  "NM1*82*1*O'HARA*ANN***JR*XX*1111111112",
  'PRV*PE*PXC*1041C0700X',
  'LX*1',
  'SV1*HC:90837:95*150.5*UN*1***2:1',
  'DTP*472*D8*20260914',
  'LX*2',
  'SV1*HC:H0004*150*UN*1.5*02**2:1',
  'DTP*472*RD8*20260914-20260915',
]

t.test('a professional claim', async (t) => {
  t.same(written('professional', [professional()]), [
    ...head('005010X222A1'),
    ...PROVIDER,
    ...SUBSCRIBER,
    ...CLAIM,
    'SE*31*0001',
    'GE*1*34',
    'IEA*1*000000012',
  ])
})

t.test('claims that follow each other share the levels above them', async (t) => {
  const child = exact({
    ...(coverage as object),
    relationship: coded(`${THO}/subscriber-relationship`, 'child'),
  })
  const dependent = {
    ...professional(),
    coverage: child,
    subscriber: patient,
    patient: { ...patient, gender: 'male' },
  }
  const lines = written('professional', [professional(), professional(), dependent, dependent])
  t.same(
    lines.filter((line) => /^(HL|CLM|PAT|SBR)\*/.test(line)),
    [
      'HL*1**20*1',
      'HL*2*1*22*0',
      'SBR*P*18*G77*STAFF*****CI',
      CLAIM[0],
      CLAIM[0],
      'HL*3*1*22*1',
      'SBR*P**G77*STAFF*****CI',
      'HL*4*3*23*0',
      'PAT*19',
      CLAIM[0],
      CLAIM[0],
    ],
  )
})

t.test('a level is told again below another', async (t) => {
  const child = exact({
    ...(coverage as object),
    relationship: coded(`${THO}/subscriber-relationship`, 'child'),
  })
  const other = exact({ ...(child as object), subscriberId: 'MEM456' })
  const dependent = { ...professional(), coverage: child, subscriber: patient }
  const elsewhere = exact({ ...(billingProvider as object), name: 'Second Door' })
  const levels = (bundles: readonly ClaimBundle[]) =>
    written('professional', bundles).filter((line) => line.startsWith('HL*'))
  t.same(levels([dependent, { ...dependent, coverage: other }]), [
    'HL*1**20*1',
    'HL*2*1*22*1',
    'HL*3*2*23*0',
    'HL*4*1*22*1',
    'HL*5*4*23*0',
  ])
  t.same(levels([dependent, { ...dependent, billingProvider: elsewhere }]), [
    'HL*1**20*1',
    'HL*2*1*22*1',
    'HL*3*2*23*0',
    'HL*4**20*1',
    'HL*5*4*22*1',
    'HL*6*5*23*0',
  ])
})

t.test('an institutional claim', async (t) => {
  t.same(written('institutional', [institutional()]).slice(7 + PROVIDER.length + SUBSCRIBER.length, -3), [
    'CLM*C0000012345*6800.01***86:A:1**A*Y*Y',
    'DTP*096*TM*1100',
    'DTP*434*RD8*20260303-20260320',
    'DTP*435*DT*202603032330',
    'CL1*3*1*01',
    'REF*G1*A123456',
    'HI*ABK:F1120:::::::Y',
    'HI*ABJ:F1120',
    'HI*BG:92',
    "NM1*71*1*O'HARA*ANN***JR*XX*1111111112",
    'PRV*AT*PXC*2084P0802X',
    'LX*1',
    'SV2*1002*HC:H0018*6800*DA*17',
    'DTP*472*D8*20260303',
    'LX*2',
    'SV2*0250**0.01*UN*1',
  ])
})

t.test('text that no code marks for sending stays at home', async (t) => {
  t.notMatch(written('professional', [professional()]).join('\n'), /KEEP|HOME/)
})

t.test('what cannot be written is refused, and its element named', async (t) => {
  const refused = (bundle: ClaimBundle, expression: string) =>
    t.throws(() => contentOf(bundle), { code: 'business-rule', issues: [{ expression }] }, expression)
  const items = professionalClaim.item
  const first = (more: object) => professional({ item: [item(1, more)], total: { value: 150 } })
  refused(professional({ total: { value: 300.51 } }), 'Claim.total')
  refused(professional({ type: coded(`${THO}/claim-type`, 'oral') }), 'Claim.type')
  refused(professional({ identifier: [] }), 'Claim.identifier')
  refused(professional({ insurance: [] }), 'Claim.insurance')
  refused(
    professional({
      insurance: [
        { sequence: 1, focal: true },
        { sequence: 2, focal: false },
      ],
    }),
    'Claim.insurance',
  )
  refused(professional({ accident: { date: '2026-01-01' } }), 'Claim.accident')
  refused(professional({ diagnosis: [] }), 'Claim.diagnosis')
  refused(professional({ item: [] }), 'Claim.item')
  refused(professional({ item: Array.from({ length: 51 }, () => items[0]) }), 'Claim.item')
  refused(first({ diagnosisSequence: [] }), 'Claim.item[0].diagnosisSequence')
  refused(first({ diagnosisSequence: [3] }), 'Claim.item[0].diagnosisSequence')
  refused(first({ productOrService: coded('urn:own', 'X1') }), 'Claim.item[0].productOrService')
  refused(first({ modifier: Array.from({ length: 5 }, () => coded(CPT, '95')) }), 'Claim.item[0].modifier')
  refused(first({ servicedDate: undefined }), 'Claim.item[0].serviced')
  refused(first({ servicedDate: '2026-09' }), 'Claim.item[0].serviced')
  refused(first({ net: { value: 1.005 } }), 'Claim.item[0].net.value')
  refused(first({ net: { value: -1 } }), 'Claim.item[0].net.value')
  refused(first({ quantity: { value: 1, unit: 'DA' } }), 'Claim.item[0].quantity.unit')
  refused(first({ locationCodeableConcept: undefined }), 'Claim.item[0].locationCodeableConcept')
  refused({ ...professional(), careTeam: {} }, 'Claim.careTeam[0].provider')
  const change = (resource: JsonObject, more: object) => ({ ...resource, ...more }) as Resource
  refused({ ...professional(), coverage: change(coverage, { type: undefined }) }, 'Coverage.type')
  refused(
    { ...professional(), coverage: change(coverage, { subscriberId: undefined }) },
    'Coverage.subscriberId',
  )
  refused(
    { ...professional(), coverage: change(coverage, { relationship: undefined }) },
    'Coverage.relationship',
  )
  const child = change(coverage, { relationship: coded(`${THO}/subscriber-relationship`, 'child') })
  refused({ ...professional(), coverage: child }, 'Coverage.subscriber')
  refused({ ...professional(), patient: change(patient, { birthDate: '1990' }) }, 'Patient.birthDate')
  refused({ ...professional(), patient: change(patient, { birthDate: undefined }) }, 'Patient')
  refused({ ...professional(), payer: change(payer, { identifier: [] }) }, 'Organization.identifier')
  refused(
    { ...professional(), billingProvider: change(billingProvider, { address: [] }) },
    'Organization.address',
  )
  refused({ ...institutional(), billingProvider: { ...billingProvider, ...therapist } }, 'Claim.provider')
})
