// JSON Patch: decimals keep their form, what cannot be done is refused and says which operation.
import fc from 'fast-check'
import { applyPatch as applyByLibrary, type Operation } from 'rfc6902'
import t from 'tap'
import {
  applyPatch,
  cloneJson,
  equalJson,
  type JsonObject,
  type JsonValue,
  loadDefinitions,
  parseJson,
  type Resource,
  writeJson,
} from '../../../src/fhir/index.ts'
import { applyJsonPatch } from '../../../src/fhir/patch/json-patch.ts'

const definitions = loadDefinitions()
const read = (text: string): JsonValue => parseJson(new TextEncoder().encode(text))
const patchText = async (resource: string, operations: string): Promise<string> =>
  writeJson(
    await applyPatch(
      read(resource) as Resource,
      { kind: 'json-patch', operations: read(operations) },
      definitions,
    ),
  )

const observation =
  '{"resourceType":"Observation","id":"1","valueQuantity":{"value":1.50,"unit":"mg"},"component":[{"valueQuantity":{"value":2.0}},{"valueQuantity":{"value":3.00}}]}'

t.test('numbers keep their written form', async (t) => {
  const cases: [operations: string, result: string][] = [
    ['[]', observation],
    ['[{"op":"replace","path":"/valueQuantity/unit","value":"g"}]', observation.replace('mg', 'g')],
    ['[{"op":"replace","path":"/valueQuantity/value","value":7}]', observation.replace('1.50', '7')],
    ['[{"op":"replace","path":"/valueQuantity/value","value":1.5}]', observation.replace('1.50', '1.5')],
    ['[{"op":"replace","path":"/valueQuantity/value","value":1.500}]', observation.replace('1.50', '1.500')],
    [
      '[{"op":"copy","from":"/component/1/valueQuantity/value","path":"/valueQuantity/value"}]',
      observation.replace('1.50', '3.00'),
    ],
    ['[{"op":"remove","path":"/component/0"}]', observation.replace('{"valueQuantity":{"value":2.0}},', '')],
    [
      '[{"op":"move","from":"/component/1","path":"/component/0"}]',
      observation.replace(
        /"component":.*\]/,
        '"component":[{"valueQuantity":{"value":3.00}},{"valueQuantity":{"value":2.0}}]',
      ),
    ],
    [
      '[{"op":"add","path":"/component/-","value":{"valueQuantity":{"value":1e1}}}]',
      observation.replace(']}', ',{"valueQuantity":{"value":1e1}}]}'),
    ],
    ['[{"op":"test","path":"/valueQuantity/value","value":1.5}]', observation],
    ['[{"op":"test","path":"/valueQuantity","value":{"unit":"mg","value":15e-1}}]', observation],
  ]
  for (const [operations, result] of cases)
    t.equal(await patchText(observation, operations), result, operations)
  t.equal(
    writeJson(applyJsonPatch(read('[1.0,2.00]'), read('[{"op":"add","path":"/1","value":3.000}]'))),
    '[1.0,3.000,2.00]',
  )
  t.equal(
    writeJson(applyJsonPatch(read('[1.0,2.00]'), read('[{"op":"move","from":"/0","path":"/1"}]'))),
    '[2.00,1.0]',
  )
})

t.test('the resource given stays as it is', async (t) => {
  const resource = read(observation) as Resource
  const operations = read(
    '[{"op":"remove","path":"/valueQuantity"},{"op":"replace","path":"/component/0/valueQuantity/value","value":9}]',
  )
  await applyPatch(resource, { kind: 'json-patch', operations }, definitions)
  t.equal(writeJson(resource), observation)
  const value = { a: [1] }
  const added = applyJsonPatch({}, [
    { op: 'add', path: '/x', value },
    { op: 'add', path: '/x/a/-', value: 2 },
    { op: 'copy', from: '/x', path: '/y' },
    { op: 'add', path: '/y/a/-', value: 3 },
  ])
  t.strictSame(added, { x: { a: [1, 2] }, y: { a: [1, 2, 3] } })
  t.strictSame(value, { a: [1] })
})

