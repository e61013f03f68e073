// A second, naive way to find what the shipped rules find: another engine walks, and every rule is tried on every code.
import fhirpath from 'fhirpath'
import model from 'fhirpath/fhir-context/r4'
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../../src/fhir/index.ts'
import { shipped } from './rules.ts'

const valueSets = new Map(
  shipped.filter(({ resourceType }) => resourceType === 'ValueSet').map((it) => [String(it['url']), it]),
)
const actions = shipped.flatMap((it) => (it.resourceType === 'PlanDefinition' ? objects(it['action']) : []))

const ICD = /icd-?(9|10)/i

/** Names of code systems in which the samples are written, and what they stand for. */
const SAME_SYSTEM: Readonly<Record<string, string>> = {
  'urn:oid:2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  'http://hl7.org/fhir/sid/icd-10': 'http://hl7.org/fhir/sid/icd-10-cm',
  'urn:oid:2.16.840.1.113883.6.1': 'http://loinc.org',
  'http://www.ama-assn.org/go/cpt': 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
}

/** Every Coding that the engine finds, its typed nodes resolved by R4's model. */
const codingsOf = fhirpath.compile('descendants().ofType(Coding)', model, { async: false, traceFn: () => {} })

/** `rule label system|code`, sorted, each as often as a coding with it stands in the resource. */
export function naiveFindings(resource: Resource): readonly string[] {
  const codings = (codingsOf(resource) as unknown[]).filter(isJsonObject)
  return codings
    .flatMap((coding) =>
      actions.flatMap((action) => (isFor(action, coding, resource) ? labelled(action, coding) : [])),
    )
    .toSorted()
}

function labelled(action: JsonObject, { system, code }: JsonObject): readonly string[] {
  return objects(action['code'])
    .flatMap((it) => objects(it['coding']))
    .map((label) => `${String(action['id'])} ${String(label['code'])} ${String(system)}|${String(code)}`)
}

function isFor(action: JsonObject, coding: JsonObject, resource: Resource): boolean {
  return objects(action['input']).some(
    ({ type, codeFilter }) =>
      (type === 'Resource' || typesWithin(resource).includes(String(type))) &&
      objects(codeFilter).some(
        ({ path, valueSet }) =>
          path === 'descendants().ofType(Coding)' && typeof valueSet === 'string' && lists(valueSet, coding),
      ),
  )
}

function lists(valueSet: string, { system, code }: JsonObject): boolean {
  if (typeof system !== 'string' || typeof code !== 'string') return false
  const named = sameSystem(system)
  const compose = valueSets.get(valueSet)?.['compose'] as JsonObject
  return objects(compose['include']).some(
    (it) =>
      sameSystem(String(it['system'])) === named &&
      (objects(it['concept']).some((concept) => plain(named, concept['code']) === plain(named, code)) ||
        objects(it['filter']).some(({ value }) =>
          new RegExp(`^${plain(named, value)}`).test(plain(named, code)),
        )),
  )
}

function sameSystem(system: string): string {
  const plainHttp = system.replace('https:', 'http:')
  return SAME_SYSTEM[plainHttp] ?? plainHttp
}

function plain(system: string, code: JsonValue | undefined): string {
  const trimmed = String(code).trim().toLowerCase()
  return ICD.test(system) ? trimmed.split('.').join('') : trimmed
}

/** The types of all resources in the resource; near enough where a sample holds no two of which one alone is meant. */
function typesWithin(value: JsonValue | undefined): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = isJsonObject(value) && typeof value['resourceType'] === 'string' ? [value['resourceType']] : []
  return [...own, ...Object.values(value).flatMap(typesWithin)]
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

/** What stands at the path, by the engine. */
export function at(resource: Resource, path: string): readonly unknown[] {
  return fhirpath.evaluate(resource, path, {}, model, { async: false, traceFn: () => {} }) as unknown[]
}
