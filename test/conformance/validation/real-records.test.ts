// Records that nobody here wrote: what is refused among them must be truly invalid R4.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { eachReference, loadDefinitions, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { validator } from './checking.ts'

const data = new URL('../../../../shared/data/', import.meta.url)

/** Errors in the specification's own examples, by file. */
const INVALID: Readonly<Record<string, string>> = {
  // DeviceMetric.parent may refer to a Device, not to a DeviceDefinition.
  'DeviceMetric-example.json': 'DeviceMetric.parent.reference',
  // MedicationRequest.dispenseRequest.performer may refer to an Organization only.
  'MedicationRequest-medrx0301.json': 'MedicationRequest.dispenseRequest.performer.reference',
  // The narrative is an empty <pre> (txt-2).
  'Questionnaire-zika-virus-exposure-assessment.json': 'Questionnaire.text.div',
}

const definitions = loadDefinitions()

function referencesOf(resource: Resource): string[] {
  const texts: string[] = []
  eachReference(resource, (text, kind) => void (kind === 'reference' && texts.push(text)), definitions)
  return texts
}

for (const folder of ['r4-examples/', 'synthea/']) {
  const url = new URL(folder, data)
  const skip = existsSync(url) ? false : `${url.pathname} is not there`
  t.test(folder, { skip }, async (t) => {
    const files = readdirSync(url).filter((name) => name.endsWith('.json'))
    t.ok(files.length > 20)
    for (const file of files) {
      const resource = parseJson(readFileSync(new URL(file, url))) as Resource
      const named: string[] = []
      const errors = validator.validate(resource, named).filter(({ severity }) => severity === 'error')
      const told = errors.map(({ expression }) => expression)
      t.same(
        told,
        INVALID[file] ? [INVALID[file]] : [],
        `${file}: ${errors.map((it) => it.diagnostics).join('; ')}`,
      )
      if (errors.length === 0) t.strictSame(named, referencesOf(resource), `${file}: what it refers to`)
    }
  })
}
