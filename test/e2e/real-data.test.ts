// Records that nobody on this project wrote: taken whole, given back element for element, found by their identifiers.
// What is added is labels, and of these only such as the server says it has found itself. They are read from a folder
// beside the checkout; without it these tests are skipped.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import {
  equalJson,
  isJsonObject,
  parseJson,
  writeJson,
  type JsonObject,
  type JsonValue,
} from '../../src/fhir/index.ts'
import { withoutFoundLabels } from '../found-labels.ts'
import type { Bundle, Client } from '../clients/client.ts'
import { eachConcurrently } from './each-concurrently.ts'
import { serve, temporaryFolder } from './server-process.ts'

t.setTimeout(600_000)

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const CONCURRENCY = 8

/** Examples of HL7's that are not valid R4, and why. */
const INVALID: Readonly<Record<string, string>> = {
  'DeviceMetric/example': 'parent is a DeviceDefinition; R4 allows a Device',
  'MedicationRequest/medrx0301': 'dispenseRequest.performer is a Practitioner; R4 allows an Organization',
  'Questionnaire/zika-virus-exposure-assessment': 'the narrative is empty (txt-2)',
}

function filesOf(folder: string): readonly string[] {
  if (!existsSync(DATA + folder)) return []
  return readdirSync(DATA + folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => `${DATA}${folder}/${name}`)
}

function skipWithout(files: readonly string[]): { skip?: string } {
  return files.length > 0 ? {} : { skip: 'the folder of shared records is not beside this checkout' }
}

interface Kept {
  /** `Patient/1` */
  readonly place: string
  readonly sent: JsonObject
}

const histories = filesOf('synthea')
t.test('whole patient histories, as transactions', skipWithout(histories), async (t) => {
  const folder = await temporaryFolder(t)
  const { client } = await serve(t, {
    ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
    ALCOVE_REFERENCES: 'enforce',
    ALCOVE_LOG_LEVEL: 'warn',
  })
  const faults: string[] = []
  const kept: Kept[] = []
  for (const file of histories) {
    const bytes = readFileSync(file)
    const entries = (parseJson(bytes) as { entry: { fullUrl: string; resource: JsonObject }[] }).entry
    const answer = await client.ask<Bundle>('POST ', { body: bytes })
    if (answer.status !== 200) {
      faults.push(`${file}: ${answer.status} ${answer.text.slice(0, 1000)}`)
      continue
    }
    const places = (answer.json.entry ?? []).map(({ response }) =>
      placeOf(response?.location ?? '', response?.status ?? ''),
    )
    const renamed = new Map(entries.map(({ fullUrl }, i) => [fullUrl, places[i] as string]))
    for (const [i, { resource }] of entries.entries())
      kept.push({ place: places[i] as string, sent: withPlaces(resource, renamed) as JsonObject })
  }
  t.same(faults, [], 'every history is taken')
  t.equal(kept.length, 6110)
  const found = await expectKept(client, kept, faults)
  t.same(faults.slice(0, 20), [])
  t.ok(found > 100, `${found} are found by their identifiers`)
})

/** `Patient/1` of `http://.../Patient/1/_history/1` */
function placeOf(location: string, status: string): string {
  const place = /([A-Za-z]+\/[A-Za-z0-9.-]+)\/_history\/1$/.exec(location)?.[1]
  if (place === undefined || !status.startsWith('201')) throw new Error(`${status}: no place in ${location}`)
  return place
}

/** What the server is to keep of an entry: the urn: names of the Bundle have become places. */
function withPlaces(value: JsonValue, renamed: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return renamed.get(value) ?? value
  if (typeof value !== 'object' || value === null) return value
  // In place, since the written forms of decimals stay with their containers.
  const container = value as { [key: string]: JsonValue }
  for (const [key, inner] of Object.entries(container)) container[key] = withPlaces(inner, renamed)
  return value
}

