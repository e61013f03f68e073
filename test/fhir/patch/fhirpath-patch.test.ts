// FHIRPath Patch: choices, primitives with extensions, lists, nested parts, refusals.
import t from 'tap'
import {
  applyPatch,
  type JsonObject,
  type JsonValue,
  loadDefinitions,
  parseJson,
  type Resource,
  writeJson,
} from '../../../src/fhir/index.ts'

const definitions = loadDefinitions()
const read = (text: string): JsonValue => parseJson(new TextEncoder().encode(text))

type Parts = Record<string, JsonValue | JsonObject>

/** An operation: strings and numbers by their usual types, `value` as its part is (without a name). */
function operation(type: string, path: string, parts: Parts = {}): JsonObject {
  const part: JsonValue[] = [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
  ]
  for (const [name, value] of Object.entries(parts)) {
    if (typeof value === 'string') part.push({ name, valueString: value })
    else if (typeof value === 'number') part.push({ name, valueInteger: value })
    else part.push({ name, ...(value as JsonObject) })
  }
  return { name: 'operation', part }
}

async function patch(resource: string, ...operations: JsonObject[]): Promise<string> {
  const parameters: Resource = { resourceType: 'Parameters', parameter: operations }
  return writeJson(
    await applyPatch(read(resource) as Resource, { kind: 'fhirpath-patch', parameters }, definitions),
  )
}

const empty = '{"resourceType":"Patient","id":"1"}'
const named =
  '{"resourceType":"Patient","id":"1","name":[{"given":["A","B"],"_given":[null,{"id":"b"}]}],"active":true}'

t.test('choices', async (t) => {
  const observation = '{"resourceType":"Observation","id":"1"}'
  const quantity = read('{"valueQuantity":{"value":1.50}}') as JsonObject
  const withQuantity = '{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.50}}'
  t.equal(
    await patch(observation, operation('add', 'Observation', { name: 'value', value: quantity })),
    withQuantity,
  )
  t.equal(
    await patch(observation, operation('add', 'Observation', { name: 'valueQuantity', value: quantity })),
    withQuantity,
  )
  t.equal(
    await patch(withQuantity, operation('replace', 'Observation.value', { value: { valueString: 'high' } })),
    '{"resourceType":"Observation","id":"1","valueString":"high"}',
    'replaced by another type',
  )
  t.equal(
    await patch(
      withQuantity,
      operation('replace', 'Observation.value.value', { value: read('{"valueDecimal":2.00}') }),
    ),
    withQuantity.replace('1.50', '2.00'),
  )
  t.equal(await patch(withQuantity, operation('delete', 'Observation.value')), observation)
  t.equal(
    await patch(withQuantity, operation('delete', 'Observation.value.value')),
    observation,
    'what is emptied goes',
  )
  await t.rejects(
    patch(withQuantity, operation('add', 'Observation', { name: 'value', value: { valueString: 'x' } })),
    {
      code: 'business-rule',
      message: /'valueQuantity' is there already/,
    },
  )
  await t.rejects(
    patch(observation, operation('add', 'Observation', { name: 'value', value: { valueDate: '2020' } })),
    {
      code: 'business-rule',
      message: /Observation\.value\[x\] is one of Quantity, .*; not Date/,
    },
  )
})

t.test('primitives and what stands beside them', async (t) => {
  const born = '{"resourceType":"Patient","id":"1","birthDate":"1970-01-01","_birthDate":{"id":"x"}}'
  const extension = {
    part: [
      { name: 'url', valueUri: 'http://example.org/e' },
      { name: 'value', valueBoolean: true },
    ],
  }
  t.equal(
    await patch(born, operation('replace', 'Patient.birthDate', { value: { valueDate: '1980-01-01' } })),
    '{"resourceType":"Patient","id":"1","birthDate":"1980-01-01"}',
    'the element is replaced with all that is in it',
  )
  t.equal(
    await patch(
      born,
      operation('replace', 'Patient.birthDate', { value: { valueDate: '1980', _valueDate: { id: 'y' } } }),
    ),
    '{"resourceType":"Patient","id":"1","birthDate":"1980","_birthDate":{"id":"y"}}',
  )
  t.equal(await patch(born, operation('delete', 'Patient.birthDate')), empty)
  t.equal(
    await patch(born, operation('add', 'Patient.birthDate', { name: 'extension', value: extension })),
    born.replace('{"id":"x"}', '{"id":"x","extension":[{"url":"http://example.org/e","valueBoolean":true}]}'),
  )
  t.equal(
    await patch(
      named,
      operation('add', 'Patient.name.given[0]', { name: 'id', value: { valueString: 'a' } }),
    ),
    named.replace('[null,{"id":"b"}]', '[{"id":"a"},{"id":"b"}]'),
  )
  t.equal(
    await patch(
      empty,
      operation('add', 'Patient', { name: 'gender', value: { _valueCode: { id: 'none' } } }),
    ),
    '{"resourceType":"Patient","id":"1","_gender":{"id":"none"}}',
    'an element may be nothing but its extensions',
  )
  t.equal(
    await patch(named, operation('replace', 'Patient.active', { value: { valueBoolean: false } })),
    named.replace('true', 'false'),
  )
})

