// The shipped rules, against a naive second implementation: on made-up resources, on R4's examples and on whole
// histories, as they are and with sensitive codes strewn into them.
import * as fc from 'fast-check'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ownLabels } from '../../../src/access/labels/index.ts'
import { DEFINITIONAL } from '../../../src/access/labels/definitional.ts'
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  type Resource,
} from '../../../src/fhir/index.ts'
import { LONG, runs } from '../../runs.ts'
import { CARRIERS } from './carriers.ts'
import { CMS_CODES } from './cms-codes.ts'
import { at, naiveFindings } from './naive.ts'
import { RULE_ROWS } from './rule-rows.ts'
import { definitions, shippedRules } from './rules.ts'

t.setTimeout(900_000)

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const LOINC = 'http://loinc.org'

/** Codes that count for a time only, of which the naive way knows nothing. */
const DATED = new Set(
  CMS_CODES.filter(({ system, start, end }) => (start ?? end) !== undefined && system !== ICD).map(
    ({ code }) => code,
  ),
)

/** Codes that rules are about, codes that read like them, and other names for their systems. */
const CODINGS: readonly { system: string; code: string }[] = [
  ...CMS_CODES,
  ...RULE_ROWS.filter(({ match }) => match !== 'ingredient').map(({ system, value }) => ({
    system,
    code: value,
  })),
  ...['F1', 'F17.2', 'F100', 'f1020', ' F32.1 ', 'T7', 'T74', 'B2', 'B20', 'Z62.81', 'O9A.31'].flatMap(
    (code) =>
      [ICD, 'urn:oid:2.16.840.1.113883.6.90', 'http://hl7.org/fhir/sid/icd-10', LOINC].map((system) => ({
        system,
        code,
      })),
  ),
  { system: 'urn:oid:2.16.840.1.113883.6.1', code: '72109-2' },
  { system: 'http://unitsofmeasure.org', code: 'mg' },
  { system: LOINC, code: '34785-6' },
  { system: 'https://alcove.health/fhir/CodeSystem/note-kinds', code: 'psychotherapy-notes' },
  { system: 'https://alcove.health/fhir/CodeSystem/note-kinds', code: 'sud-counseling-notes' },
]
  .filter(({ code }) => !DATED.has(code))
  .map(({ system, code }) => ({ system, code }))

/** Both ways find the same, and each finding stands where it says. undefined when all is well. */
function difference(resource: Resource): unknown {
  // The naive way knows no ingredients.
  const findings = ownLabels(shippedRules, resource).filter(({ ingredient }) => ingredient === undefined)
  const found = findings
    .map(({ rule, label, coding }) => `${rule} ${label.code} ${coding?.system}|${coding?.code}`)
    .toSorted()
  const expected = naiveFindings(resource)
  if (JSON.stringify(found) !== JSON.stringify(expected)) return { found, expected }
  const misplaced = findings.filter(({ path, coding }) => {
    const [there, ...more] = at(resource, path)
    return (
      more.length > 0 ||
      !isJsonObject(there) ||
      there['system'] !== coding?.system ||
      there['code'] !== coding?.code
    )
  })
  return misplaced.length > 0 ? { misplaced } : undefined
}

/** The objects that are Codings, by R4. */
function codingsIn(value: JsonValue | undefined, found: JsonObject[] = []): JsonObject[] {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, child] of Object.entries(value)) {
    if (key === 'coding' && Array.isArray(child)) found.push(...child.filter(isJsonObject))
    else if ((key === 'valueCoding' || key === 'class') && isJsonObject(child)) found.push(child)
    else codingsIn(child, found)
  }
  return found
}

/** With some of its codings replaced. */
function strewn(resource: Resource, picks: readonly (readonly [at: number, coding: number])[]): Resource {
  const copy = structuredClone(resource)
  const places = codingsIn(copy)
  for (const [place, coding] of picks) {
    const target = places[place % places.length]
    if (target !== undefined) Object.assign(target, CODINGS[coding % CODINGS.length])
  }
  return copy
}

const picks = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 })

t.test('codes in every kind of place', async (t) => {
  const places = Object.keys(CARRIERS)
  let labelled = 0
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.nat(), (place, which) => {
      const resource = CARRIERS[place]?.({ ...CODINGS[which % CODINGS.length] }) as Resource
      t.strictSame(difference(resource), undefined, place)
      if (ownLabels(shippedRules, resource).length > 0) labelled++
    }),
    runs(300),
  )
  t.ok(labelled > 100, `${labelled} are labelled`)
})

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const records = { skip: existsSync(data) ? false : `${data} is not there` }

/** The resources of a folder, entries of transactions one by one; those that define something aside. */
function* resourcesIn(folder: string): Generator<Resource> {
  for (const file of readdirSync(data + folder).toSorted()) {
    if (!file.endsWith('.json')) continue
    const resource = parseJson(readFileSync(`${data}${folder}/${file}`)) as Resource
    const entries = resource['type'] === 'transaction' ? (resource['entry'] as JsonObject[]) : [{ resource }]
    for (const entry of entries) {
      const one = entry['resource'] as Resource
      if (!DEFINITIONAL.has(one.resourceType) && one.resourceType !== 'Bundle') yield one
    }
  }
}

for (const [folder, every] of Object.entries({ 'r4-examples': LONG ? 1 : 2, synthea: LONG ? 1 : 50 })) {
  t.test(`${folder}, as they are and with codes strewn in`, records, async (t) => {
    const resources = [...resourcesIn(folder)].filter((_, i) => i % every === 0)
    t.ok(resources.length > 100, `${resources.length} resources`)
    const draws = fc.sample(picks, { seed: 20_261_130, numRuns: resources.length })
    const faults: unknown[] = []
    let labelled = 0
    resources.forEach((resource, i) => {
      const mixed = strewn(resource, draws[i] ?? [])
      if (ownLabels(shippedRules, mixed).length > 0) labelled++
      for (const it of [resource, mixed]) {
        const fault = difference(it)
        if (fault !== undefined) faults.push({ type: it.resourceType, id: it['id'], fault })
      }
    })
    t.same(faults.slice(0, 5), [])
    t.ok(labelled > resources.length / 4, `${labelled} are labelled with codes strewn in`)
  })
}

t.test('what is left out as a definition is what R4 publishes as one, and tells of no patient', async (t) => {
  for (const type of definitions.resourceTypes) {
    const status = definitions.type(type)?.properties.get('status')
    if (status?.element.binding?.valueSet.endsWith('/publication-status'))
      t.ok(DEFINITIONAL.has(type), `${type} has a publication status`)
  }
  for (const type of DEFINITIONAL) {
    t.ok(definitions.isResourceType(type), type)
    t.same(definitions.compartment('Patient', type), [], `${type} is in no patient's compartment`)
  }
})