t.test('what is emptied goes, what came empty stays', async (t) => {
  const patient = '{"resourceType":"Patient","id":"1","name":[{"given":["A"]}],"active":true}'
  const cases: [operations: string, result: string][] = [
    ['[{"op":"remove","path":"/name/0"}]', '{"resourceType":"Patient","id":"1","active":true}'],
    ['[{"op":"remove","path":"/name/0/given/0"}]', '{"resourceType":"Patient","id":"1","active":true}'],
    ['[{"op":"remove","path":"/name/0/given"}]', '{"resourceType":"Patient","id":"1","active":true}'],
    [
      '[{"op":"remove","path":"/name/0/given/0"},{"op":"add","path":"/name/0/given/-","value":"B"}]',
      patient.replace('A', 'B'),
    ],
    ['[{"op":"add","path":"/telecom","value":[]}]', patient.replace('true}', 'true,"telecom":[]}')],
  ]
  for (const [operations, result] of cases) t.equal(await patchText(patient, operations), result, operations)
})

t.test('refusals', async (t) => {
  const patient = '{"resourceType":"Patient","id":"1","name":[{"family":"A"}],"active":true}'
  const cases: [operations: string, code: 'invalid' | 'business-rule', message: RegExp][] = [
    ['{}', 'invalid', /is an array/],
    ['[1]', 'invalid', /^Operation 0: an operation is an object/],
    [
      '[{"op":"add","path":"/gender","value":"male"},{"op":"merge","path":"/x"}]',
      'invalid',
      /^Operation 1: 'op' must be/,
    ],
    ['[{"path":"/x"}]', 'invalid', /'op'/],
    ['[{"op":"remove"}]', 'invalid', /needs 'path'/],
    ['[{"op":"add","path":"/x"}]', 'invalid', /needs 'value'/],
    ['[{"op":"move","path":"/x"}]', 'invalid', /needs 'from'/],
    ['[{"op":"remove","path":"name"}]', 'invalid', /begins with '\/'/],
    ['[{"op":"remove","path":"/a~2"}]', 'invalid', /'~0'/],
    ['[{"op":"add","path":"/__proto__/x","value":1}]', 'invalid', /no element has this name/],
    ['[{"op":"add","path":"/constructor","value":1}]', 'invalid', /no element has this name/],
    ['[{"op":"remove","path":"/toString"}]', 'business-rule', /leads to nothing/],
    ['[{"op":"add","path":"/a/b","value":1}]', 'business-rule', /there is no 'a'/],
    ['[{"op":"add","path":"/active/b","value":1}]', 'business-rule', /'active' is a value/],
    ['[{"op":"copy","from":"/id/0","path":"/x"}]', 'business-rule', /'id' is a value/],
    ['[{"op":"add","path":"/name/2","value":{}}]', 'business-rule', /only 1 items/],
    ['[{"op":"add","path":"/name/01","value":{}}]', 'business-rule', /'01' is no index/],
    ['[{"op":"add","path":"/name/x","value":{}}]', 'business-rule', /'x' is no index/],
    ['[{"op":"replace","path":"/name/1","value":{}}]', 'business-rule', /leads to nothing/],
    ['[{"op":"replace","path":"/name/-","value":{}}]', 'business-rule', /leads to nothing/],
    ['[{"op":"replace","path":"/gender","value":"male"}]', 'business-rule', /leads to nothing/],
    ['[{"op":"remove","path":"/name/-"}]', 'business-rule', /leads to nothing/],
    ['[{"op":"move","from":"/name","path":"/name/0"}]', 'business-rule', /into itself/],
    ['[{"op":"copy","from":"/name/0","path":"/name/5"}]', 'business-rule', /only 1 items/],
    [
      '[{"op":"test","path":"/active","value":"true"}]',
      'business-rule',
      /^Operation 0 \(test '\/active'\): the value is another/,
    ],
    ['[{"op":"test","path":"/gender","value":null}]', 'business-rule', /leads to nothing/],
    ['[{"op":"remove","path":""}]', 'business-rule', /cannot be removed/],
    ['[{"op":"replace","path":"","value":1}]', 'business-rule', /no resource/],
    [
      '[{"op":"replace","path":"","value":{"resourceType":"Patient"}}]',
      'business-rule',
      /may not change Patient.id/,
    ],
    ['[{"op":"remove","path":"/id"}]', 'business-rule', /may not change Patient.id/],
    ['[{"op":"replace","path":"/id","value":"2"}]', 'business-rule', /may not change Patient.id/],
    [
      '[{"op":"replace","path":"/resourceType","value":"Group"}]',
      'business-rule',
      /may not change Patient.resourceType/,
    ],
  ]
  for (const [operations, code, message] of cases) {
    await t.rejects(patchText(patient, operations), { code, message }, operations)
  }
  t.equal(({} as JsonObject).x, undefined, 'no prototype was touched')
  t.equal(
    await patchText(patient, '[{"op":"replace","path":"","value":{"resourceType":"Patient","id":"1"}}]'),
    '{"resourceType":"Patient","id":"1"}',
    'the root may be replaced by the same resource',
  )
})

