// Resource -> index entries: one value of each type under each kind of parameter, compartments, labels and dates.
import t from 'tap'
import { loadDefinitions, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { createSearch, foldString } from '../../src/search/index.ts'
import { createRegistry } from '../../src/search/registry.ts'
import type { IndexEntry } from '../../src/store/index.ts'
import { asIfOwn } from './as-if-own.ts'

const definitions = loadDefinitions()
const BASE = 'http://alcove.example/fhir'
const search = createSearch({ definitions, baseUrl: BASE })
const registry = createRegistry(definitions)

/** The entries of one parameter, as short text. */
function entries(resourceType: string, param: string, content: JsonObject): string[] {
  const index = search.extract({ resourceType, ...content } as Resource)
  return asIfOwn(resourceType, index.entries, registry)
    .filter((entry) => entry.param === param)
    .map(shown)
}

function shown(entry: IndexEntry): string {
  switch (entry.kind) {
    case 'token':
      return `${entry.system}|${entry.code}`
    case 'string':
      return `${entry.folded} (${entry.exact})`
    case 'reference': {
      const { target } = entry
      if (target.kind === 'contained') return `#${target.id}`
      return target.kind === 'local'
        ? `${target.type}/${target.id}`
        : `<${target.url}>${target.version ?? ''}`
    }
    case 'date':
      return `${time(entry.low)} ${time(entry.high)}`
    case 'number':
      return `${entry.low} ${entry.high}`
    case 'quantity':
      return `${entry.low} ${entry.high} ${entry.system}|${entry.code}|${entry.unit}`
    case 'uri':
      return entry.value
    case 'position':
      return `${entry.latitude} ${entry.longitude}`
    case 'composite':
      return entry.components.map((component) => `${component.param}=${shown(component)}`).join(' $ ')
  }
}

function time(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : String(milliseconds)
}

type Vector = [what: string, type: string, param: string, content: JsonObject, entries: string[]]

function check(name: string, vectors: Vector[]): void {
  t.test(name, async (t) => {
    for (const [what, type, param, content, expected] of vectors) {
      t.strictSame(entries(type, param, content), expected, what)
    }
  })
}

check('string', [
  ['string', 'Account', 'name', { name: 'Müller  & Söhne' }, ['muller & sohne (Müller  & Söhne)']],
  ['markdown', 'Library', 'description', { description: 'Take **two**' }, ['take **two** (Take **two**)']],
  [
    'every name part',
    'Patient',
    'name',
    {
      name: [
        {
          use: 'official',
          text: 'Dr Ann B',
          family: 'B',
          given: ['Ann', 'Eve'],
          prefix: ['Dr'],
          suffix: ['Jr'],
        },
      ],
    },
    ['b (B)', 'ann (Ann)', 'eve (Eve)', 'dr (Dr)', 'jr (Jr)', 'dr ann b (Dr Ann B)'],
  ],
  [
    'names of several uses, each once',
    'Patient',
    'family',
    {
      name: [{ family: 'Smith' }, { family: 'Smith', use: 'old' }, { family: 'SMITH' }],
    },
    ['smith (Smith)', 'smith (SMITH)'],
  ],
  [
    'every address part, not the use',
    'Patient',
    'address',
    {
      address: [
        {
          use: 'home',
          line: ['1 A St'],
          city: 'C',
          district: 'D',
          state: 'S',
          country: 'US',
          postalCode: '9',
        },
      ],
    },
    ['1 a st (1 A St)', 'c (C)', 'd (D)', 's (S)', 'us (US)', '9 (9)'],
  ],
  [
    'text of a concept',
    'Observation',
    'value-string',
    { valueCodeableConcept: { text: 'High' } },
    ['high (High)'],
  ],
  ['text of a string value', 'Observation', 'value-string', { valueString: 'Low' }, ['low (Low)']],
  ['not a number in its place', 'Account', 'name', { name: 5 }, []],
  [
    'nothing of a null beside an extension',
    'Patient',
    'given',
    { name: [{ given: [null, 'Eve'] }] },
    ['eve (Eve)'],
  ],
])

check('token', [
  ['Coding', 'Encounter', 'class', { class: { system: 's', code: 'AMB', display: 'x' } }, ['s|AMB']],
  ['Coding without a system', 'Encounter', 'class', { class: { code: 'AMB' } }, ['|AMB']],
  ['Coding without a code', 'Encounter', 'class', { class: { system: 's' } }, []],
  [
    'all codings of a concept, each once',
    'Condition',
    'code',
    {
      code: {
        text: 'x',
        coding: [
          { system: 'a', code: '1' },
          { system: 'b', code: '1' },
          { system: 'a', code: '1' },
        ],
      },
    },
    ['a|1', 'b|1'],
  ],
  ['concept of text alone', 'Condition', 'code', { code: { text: 'x' } }, []],
  [
    'Identifier',
    'Patient',
    'identifier',
    { identifier: [{ system: 'u', value: '7' }, { value: '8' }] },
    ['u|7', '|8'],
  ],
  [
    'ContactPoint without its system',
    'Patient',
    'phone',
    {
      telecom: [
        { system: 'phone', value: '555' },
        { system: 'email', value: 'a@b.c' },
      ],
    },
    ['|555'],
  ],
  [
    'code with the system of its binding',
    'Observation',
    'status',
    { status: 'final' },
    ['http://hl7.org/fhir/observation-status|final'],
  ],
  ['boolean', 'Patient', 'active', { active: false }, ['|false']],
  ['string', 'Library', 'version', { version: '1.0' }, ['|1.0']],
  ['uri', 'MessageHeader', 'event', { eventUri: 'http://e' }, ['|http://e']],
  ['either type of a choice', 'MessageHeader', 'event', { eventCoding: { system: 's', code: 'c' } }, ['s|c']],
  ['is deceased by date', 'Patient', 'deceased', { deceasedDateTime: '2020' }, ['|true']],
  ['is deceased by flag', 'Patient', 'deceased', { deceasedBoolean: true }, ['|true']],
  ['is not deceased', 'Patient', 'deceased', { deceasedBoolean: false }, ['|false']],
  ['is not said to be deceased', 'Patient', 'deceased', {}, ['|false']],
  ['tags', 'Basic', '_tag', { meta: { tag: [{ system: 's', code: 't' }] } }, ['s|t']],
  ['labels', 'Basic', '_security', { meta: { security: [{ system: 's', code: 'R' }] } }, ['s|R']],
])

check('reference', [
  ['relative', 'Observation', 'subject', { subject: { reference: 'Patient/1' } }, ['Patient/1']],
  [
    'of a version',
    'Observation',
    'subject',
    { subject: { reference: 'Patient/1/_history/3' } },
    ['Patient/1'],
  ],
  [
    'absolute, here',
    'Observation',
    'subject',
    { subject: { reference: `${BASE}/Patient/1` } },
    ['Patient/1'],
  ],
  [
    'absolute, elsewhere',
    'Observation',
    'subject',
    { subject: { reference: 'http://x/fhir/Patient/1' } },
    ['<http://x/fhir/Patient/1>'],
  ],
  [
    'a version elsewhere',
    'Observation',
    'subject',
    { subject: { reference: 'http://x/Patient/1/_history/2' } },
    ['<http://x/Patient/1>'],
  ],
  ['patient among subjects', 'Observation', 'patient', { subject: { reference: 'Group/1' } }, []],
  [
    'patient elsewhere',
    'Observation',
    'patient',
    { subject: { reference: 'http://x/Patient/1' } },
    ['<http://x/Patient/1>'],
  ],
  [
    'identifier alone',
    'Observation',
    'subject',
    { subject: { identifier: { value: '1' }, type: 'Patient' } },
    [],
  ],
  ['contained', 'Observation', 'subject', { subject: { reference: '#p' } }, ['#p']],
  ['the resource itself', 'Observation', 'focus', { focus: [{ reference: '#' }] }, []],
  [
    'urn',
    'Observation',
    'subject',
    { subject: { reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' } },
    [],
  ],
  ['search', 'Observation', 'subject', { subject: { reference: 'Patient?identifier=1' } }, []],
  [
    'several',
    'Observation',
    'performer',
    { performer: [{ reference: 'Practitioner/1' }, { display: 'Bob' }] },
    ['Practitioner/1'],
  ],
  [
    'one side of a choice',
    'MedicationRequest',
    'medication',
    { medicationReference: { reference: 'Medication/1' } },
    ['Medication/1'],
  ],
  ['canonical', 'QuestionnaireResponse', 'questionnaire', { questionnaire: 'http://q|2' }, ['<http://q>2']],
  [
    'canonical without a version',
    'QuestionnaireResponse',
    'questionnaire',
    { questionnaire: 'http://q' },
    ['<http://q>'],
  ],
  [
    'canonical that is an address here',
    'QuestionnaireResponse',
    'questionnaire',
    { questionnaire: `${BASE}/Questionnaire/1` },
    ['Questionnaire/1', `<${BASE}/Questionnaire/1>`],
  ],
  [
    'canonical urn',
    'QuestionnaireResponse',
    'questionnaire',
    { questionnaire: 'urn:oid:1.2.3' },
    ['<urn:oid:1.2.3>'],
  ],
  ['canonical within', 'QuestionnaireResponse', 'questionnaire', { questionnaire: '#q' }, ['#q']],
  ['uri', 'ConceptMap', 'source-uri', { sourceUri: 'http://v' }, ['<http://v>']],
  [
    'the first entry of a document',
    'Bundle',
    'composition',
    {
      entry: [
        { resource: { resourceType: 'Composition', id: 'c' } },
        { resource: { resourceType: 'Composition', id: 'd' } },
      ],
    },
    ['Composition/c'],
  ],
  [
    'a first entry of another type',
    'Bundle',
    'composition',
    { entry: [{ resource: { resourceType: 'List', id: 'l' } }] },
    [],
  ],
  [
    'by the type of a related artifact',
    'Library',
    'depends-on',
    {
      relatedArtifact: [
        { type: 'depends-on', resource: 'http://a|1' },
        { type: 'citation', resource: 'http://b' },
      ],
    },
    ['<http://a>1'],
  ],
  [
    'none of what is contained',
    'Observation',
    'subject',
    {
      contained: [{ resourceType: 'Observation', id: 'o', subject: { reference: 'Patient/9' } }],
    },
    [],
  ],
])

const DAY_2020_03_05 = '2020-03-05T00:00:00.000Z 2020-03-06T00:00:00.000Z'
check('date', [
  ['date', 'Patient', 'birthdate', { birthDate: '2020-03-05' }, [DAY_2020_03_05]],
  [
    'dateTime of a month',
    'Observation',
    'date',
    { effectiveDateTime: '2020-03' },
    ['2020-03-01T00:00:00.000Z 2020-04-01T00:00:00.000Z'],
  ],
  [
    'dateTime with a zone',
    'Observation',
    'date',
    { effectiveDateTime: '2020-03-05T10:00:00-05:00' },
    ['2020-03-05T15:00:00.000Z 2020-03-05T15:00:01.000Z'],
  ],
  [
    'instant',
    'AuditEvent',
    'date',
    { recorded: '2020-03-05T10:00:00.123Z' },
    ['2020-03-05T10:00:00.123Z 2020-03-05T10:00:00.124Z'],
  ],
  ['Period', 'Encounter', 'date', { period: { start: '2020-03-05', end: '2020-03-05' } }, [DAY_2020_03_05]],
  [
    'Period without an end',
    'Encounter',
    'date',
    { period: { start: '2020' } },
    ['2020-01-01T00:00:00.000Z Infinity'],
  ],
  [
    'Period without a start',
    'Encounter',
    'date',
    { period: { end: '2020' } },
    ['-Infinity 2021-01-01T00:00:00.000Z'],
  ],
  ['empty Period', 'Encounter', 'date', { period: { id: 'x' } }, []],
  ['Period back to front', 'Encounter', 'date', { period: { start: '2021', end: '2019' } }, []],
  [
    'Timing of events',
    'Observation',
    'date',
    { effectiveTiming: { event: ['2020-03-07', '2020-03-05', '2020-03-06'] } },
    ['2020-03-05T00:00:00.000Z 2020-03-08T00:00:00.000Z'],
  ],
  [
    'Timing within bounds',
    'Observation',
    'date',
    { effectiveTiming: { repeat: { boundsPeriod: { start: '2020-03-05' } } } },
    ['2020-03-05T00:00:00.000Z Infinity'],
  ],
  ['Timing without a date', 'Observation', 'date', { effectiveTiming: { repeat: { frequency: 2 } } }, []],
  ['no date', 'Patient', 'birthdate', { birthDate: '2020-02-30' }, []],
  ['a string under a date parameter', 'Procedure', 'date', { performedString: 'long ago' }, []],
])

check('number', [
  ['decimal', 'RiskAssessment', 'probability', { prediction: [{ probabilityDecimal: 0.25 }] }, ['0.25 0.25']],
  [
    'Range',
    'RiskAssessment',
    'probability',
    {
      prediction: [{ probabilityRange: { low: { value: 0.1 }, high: { value: 0.3 } } }],
    },
    ['0.1 0.3'],
  ],
  ['integer', 'MolecularSequence', 'window-start', { referenceSeq: { windowStart: 12 } }, ['12 12']],
])

const MG = { system: 'http://unitsofmeasure.org', code: 'mg', unit: 'milligram' }
const MG_TEXT = 'http://unitsofmeasure.org|mg|milligram'
check('quantity', [
  [
    'Quantity',
    'Observation',
    'value-quantity',
    { valueQuantity: { value: 5.4, ...MG } },
    [`5.4 5.4 ${MG_TEXT}`],
  ],
  ['Quantity without a unit', 'Observation', 'value-quantity', { valueQuantity: { value: 0 } }, ['0 0 ||']],
  ['Quantity without a value', 'Observation', 'value-quantity', { valueQuantity: MG }, []],
  [
    'less than',
    'Observation',
    'value-quantity',
    { valueQuantity: { value: 5, comparator: '<' } },
    ['-Infinity 5 ||'],
  ],
  [
    'more than',
    'Observation',
    'value-quantity',
    { valueQuantity: { value: 5, comparator: '>=' } },
    ['5 Infinity ||'],
  ],
  [
    'Age',
    'Condition',
    'onset-age',
    { onsetAge: { value: 40, code: 'a', system: 'u', unit: 'years' } },
    ['40 40 u|a|years'],
  ],
  [
    'Range',
    'Condition',
    'onset-age',
    { onsetRange: { low: { value: 40, unit: 'a' }, high: { value: 50, unit: 'a' } } },
    ['40 50 ||a'],
  ],
  [
    'Range without an upper end',
    'Condition',
    'onset-age',
    { onsetRange: { low: { value: 40 } } },
    ['40 Infinity ||'],
  ],
  [
    'Range without a lower end',
    'Condition',
    'onset-age',
    { onsetRange: { high: { value: 40, unit: 'a' } } },
    ['-Infinity 40 ||a'],
  ],
  ['Duration', 'Encounter', 'length', { length: { value: 30, unit: 'min' } }, ['30 30 ||min']],
  [
    'Money',
    'Invoice',
    'totalnet',
    { totalNet: { value: 9.5, currency: 'EUR' } },
    ['9.5 9.5 urn:iso:std:iso:4217|EUR|'],
  ],
  [
    'SampledData',
    'Observation',
    'value-quantity',
    {
      valueSampledData: {
        origin: { value: 10, unit: 'mV' },
        period: 1,
        factor: 2,
        lowerLimit: -4,
        dimensions: 1,
        data: '1 E L 3',
      },
    },
    ['2 16 ||mV'],
  ],
  [
    'SampledData of errors',
    'Observation',
    'value-quantity',
    {
      valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: 'E E' },
    },
    [],
  ],
  [
    'value and components',
    'Observation',
    'combo-value-quantity',
    {
      valueQuantity: { value: 1 },
      component: [{ valueQuantity: { value: 2 } }, { valueQuantity: { value: 1 } }],
    },
    ['2 2 ||', '1 1 ||'],
  ],
])

check('uri', [
  ['uri', 'ValueSet', 'url', { url: 'http://V' }, ['http://V']],
  ['url', 'Subscription', 'url', { channel: { endpoint: 'https://a/b' } }, ['https://a/b']],
  [
    'canonical, with its version and without',
    'Basic',
    '_profile',
    { meta: { profile: ['http://p|1', 'http://q'] } },
    ['http://p|1', 'http://p', 'http://q'],
  ],
  ['source', 'Basic', '_source', { meta: { source: 'urn:x' } }, ['urn:x']],
])

const UCUM_MG = 'http://unitsofmeasure.org'
check('quantities in base units', [
  [
    'UCUM',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 5.4, ...MG } },
    [`0.0054 0.0054 ${UCUM_MG}|g|`],
  ],
  [
    'a temperature',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 98.6, system: UCUM_MG, code: '[degF]' } },
    [`310.15 310.15 ${UCUM_MG}|K|`],
  ],
  [
    'less than',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 5, comparator: '<', system: UCUM_MG, code: 'mg' } },
    [`-Infinity 0.005 ${UCUM_MG}|g|`],
  ],
  [
    'Range',
    'Condition',
    'onset-age:ucum',
    {
      onsetRange: {
        low: { value: 1, system: UCUM_MG, code: 'wk' },
        high: { value: 2, system: UCUM_MG, code: 'wk' },
      },
    },
    [`604800 1209600 ${UCUM_MG}|s|`],
  ],
  [
    'another system',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 5, system: 'u', code: 'mg' } },
    [],
  ],
  [
    'no system',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 5, code: 'mg', unit: 'mg' } },
    [],
  ],
  [
    'no code of UCUM',
    'Observation',
    'value-quantity:ucum',
    { valueQuantity: { value: 5, system: UCUM_MG, code: 'milligram' } },
    [],
  ],
])

