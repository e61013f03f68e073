// Requests of coverage with the resources around them, and sets in their envelopes, for the tests of 270 and 271.
import {
  INQUIRY_GUIDE,
  readInterchanges,
  writeInquirySet,
  writeInterchange,
  type EligibilityBundle,
  type Inquiry,
  type TransactionSet,
} from '../../../src/billing/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'

export const THO = 'http://terminology.hl7.org/CodeSystem'
export const X12 = 'https://codesystem.x12.org/005010'
export const coded = (system: string, code: string) => ({ coding: [{ system, code }] })

export const request: Resource = {
  resourceType: 'CoverageEligibilityRequest',
  id: 'r1',
  identifier: [{ system: 'https://clinic.example/eligibility', value: 'ELIG-1' }],
  status: 'active',
  purpose: ['benefits'],
  patient: { reference: 'Patient/p1' },
  servicedDate: '2026-11-30',
  created: '2026-11-29',
  provider: { reference: 'Organization/clinic' },
  insurer: { reference: 'Organization/plan' },
  insurance: [{ focal: true, coverage: { reference: 'Coverage/c1' } }],
}

export const coverage: Resource = {
  resourceType: 'Coverage',
  subscriberId: 'MEM123',
  relationship: coded(`${THO}/subscriber-relationship`, 'self'),
  class: [{ type: coded(`${THO}/coverage-class`, 'group'), value: 'G77', name: 'Staff' }],
}

export const bundle: EligibilityBundle = {
  request,
  patient: {
    resourceType: 'Patient',
    name: [{ family: 'Núñez', given: ['María', 'José'] }],
    gender: 'female',
    birthDate: '1990-02-03',
    address: [{ line: ['1 Main St'], city: 'Albany', state: 'NY', postalCode: '12201' }],
  },
  coverage,
  payer: {
    resourceType: 'Organization',
    name: 'Health Plan',
    identifier: [{ type: { coding: [{ code: 'payerid' }] }, value: '12345' }],
    address: [{ line: ['?'] }],
  },
  provider: {
    resourceType: 'Organization',
    name: 'Open Door Clinic',
    identifier: [
      { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' },
      { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' },
    ],
    type: [coded('http://nucc.org/provider-taxonomy', '261QM0801X')],
  },
}

const partner = (id: string) => ({ qualifier: 'ZZ', id })

export function written270(inquiries: readonly Inquiry[]): string {
  const header = { reference: 'BATCH-7', date: '2026-11-30', time: '18:05' }
  return writeInterchange(
    {
      sender: partner('SUB1'),
      receiver: partner('REC1'),
      date: '20261130',
      time: '1805',
      controlNumber: 12,
      usage: 'T',
    },
    [
      {
        functionalCode: 'HS',
        sender: 'SUB1',
        receiver: 'REC1',
        controlNumber: 12,
        version: INQUIRY_GUIDE,
        sets: [writeInquirySet(1, { header, inquiries })],
      },
    ],
  )
}

export function onlySetOf(text: string): TransactionSet {
  const set = readInterchanges(text)[0]?.groups[0]?.sets[0]
  if (set === undefined) throw new Error('no set')
  return set
}

/** The segments of the set in a text, without the envelope. */
export const segmentsIn = (text: string): readonly string[] => text.split('~').slice(2, -4)

/** A set of a payer within its envelope, from its segments a line each. */
export function answerText(id: string, functionalCode: string, version: string, body: string): string {
  const lines = body
    .trim()
    .split('\n')
    .map((line) => line.trim())
  return [
    'ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261130*0930*^*00501*000000007*0*T*:',
    `GS*${functionalCode}*PAYER*CLINIC*20261130*0930*7*X*${version}`,
    `ST*${id}*0001*${version}`,
    ...lines,
    `SE*${lines.length + 2}*0001`,
    'GE*1*7',
    'IEA*1*000000007',
  ]
    .map((line) => `${line}~\n`)
    .join('')
}
