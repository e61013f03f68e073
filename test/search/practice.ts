// A small made-up practice for behavioral health, by whose records searches are tried.
import type { Resource } from '../../src/fhir/index.ts'

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const UCUM = 'http://unitsofmeasure.org'

type Written = Resource & { readonly id: string }

function resource(resourceType: string, id: string, more: object): Written {
  return { resourceType, id, ...more } as Written
}

function person(id: string, more: object): Written {
  return resource('Patient', id, more)
}

function diagnosis(id: string, patient: string, code: object | undefined): Written {
  return resource('Condition', id, {
    subject: { reference: `Patient/${patient}` },
    ...(code === undefined ? {} : { code }),
  })
}

function icd(code: string, display: string): object {
  return { coding: [{ system: ICD, code, display }] }
}

function measured(id: string, patient: string, code: string, value: object, more: object = {}): Written {
  return resource('Observation', id, {
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: `Patient/${patient}` },
    ...value,
    ...more,
  })
}

function amount(value: number, code: string): object {
  return { valueQuantity: { value, unit: code, system: UCUM, code } }
}

function encounter(id: string, patient: string, more: object): Written {
  return resource('Encounter', id, {
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${patient}` },
    ...more,
  })
}

function at(place: string): object {
  return { location: [{ location: { reference: `Location/${place}` } }] }
}

function risk(id: string, more: object): Written {
  return resource('RiskAssessment', id, {
    status: 'final',
    subject: { reference: 'Patient/rosa' },
    prediction: [{ outcome: { text: 'Suicide attempt' }, ...more }],
  })
}

function questionnaire(id: string, url?: string): Written {
  return resource('Questionnaire', id, { status: 'active', ...(url === undefined ? {} : { url }) })
}

/**
 * In an order in which each can be written.
 * @param beginnings a practitioner and a role are made for each, whose name, identifier and id begin or end so
 */
export function PRACTICE(beginnings: readonly string[]): readonly Written[] {
  return [
    resource('CodeSystem', 'icd', {
      url: ICD,
      status: 'active',
      content: 'complete',
      hierarchyMeaning: 'is-a',
      concept: [
        { code: 'F30-F39', concept: [{ code: 'F33', concept: [{ code: 'F33.1' }] }] },
        { code: 'F40-F48', concept: [{ code: 'F41', concept: [{ code: 'F41.1' }] }] },
        { code: 'F10-F19', concept: [{ code: 'F11', concept: [{ code: 'F11.20' }] }] },
      ],
    }),
    resource('ValueSet', 'mood', {
      url: 'http://practice.example/ValueSet/mood',
      status: 'active',
      compose: {
        include: [{ system: ICD, filter: [{ property: 'concept', op: 'is-a', value: 'F30-F39' }] }],
      },
    }),

    resource('Practitioner', 'same', { name: [{ family: 'Okafor', given: ['Ada'] }] }),
    resource('Organization', 'same', { name: 'Lakeside Clinic' }),
    resource('Location', 'house', { name: 'House', position: { latitude: 44.981, longitude: -93.271 } }),
    resource('Location', 'wing', { name: 'Wing', partOf: { reference: 'Location/house' } }),
    resource('Location', 'room', { name: 'Room', partOf: { reference: 'Location/wing' } }),
    resource('Location', 'faraway', { name: 'Faraway', position: { latitude: 40.71, longitude: -74 } }),

    person('rosa', {
      identifier: [
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
          system: 'http://practice.example/mrn',
          value: '446053',
        },
      ],
      name: [{ family: 'Delgado', given: ['Rosa'] }],
      gender: 'female',
      birthDate: '1972-03-14',
      photo: [{ title: 'Portrait' }],
      generalPractitioner: [{ reference: 'Practitioner/same' }],
    }),
    person('noor', {
      name: [{ family: 'Newman', given: ['Noor'] }],
      gender: 'other',
      birthDate: '1990-11-02',
      generalPractitioner: [{ reference: 'Organization/same' }],
    }),
    person('jose', {
      name: [{ family: 'de la Cruz', given: ['José'] }],
      managingOrganization: {
        identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' },
      },
    }),
    person('sam', { name: [{ family: 'DELGADO-NEWMAN' }], gender: 'male', birthDate: '2001' }),

    diagnosis('depression', 'rosa', icd('F33.1', 'Major depressive disorder, recurrent, moderate')),
    diagnosis('anxiety', 'noor', icd('F41.1', 'Generalized anxiety disorder')),
    diagnosis('opioids', 'jose', {
      ...icd('F11.20', 'Opioid dependence, uncomplicated'),
      text: 'Opioid use',
    }),
    diagnosis('uncoded', 'sam', undefined),

    encounter('stay', 'rosa', { period: { start: '2025-02-01', end: '2025-02-10' }, ...at('house') }),
    encounter('visit', 'rosa', {
      period: { start: '2025-02-05T09:00:00Z', end: '2025-02-05T09:50:00Z' },
      ...at('room'),
    }),
    encounter('open', 'noor', { status: 'in-progress', period: { start: '2025-03-01' } }),
    encounter('undated', 'jose', {}),

    measured('phq-severe', 'rosa', '44261-6', amount(17, '{score}'), {
      effectiveDateTime: '2025-02-03T15:30:20Z',
      encounter: { reference: 'Encounter/visit' },
    }),
    measured('phq-mild', 'noor', '44261-6', amount(4, '{score}')),
    measured('lithium-milli', 'rosa', '14334-7', amount(0.8, 'mmol/L')),
    measured('lithium-micro', 'sam', '14334-7', amount(900, 'umol/L')),
    measured('declined', 'jose', '44261-6', { dataAbsentReason: { text: 'Declined' } }),

    risk('unlikely', { probabilityDecimal: 0.1 }),
    risk('even', { probabilityDecimal: 0.5 }),
    risk('likely', { probabilityDecimal: 0.85 }),
    risk('unknown', {}),

    questionnaire('phq9', 'http://practice.example/fhir/Questionnaire/phq9'),
    questionnaire('phq9-teen', 'http://practice.example/fhir/Questionnaire/phq9/teen'),
    questionnaire('by-oid', 'urn:oid:2.16.840.1.113883.3.1'),
    questionnaire('intake'),

    resource('Medication', 'naloxone', { code: { text: 'Naloxone 4 mg nasal spray' } }),
    resource('MedicationRequest', 'lithium-order', {
      status: 'active',
      intent: 'order',
      subject: { reference: 'Patient/rosa' },
      medicationReference: { reference: '#drug' },
      contained: [{ resourceType: 'Medication', id: 'drug', code: { text: 'Lithium carbonate 300 mg' } }],
    }),

    resource('List', 'caseload', {
      status: 'current',
      mode: 'working',
      entry: [{ item: { reference: 'Patient/rosa' } }, { item: { reference: 'Patient/noor' } }],
    }),

    ...beginnings.flatMap((beginning) => [
      resource('Practitioner', `family-${beginning}`, {
        name: [{ family: `${beginning}ara` }],
        identifier: [{ value: `${beginning}5` }],
      }),
      resource('PractitionerRole', `role-${beginning}`, {
        practitioner: { reference: `Practitioner/family-${beginning}` },
      }),
    ]),
    resource('Practitioner', 'family', { name: [{ family: 'ara' }], identifier: [{ value: '5' }] }),
  ]
}