const CODED = {
  code: {
    text: 'Weight',
    coding: [
      { system: 'l', code: '1', display: 'Body weight' },
      { system: 's', code: '2', display: 'BODY  weight' },
    ],
  },
}
check('what modifiers ask for', [
  [
    'text of a concept, each once',
    'Observation',
    'code:text',
    CODED,
    ['weight (weight)', 'body weight (body weight)'],
  ],
  [
    'display of a Coding',
    'Encounter',
    'class:text',
    { class: { code: 'AMB', display: 'Ämbulatory' } },
    ['ambulatory (ambulatory)'],
  ],
  ['no empty text', 'Encounter', 'class:text', { class: { code: 'AMB', display: ' ' } }, []],
  [
    "text of an identifier's type",
    'Patient',
    'identifier:text',
    { identifier: [{ value: '1', type: { text: 'Record number', coding: [{ display: 'no' }] } }] },
    ['record number (record number)'],
  ],
  [
    'type and value of an identifier',
    'Patient',
    'identifier:of-type',
    {
      identifier: [
        { system: 'u', value: '7', type: { coding: [{ system: 't', code: 'MR' }, { code: 'XX' }] } },
        { system: 'u', type: { coding: [{ system: 't', code: 'MR' }] } },
        { value: '8' },
      ],
    },
    ['t|MR|7', '|XX|7'],
  ],
  [
    'identifier of a reference',
    'Observation',
    'subject:identifier',
    { subject: { identifier: { system: 's', value: '1' }, reference: 'Patient/1' } },
    ['s|1'],
  ],
  [
    'only of references to a Patient',
    'Observation',
    'patient:identifier',
    { subject: { identifier: { value: '1' }, type: 'Group' } },
    [],
  ],
])

