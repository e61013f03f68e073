// The Measures that ship: they can be read, name only what ships, and need no more than compiled FHIRPath.
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { readMeasure } from '../../../src/behavioral/index.ts'
import {
  compileFhirPath,
  evaluatorOnDemand,
  loadDefinitions,
  type Resource,
} from '../../../src/fhir/index.ts'

const folder = new URL('../../../profiles/measures/', import.meta.url)
const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))
const resources = texts.map((text) => JSON.parse(text) as Resource)
const measures = resources.filter(({ resourceType }) => resourceType === 'Measure')
const valueSets = resources.filter(({ resourceType }) => resourceType === 'ValueSet')

t.test('each is read, and each of its expressions is compiled', async (t) => {
  t.equal(measures.length, 3)
  for (const resource of measures) {
    let expressions = 0
    const prepare = (expression: string) => {
      expressions++
      t.ok(compileFhirPath(expression), expression)
      return evaluatorOnDemand(expression)
    }
    const { canonical } = readMeasure(resource, { definitions: loadDefinitions(), prepare })
    t.equal(canonical, `https://alcove.health/fhir/Measure/${String(resource['id'])}|1.0.0`)
    t.ok(expressions > 5)
  }
})

t.test('the value sets that they name ship, and no others', async (t) => {
  const named = new Set(
    measures.flatMap((measure) =>
      [...JSON.stringify(measure).matchAll(/https:\/\/alcove\.health\/fhir\/ValueSet\/[\w-]+/g)].map(
        ([url]) => url,
      ),
    ),
  )
  t.same([...named].toSorted(), valueSets.map(({ url }) => url).toSorted())
})

t.test('no code twice in a value set, and none of a code system that is not free', async (t) => {
  const free = [
    'http://hl7.org/fhir/sid/icd-10-cm',
    'http://loinc.org',
    'http://snomed.info/sct',
    'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
    'http://www.nlm.nih.gov/research/umls/rxnorm',
  ]
  for (const { id, compose } of valueSets) {
    const { include } = compose as unknown as {
      include: { system: string; concept: { code: string; display?: string }[] }[]
    }
    const codes = include.flatMap(({ system, concept }) => concept.map(({ code }) => `${system}|${code}`))
    t.equal(new Set(codes).size, codes.length, String(id))
    for (const { system, concept } of include) {
      t.ok(free.includes(system), `${String(id)} ${system}`)
      if (system !== 'http://snomed.info/sct') continue
      t.ok(concept.length < 10 && concept.every(({ display }) => display === undefined), 'few, and no words')
    }
  }
})
