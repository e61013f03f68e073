// Resources that compiled expressions are tried on, with what is rare in them: primitives without a value, repetitions.
import type { Environment, JsonObject, JsonValue } from '../../../../src/fhir/index.ts'

const weight = (value: number): JsonValue => [
  { url: 'http://hl7.org/fhir/StructureDefinition/itemWeight', valueDecimal: value },
]
const ordinal = (value: number): JsonValue => [
  { url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: value },
]

export const questionnaire: JsonObject = {
  resourceType: 'Questionnaire',
  status: 'active',
  item: [
    {
      linkId: 'group',
      type: 'group',
      item: [
        {
          linkId: '/5',
          type: 'choice',
          answerOption: [
            { valueCoding: { system: 'urn:scale', code: 'some' }, extension: weight(1) },
            { valueCoding: { system: 'urn:scale', code: 'much' }, extension: ordinal(2.5) },
          ],
        },
        {
          linkId: '/6',
          type: 'integer',
          answerOption: [{ valueInteger: 3, extension: weight(30) }, { valueInteger: 4 }],
        },
        { linkId: '/7', type: 'string', answerOption: [{ valueString: 'often', extension: weight(7) }] },
      ],
    },
  ],
}

export const response: JsonObject = {
  resourceType: 'QuestionnaireResponse',
  id: 'response',
  status: 'completed',
  authored: '2024-03-05T10:00:00Z',
  subject: { reference: 'Patient/p', display: 'P' },
  item: [
    {
      linkId: '/1',
      text: 'One',
      answer: [{ valueCoding: { system: 'urn:scale', code: 'a', display: 'A', extension: weight(0) } }],
    },
    {
      linkId: '/2',
      text: 'Two',
      answer: [{ valueCoding: { system: 'urn:scale', code: 'b', display: 'B', extension: weight(1) } }],
    },
    {
      linkId: '/3',
      answer: [
        { valueCoding: { system: 'urn:scale', code: 'b', extension: ordinal(2) } },
        { valueInteger: 2 },
      ],
    },
    { linkId: '/3', text: 'Three again' },
    { linkId: '/4', answer: [{ valueBoolean: false }] },
    { linkId: '/4b', answer: [{ valueBoolean: true }] },
    {
      linkId: 'group',
      item: [
        {
          linkId: '/5',
          answer: [
            {
              valueCoding: { system: 'urn:scale', code: 'some' },
              item: [{ linkId: '/5.1', answer: [{ valueString: 'because' }] }],
            },
          ],
        },
        { linkId: '/6', answer: [{ valueInteger: 3 }] },
        { linkId: '/7', answer: [{ valueString: 'often' }] },
        { linkId: '/8', answer: [{ valueDecimal: 0.1 }, { valueDecimal: 0.2 }, { valueDecimal: 7.25 }] },
        {
          linkId: '/9',
          answer: [{ _valueInteger: { extension: [{ url: 'urn:why', valueCode: 'asked' }] } }],
        },
        { linkId: '/10', answer: [{ valueDate: '2024-02-01' }] },
        { linkId: '/11', answer: [{ valueString: 'Yes' }, { valueString: ' no' }, { valueString: '12' }] },
      ],
    },
  ],
}

export const patient: JsonObject = {
  resourceType: 'Patient',
  id: 'p',
  contained: [{ resourceType: 'Observation', id: 'o', valueQuantity: { value: 1, unit: 'points' } }],
  active: true,
  gender: 'female',
  birthDate: '1980-05-01',
  deceasedBoolean: false,
  multipleBirthInteger: 2,
  identifier: [
    { use: 'official', system: 'urn:a', value: '1', period: { start: '2000' } },
    { use: 'usual', system: 'urn:b', value: '2' },
    { use: 'official', system: 'urn:a', value: '1', period: { start: '2000' } },
  ],
  name: [
    { use: 'official', family: 'Case', given: ['Ann', 'Bea', 'Ann'], _given: [null, { id: 'x' }, null] },
    {
      use: 'nickname',
      given: [null, 'Bo'],
      _given: [{ extension: [{ url: 'urn:why', valueDecimal: 1.5 }] }, null],
    },
  ],
  contact: [{ name: { text: 'Friend' }, relationship: [{ coding: [{ system: 'urn:r', code: 'N' }] }] }],
  extension: [
    { url: 'urn:a', valueString: 'text' },
    { url: 'urn:b', extension: [{ url: 'inner', valueInteger: 4 }] },
    { url: 'urn:a', valueCodeableConcept: { text: 'concept' } },
  ],
}

export const observation: JsonObject = {
  resourceType: 'Observation',
  id: 'o2',
  status: 'final',
  code: {
    coding: [
      { system: 'http://loinc.org', code: '44261-6' },
      { system: 'urn:local', code: 'x' },
    ],
  },
  effectivePeriod: { start: '2024-01-01', end: '2024-01-31' },
  valueQuantity: { value: 12, unit: '{score}' },
  component: [
    { code: { text: 'one' }, valueInteger: 3 },
    { code: { text: 'two' }, valueString: 'x' },
    { code: { text: 'three' }, valueCodeableConcept: { coding: [{ code: 'y' }] } },
    { code: { text: 'four' }, valueDateTime: '2024-01-31T10:00:00Z' },
    { code: { text: 'five' }, valueDateTime: '2024-01-31T11:00:00+01:00' },
  ],
}

export const resources: readonly JsonObject[] = [response, patient, observation]

export const environment: Environment = {
  questionnaire,
  patient,
  answers: ['/1', '/2', '/4'],
  weights: [0, 1, 3, 2],
  one: 1,
  half: 0.5,
  word: 'word',
  visit: '2024-02-29',
  yes: true,
  nothing: [],
  'a-b': 'dashed',
  coding: { system: 'urn:scale', code: 'b' },
}