t.test('lists of primitives keep in step with what stands beside them', async (t) => {
  const result = (given: string, beside: string) =>
    named.replace('["A","B"]', given).replace('[null,{"id":"b"}]', beside)
  const value = { valueString: 'C' }
  const list = 'Patient.name[0].given'
  t.equal(
    await patch(named, operation('add', 'Patient.name', { name: 'given', value })),
    result('["A","B","C"]', '[null,{"id":"b"},null]'),
  )
  t.equal(
    await patch(named, operation('insert', list, { index: 1, value })),
    result('["A","C","B"]', '[null,null,{"id":"b"}]'),
  )
  t.equal(await patch(named, operation('delete', `${list}[0]`)), result('["B"]', '[{"id":"b"}]'))
  t.equal(
    await patch(named, operation('move', list, { source: 1, destination: 0 })),
    result('["B","A"]', '[{"id":"b"},null]'),
  )
  t.equal(
    await patch(named, operation('replace', `${list}[0]`, { value })),
    result('["C","B"]', '[null,{"id":"b"}]'),
  )
  t.equal(
    await patch(named, operation('delete', `${list}[1]`)),
    named.replace('["A","B"],"_given":[null,{"id":"b"}]', '["A"]'),
    'with the last, what stood beside goes',
  )
  t.equal(
    await patch(named, operation('replace', `${list}[1]`, { value })),
    named.replace('["A","B"],"_given":[null,{"id":"b"}]', '["A","C"]'),
  )
})

t.test('lists', async (t) => {
  const two = '{"resourceType":"Patient","id":"1","telecom":[{"value":"1"},{"value":"2"}]}'
  const value = { valueContactPoint: { value: '3' } }
  t.equal(
    await patch(two, operation('insert', 'Patient.telecom', { index: 2, value })),
    two.replace('{"value":"2"}', '{"value":"2"},{"value":"3"}'),
    'at the end',
  )
  const three = '{"resourceType":"Patient","id":"1","telecom":[{"value":"3"}]}'
  t.equal(
    await patch(empty, operation('insert', 'Patient.telecom', { index: 0, value })),
    three,
    'into a list not yet there',
  )
  t.equal(await patch(empty, operation('add', 'Patient', { name: 'telecom', value })), three)
  t.equal(
    await patch(three, operation('delete', 'Patient.telecom')),
    empty,
    'the list goes with its last element',
  )
  t.equal(
    await patch(
      two,
      operation('delete', "Patient.telecom.where(value = '1')"),
      operation('delete', "Patient.telecom.where(value = '1')"),
    ),
    '{"resourceType":"Patient","id":"1","telecom":[{"value":"2"}]}',
    'deleting what is not there is no fault',
  )
  t.equal(
    await patch(
      two,
      operation('delete', 'Patient.telecom[0].value'),
      operation('add', 'Patient.telecom[0]', { name: 'use', value: { valueCode: 'home' } }),
    ),
    two.replace('{"value":"1"}', '{"use":"home"}'),
    'what is emptied for a while stays in place',
  )
  for (const [index, message] of [[3, /only 2 elements/]] as const) {
    await t.rejects(patch(two, operation('insert', 'Patient.telecom', { index, value })), {
      code: 'business-rule',
      message,
    })
  }
  await t.rejects(
    patch(empty, operation('insert', 'Patient.telecom', { index: 1, value })),
    /only 0 elements/,
  )
  await t.rejects(patch(two, operation('move', 'Patient.telecom', { source: 0, destination: 2 })), /no \[2\]/)
  await t.rejects(patch(two, operation('move', 'Patient.telecom', { source: 2, destination: 0 })), /no \[2\]/)
  await t.rejects(
    patch(two, operation('insert', 'Patient.telecom[0]', { index: 0, value })),
    /whole list of 2/,
  )
  await t.rejects(
    patch(two, operation('delete', 'Patient.telecom')),
    /must select one element, and selects 2/,
  )
})

