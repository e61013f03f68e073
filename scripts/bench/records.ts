// The made-up records that the bench stores. Nothing is left to chance: the same number gives the same record.

/** As JSON writes it: what is undefined is not there. */
export interface Record {
  readonly resourceType: string
  readonly id?: string | undefined
  readonly [element: string]: unknown
}

export const FAMILIES = [
  'Abara',
  'Bergmann',
  'Castillo',
  'Delgado',
  'Ellison',
  'Fontaine',
  'Grigoryan',
  'Haddad',
]
const GIVEN = ['Rosa', 'Imran', 'Noor', 'Theo', 'Lucía', 'Amadou', 'Wen', 'Pilar', 'Sefa', 'Jonas']
const CONDITIONS = ['370143000', '21897009', '47505003', '66590003', '13746004']
const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)

export const IDENTIFIER_SYSTEM = 'https://bench.example/record'

export interface PatientOptions {
  readonly id?: string | undefined
  readonly family: string
}

export function patient(n: number, { id, family }: PatientOptions): Record {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ use: 'usual', system: 'https://bench.example/patient', value: `${id ?? 'new'}-${n}` }],
    active: true,
    name: [{ use: 'official', family, given: [GIVEN[n % GIVEN.length], GIVEN[(n * 7) % GIVEN.length]] }],
    telecom: [{ system: 'phone', value: `555-01${String(n % 100).padStart(2, '0')}`, use: 'mobile' }],
    gender: n % 2 === 0 ? 'female' : 'male',
    birthDate: new Date(Date.UTC(1950 + (n % 60), n % 12, 1 + (n % 28))).toISOString().slice(0, 10),
    address: [
      { use: 'home', line: [`${n} Linden Street`], city: 'Springfield', state: 'IL', postalCode: '62701' },
    ],
    communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'en' }] }, preferred: true }],
  }
}

export interface ScoreOptions {
  readonly id?: string | undefined
  /** Such as `Patient/bench-3`. */
  readonly subject: string
  /** A LOINC code. */
  readonly code: string
  /** Of HL7's observation categories. */
  readonly category?: string | undefined
  readonly identifier?: string | undefined
  readonly note?: string | undefined
}

/** The total score of a questionnaire; `n` from 0 on is spread over the days of a year, again and again. */
export function score(n: number, options: ScoreOptions): Record {
  const { id, subject, code, category = 'survey', identifier, note } = options
  const at = new Date(START + (n % 300) * DAY + (n % 86_400) * 1000).toISOString()
  return {
    resourceType: 'Observation',
    id,
    identifier: identifier === undefined ? undefined : [{ system: IDENTIFIER_SYSTEM, value: identifier }],
    status: 'final',
    category: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: category }],
      },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code, display: 'Patient Health Questionnaire total score' }],
      text: 'PHQ-9 total score',
    },
    subject: { reference: subject },
    effectiveDateTime: at,
    issued: at,
    valueQuantity: { value: n % 28, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' },
    interpretation: [{ text: n % 28 > 14 ? 'moderately severe' : 'mild' }],
    note: [
      {
        text:
          note ??
          'Completed on paper in the waiting room and read over together at the start of the session. ' +
            'Sleep and concentration were the items that had changed most since the last visit.',
      },
    ],
    method: { text: 'Self-report questionnaire' },
  }
}

export function encounter(n: number, id: string, subject: string): Record {
  const start = START + (n % 300) * DAY
  return {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [
      {
        coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '90834' }],
        text: 'Psychotherapy, 45 minutes',
      },
    ],
    subject: { reference: subject },
    period: { start: new Date(start).toISOString(), end: new Date(start + 45 * 60_000).toISOString() },
    reasonCode: [{ text: 'Follow-up of depressive symptoms' }],
  }
}

export function condition(n: number, id: string, subject: string): Record {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' },
        ],
      },
    ],
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: CONDITIONS[n % CONDITIONS.length] }],
      text: 'Major depressive disorder, recurrent, moderate',
    },
    subject: { reference: subject },
    onsetDateTime: new Date(START + (n % 300) * DAY).toISOString().slice(0, 10),
    recordedDate: new Date(START + (n % 300) * DAY).toISOString(),
  }
}

/** A transaction that stores these; references among them are by fullUrl. */
export function transaction(
  entries: readonly { readonly fullUrl?: string | undefined; readonly resource: Record }[],
): string {
  return JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: entries.map(({ fullUrl, resource }) => ({
      fullUrl,
      resource,
      request:
        resource.id === undefined
          ? { method: 'POST', url: resource.resourceType }
          : { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  })
}