check('values that give no entry', [
  ['a display alone', 'Observation', 'subject:valueless', { subject: { display: 'x' } }, ['|true']],
  ['a reference', 'Observation', 'subject:valueless', { subject: { reference: 'Patient/1' } }, []],
  ['nothing', 'Observation', 'subject:valueless', {}, []],
  ['text of a concept', 'Observation', 'code:valueless', { code: { text: 'x' } }, ['|true']],
  [
    'one of several is enough',
    'Observation',
    'performer:valueless',
    { performer: [{ display: 'x' }, { reference: 'Patient/1' }] },
    [],
  ],
  [
    'extensions alone',
    'Patient',
    'birthdate:valueless',
    { _birthDate: { extension: [{ url: 'u' }] } },
    ['|true'],
  ],
  [
    'extensions beside a value',
    'Patient',
    'birthdate:valueless',
    { birthDate: '2020', _birthDate: { id: 'a' } },
    [],
  ],
  ['a string for a date', 'Procedure', 'date:valueless', { performedString: 'once' }, ['|true']],
  [
    'a composite',
    'Observation',
    'code-value-quantity:valueless',
    { code: { text: 'x' }, valueQuantity: { value: 1 } },
    [],
  ],
  ['the resource itself', 'Observation', 'focus:valueless', { focus: [{ reference: '#' }] }, ['|true']],
  ['whether it is deceased', 'Patient', 'deceased:valueless', {}, []],
])