t.test('values of parts, and resources', async (t) => {
  const questionnaire =
    '{"resourceType":"Questionnaire","id":"1","item":[{"linkId":"1","item":[{"linkId":"1.1"}]}]}'
  const item = {
    part: [
      { name: 'linkId', valueString: '1.2' },
      { name: 'type', valueCode: 'choice' },
      { name: 'answerOption', part: [{ name: 'value', valueCoding: { code: 'a' } }] },
      { name: 'answerOption', part: [{ name: 'value', valueCoding: { code: 'b' } }] },
      { name: 'item', part: [{ name: 'linkId', valueString: '1.2.1' }] },
    ],
  }
  t.equal(
    await patch(
      questionnaire,
      operation('add', 'Questionnaire.item[0].item[0]', { name: 'item', value: item }),
    ),
    questionnaire.replace(
      '{"linkId":"1.1"}',
      '{"linkId":"1.1","item":[{"linkId":"1.2","type":"choice","answerOption":[{"valueCoding":{"code":"a"}},{"valueCoding":{"code":"b"}}],"item":[{"linkId":"1.2.1"}]}]}',
    ),
  )
  const contained = { resource: { resourceType: 'Organization', id: 'o' } }
  t.equal(
    await patch(
      empty,
      operation('add', 'Patient', { name: 'contained', value: contained }),
      operation('add', 'Patient.contained[0]', { name: 'name', value: { valueString: 'O' } }),
    ),
    '{"resourceType":"Patient","id":"1","contained":[{"resourceType":"Organization","id":"o","name":"O"}]}',
  )
  t.equal(
    await patch(empty, operation('add', 'Patient', { name: 'birthDate', value: { valueString: '1970' } })),
    '{"resourceType":"Patient","id":"1","birthDate":"1970"}',
    'a string may stand for a date; its format is for the validator',
  )
})

t.test('refusals name the operation', async (t) => {
  const value = { valueString: 'x' }
  const good = operation('replace', 'Patient.active', { value: { valueBoolean: false } })
  const cases: [bad: JsonObject, code: 'invalid' | 'business-rule', message: RegExp][] = [
    [{ name: 'other' }, 'invalid', /must be named 'operation'/],
    [{ name: 'operation' }, 'invalid', /'part' must say/],
    [operation('upsert', 'Patient'), 'invalid', /'type' must be one of add, insert, delete, replace, move/],
    [operation('delete', ''), 'invalid', /'path' needs a string/],
    [operation('add', 'Patient', { value }), 'invalid', /part 'name' is missing/],
    [operation('replace', 'Patient.active'), 'invalid', /part 'value' is missing/],
    [operation('delete', 'Patient.active', { value }), 'invalid', /not 'value'/],
    [operation('insert', 'Patient.name', { index: -1, value }), 'invalid', /needs an integer/],
    [
      operation('replace', 'Patient.active', { value: { valueBoolean: true, valueString: 'x' } }),
      'invalid',
      /only one/,
    ],
    [operation('replace', 'Patient.active', { value: {} }), 'invalid', /only one/],
    [operation('delete', 'Patient.name.where('), 'invalid', /Patient\.name\.where\(/],
    [operation('delete', 'Patient.name.given.count()'), 'invalid', /computes a value/],
    [operation('replace', 'Observation.status', { value }), 'business-rule', /selects nothing/],
    [operation('replace', 'Patient.gender', { value }), 'business-rule', /selects nothing/],
    [operation('replace', 'Patient.active', { value }), 'business-rule', /of type boolean, not string/],
    [operation('add', 'Patient', { name: 'fur', value }), 'business-rule', /Patient has no element 'fur'/],
    [operation('add', 'Patient', { name: '__proto__', value }), 'business-rule', /no element/],
    [operation('add', 'Patient', { name: 'name', value }), 'business-rule', /of type HumanName, not string/],
    [
      operation('add', 'Patient', { name: 'active', value: { valueBoolean: true } }),
      'business-rule',
      /'active' is there already/,
    ],
    [
      operation('add', 'Patient', { name: 'contact', value: { part: [{ name: 'fur', valueString: 'x' }] } }),
      'business-rule',
      /Patient\.contact has no element 'fur'/,
    ],
    [
      operation('move', 'Patient.active', { source: 0, destination: 0 }),
      'business-rule',
      /'active' is no list/,
    ],
    [operation('insert', 'Patient.gender', { index: 0, value }), 'business-rule', /is no list/],
    [operation('delete', 'Patient'), 'business-rule', /the resource itself/],
  ]
  for (const [bad, code, message] of cases) {
    await t.rejects(
      patch(named, good, bad),
      {
        code,
        message,
        issues: [{ severity: 'error', diagnostics: /^Operation 1/, expression: 'Parameters.parameter[1]' }],
      },
      String(message),
    )
  }
  await t.rejects(patch(named, operation('replace', 'Patient.id', { value })), {
    code: 'business-rule',
    message: /may not change Patient\.id/,
  })
  await t.rejects(patch(named, operation('delete', 'Patient.id')), {
    code: 'business-rule',
    message: /may not change Patient\.id/,
  })
  const other = { kind: 'fhirpath-patch', parameters: { resourceType: 'Bundle' } } as const
  await t.rejects(applyPatch(read(named) as Resource, other, definitions), {
    code: 'invalid',
    message: /not Bundle/,
  })
})

t.test('the resource given stays as it is', async (t) => {
  const resource = read(named) as Resource
  const parameters = {
    resourceType: 'Parameters',
    parameter: [operation('delete', 'Patient.name[0].given[1]')],
  }
  const patched = await applyPatch(resource, { kind: 'fhirpath-patch', parameters }, definitions)
  t.equal(writeJson(resource), named)
  t.not(writeJson(patched), named)
})
