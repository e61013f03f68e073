// Forms of every shape that R4 allows, and what nobody means: $populate and $extract answer them, and never with a fault
// of their own.
import t from 'tap'
import type { JsonObject } from '../../src/fhir/index.ts'
import { startServer } from '../rest/server.ts'

const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-'
const CORE = 'http://hl7.org/fhir/StructureDefinition'

let seed = 20260213
function random(below: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
  return (seed >> 8) % below
}
function pick<Item>(list: readonly Item[]): Item {
  return list[random(list.length)] as Item
}
function some<Item>(most: number, make: () => Item): Item[] {
  return Array.from({ length: random(most + 1) }, make)
}

const TEXTS = [
  '%patient.name', '%patient', '1', "'x'", 'true', '%context', '%resource.item', '%x', '{}', '1 / 0', '%qitem', '(', '',
  'item.answer.value', '%questionnaire.item', "%resource.descendants().count()", '%patient.name.select(given)', 'today()',
  "'a' + 1", '%patient.repeat(name)', "'x'.matches('(a+)+$')", '9223372036854775807', '%patient.birthDate + 1 year',
] // biome-ignore format: a list
const QUERIES = [
  'Patient',
  'Patient?',
  '?x',
  'Observation?patient={{%patient.id}}',
  'No?x=1',
  'Patient?_count=0',
  'Patient?name={{',
  '%%%',
  'Patient?_id=%E0%A4%A',
  'Patient?_has:Observation:subject:code=x',
]
const DEFINITIONS = [
  'Patient.name.family', 'Patient', 'Patient.', '#', 'x#', '#Patient.name', `${CORE}/Patient#Patient.name.given`,
  `${CORE}/Patient#Patient.contact.name.given`, `${CORE}/Patient#Patient.extension:a.value[x]`, `${CORE}/Patient#Patient.deceased[x]`,
  `${CORE}/Patient#Patient.contained.id`, `${CORE}/Patient#Patient.text.div`, `${CORE}/Patient#Patient.meta.tag`,
  `${CORE}/Patient#Patient.name:a:b.given`, `${CORE}/Patient#Patient..name`, `${CORE}/Patient#Patient.__proto__.x`,
  `${CORE}/Patient#Patient.id`, `${CORE}/Patient#Patient.link.other`, `${CORE}/Observation#Observation.value[x].value`,
  `${CORE}/Observation#Observation.value[x]:valueQuantity.value`, `${CORE}/Observation#Observation.component.value[x]`, `${CORE}/Patient#Patient.resourceType`,
] // biome-ignore format: a list
const NAMES = ['x', 'patient', 'resource', '__proto__', 'constructor', 'n']
/** As Expression.name may be. */
const IDS = NAMES.filter((name) => !name.includes('_'))
const TYPES = [
  'group',
  'display',
  'boolean',
  'decimal',
  'integer',
  'date',
  'dateTime',
  'time',
  'string',
  'text',
  'url',
  'choice',
  'open-choice',
  'attachment',
  'reference',
  'quantity',
]
const VALUES: readonly JsonObject[] = [
  { valueString: 'x' }, { valueString: '../..' }, { valueInteger: 3 }, { valueDecimal: 1.5 }, { valueBoolean: true }, { valueDate: '1990' },
  { valueDateTime: '1990-01-01T00:00:00Z' }, { valueTime: '10:00:00' }, { valueUri: 'http://x' }, { valueCoding: { code: 'a' } },
  { valueCoding: { display: 'free' } }, { valueQuantity: { value: 1 } }, { valueAttachment: { title: 'x' } }, { valueReference: { reference: 'Patient/p' } },
] // biome-ignore format: a list

function expression(): JsonObject {
  return random(3) === 0
    ? { name: pick(IDS), language: 'application/x-fhir-query', expression: pick(QUERIES) }
    : {
        name: pick(IDS),
        language: pick(['text/fhirpath', 'text/fhirpath', 'text/cql']),
        expression: pick(TEXTS) || '1',
      }
}

