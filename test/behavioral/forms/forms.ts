// A form of every type of item, and responses to it: what the tests of validation start from.
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'

export const CORE = 'http://hl7.org/fhir/StructureDefinition'
const SCALE = 'http://example.org/scale'

export const ITEMS: readonly JsonObject[] = [
  { linkId: 'intro', type: 'display', text: 'Please answer' },
  {
    linkId: 'about',
    type: 'group',
    required: true,
    text: 'About you',
    item: [
      { linkId: 'name', type: 'string', required: true, maxLength: 10, text: 'Name' },
      {
        linkId: 'smokes',
        type: 'boolean',
        text: 'Do you smoke?',
        item: [
          {
            linkId: 'packs',
            type: 'decimal',
            text: 'Packs a day',
            required: true,
            enableWhen: [{ question: 'smokes', operator: '=', answerBoolean: true }],
            extension: [
              { url: `${CORE}/minValue`, valueDecimal: 0.5 },
              { url: `${CORE}/maxValue`, valueDecimal: 10 },
              { url: `${CORE}/maxDecimalPlaces`, valueInteger: 1 },
            ],
          },
        ],
      },
    ],
  },
  { linkId: 'age', type: 'integer' },
  {
    linkId: 'born',
    type: 'date',
    extension: [
      { url: `${CORE}/minValue`, valueDate: '1900-01-01' },
      { url: `${CORE}/maxValue`, valueDate: '2020-06' },
    ],
  },
  { linkId: 'seen', type: 'dateTime' },
  { linkId: 'wakes', type: 'time' },
  { linkId: 'story', type: 'text' },
  { linkId: 'site', type: 'url' },
  {
    linkId: 'mood',
    type: 'choice',
    required: true,
    answerOption: [
      { valueCoding: { system: SCALE, code: '0', display: 'Low' } },
      { valueCoding: { system: SCALE, code: '1', display: 'High' } },
    ],
  },
  {
    linkId: 'uses',
    type: 'open-choice',
    repeats: true,
    answerOption: [
      { valueCoding: { system: SCALE, code: 'a', display: 'Alcohol' } },
      {
        valueCoding: { system: SCALE, code: 'none', display: 'Nothing' },
        extension: [{ url: `${CORE}/questionnaire-optionExclusive`, valueBoolean: true }],
      },
    ],
  },
  { linkId: 'listed', type: 'choice', answerValueSet: '#colours' },
  { linkId: 'elsewhere', type: 'choice', answerValueSet: 'http://example.org/ValueSet/unknown' },
  { linkId: 'dose', type: 'quantity' },
  { linkId: 'scan', type: 'attachment' },
  {
    linkId: 'who',
    type: 'reference',
    extension: [{ url: `${CORE}/questionnaire-referenceResource`, valueCode: 'Patient' }],
  },
  {
    linkId: 'child',
    type: 'group',
    repeats: true,
    extension: [{ url: `${CORE}/questionnaire-maxOccurs`, valueInteger: 2 }],
    item: [{ linkId: 'child-name', type: 'string', required: true }],
  },
]

export function form(items: readonly JsonObject[] = ITEMS): Resource {
  return {
    resourceType: 'Questionnaire',
    id: 'form',
    url: 'http://example.org/Questionnaire/form',
    status: 'active',
    contained: [
      {
        resourceType: 'ValueSet',
        id: 'colours',
        status: 'active',
        compose: {
          include: [{ system: 'http://example.org/colours', concept: [{ code: 'red' }, { code: 'blue' }] }],
        },
      },
    ],
    item: [...items],
  }
}

export function response(item: readonly JsonObject[], more: JsonObject = {}): Resource {
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: 'http://example.org/Questionnaire/form',
    status: 'completed',
    item: [...item],
    ...more,
  }
}

export function answered(linkId: string, ...values: readonly JsonObject[]): JsonObject {
  return { linkId, answer: [...values] }
}

export const ABOUT: JsonObject = { linkId: 'about', item: [answered('name', { valueString: 'Ada' })] }
export const MOOD: JsonObject = answered('mood', { valueCoding: { system: SCALE, code: '1' } })

/** One answer of the right type to each item, in the form's order. */
export const GOOD: readonly JsonObject[] = [
  { linkId: 'intro' },
  {
    linkId: 'about',
    item: [
      answered('name', { valueString: 'Ada' }),
      answered('smokes', { valueBoolean: true, item: [answered('packs', { valueDecimal: 1.5 })] }),
    ],
  },
  answered('age', { valueInteger: 40 }),
  answered('born', { valueDate: '1984-02' }),
  answered('seen', { valueDateTime: '2024-05-31T08:30:00Z' }),
  answered('wakes', { valueTime: '07:00:00' }),
  answered('story', { valueString: 'Long ago' }),
  answered('site', { valueUri: 'http://example.org' }),
  MOOD,
  answered('uses', { valueCoding: { system: SCALE, code: 'a' } }, { valueString: 'Coffee' }),
  answered('listed', { valueCoding: { system: 'http://example.org/colours', code: 'red' } }),
  answered('elsewhere', { valueCoding: { system: 'http://example.org/any', code: 'x' } }),
  answered('dose', { valueQuantity: { value: 5, unit: 'mg' } }),
  answered('scan', { valueAttachment: { title: 'Scan' } }),
  answered('who', { valueReference: { reference: 'Patient/p' } }),
  { linkId: 'child', item: [answered('child-name', { valueString: 'Bo' })] },
  { linkId: 'child', item: [answered('child-name', { valueString: 'Cy' })] },
]

/** The good response with the item of a linkId replaced; with none, it is left out. */
export function but(linkId: string, ...items: readonly JsonObject[]): readonly JsonObject[] {
  const at = GOOD.findIndex((item) => item.linkId === linkId)
  return [...GOOD.slice(0, at), ...items, ...GOOD.slice(at).filter((item) => item.linkId !== linkId)]
}