t.test('a patch cannot make more than it carries without end', async (t) => {
  const bomb = Array.from({ length: 40 }, () => '{"op":"copy","from":"/name","path":"/name/-"}')
  await t.rejects(
    patchText('{"resourceType":"Patient","id":"1","name":[{"family":"A"}]}', `[${bomb.join(',')}]`),
    {
      code: 'business-rule',
      message: /copies too much/,
    },
  )
  const nested = (levels: number) =>
    Array.from(
      { length: levels },
      (_, level) => `{"op":"add","path":"${'/item/0'.repeat(level)}/item","value":[{"linkId":"x"}]}`,
    )
  const questionnaire = '{"resourceType":"Questionnaire","id":"1"}'
  t.match(await patchText(questionnaire, `[${nested(99).join(',')}]`), /"item":\[\{"linkId":"x","item":\[/)
  await t.rejects(patchText(questionnaire, `[${nested(100).join(',')}]`), {
    code: 'business-rule',
    message: /more than 200 levels deep/,
  })
})

t.test('does what another implementation does', async () => {
  // From few names, so that paths often lead somewhere; without what FHIR has no use for.
  const name = fc.constantFrom('a', 'b', '0', '1', '-', '~0', '~1')
  const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<JsonValue>('x', 1, true, null),
      fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', '0', '~'), tie('value'), { minKeys: 1 }),
    ),
  })).value
  const pointer = fc
    .array(name, { maxLength: 3 })
    .map((tokens) => tokens.map((token) => `/${token}`).join(''))
  const operation = fc.oneof(
    fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: pointer, value }),
    fc.record({ op: fc.constantFrom('move', 'copy'), from: pointer, path: pointer }),
    fc.record({ op: fc.constant('remove'), path: pointer }),
  )
  fc.assert(
    fc.property(fc.record({ a: value, b: value, keep: fc.constant(1) }), operation, (document, operation) => {
      let patched: JsonValue
      try {
        patched = applyJsonPatch(cloneJson(document), [operation])
      } catch {
        return true // the library lets more pass, such as an index far outside
      }
      if (operation.path === '') return true // of the root it knows only `test`
      const other = cloneJson(document)
      const errors = applyByLibrary(other, [operation as Operation]).filter((error) => error !== null)
      return errors.length === 0 && equalJson(patched, withoutEmpty(other))
    }),
    { numRuns: 2000 },
  )
})

/** Nothing is empty before, so what is empty was emptied. */
function withoutEmpty(value: JsonObject): JsonObject {
  const prune = (child: JsonValue): JsonValue | undefined => {
    if (typeof child !== 'object' || child === null) return child
    if (Array.isArray(child)) {
      const items = child.map(prune).filter((item) => item !== undefined)
      return items.length > 0 ? items : undefined
    }
    const pairs = Object.entries(child).map(([key, item]) => [key, prune(item as JsonValue)] as const)
    const kept = pairs.filter(([, item]) => item !== undefined)
    return kept.length > 0 ? Object.fromEntries(kept) : undefined
  }
  return prune(value) as JsonObject
}