check('composite', [
  [
    'each coding with the value, and with it in base units',
    'Observation',
    'code-value-quantity',
    { ...CODED, valueQuantity: { value: 70, system: UCUM_MG, code: 'kg' } },
    [
      `0=l|1 $ 1=70 70 ${UCUM_MG}|kg|`,
      `0=l|1 $ 1:ucum=70000 70000 ${UCUM_MG}|g|`,
      `0=s|2 $ 1=70 70 ${UCUM_MG}|kg|`,
      `0=s|2 $ 1:ucum=70000 70000 ${UCUM_MG}|g|`,
    ],
  ],
  ['nothing without a value', 'Observation', 'code-value-quantity', CODED, []],
  [
    'nothing without a code',
    'Observation',
    'code-value-quantity',
    { code: { text: 'x' }, valueQuantity: { value: 1 } },
    [],
  ],
  [
    'nothing of a value of another type',
    'Observation',
    'code-value-quantity',
    { ...CODED, valueString: 'x' },
    [],
  ],
  [
    'values of one component, not of two',
    'Observation',
    'component-code-value-quantity',
    {
      component: [
        { code: { coding: [{ code: 'a' }] }, valueQuantity: { value: 1 } },
        { code: { coding: [{ code: 'b' }] }, valueQuantity: { value: 2 } },
      ],
    },
    ['0=|a $ 1=1 1 ||', '0=|b $ 1=2 2 ||'],
  ],
  [
    'the resource and its components',
    'Observation',
    'combo-code-value-concept',
    {
      code: { coding: [{ code: 'a' }] },
      valueCodeableConcept: { coding: [{ code: 'x' }] },
      component: [{ code: { coding: [{ code: 'b' }] }, valueCodeableConcept: { coding: [{ code: 'y' }] } }],
    },
    ['0=|b $ 1=|y', '0=|a $ 1=|x'],
  ],
  [
    'a date',
    'Observation',
    'code-value-date',
    { code: { coding: [{ code: 'a' }] }, valueDateTime: '2020-03-05' },
    [`0=|a $ 1=${DAY_2020_03_05}`],
  ],
  [
    'a reference',
    'DocumentReference',
    'relationship',
    { relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/1' } }] },
    ['0=http://hl7.org/fhir/document-relationship-type|appends $ 1=DocumentReference/1'],
  ],
  [
    'three, one from elsewhere in the resource',
    'MolecularSequence',
    'chromosome-variant-coordinate',
    {
      referenceSeq: { chromosome: { coding: [{ code: '1' }] } },
      variant: [
        { start: 2, end: 3 },
        { start: 4, end: 5 },
      ],
    },
    ['0=|1 $ 1=2 2 $ 2=3 3', '0=|1 $ 1=4 4 $ 2=5 5'],
  ],
])

check('position', [
  ['a place', 'Location', 'near', { position: { latitude: -33.9, longitude: 151.2 } }, ['-33.9 151.2']],
  ['half a place', 'Location', 'near', { position: { latitude: 1 } }, []],
  ['no place on Earth', 'Location', 'near', { position: { latitude: 91, longitude: 0 } }, []],
])

check('sound', [
  [
    'the parts of a name',
    'Patient',
    'phonetic',
    { name: [{ family: 'Schmidt', given: ['Jane'], prefix: ['Dr'] }] },
    ['XMT (XMT)', 'SMT (SMT)', 'JN (JN)', 'AN (AN)'],
  ],
  ['of an organization', 'Organization', 'phonetic', { name: 'Green Clinic' }, ['KRN (KRN)', 'KLNK (KLNK)']],
  ['of no Latin letters', 'Organization', 'phonetic', { name: '中文 3' }, ['中文 (中文)']],
])

t.test('contained resources', async (t) => {
  const { entries: own, contained } = search.extract({
    resourceType: 'MedicationRequest',
    medicationReference: { reference: '#m' },
    subject: { reference: '#p' },
    contained: [
      {
        resourceType: 'Medication',
        id: 'm',
        code: { coding: [{ code: 'x' }] },
        manufacturer: { reference: '#o' },
        ingredient: [{ itemReference: { reference: 'Substance/1' } }],
      },
      { resourceType: 'Organization', id: 'o', name: 'Maker' },
      { resourceType: 'Patient', id: 'p', birthDate: '2020' },
      { resourceType: 'Nonsense', id: 'n' },
      { resourceType: 'Organization', name: 'nameless' },
      { resourceType: 'Organization', id: 'o', name: 'Another' },
    ],
  })
  const targets = own
    .filter((entry) => entry.kind === 'reference')
    .map((entry) => `${entry.param} ${shown(entry)}`)
  t.strictSame(targets.sort(), ['medication #m', 'patient #p', 'subject #p'])
  t.notOk(
    own.some((entry) => entry.kind === 'string'),
    'what they contain is theirs',
  )
  t.strictSame(
    contained.map(({ type, id, entries }) => [
      `${type} ${id}`,
      entries.map((entry) => `${entry.param} ${shown(entry)}`).sort(),
    ]),
    [
      ['Medication m', ['code |x', 'ingredient Substance/1', 'manufacturer:valueless |true']],
      ['Organization o', ['name maker (Maker)', 'phonetic MKR (MKR)']],
      ['Patient p', ['birthdate 2020-01-01T00:00:00.000Z 2021-01-01T00:00:00.000Z', 'deceased |false']],
    ],
  )
  t.strictSame(search.extract({ resourceType: 'Basic' }).contained, [])
})

t.test('a resource of more combinations than any has is refused, one of many values is not', async (t) => {
  const coding = Array.from({ length: 300 }, (_, index) => ({ code: String(index) }))
  const resource: Resource = {
    resourceType: 'Observation',
    component: [{ code: { coding }, valueCodeableConcept: { coding } }],
  }
  t.throws(() => search.extract(resource), { code: 'too-costly' })
  const concept = Array.from({ length: 60_000 }, (_, index) => ({ code: `c${index}` }))
  t.equal(search.extract({ resourceType: 'CodeSystem', concept }).entries.length, 60_000)
})

t.test('what parameters have in common is kept once', async (t) => {
  const params = (content: JsonObject) =>
    search.extract({ resourceType: 'Observation', ...content } as Resource).entries.map(({ param }) => param)
  const UCUM = 'http://unitsofmeasure.org'
  const code = { text: 'Weight', coding: [{ system: 'l', code: '1' }] }
  const valueQuantity = { value: 70, system: UCUM, code: 'kg' }
  t.strictSame(params({ code, valueQuantity }).toSorted(), [
    'code',
    'code:text',
    'value-quantity',
    'value-quantity:ucum',
  ])
  t.strictSame(params({ component: [{ code, valueQuantity }] }).toSorted(), [
    'combo-code-value-quantity',
    'combo-code-value-quantity',
    'component-code',
    'component-code-value-quantity',
    'component-code-value-quantity',
    'component-code:text',
    'component-value-quantity',
    'component-value-quantity:ucum',
  ])
  const sampled = { origin: { value: 1, system: UCUM, code: 'g' }, period: 1, dimensions: 1, data: '1 2' }
  t.strictSame(
    params({ valueSampledData: sampled }),
    ['value-quantity:apart', 'value-quantity:apart:ucum'],
    'no composite takes it, so it is kept beside those that one takes',
  )
  t.strictSame(params({ valueCodeableConcept: { text: 'High' } }).toSorted(), [
    'value-concept:text',
    'value-concept:valueless',
    'value-string:apart',
  ])
  t.strictSame(
    search
      .extract({ resourceType: 'Coverage', beneficiary: { reference: 'Patient/1' } })
      .entries.map(({ param }) => param),
    ['beneficiary', 'patient'],
    'references are asked by name',
  )
})

t.test('what the store keeps itself is no entry', async (t) => {
  const { entries } = search.extract({
    resourceType: 'Basic',
    id: 'b',
    meta: { lastUpdated: '2020-01-01T00:00:00Z' },
  })
  t.strictSame(entries, [])
})

t.test('a code without an enumerated binding, and one of several systems', async (t) => {
  t.strictSame(
    entries('DocumentReference', 'contenttype', { content: [{ attachment: { contentType: 'text/plain' } }] }),
    ['|text/plain'],
  )
  t.strictSame(entries('GraphDefinition', 'start', { start: 'Patient' }), [
    'http://hl7.org/fhir/resource-types|Patient',
  ])
  const taskIntent = (intent: string) => entries('Task', 'intent', { intent })
  t.strictSame(taskIntent('order'), ['http://hl7.org/fhir/request-intent|order'])
  t.strictSame(taskIntent('unknown'), ['http://hl7.org/fhir/task-intent|unknown'])
  t.strictSame(taskIntent('nonsense'), ['|nonsense'])
})

t.test('entries are each once, however many there are', async (t) => {
  const coding = Array.from({ length: 300 }, (_, index) => ({ system: 's', code: String(index % 150) }))
  const found = entries('Condition', 'code', { code: { coding } })
  t.equal(found.length, 150)
  t.equal(new Set(found).size, 150)
})

t.test('the Patients in whose compartment a resource is', async (t) => {
  const patients = (resource: Resource) => search.extract(resource).patients
  t.strictSame(patients({ resourceType: 'Patient', id: 'p' }), ['p'])
  t.strictSame(
    patients({
      resourceType: 'Patient',
      id: 'p',
      link: [{ other: { reference: 'Patient/q' }, type: 'seealso' }],
    }),
    ['p', 'q'],
  )
  t.strictSame(
    patients({
      resourceType: 'Observation',
      subject: { reference: 'Patient/a' },
      performer: [{ reference: 'Patient/b' }, { reference: 'Practitioner/c' }],
      focus: [{ reference: 'Patient/d' }],
    }),
    ['b', 'a'],
    'by subject and performer, as the CompartmentDefinition says, not by focus',
  )
  t.strictSame(
    patients({
      resourceType: 'Group',
      member: [{ entity: { reference: 'Patient/a' } }, { entity: { reference: `${BASE}/Patient/b` } }],
    }),
    ['a', 'b'],
  )
  t.strictSame(
    patients({ resourceType: 'Observation', subject: { reference: 'http://x/Patient/a' } }),
    [],
    'not of elsewhere',
  )
  t.strictSame(patients({ resourceType: 'Organization', id: 'o' }), [])
})

t.test('labels', async (t) => {
  const { labels } = search.extract({
    resourceType: 'Basic',
    meta: {
      security: [
        { system: 's', code: 'R' },
        { code: 'V' },
        { system: 's', code: 'R', display: 'again' },
        { system: 's' },
      ],
    },
  })
  t.strictSame(labels, [
    { system: 's', code: 'R' },
    { system: '', code: 'V' },
  ])
})

t.test('the clinically relevant date', async (t) => {
  const cases: [Resource, string | undefined][] = [
    [
      { resourceType: 'Observation', effectiveDateTime: '2020-03-05', issued: '2021-01-01T00:00:00Z' },
      '2020-03-05',
    ],
    [{ resourceType: 'Observation', issued: '2021-01-01T00:00:00Z' }, '2021-01-01'],
    [{ resourceType: 'Observation', effectivePeriod: { start: '2020-03', end: '2020-05' } }, '2020-03-01'],
    [{ resourceType: 'Encounter', period: { end: '2020-03-05' } }, '2020-03-06'],
    [{ resourceType: 'Condition', onsetString: 'long ago', recordedDate: '2020' }, '2020-01-01'],
    [{ resourceType: 'Condition', onsetDateTime: '2019', abatementDateTime: '2020' }, '2019-01-01'],
    [{ resourceType: 'MedicationRequest', authoredOn: '2020-03-05' }, '2020-03-05'],
    [{ resourceType: 'QuestionnaireResponse', authored: '2020-03-05' }, '2020-03-05'],
    [{ resourceType: 'Patient', birthDate: '2020' }, undefined],
    [{ resourceType: 'Observation' }, undefined],
  ]
  for (const [resource, expected] of cases) {
    const wanted = expected === undefined ? undefined : Date.parse(`${expected}T00:00:00Z`)
    t.equal(search.extract(resource).date, wanted, JSON.stringify(resource))
  }
})

t.test(
  'where a parameter is of the clinical date, its one value begins at it, or ends where it has no beginning',
  async (t) => {
    const values: Readonly<Record<string, readonly JsonObject[string][]>> = {
      date: ['2020', '2020-03-05'],
      dateTime: ['2020-03', '2020-03-05T10:00:00Z'],
      instant: ['2020-03-05T10:00:00Z'],
      Period: [{ start: '2020', end: '2021-02' }, { start: '2020' }, { end: '2020' }, {}],
      Timing: [{ event: ['2021', '2020-03'] }, { repeat: { boundsPeriod: { end: '2020' } } }],
    }
    const asked = definitions.resourceTypes.flatMap((type) =>
      [...registry.of(type).keys()]
        .filter((code) => registry.isClinicalDate(type, code))
        .map((code) => [type, code] as const),
    )
    t.ok(asked.length > 40)
    for (const known of [
      'Observation date',
      'Encounter date',
      'MedicationRequest authoredon',
      'Procedure date',
    ])
      t.ok(
        asked.some((one) => one.join(' ') === known),
        known,
      )
    t.notOk(registry.isClinicalDate('Condition', 'onset-date'), 'one that an age may stand for')
    t.notOk(registry.isClinicalDate('Observation', 'value-date'))
    for (const [type, code] of asked) {
      let found = 0
      for (const [key, { type: element }] of definitions.type(type)?.properties ?? []) {
        for (const value of values[element.code] ?? []) {
          const { entries: all, date } = search.extract({ resourceType: type, [key]: value } as Resource)
          const own = asIfOwn(type, all, registry).filter((entry) => entry.param === code)
          if (own.length === 0) continue
          found++
          const [entry] = own
          t.equal(own.length, 1, `${type}.${code} of ${key}`)
          t.equal(
            entry?.kind === 'date' && (Number.isFinite(entry.low) ? entry.low : entry.high),
            date,
            `${type}.${code} of ${key} ${JSON.stringify(value)}`,
          )
        }
      }
      t.ok(found > 0, `${type}.${code}`)
    }
  },
)

t.test('every type extracts, from next to nothing and from wrong shapes', async (t) => {
  const shapes: JsonObject[] = [
    {},
    { meta: 5, status: [null], subject: 'Patient/1', code: [], identifier: null, period: [] },
    { contained: [5, null, { resourceType: 'Nonsense', id: 'x' }, { resourceType: 'Patient' }], _status: 5 },
    { contained: {}, component: [{ code: 5, valueQuantity: 'x' }], position: 7, name: [{ family: [null] }] },
  ]
  for (const type of definitions.resourceTypes) {
    for (const shape of shapes) {
      const { entries: found } = search.extract({ resourceType: type, ...shape } as Resource)
      t.ok(Array.isArray(found), type)
    }
  }
})

t.test('folding', async (t) => {
  const cases: [string, string][] = [
    ['Ångström', 'angstrom'],
    ['A\u030angstro\u0308m', 'angstrom'],
    ['  two\t spaces ', 'two spaces'],
    ["O'Brien-Smith", "o'brien-smith"],
    ['İstanbul', 'istanbul'],
    ['ﬁne', 'fine'],
    ['ΑΣ', 'ασ'],
    ['Größe', 'grosse'],
    ['中文', '中文'],
    ['\u0301', ''],
  ]
  for (const [text, folded] of cases) {
    t.equal(foldString(text), folded, text)
    t.equal(foldString(folded), folded, `${text}, folded again`)
  }
})

t.test('the version of the index names rules and table', async (t) => {
  t.match(search.indexVersion, /^[0-9]+-[0-9a-f]{16}$/)
})
