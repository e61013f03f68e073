// The patch cases that HL7 publishes (https://github.com/FHIR/fhir-test-cases), when they are beside the checkout.
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import {
  applyPatch,
  FhirError,
  type JsonValue,
  loadDefinitions,
  parseJson,
  type Resource,
} from '../../../src/fhir/index.ts'
import { applyJsonPatch } from '../../../src/fhir/patch/json-patch.ts'
import { childElements, parseXml, resourceIn } from './xml-to-json.ts'

const folder = new URL('../../../../shared/data/patch-cases/', import.meta.url)
const skip = existsSync(folder) ? false : 'the published cases are not beside this checkout'
const definitions = loadDefinitions()

t.test('FHIRPath Patch', { skip }, async (t) => {
  const cases = childElements(parseXml(readFileSync(new URL('fhirpath-patch.xml', folder), 'utf8')), 'case')
  t.ok(cases.length >= 33, `${cases.length} cases`)
  for (const published of cases) {
    const [input, diff, output, error] = ['input', 'diff', 'output', 'error'].map(
      (name) => childElements(published, name)[0],
    )
    if (!input || !diff) throw new Error('a case without input or diff')
    const resource = resourceIn(input, definitions) as Resource
    const parameters = resourceIn(diff, definitions) as Resource
    const name = published.attributes.name ?? ''
    const patched = applyPatch(resource, { kind: 'fhirpath-patch', parameters }, definitions)
    if (error) await t.rejects(patched, { code: 'business-rule' }, name)
    else t.strictSame(await patched, resourceIn(output as never, definitions), name)
  }
})

t.test('JSON Patch', { skip }, async (t) => {
  const bytes = readFileSync(new URL('json-patch.json', folder))
  const cases = parseJson(bytes) as {
    comment: string
    doc: JsonValue
    patch: JsonValue
    expected?: JsonValue
  }[]
  t.ok(cases.length >= 16, `${cases.length} cases`)
  for (const { comment, doc, patch, expected } of cases) {
    const apply = () => applyJsonPatch(doc, patch)
    if (expected === undefined) t.throws(apply, FhirError, comment)
    else t.strictSame(apply(), expected, comment)
  }
})
