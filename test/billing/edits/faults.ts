// Faults to put into a claim without fault, each with the edits that must speak of it.
import { coded, coverage, DAY, npi, NUCC, patient, payer, clinic, therapist, visit } from '../practice.ts'
import { codeOf } from '../rules/services.ts'
import {
  type Any,
  authorization,
  beside,
  type BilledCase,
  billedCase,
  extension,
  pack,
  packOfAll,
  stay,
  sentTask,
  summed,
} from './billed.ts'

export interface FaultCase {
  readonly name: string
  /** That speaks of it, alone. */
  readonly edit: string
  /** FHIRPath that it names. */
  readonly at: string
  /** Where it is not psychotherapy in the office. */
  readonly of?: () => BilledCase
  /** Puts the fault in. */
  readonly put: (made: BilledCase) => void
  readonly severity?: 'warning'
  /** What it breaks, between blanks: of two that break the same, one may hide the other. */
  readonly breaks: string
}

const EARLIER = '2026-03-01'
const NPI_SYSTEM = 'http://hl7.org/fhir/sid/us-npi'
const EIN = { system: 'urn:oid:2.16.840.1.113883.4.4', value: '12-3456789' }
const PART_2 = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }

const line = (made: BilledCase, at = 0): Any => made.claim.item[at]

/** A line more, like the first. */
function addLine(made: BilledCase, code: string, more: object = {}): void {
  const { item } = made.claim
  item.push({ ...item[0], sequence: item.length + 1, productOrService: { coding: [codeOf(code)] }, ...more })
  summed(made.claim)
}

const video = () =>
  billedCase({ modality: 'video', lines: [{ code: '90834', modifiers: ['95'], place: '10' }] })
const medical = () => billedCase({ lines: [{ code: '99213' }, { code: '90836' }] })

/** The payer wants it authorized, and has. */
function authorized(made: Parameters<typeof authorization>[0] = {}): BilledCase {
  const base = billedCase({ authorizations: ['A1'] })
  base.others.push(
    pack('90834', [extension('authorization', { 'required:Boolean': true })]),
    ...authorization({ units: 10, ...made }),
  )
  return base
}

const consent = (more: object = {}): Any => ({
  resourceType: 'Consent',
  id: 'consent1',
  status: 'active',
  scope: coded('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
  category: [coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', '42CFRPart2CD')],
  patient: { reference: 'Patient/p1' },
  dateTime: '2026-01-01',
  policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', '42CFRPart2CD'),
  provision: {
    type: 'permit',
    purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HPAYMT' }],
  },
  ...more,
})

/** Of a program under 42 CFR Part 2, with the patient's consent. */
function part2(): BilledCase {
  const made = billedCase()
  made.visits[0].meta = { security: [PART_2] }
  made.claim.meta = { security: [PART_2] }
  made.others.push(consent())
  return made
}

const days = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) =>
    new Date(Date.parse(DAY) + (at + 1 - count) * 86_400_000).toISOString().slice(0, 10),
  )

