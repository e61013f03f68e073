// What ships in profiles/billing/: valid, without faults, in words of our own, without prices, and saying what it rests on.
import t from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  loadDefinitions,
  type Resource,
} from '../../../src/fhir/index.ts'
import { bill, book, CPT, definitions, done, EXTENSION, KINDS, shipped } from './services.ts'

const OURS = 'https://alcove.health/fhir/'
const validator = createValidator(loadDefinitions())

function extensions(definition: Resource, name: string): readonly JsonObject[] {
  return (definition['extension'] as JsonObject[]).filter(({ url }) => url === EXTENSION + name)
}

function codingOf(definition: Resource): JsonObject | undefined {
  const { code } = definition
  return isJsonObject(code) ? (code['coding'] as JsonObject[])[0] : undefined
}

t.test('all of it is valid R4, and has no faults', async (t) => {
  t.ok(definitions.length > 200)
  const invalid = shipped.flatMap((resource) =>
    validator.validate(resource).map((issue) => [resource['id'], issue]),
  )
  t.strictSame(invalid, [])
  t.strictSame(book.faulty, [])
})

t.test('each has a url and an id of its own, and one code has one definition', async (t) => {
  for (const key of ['url', 'id'] as const)
    t.equal(new Set(shipped.map((it) => `${it.resourceType} ${String(it[key])}`)).size, shipped.length)
  const codes = definitions.flatMap((it) => codingOf(it)?.['code'] ?? [])
  t.equal(new Set(codes).size, codes.length)
  t.equal(codes.length, definitions.length - 1, 'but for the one that is for all services')
  for (const resource of shipped) {
    const { url, version, status, publisher } = resource
    t.ok(String(url).startsWith(`${OURS}${resource.resourceType}/`))
    t.strictSame([version, status, publisher], ['1.0.0', 'active', 'Alcove'])
  }
})

t.test('no price ships, and no words of others', async (t) => {
  for (const definition of definitions) {
    t.equal(definition['propertyGroup'], undefined)
    const coding = codingOf(definition)
    t.equal(coding?.['display'], coding && definition['title'])
    t.ok(String(definition['title']).length <= 120)
    const isCpt = coding?.['system'] === CPT
    t.equal(definition['copyright'] !== undefined, isCpt, 'the notice of CPT goes with its codes')
  }
})

t.test('every definition says what it rests on', async (t) => {
  for (const definition of definitions)
    t.equal(extensions(definition, 'basis').length, 1, String(definition['id']))
})

t.test('every extension is defined, with every part that is used', async (t) => {
  const parts = new Map<unknown, ReadonlySet<unknown>>()
  for (const { resourceType, url, differential } of shipped)
    if (resourceType === 'StructureDefinition' && String(url).startsWith(EXTENSION))
      parts.set(
        url,
        new Set((differential as { element: JsonObject[] }).element.map(({ sliceName }) => sliceName)),
      )
  const used = new Map<unknown, Set<unknown>>()
  for (const definition of definitions)
    for (const { url, extension } of definition['extension'] as JsonObject[]) {
      const names = used.get(url) ?? new Set()
      used.set(url, names)
      for (const part of (extension as JsonObject[] | undefined) ?? []) names.add(part['url'])
    }
  for (const [url, names] of used)
    for (const name of names) t.ok(parts.get(url)?.has(name), `${String(url)} ${String(name)}`)
  const unused = [...parts.keys()].filter((url) => !used.has(url))
  // What needs an authorization, and which conditions a claim tells, is for a payer to say, not for what ships.
  t.strictSame(unused, [`${EXTENSION}authorization`, `${EXTENSION}condition`], 'each other is used')
})

t.test(
  'every code of ours that is used is in its code system, and every kind is billed by something',
  async (t) => {
    const systems = new Map<unknown, ReadonlySet<unknown>>()
    for (const { resourceType, url, concept } of shipped)
      if (resourceType === 'CodeSystem')
        systems.set(url, new Set((concept as JsonObject[]).map(({ code }) => code)))
    for (const coding of codings(shipped)) {
      const known = systems.get(coding['system'])
      if (known !== undefined) t.ok(known.has(coding['code']), JSON.stringify(coding))
    }
    for (const { resourceType, compose } of shipped)
      if (resourceType === 'ValueSet')
        for (const { system, concept } of (compose as { include: JsonObject[] }).include)
          for (const { code } of concept as JsonObject[]) t.ok(systems.get(system)?.has(code), String(code))
    for (const kind of systems.get(KINDS) ?? []) {
      const { warnings } = bill([done(String(kind), 60)])
      t.notOk(
        warnings.some(({ problem }) => problem === 'no-rule' || problem === 'ambiguous'),
        String(kind),
      )
    }
  },
)

function codings(value: JsonValue | readonly Resource[] | undefined): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((it) => codings(it as JsonValue))
  if (!isJsonObject(value)) return []
  const own = typeof value['system'] === 'string' && typeof value['code'] === 'string' ? [value] : []
  return [...own, ...Object.values(value).flatMap((it) => codings(it))]
}
