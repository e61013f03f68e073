// The made-up records that the bench stores: patients, and the scores of their PHQ-9 questionnaires.

/** As JSON writes it: what is undefined is not there. */
export interface Record {
  readonly resourceType: string
  readonly id?: string | undefined
  readonly [element: string]: unknown
}

const FAMILIES = ['Abara', 'Bergström', 'Castillo', 'Delgado', 'Ellison', 'Fontaine', 'Grigoryan', 'Haddad']
const GIVEN = ['Rosa', 'Imran', 'Noor', 'Theo', 'Lucía', 'Amadou', 'Wen', 'Pilar', 'Sefa', 'Jonas']
const DAY = 86_400_000
const START = Date.UTC(2025, 0, 1)

export const IDENTIFIER_SYSTEM = 'https://bench.example/record'

/** Nothing by chance: the same number gives the same patient. */
export function patient(n: number, id?: string): Record {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ use: 'usual', system: 'https://bench.example/patient', value: `${id ?? 'new'}-${n}` }],
    active: true,
    name: [
      {
        use: 'official',
        family: `${FAMILIES[n % FAMILIES.length]}${Math.floor(n / 80)}`,
        given: [GIVEN[n % GIVEN.length], GIVEN[(n * 7) % GIVEN.length]],
      },
    ],
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
  readonly identifier?: string | undefined
  readonly note?: string | undefined
}

export function score(n: number, { id, subject, code, identifier, note }: ScoreOptions): Record {
  const at = new Date(START + (n % 300) * DAY + n * 1000).toISOString()
  return {
    resourceType: 'Observation',
    id,
    identifier: identifier === undefined ? undefined : [{ system: IDENTIFIER_SYSTEM, value: identifier }],
    status: 'final',
    category: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }],
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
