// The OperationDefinitions of what makes claims: valid, and of the parameters that are taken.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import { type JsonObject, loadDefinitions, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { OPERATIONS } from '../../../src/operations/index.ts'

const validator = createValidator(loadDefinitions())
const folder = new URL('../../../profiles/operations/', import.meta.url)

for (const [name, type] of [
  ['encounter-generate-claim', 'Encounter'],
  ['group-generate-claims', 'Group'],
] as const)
  t.test(name, async (t) => {
    const file = new URL(`operation-definition-${name}.json`, folder)
    const definition = parseJson(readFileSync(file)) as Resource
    t.same(
      validator.validate(definition).filter(({ severity }) => severity === 'error'),
      [],
    )
    const operation = OPERATIONS.find((one) => one.definition === definition['url'])
    t.match(operation, { name: definition['code'], type })
    t.same(definition['resource'], [type])
    const taken = (definition['parameter'] as JsonObject[]).filter(({ use }) => use === 'in')
    t.same(
      taken.map((one) => one['name']),
      operation?.parameters.map((one) => one.name),
    )
  })
