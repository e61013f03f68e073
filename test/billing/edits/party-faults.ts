// Faults of who is on a claim, of how and where it was done, and of coverage and consent.
import { coded, coverage, npi, NUCC, patient, payer, clinic, therapist } from '../practice.ts'
import { extension, pack } from './billed.ts'
import { NPI_SYSTEM, EIN, line, video, consent, part2, type FaultCase } from './fault-case.ts'

export const PARTY_FAULTS: readonly FaultCase[] = [
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
    breaks: 'pack therapist',
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
]