export const FAULTS: readonly FaultCase[] = [
  {
    name: 'an add-on alone',
    edit: 'add-on-without-primary',
    at: 'Claim.item[0]',
    of: medical,
    put: (made) => {
      made.claim.item.shift()
      summed(made.claim)
    },
    breaks: 'lines',
  },
  {
    name: 'psychotherapy beside crisis psychotherapy',
    edit: 'excluded-pair',
    at: 'Claim.item[1]',
    put: (made) => addLine(made, '90839'),
    breaks: 'pair lines amounts',
  },
  {
    name: 'crisis psychotherapy of the same day on another claim',
    edit: 'excluded-pair',
    at: 'Claim.item[0]',
    put: (made) => made.others.push(...beside({ id: 'c9', lines: [{ code: '90839' }] })),
    breaks: 'pair',
  },
  {
    name: 'two units where a day has one',
    edit: 'units-over-day-limit',
    at: 'Claim.item[0].quantity',
    put: (made) => {
      line(made).quantity.value = 2
      line(made).net = { ...line(made).unitPrice, value: line(made).unitPrice.value * 2 }
      summed(made.claim)
    },
    breaks: 'amounts',
  },
  {
    name: 'the second month of one month',
    edit: 'units-over-period-limit',
    at: 'Claim.item[0].quantity',
    of: () => billedCase({ lines: [{ code: '99484' }] }),
    put: (made) => made.others.push(...beside({ id: 'c9', day: EARLIER, lines: [{ code: '99484' }] })),
    breaks: 'others',
  },
  {
    name: 'the second screening of twelve months',
    edit: 'units-over-period-limit',
    at: 'Claim.item[0].quantity',
    of: () => billedCase({ lines: [{ code: 'G0444' }] }),
    put: (made) => made.others.push(...beside({ id: 'c9', day: '2025-12-01', lines: [{ code: 'G0444' }] })),
    breaks: 'others',
  },
  {
    name: 'the same line twice',
    edit: 'duplicate',
    at: 'Claim.item[1]',
    put: (made) => addLine(made, '90834'),
    breaks: 'lines amounts',
  },
  {
    name: 'the same visit on another claim',
    edit: 'duplicate',
    at: 'Claim.item[0]',
    put: (made) => {
      const other = billedCase({ id: 'c8', visitId: 'v-c1' })
      made.others.push(other.claim)
    },
    breaks: 'others modifier',
  },
  {
    name: 'a day by the bed and one of intensive care outside',
    edit: 'per-diem-overlap',
    at: 'Claim.item[1]',
    of: stay,
    put: (made) => made.others.push(...beside({ id: 'c9', day: '2026-03-03', lines: [{ code: 'S9480' }] })),
    breaks: 'others',
  },
  {
    name: 'no authorization',
    edit: 'authorization-missing',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => delete made.claim.insurance[0].preAuthRef,
    breaks: 'authorization',
  },
  {
    name: 'an authorization that nobody knows',
    edit: 'authorization-unknown',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => {
      made.claim.insurance[0].preAuthRef = ['B2']
    },
    severity: 'warning',
    breaks: 'authorization',
  },
  {
    name: 'an authorization of something else',
    edit: 'authorization-not-for-service',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) => made.others.push(...authorization({ code: '90837', units: 10 })),
    breaks: 'authorization',
  },
  {
    name: 'an authorization that ended',
    edit: 'authorization-outside-dates',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) =>
      made.others.push(...authorization({ units: 10, period: { start: '2026-01-01', end: EARLIER } })),
    breaks: 'authorization',
  },
  {
    name: 'an authorization that is used up by another claim',
    edit: 'authorization-exceeded',
    at: 'Claim.item[0]',
    of: authorized,
    put: (made) =>
      made.others.push(
        ...authorization({ units: 1 }),
        ...beside({ id: 'c9', day: EARLIER, authorizations: ['A1'] }),
      ),
    breaks: 'authorization',
  },
  {
    name: 'later than the contract takes it',
    edit: 'filing-limit-passed',
    at: 'Claim.item[0]',
    put: (made) => made.others.push(packOfAll([extension('filing-limit', { 'days:PositiveInt': 1 })])),
    breaks: 'filing',
  },
  {
    name: 'later than Medicare takes it',
    edit: 'filing-limit-passed',
    at: 'Claim.item[0]',
    of: () => {
      const made = billedCase({ day: '2025-03-03' })
      made.overrides.push(coverage('cov1', 'p1', { period: { start: '2024-01-01' } }))
      return made
    },
    put: (made) =>
      made.overrides.push(
        coverage('cov1', 'p1', {
          period: { start: '2024-01-01' },
          type: coded('https://codesystem.x12.org/005010/1032', 'MB'),
        }),
      ),
    breaks: 'filing',
  },
  {
    name: 'a stay that is counted from its end',
    edit: 'filing-limit-passed',
    at: 'Claim.billablePeriod',
    of: stay,
    put: (made) => {
      made.others.push(packOfAll([extension('filing-limit', { 'days:PositiveInt': 2 })]))
      made.later.push(sentTask('c1', '2026-03-07'))
    },
    breaks: 'filing',
  },
  {
    name: 'no note',
    edit: 'note-missing',
    at: 'Claim.item[0].encounter',
    put: (made) => {
      made.notes[0].docStatus = 'preliminary'
      made.provenance.entity.shift()
    },
    breaks: 'note',
  },
  {
    name: 'a note of the first two days of three',
    edit: 'daily-note-missing',
    at: 'Claim.item[2].encounter',
    of: stay,
    put: (made) => made.notes.pop(),
    breaks: 'note',
  },
  {
    name: 'a note taken back',
    edit: 'note-not-final',
    at: 'Claim',
    put: (made) => made.later.push({ ...made.notes[0], docStatus: 'preliminary' }),
    breaks: 'note',
  },
  {
    name: 'a note amended',
    edit: 'note-amended',
    at: 'Claim',
    put: (made) => made.later.push({ ...made.notes[0], docStatus: 'amended', description: 'Another' }),
    severity: 'warning',
    breaks: 'note',
  },
  {
    name: 'a visit cancelled',
    edit: 'visit-not-finished',
    at: 'Encounter.status',
    put: (made) => made.later.push({ ...made.visits[0], status: 'cancelled' }),
    breaks: 'visit',
  },
  {
    name: 'a visit lengthened',
    edit: 'visit-changed',
    at: 'Claim',
    put: (made) => made.later.push({ ...visit('v-c1', { minutes: 50, modality: 'in-person' }) }),
    severity: 'warning',
    breaks: 'visit',
  },
  {
    name: 'a line for nothing',
    edit: 'pointer-missing',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => delete line(made).diagnosisSequence,
    breaks: 'pointers',
  },
  {
    name: 'a pointer to nothing',
    edit: 'pointer-unknown',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => {
      line(made).diagnosisSequence = [1, 70]
    },
    breaks: 'pointers',
  },
  {
    name: 'five pointers',
    edit: 'too-many-pointers',
    at: 'Claim.item[0].diagnosisSequence',
    put: (made) => {
      const { diagnosis } = made.claim
      for (const code of ['F41.0', 'F40.10', 'F43.10'])
        diagnosis.push({
          ...diagnosis[1],
          sequence: diagnosis.length + 1,
          diagnosisCodeableConcept: coded('http://hl7.org/fhir/sid/icd-10-cm', code),
        })
      line(made).diagnosisSequence = [1, 2, 3, 4, 5]
    },
    breaks: 'pointers',
  },
  {
    name: 'a category for a diagnosis',
    edit: 'diagnosis-not-billable',
    at: 'Claim.diagnosis[1].diagnosisCodeableConcept',
    put: (made) => {
      made.claim.diagnosis[1].diagnosisCodeableConcept.coding[0].code = 'F32'
    },
    breaks: 'diagnosis',
  },
  {
    name: 'a therapist without NPI',
    edit: 'rendering-npi-missing',
    at: 'Practitioner.identifier',
    put: (made) => made.overrides.push(therapist('therapist1', { identifier: undefined })),
    breaks: 'therapist',
  },
  {
    name: 'a therapist with digits that are no NPI',
    edit: 'rendering-npi-invalid',
    at: 'Practitioner.identifier',
    put: (made) => {
      const right = npi('100000001')
      const wrong = right.slice(0, 9) + String((Number(right[9]) + 1) % 10)
      made.overrides.push(therapist('therapist1', { identifier: [{ system: NPI_SYSTEM, value: wrong }] }))
    },
    breaks: 'therapist',
  },
  {
    name: 'nobody says what the therapist is',
    edit: 'rendering-taxonomy-missing',
    at: 'Claim.careTeam[0].qualification',
    put: (made) => {
      delete made.claim.careTeam[0].qualification
      made.overrides.push(therapist('therapist1', { qualification: undefined }))
    },
    breaks: 'therapist',
  },
  {
    name: 'another profession than the rule wants',
    edit: 'rendering-taxonomy-not-allowed',
    at: 'Claim.careTeam[0]',
    put: (made) =>
      made.others.push(
        pack('90834', [
          {
            url: 'https://alcove.health/fhir/StructureDefinition/service-provider',
            valueCoding: { system: NUCC, code: '2084P0800X' },
          },
        ]),
      ),
    breaks: 'pack',
  },
  {
    name: 'a clinic without NPI',
    edit: 'billing-npi-missing',
    at: 'Organization.identifier',
    put: (made) => made.overrides.push(clinic({ identifier: [EIN] })),
    breaks: 'clinic',
  },
  {
    name: 'a clinic with digits that are no NPI',
    edit: 'billing-npi-invalid',
    at: 'Organization.identifier',
    put: (made) =>
      made.overrides.push(clinic({ identifier: [EIN, { system: NPI_SYSTEM, value: '1234567890' }] })),
    breaks: 'clinic',
  },
  {
    name: 'a clinic without tax id',
    edit: 'billing-tax-id-missing',
    at: 'Organization.identifier',
    put: (made) =>
      made.overrides.push(clinic({ identifier: [{ system: NPI_SYSTEM, value: npi('123456789') }] })),
    breaks: 'clinic',
  },
  {
    name: 'a clinic without a postal code',
    edit: 'billing-address-missing',
    at: 'Organization.address',
    put: (made) =>
      made.overrides.push(
        clinic({ address: [{ line: ['1 Main Street'], city: 'Springfield', state: 'IL' }] }),
      ),
    breaks: 'clinic',
  },
  {
    name: 'video without its modifier',
    edit: 'telehealth-modifier',
    at: 'Claim.item[0].modifier',
    of: video,
    put: (made) => delete line(made).modifier,
    breaks: 'modifier',
  },
  {
    name: 'video with the modifier of audio',
    edit: 'telehealth-modifier',
    at: 'Claim.item[0].modifier',
    of: video,
    put: (made) => {
      line(made).modifier[0].coding[0].code = '93'
    },
    breaks: 'modifier',
  },
  {
    name: 'in person with the modifier of video',
    edit: 'telehealth-modifier',
    at: 'Claim.item[0].modifier',
    put: (made) => {
      line(made).modifier = [coded('http://www.ama-assn.org/go/cpt', '95')]
    },
    breaks: 'modifier',
  },
  {
    name: 'video in the office',
    edit: 'telehealth-place',
    at: 'Claim.item[0].locationCodeableConcept',
    of: video,
    put: (made) => {
      line(made).locationCodeableConcept.coding[0].code = '11'
    },
    breaks: 'place',
  },
  {
    name: 'in person at a place of telehealth',
    edit: 'telehealth-place',
    at: 'Claim.item[0].locationCodeableConcept',
    put: (made) => {
      line(made).locationCodeableConcept.coding[0].code = '02'
    },
    breaks: 'place',
  },
  {
    name: 'nobody says how, and only the modifier is of video',
    edit: 'telehealth-place',
    at: 'Claim.item[0].locationCodeableConcept',
    of: () => {
      const made = video()
      delete made.visits[0].extension
      made.visits[0].class.code = 'AMB'
      return made
    },
    put: (made) => {
      line(made).locationCodeableConcept.coding[0].code = '11'
    },
    breaks: 'place',
  },
  {
    name: 'nobody says how, and only the place is of telehealth',
    edit: 'telehealth-modifier',
    at: 'Claim.item[0].modifier',
    of: () => {
      const made = video()
      delete made.visits[0].extension
      made.visits[0].class.code = 'AMB'
      return made
    },
    put: (made) => delete line(made).modifier,
    breaks: 'modifier',
  },
  {
    name: 'a place that the rule does not have',
    edit: 'place-not-allowed',
    at: 'Claim.item[0].locationCodeableConcept',
    put: (made) =>
      made.others.push(
        pack('90834', [
          extension('place', {
            'code:Coding': {
              system: 'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set',
              code: '53',
            },
          }),
        ]),
      ),
    breaks: 'pack',
  },
  {
    name: 'a coverage that was cancelled',
    edit: 'coverage-not-active',
    at: 'Coverage.status',
    put: (made) => made.overrides.push(coverage('cov1', 'p1', { status: 'cancelled' })),
    breaks: 'coverage',
  },
  {
    name: 'before the coverage',
    edit: 'coverage-not-begun',
    at: 'Coverage.period.start',
    put: (made) => made.overrides.push(coverage('cov1', 'p1', { period: { start: '2026-03-03' } })),
    breaks: 'coverage',
  },
  {
    name: 'after the coverage',
    edit: 'coverage-ended',
    at: 'Coverage.period.end',
    put: (made) =>
      made.overrides.push(coverage('cov1', 'p1', { period: { start: '2026-01-01', end: '2026-02' } })),
    breaks: 'coverage',
  },
  {
    name: "somebody else's coverage",
    edit: 'coverage-of-another',
    at: 'Coverage.beneficiary',
    put: (made) => made.overrides.push(patient('p2'), coverage('cov1', 'p2')),
    breaks: 'coverage',
  },
  {
    name: 'a payer without id',
    edit: 'payer-id-missing',
    at: 'Organization.identifier',
    put: (made) => made.overrides.push(payer('payer1', { identifier: [{ system: 'urn:x', value: '1' }] })),
    breaks: 'payer',
  },
  {
    name: 'a consent withdrawn',
    edit: 'payment-consent-missing',
    at: 'Consent.provision',
    of: part2,
    put: (made) => made.later.push(consent({ status: 'inactive' })),
    breaks: 'consent',
  },
  {
    name: 'a patient who pays',
    edit: 'self-pay-restriction',
    at: 'Consent.provision',
    put: (made) =>
      made.others.push(
        consent({
          id: 'consent2',
          category: [
            coded('http://terminology.hl7.org/CodeSystem/consentcategorycodes', 'hipaa-restrictions'),
          ],
          policyRule: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'HIPAASelfPay'),
          provision: {
            type: 'deny',
            purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HPAYMT' }],
          },
        }),
      ),
    breaks: 'consent',
  },
  {
    name: 'a cent too much in all',
    edit: 'total-not-sum',
    at: 'Claim.total',
    put: (made) => {
      made.claim.total = { value: made.claim.total.value + 0.01, currency: 'USD' }
    },
    breaks: 'amounts',
  },
  {
    name: 'a cent too much in a line',
    edit: 'net-not-product',
    at: 'Claim.item[0].net',
    put: (made) => {
      line(made).net = { value: Math.round(line(made).unitPrice.value * 100 + 1) / 100, currency: 'USD' }
      summed(made.claim)
    },
    breaks: 'amounts',
  },
  {
    name: 'fifty-one lines',
    edit: 'too-many-lines',
    at: 'Claim.item',
    put: (made) => {
      const [first] = made.claim.item
      made.claim.item = days(51).map((servicedDate, at) => ({ ...first, sequence: at + 1, servicedDate }))
      summed(made.claim)
    },
    breaks: 'pair lines amounts',
  },
  {
    name: 'thirteen diagnoses',
    edit: 'too-many-diagnoses',
    at: 'Claim.diagnosis',
    put: (made) => {
      const { diagnosis } = made.claim
      while (diagnosis.length < 13)
        diagnosis.push({
          ...diagnosis[1],
          sequence: diagnosis.length + 1,
          diagnosisCodeableConcept: coded(
            'http://hl7.org/fhir/sid/icd-10-cm',
            `F40.0${diagnosis.length % 3}`,
          ),
        })
    },
    breaks: 'diagnosis',
  },
  {
    name: 'five modifiers',
    edit: 'too-many-modifiers',
    at: 'Claim.item[0].modifier',
    put: (made) => {
      line(made).modifier = ['HO', 'HE', 'U1', 'U2', 'U3'].map((code) =>
        coded('http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code),
      )
    },
    breaks: 'modifier',
  },
  {
    name: 'a code that no rule knows',
    edit: 'code-unknown',
    at: 'Claim.item[0].productOrService',
    put: (made) => {
      line(made).productOrService = { coding: [codeOf('X9999')] }
    },
    severity: 'warning',
    breaks: 'pack',
  },
  {
    name: 'a code that was deleted',
    edit: 'code-not-in-force',
    at: 'Claim.item[0].productOrService',
    put: (made) => {
      line(made).productOrService = { coding: [codeOf('99441')] }
    },
    breaks: 'pack',
  },
  {
    name: 'a code that the payer does not take',
    edit: 'code-not-billable',
    at: 'Claim.item[0].productOrService',
    put: (made) => made.others.push(pack('90834', [], { status: 'retired' })),
    breaks: 'pack',
  },
  {
    name: 'a patient whose birth date nobody knows',
    edit: 'not-writable',
    at: 'Patient',
    put: (made) => made.overrides.push(patient('p1', { birthDate: undefined })),
    breaks: 'written',
  },
]

export { DAY }
