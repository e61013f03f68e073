// What the front desk writes down: the patient, a guardian, the coverage, and what was consented to.
import type { JsonObject } from '../../fhir/index.ts'
import { type Chart } from './chart.ts'
import { coding, concept, hl7, loinc, reference, SYSTEM, type Entry } from './concepts.ts'
import type { ClinicId } from './organizations.ts'
import { staffReference } from './staff.ts'

const TOWN: Readonly<Record<ClinicId, { city: string; postalCode: string }>> = {
  'juniper-wells': { city: 'Juniper Wells', postalCode: '85901' },
  'copper-ridge': { city: 'Copper Ridge', postalCode: '85539' },
}

/** `number`: the person's place in the practice's list, from 1. */
export function registration(chart: Chart, number: number): Entry[] {
  const guardian = guardianOf(chart)
  return [
    patientOf(chart, number),
    ...(guardian === undefined ? [] : [guardian]),
    coverageOf(chart, number),
    ...consentsOf(chart, guardian),
  ]
}

function addressOf({ person }: Chart): JsonObject {
  return { use: 'home', line: [person.street], ...TOWN[person.clinic], state: 'AZ', country: 'US' }
}

function patientOf(chart: Chart, number: number): Entry {
  const { person, id, calendar, clinic } = chart
  const phone = { system: 'phone', value: `+1 928 555 ${person.phone}`, use: 'mobile' }
  const email = { system: 'email', value: `${id.replace('-', '.')}@mail.example.org` }
  return {
    resourceType: 'Patient',
    id,
    identifier: [
      {
        use: 'usual',
        type: hl7('v2-0203', 'MR', 'Medical record number'),
        system: 'https://high-desert.example.org/mrn',
        value: `HD-${String(10_000 + number * 7)}`,
        assigner: { display: 'High Desert Behavioral Health' },
      },
    ],
    active: true,
    name: [{ use: 'official', family: person.family, given: [person.given] }],
    telecom: person.guardian === undefined ? [phone, email] : [{ ...phone, use: 'home' }],
    gender: person.gender,
    birthDate: calendar.birth(person.age, person.daysSinceBirthday),
    address: [addressOf(chart)],
    communication: [
      {
        language: languageOf(person.language ?? ['en', 'English']),
        preferred: true,
      },
    ],
    generalPractitioner: [staffReference(person.therapist)],
    managingOrganization: clinic,
  }
}

function languageOf([code, display]: readonly [string, string]): JsonObject {
  return concept(display, coding('urn:ietf:bcp:47', code, display))
}

function guardianOf({ person, id, patient }: Chart): Entry | undefined {
  const { guardian } = person
  if (guardian === undefined) return undefined
  const [code, display] = guardian.relationship
  return {
    resourceType: 'RelatedPerson',
    id: `${id}-guardian`,
    active: true,
    patient,
    relationship: [hl7('v3-RoleCode', code, display)],
    name: [{ use: 'official', family: person.family, given: [guardian.given] }],
    telecom: [{ system: 'phone', value: `+1 928 555 ${person.phone}`, use: 'mobile' }],
  }
}

function coverageOf({ person, id, patient, calendar, began }: Chart, number: number): Entry {
  const year = calendar.day(began).slice(0, 4)
  return {
    resourceType: 'Coverage',
    id: `${id}-coverage`,
    status: 'active',
    type: {
      coding: [
        coding(SYSTEM.actCode, person.payer === 'state-medicaid' ? 'SUBSIDIZ' : 'EHCPOL'),
        coding(SYSTEM.insurance, person.payer === 'state-medicaid' ? 'MC' : 'CI'),
      ],
    },
    ...(person.guardian === undefined
      ? { subscriber: patient }
      : { subscriber: reference('RelatedPerson', `${id}-guardian`) }),
    subscriberId: `${person.payer.slice(0, 3).toUpperCase()}${String(700_000 + number * 131)}`,
    beneficiary: patient,
    relationship: hl7('subscriber-relationship', person.guardian === undefined ? 'self' : 'child'),
    period: { start: `${year}-01-01` },
    payor: [reference('Organization', person.payer)],
    class: [
      { type: hl7('coverage-class', 'plan'), value: person.payer === 'state-medicaid' ? 'BH' : 'PPO-2' },
    ],
  }
}

function consentsOf(chart: Chart, guardian: Entry | undefined): Entry[] {
  const { id, patient, clinic, calendar, began, inProgram } = chart
  const performer = guardian === undefined ? patient : reference('RelatedPerson', guardian.id)
  const signed = {
    patient,
    dateTime: calendar.time(began, '08:45'),
    performer: [performer],
    organization: [clinic],
  }
  const treatment: Entry = {
    resourceType: 'Consent',
    id: `${id}-consent-treatment`,
    status: 'active',
    scope: hl7('consentscope', 'treatment', 'Treatment'),
    category: [concept('Consent to treatment', loinc('59284-0', 'Consent Document'))],
    ...signed,
    policyRule: hl7('v3-ActCode', 'OPTIN', 'opt-in'),
  }
  const privacy: Entry = {
    resourceType: 'Consent',
    id: `${id}-consent-privacy`,
    status: 'active',
    scope: hl7('consentscope', 'patient-privacy', 'Privacy Consent'),
    category: [
      concept(
        'Notice of privacy practices',
        hl7Coding('consentcategorycodes', 'npp', 'Notice of Privacy Practices'),
      ),
    ],
    ...signed,
    policyRule: hl7('consentpolicycodes', 'hipaa-npp', 'HIPAA Notice of Privacy Practices'),
    provision: {
      type: 'permit',
      purpose: ['TREAT', 'HPAYMT', 'HOPERAT'].map((code) =>
        coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', code),
      ),
    },
  }
  return !inProgram ? [treatment, privacy] : [treatment, privacy, part2Consent(chart, signed)]
}

/** 42 CFR 2.31: a written consent to disclose records of a substance use program. */
function part2Consent({ person, id, calendar, began }: Chart, signed: JsonObject): Entry {
  return {
    resourceType: 'Consent',
    id: `${id}-consent-part2`,
    status: 'active',
    scope: hl7('consentscope', 'patient-privacy', 'Privacy Consent'),
    category: [
      concept(
        'Consent to disclose substance use records',
        coding(SYSTEM.actCode, '42CFRPart2CD', '42 CFR Part 2 consent directive'),
      ),
    ],
    ...signed,
    policy: [{ authority: 'https://www.hhs.gov', uri: 'https://www.ecfr.gov/current/title-42/part-2' }],
    provision: {
      type: 'permit',
      period: { start: calendar.day(began), end: calendar.day(began + 365) },
      actor: [
        {
          role: hl7('v3-ParticipationType', 'IRCP', 'information recipient'),
          reference: reference('Organization', person.payer),
        },
      ],
      action: [hl7('consentaction', 'disclose', 'Disclose')],
      securityLabel: [coding(SYSTEM.actCode, '42CFRPart2', '42 CFR Part2')],
      purpose: [coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', 'HPAYMT', 'healthcare payment')],
    },
  }
}

function hl7Coding(system: string, code: string, display: string): JsonObject {
  return coding(`http://terminology.hl7.org/CodeSystem/${system}`, code, display)
}