function extension(): JsonObject {
  const sub = (url: string, value: JsonObject): JsonObject => ({ url, ...value })
  switch (random(12)) {
    case 0:
      return { url: `${SDC}initialExpression`, valueExpression: expression() }
    case 1:
      return { url: `${SDC}itemPopulationContext`, valueExpression: expression() }
    case 2:
      return { url: `${CORE}/variable`, valueExpression: expression() }
    case 3:
      return {
        url: `${SDC}observationExtract`,
        ...pick([
          { valueBoolean: true },
          { valueBoolean: false },
          { valueCode: 'member' },
          { valueCode: 'component' },
          { valueCode: 'derived' },
          { valueCode: 'what' },
        ]),
      }
    case 4:
      return {
        url: `${SDC}observationLinkPeriod`,
        valueDuration: {
          value: pick([1, 0, 1e300]),
          code: pick(['a', 'mo', 'd', 'fortnight']),
          system: 'http://unitsofmeasure.org',
        },
      }
    case 5:
      return {
        url: `${SDC}itemExtractionContext`,
        ...pick([
          { valueCode: 'Patient' },
          { valueCode: 'Observation' },
          { valueCode: 'Resource' },
          { valueExpression: expression() },
        ]),
      }
    case 6:
      return {
        url: `${SDC}definitionExtract`,
        extension: [
          sub('definition', {
            valueCanonical: pick([
              `${CORE}/Patient`,
              `${CORE}/Observation`,
              `${CORE}/DomainResource`,
              'http://x',
            ]),
          }),
          sub(pick(['fullUrl', 'ifNoneExist', 'ifMatch']), { valueString: pick(TEXTS) || 'x' }),
        ],
      }
    case 7:
      return {
        url: `${SDC}definitionExtractValue`,
        extension: [
          sub('definition', { valueUri: pick(DEFINITIONS) }),
          pick([
            sub('fixed-value', { valueString: 'x' }),
            sub('fixed-value', { valueCoding: { code: 'x' } }),
            sub('expression', { valueExpression: expression() }),
          ]),
        ],
      }
    case 8:
      return { url: `${SDC}extractAllocateId`, valueString: pick(NAMES) }
    case 9:
      return { url: `${SDC}enableWhenExpression`, valueExpression: expression() }
    case 10:
      return { url: `${CORE}/questionnaire-unit`, valueCoding: { code: 'kg' } }
    default:
      return {
        url: `${SDC}launchContext`,
        extension: [
          sub('name', { valueCoding: { code: pick(NAMES) } }),
          sub('type', { valueCode: 'Patient' }),
        ],
      }
  }
}

function extensions(): JsonObject {
  const list = some(3, extension)
  return list.length === 0 ? {} : { extension: list }
}

function items(depth: number, linkIds: string[]): JsonObject[] {
  return Array.from({ length: 1 + random(4) }, () => {
    const linkId = `i${linkIds.length}`
    linkIds.push(linkId)
    const type = pick(TYPES)
    const below =
      depth > 0 && type !== 'display' && random(2) === 0 ? { item: items(depth - 1, linkIds) } : {}
    const code =
      type === 'display' || random(2) === 0 ? {} : { code: [{ system: 'http://c', code: pick(['a', 'b']) }] }
    const more =
      type === 'display'
        ? {}
        : { repeats: random(2) === 0, ...(random(2) === 0 ? { definition: pick(DEFINITIONS) || 'x' } : {}) }
    return {
      linkId,
      type: type === 'group' && !('item' in below) ? 'string' : type,
      ...code,
      ...more,
      ...below,
      ...extensions(),
    }
  })
}

/** Answers to some items, at their places and elsewhere. */
function answers(list: readonly JsonObject[], linkIds: readonly string[]): JsonObject[] {
  return list
    .filter(() => random(5) > 0)
    .map((item) => {
      const linkId = random(20) === 0 ? pick(linkIds) : String(item.linkId)
      const nested = Array.isArray(item.item) ? answers(item.item as JsonObject[], linkIds) : []
      if (item.type === 'group') return { linkId, ...(nested.length === 0 ? {} : { item: nested }) }
      const given = some(2, () => ({ ...pick(VALUES), ...(nested.length === 0 ? {} : { item: nested }) }))
      return { linkId, ...(given.length === 0 ? {} : { answer: given }) }
    })
}

t.test('whatever is sent, the answer is one', async (t) => {
  const { ask, log } = startServer(t)
  await ask('PUT Patient/p', {
    resourceType: 'Patient',
    id: 'p',
    name: [{ family: 'Lee', given: ['A'] }],
    birthDate: '1990-05-01',
  })
  await ask('PUT Observation/o', {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: { coding: [{ system: 'http://c', code: 'a' }] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2026-01-01',
    valueInteger: 1,
  })
  const seen = new Set<number>()
  let extracted = 0
  for (let round = 0; round < 250; round++) {
    const linkIds: string[] = []
    const item = items(3, linkIds)
    const questionnaire = {
      resourceType: 'Questionnaire',
      status: 'active',
      url: 'http://example.org/q',
      item,
      ...extensions(),
    }
    const subject = { name: 'subject', valueReference: { reference: 'Patient/p' } }
    const populated = await ask('POST Questionnaire/$populate', {
      resourceType: 'Parameters',
      parameter: [{ name: 'questionnaire', resource: questionnaire }, subject],
    })
    const list = answers(item, linkIds)
    const response = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://example.org/q',
      subject: { reference: 'Patient/p' },
      authored: '2026-01-01',
      ...(list.length === 0 ? {} : { item: list }),
    }
    const reply = await ask('POST QuestionnaireResponse/$extract', {
      resourceType: 'Parameters',
      parameter: [
        { name: 'questionnaire', resource: questionnaire },
        { name: 'questionnaire-response', resource: response },
      ],
    })
    for (const { status, text } of [populated, reply]) {
      seen.add(status)
      if (status >= 500 || (status >= 400 && JSON.parse(text).resourceType !== 'OperationOutcome'))
        t.fail(`${status} ${text}`, { questionnaire, response })
    }
    if (reply.status === 200 && reply.json.parameter[0].name === 'return') extracted += 1
  }
  t.ok(seen.has(200))
  t.ok(extracted > 20, 'and much of it is extracted')
  t.notOk(
    log.some((line) => line.includes('"level":50')),
    'nothing failed',
  )
  t.equal(({} as { x?: unknown }).x, undefined)
})
