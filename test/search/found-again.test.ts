// Real records, each found by its own search parameters: for every value that R4's expression selects, the query made
// from that value finds the record. Values are selected by fhirpath, and written as queries here, by R4's page alone.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fhirpath, { type Model } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4/index.js'
import t from 'tap'
import {
  isJsonObject,
  loadDefinitions,
  mapReferences,
  parseJson,
  parseReference,
  writeJson,
  type JsonObject,
  type JsonValue,
  type Resource,
  type SearchParameterDefinition,
} from '../../src/fhir/index.ts'
import { createSearch, NO_LOOKUP } from '../../src/search/index.ts'
import { and, idMatch, SEE_EVERYTHING, type Put, type Store } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { LONG } from '../runs.ts'

t.setTimeout(900_000)

const DATA = new URL('../../../shared/data/', import.meta.url)
const BASE = 'http://localhost/fhir'
/** Of Synthea's resources every so many-th, but all by hand. */
const STEP = LONG ? 1 : 40

const definitions = loadDefinitions()
const search = createSearch({ definitions, baseUrl: BASE })

type Evaluate = (resource: unknown, environment: Record<string, unknown>) => JsonValue[]
const compiled = new Map<string, Evaluate>()

/** A type test on a reference goes by its text, and every value of a repeated choice counts, as R4 means them. */
function select(node: unknown, expression: string, resource: unknown = node): JsonValue[] {
  const text = expression
    .replace(/resolve\(\) is ([A-Za-z]+)/g, "pointsTo('$1')")
    .replaceAll('.as(DateTime)', '.ofType(dateTime)')
    .replaceAll('.as(', '.ofType(')
  let evaluate = compiled.get(text)
  if (evaluate === undefined) {
    evaluate = fhirpath.compile(text, r4 as Model, {
      async: false,
      userInvocationTable: {
        pointsTo: {
          arity: { 1: ['String'] },
          fn: (inputs: unknown[], type: string) => inputs.some((it) => pointsTo(it, type)),
        },
      },
    }) as unknown as Evaluate
    compiled.set(text, evaluate)
  }
  return evaluate(node, { resource })
}

function pointsTo(input: unknown, type: string): boolean {
  const { reference, type: named } = ((input as { data?: unknown }).data ?? input) as Record<string, unknown>
  if (typeof reference === 'string') {
    const parsed = parseReference(reference)
    if ('type' in parsed && parsed.type !== undefined) return parsed.type === type
  }
  return named === type
}

const escaped = (text: string): string => text.replaceAll(/[\\,|$]/g, String.raw`\$&`)
const string = (value: JsonValue | undefined): value is string =>
  typeof value === 'string' && value.trim() !== ''

/** What may stand behind the parameter's name, and the value: `['', 'urn:x|1']`, `[':text', 'Depression']`. */
type Asked = readonly [suffix: string, value: string]

function tokenQueries(value: JsonValue): Asked[] {
  if (typeof value === 'boolean' || string(value)) return [['', escaped(String(value))]]
  if (!isJsonObject(value)) return []
  if (Array.isArray(value.coding)) {
    const text: Asked[] = string(value.text) ? [[':text', escaped(value.text)]] : []
    return [...value.coding.flatMap(tokenQueries), ...text]
  }
  const code = value.code ?? value.value
  if (!string(code)) return []
  // ContactPoint has a system that is no code system, and is found by its value alone.
  const contact =
    value.use !== undefined &&
    value.code === undefined &&
    /^(phone|fax|email|pager|url|sms|other)$/.test(String(value.system))
  const display: Asked[] = string(value.display) ? [[':text', escaped(value.display)]] : []
  const plain: Asked[] = [['', escaped(code)]]
  if (contact || /^(phone|fax|email|pager|url|sms|other)$/.test(String(value.system))) return plain
  return [...plain, ['', `${string(value.system) ? escaped(value.system) : ''}|${escaped(code)}`], ...display]
}

function stringQueries(value: JsonValue): Asked[] {
  if (string(value))
    return [
      ['', escaped(value.trim())],
      [':exact', escaped(value)],
      [':contains', escaped(value.trim().slice(1) || value)],
    ]
  if (!isJsonObject(value)) return []
  return [
    'family',
    'given',
    'prefix',
    'suffix',
    'text',
    'line',
    'city',
    'district',
    'state',
    'country',
    'postalCode',
  ].flatMap((part) => [value[part] ?? []].flat().flatMap((item) => (string(item) ? stringQueries(item) : [])))
}

/** A portion of the family or given name. */
function phoneticQueries(value: JsonValue): Asked[] {
  if (!isJsonObject(value)) return []
  return ['family', 'given']
    .flatMap((part) => [value[part] ?? []].flat())
    .flatMap((item): Asked[] => (string(item) ? [['', escaped(item)]] : []))
}