const examples = filesOf('r4-examples')
t.test("R4's own examples", skipWithout(examples), async (t) => {
  const folder = await temporaryFolder(t)
  const { client } = await serve(t, {
    ALCOVE_DATABASE: `sqlite:${folder}/alcove.db`,
    ALCOVE_REFERENCES: 'off',
    ALCOVE_LOG_LEVEL: 'warn',
  })
  const faults: string[] = []
  const kept: Kept[] = []
  const refused: string[] = []
  await eachConcurrently(examples, CONCURRENCY, async (file) => {
    const bytes = readFileSync(file)
    const sent = parseJson(bytes) as JsonObject
    const place = `${String(sent['resourceType'])}/${String(sent['id'])}`
    const { status, text } = await client.ask(`PUT ${place}`, { body: bytes })
    if (status === 201) kept.push({ place, sent })
    else {
      refused.push(place)
      if (INVALID[place] === undefined) faults.push(`${place}: ${status} ${text.slice(0, 1000)}`)
    }
  })
  const found = await expectKept(client, kept, faults)
  t.same(faults.slice(0, 20), [])
  t.ok(found > 100, `${found} are found by their identifiers`)
  t.same(refused.toSorted(), Object.keys(INVALID).toSorted(), 'refused is what is not valid R4')
  t.equal(kept.length + refused.length, examples.length)
})

/** Resolves to how many were found by their identifiers. */
async function expectKept(client: Client, kept: readonly Kept[], faults: string[]): Promise<number> {
  let count = 0
  const searchable = await typesWithIdentifier(client)
  await eachConcurrently(kept, CONCURRENCY, async ({ place, sent }) => {
    const answer = await client.ask(`GET ${place}`)
    const back =
      answer.status === 200 ? withoutFoundLabels(parseJson(Buffer.from(answer.text)) as JsonObject) : {}
    if (!equalJson(ownContent(back), ownContent(sent)))
      faults.push(
        `${place} ${answer.status}: ${writeJson(ownContent(back))} is not ${writeJson(ownContent(sent))}`,
      )

    const [type = ''] = place.split('/')
    const criteria = searchable.has(type) ? criteriaOf(sent) : undefined
    if (criteria === undefined) return
    const found = await client.ask<Bundle>(`GET ${type}?_count=1000&_elements=id&${criteria}`)
    const places = found.json.entry?.map(({ fullUrl }) => fullUrl?.split('/fhir/')[1]) ?? []
    if (found.status !== 200 || !places.includes(place)) faults.push(`${place} is not found by ${criteria}`)
    else count++
  })
  return count
}

async function typesWithIdentifier(client: Client): Promise<Set<string>> {
  const { json } = await client.ask<{
    rest: [{ resource: { type: string; searchParam: { name: string }[] }[] }]
  }>('GET metadata')
  return new Set(
    json.rest[0].resource
      .filter(({ searchParam }) => searchParam.some(({ name }) => name === 'identifier'))
      .map(({ type }) => type),
  )
}

/** Without the id and the metadata that are the server's to give. */
function ownContent(resource: JsonObject): JsonObject {
  const content = without(resource, ['id'])
  if (!isJsonObject(content['meta'])) return content
  const meta = without(content['meta'], ['versionId', 'lastUpdated'])
  return Object.keys(meta).length === 0 ? without(content, ['meta']) : { ...content, meta }
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  const rest = { ...object }
  for (const name of names) delete rest[name]
  return rest
}

/** All of the resource's own business identifiers, and-ed. */
function criteriaOf({ identifier }: JsonObject): string | undefined {
  const tokens = [identifier ?? []]
    .flat()
    .filter(isJsonObject)
    .filter(({ value }) => typeof value === 'string')
    .map(
      ({ system, value }) =>
        `${typeof system === 'string' ? escaped(system) : ''}|${escaped(value as string)}`,
    )
  if (tokens.length === 0) return undefined
  return tokens.map((token) => `identifier=${encodeURIComponent(token)}`).join('&')
}

/** https://hl7.org/fhir/R4/search.html#escaping */
function escaped(text: string): string {
  return text.replaceAll(/[\\|,$]/g, '\\$&')
}