function dateQueries(value: JsonValue): Asked[] {
  if (string(value))
    return [
      ['', value],
      ['', `ge${value}`],
      ['', `le${value}`],
    ]
  if (!isJsonObject(value)) return []
  const { start, end } = value
  // A period lies between its ends, and reaches over each of them.
  const asked: Asked[] = []
  if (string(start)) asked.push(['', `ge${start}`])
  if (string(end)) asked.push(['', `le${end}`])
  return asked
}

function numberText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' ? JSON.stringify(value) : undefined
}

function quantityQueries(value: JsonValue): Asked[] {
  if (!isJsonObject(value) || value.comparator !== undefined) return []
  const number = numberText(value.value)
  if (number === undefined) return []
  if (value.currency !== undefined)
    return [
      ['', number],
      ['', `${number}||${escaped(String(value.currency))}`],
    ]
  const asked: Asked[] = [['', number]]
  if (string(value.code) && string(value.system))
    asked.push(['', `${number}|${escaped(value.system)}|${escaped(value.code)}`])
  if (string(value.unit)) asked.push(['', `${number}||${escaped(value.unit)}`])
  return asked
}

function referenceQueries(value: JsonValue): Asked[] {
  if (string(value) && value.startsWith('#')) return []
  if (string(value)) return [['', escaped(value)]]
  if (!isJsonObject(value)) return []
  const asked: Asked[] = []
  if (string(value.reference) && !value.reference.startsWith('#') && !value.reference.startsWith('urn:')) {
    const parsed = parseReference(value.reference, BASE)
    if (parsed.kind === 'local')
      asked.push(['', `${parsed.type}/${parsed.id}`], ['', parsed.id], [`:${parsed.type}`, parsed.id])
    else if (parsed.kind === 'absolute') asked.push(['', escaped(parsed.url.replace(/\/_history\/.*/, ''))])
  }
  const { identifier } = value
  if (isJsonObject(identifier) && string(identifier.value) && string(identifier.system))
    asked.push([':identifier', `${escaped(identifier.system)}|${escaped(identifier.value)}`])
  return asked
}

function queriesOf(parameter: SearchParameterDefinition, value: JsonValue): Asked[] {
  switch (parameter.type) {
    case 'token':
      return tokenQueries(value)
    case 'string':
      return parameter.code === 'phonetic' ? phoneticQueries(value) : stringQueries(value)
    case 'date':
      return dateQueries(value)
    case 'number': {
      const text = numberText(value)
      return text === undefined ? [] : [['', text]]
    }
    case 'quantity':
      return quantityQueries(value)
    case 'reference':
      return referenceQueries(value)
    case 'uri':
      return string(value) ? [['', escaped(value)]] : []
    case 'special':
      return parameter.code === 'near' && isJsonObject(value)
        ? [['', `${JSON.stringify(value.latitude)}|${JSON.stringify(value.longitude)}|1|km`]]
        : []
    case 'composite':
      return []
  }
}

/** The first plain query of each component, of every element that the composite is about. */
function compositeQueries(resource: Resource, parameter: SearchParameterDefinition): Asked[] {
  return parameter.expression.split(' | ').flatMap((base) =>
    select(resource, base).flatMap((element): Asked[] => {
      const parts = parameter.components.map(({ definition, expression }) => {
        const component = componentOf(resource.resourceType, definition)
        if (component === undefined) return undefined
        const values = expression.split(' | ').flatMap((branch) => select(element, branch))
        return values.flatMap((value) => queriesOf(component, value)).find(([suffix]) => suffix === '')?.[1]
      })
      return parts.every((part) => part !== undefined) && parts.length > 0 ? [['', parts.join('$')]] : []
    }),
  )
}

function componentOf(type: string, url: string): SearchParameterDefinition | undefined {
  return [...search.parameters(type).values()].find((parameter) => parameter.url === url)
}

/** The resource as it is stored: numbers plain, for queries are written from them. */
const plain = (resource: Resource): JsonObject => JSON.parse(writeJson(resource)) as JsonObject

function putOf(resource: Resource): Put {
  const id = resource.id as string
  const json = writeJson({
    ...resource,
    meta: { ...(isJsonObject(resource.meta) ? resource.meta : {}), versionId: '', lastUpdated: '' },
  })
  const bytes = Buffer.from(json)
  return {
    kind: 'put',
    type: resource.resourceType,
    id,
    expect: { kind: 'any' },
    method: 'PUT',
    body: {
      bytes,
      versionAt: bytes.indexOf('"versionId":""') + '"versionId":"'.length,
      lastUpdatedAt: bytes.indexOf('"lastUpdated":""') + '"lastUpdated":"'.length,
    },
    index: search.extract(resource),
    mustExist: [],
  }
}

async function load(store: Store, resources: readonly Resource[]): Promise<void> {
  for (let at = 0; at < resources.length; at += 200) {
    const writes = resources.slice(at, at + 200).map(putOf)
    const result = await store.commit({ access: SEE_EVERYTHING, assertions: [], writes })
    if (result.kind !== 'committed') throw new Error(result.kind)
  }
}

/** How many queries were asked, and which did not find the resource that they were made from. */
async function findAll(store: Store, resources: readonly Resource[]) {
  const missed: string[] = []
  let asked = 0
  for (const resource of resources) {
    const { resourceType: type, id } = resource
    const values = plain(resource)
    for (const parameter of search.parameters(type).values()) {
      if (parameter.expression === '' || parameter.code === '_id' || parameter.code === '_lastUpdated')
        continue
      const queries =
        parameter.type === 'composite'
          ? compositeQueries(values as Resource, parameter)
          : parameter.expression
              .split(' | ')
              .flatMap((branch) => select(values, branch))
              .flatMap((value) => queriesOf(parameter, value))
      for (const [suffix, text] of new Map(queries.map((query) => [query.join(' '), query])).values()) {
        const name = parameter.code + suffix
        if (suffix.startsWith(':') && /^:[A-Z]/.test(suffix) && !parameter.targets.includes(suffix.slice(1)))
          continue
        asked++
        try {
          const parsed = await search.parse(
            { kind: 'type', type },
            [[name, text]],
            { handling: 'strict', defaultCount: 20, maxCount: 1000 },
            NO_LOOKUP,
          )
          const where = and([parsed.query.from[0]!.where, idMatch(id as string)])
          const found = await store.matches(type, where, 2, SEE_EVERYTHING)
          // Now and then by the query alone, which starts elsewhere.
          const alone =
            asked % 10 === 0
              ? await store.matches(type, parsed.query.from[0]!.where, 100_000, SEE_EVERYTHING)
              : [id]
          if (found[0] !== id || !alone.includes(id as string)) missed.push(`${type}/${id}?${name}=${text}`)
        } catch (error) {
          missed.push(`${type}/${id}?${name}=${text}: ${(error as Error).message}`)
        }
      }
    }
  }
  return { asked, missed }
}

function jsonFiles(folder: string): readonly URL[] {
  const url = new URL(`${folder}/`, DATA)
  if (!existsSync(url)) return []
  return readdirSync(url)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => new URL(name, url))
}

const skipWithout = (files: readonly URL[]) =>
  files.length > 0 ? {} : { skip: 'the folder of shared records is not beside this checkout' }

/** Values that R4's own examples hold where R4 has no place for them, or that are of no type which the parameter knows. */
const PASSED_OVER: readonly RegExp[] = [
  /^DeviceMetric\/example\?parent=dc102$/, // parent is a DeviceDefinition; R4 allows a Device
  /^MedicationRequest\/medrx0301\?intended-dispenser=f001$/, // a Practitioner; R4 allows an Organization
  /^CarePlan\/f00[13]\?activity-date=/, // a date written as scheduledString
]

const examples = jsonFiles('r4-examples')
t.test("R4's examples", skipWithout(examples), async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const resources = examples
    .map((file) => parseJson(readFileSync(file)) as Resource)
    .filter(({ id, resourceType }) => typeof id === 'string' && definitions.isResourceType(resourceType))
  await load(store, resources)
  const { asked, missed } = await findAll(store, resources)
  t.same(
    missed.filter((query) => !PASSED_OVER.some((pattern) => pattern.test(query))),
    [],
  )
  t.ok(asked > 2000, `${asked} queries`)
  t.comment(`${resources.length} resources, ${asked} queries`)
})

const histories = jsonFiles('synthea')
t.test('whole patient histories', skipWithout(histories), async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const resources = histories.flatMap((file) => {
    const { entry } = parseJson(readFileSync(file)) as unknown as {
      entry: { fullUrl: string; resource: Resource }[]
    }
    const places = new Map(
      entry.map(({ fullUrl, resource }) => [fullUrl, `${resource.resourceType}/${resource.id}`]),
    )
    return entry.map(({ resource }) => {
      mapReferences(resource, (text) => places.get(text) ?? text, definitions)
      return resource
    })
  })
  const unique = [
    ...new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource])).values(),
  ]
  await load(store, unique)
  const chosen = unique.filter((_, at) => at % STEP === 0)
  const { asked, missed } = await findAll(store, chosen)
  t.same(missed.slice(0, 50), [])
  t.ok(asked > chosen.length * 5, `${asked} queries for ${chosen.length} resources`)
  t.comment(`${chosen.length} of ${unique.length} resources, ${asked} queries`)
})
