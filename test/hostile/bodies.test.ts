// Bodies that nobody should send, to every interaction that takes one: whatever is refused is refused by the law, and
// whatever is taken can be had again, the same, in both formats and by search.
import t, { type Test } from 'tap'
import {
  equalJson,
  parseJson,
  parseXml,
  writeXml,
  type JsonObject,
  type Resource,
} from '../../src/fhir/index.ts'
import { LONG } from '../runs.ts'
import type { Reply } from '../rest/server.ts'
import { attacked, type Attacked } from './attacked.ts'
import { definitions } from './judge.ts'
import { damaged, Dice, mutant } from './mutations.ts'
import { SEEDS, type Seed } from './seeds.ts'

t.setTimeout(LONG ? 7_200_000 : 600_000)

const SEED = LONG ? Date.now() % 2 ** 31 : 20_261_130
const times = (usual: number): number => (LONG ? usual * 50 : usual)
const JSON_TYPE = { 'content-type': 'application/fhir+json' }
const XML_TYPE = { 'content-type': 'application/fhir+xml' }

const PATCH = [
  { op: 'add', path: '/active', value: true },
  { op: 'replace', path: '/name/0/family', value: 'G' },
  { op: 'copy', from: '/name/0', path: '/name/-' },
  { op: 'move', from: '/name/0/given/0', path: '/name/0/given/1' },
  { op: 'test', path: '/name/0/given/0', value: 'B' },
  { op: 'remove', path: '/name/1' },
]
const FHIRPATH_PATCH = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'add' },
        { name: 'path', valueString: 'Patient.name[0]' },
        { name: 'name', valueString: 'suffix' },
        { name: 'value', valueString: 'Jr' },
      ],
    },
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'insert' },
        { name: 'path', valueString: 'Patient.contact' },
        { name: 'index', valueInteger: 0 },
        { name: 'value', part: [{ name: 'name', valueHumanName: { text: 'x' } }] },
      ],
    },
  ],
}
const PARAMETERS = {
  resourceType: 'Parameters',
  parameter: [
    { name: '_since', valueInstant: '2020-01-01T00:00:00Z' },
    { name: '_count', valueInteger: 5 },
    { name: '_type', valueString: 'Patient,Observation' },
  ],
}

function bundle(type: string, resource: object): object {
  return {
    resourceType: 'Bundle',
    type,
    entry: [
      {
        fullUrl: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7',
        resource,
        request: { method: 'POST', url: (resource as Seed).resourceType },
      },
      { request: { method: 'GET', url: 'Patient/known' } },
      { request: { method: 'GET', url: 'Patient?_id=known&_count=1' } },
      {
        resource: {
          resourceType: 'Basic',
          code: { text: 'x' },
          subject: { reference: 'urn:uuid:0b0f1a2c-5d3e-4f60-8a71-92b3c4d5e6f7' },
        },
        request: { method: 'PUT', url: 'Basic?_id=b', ifMatch: 'W/"1"', ifNoneMatch: '*' },
      },
      { request: { method: 'DELETE', url: 'Basic/none' } },
    ],
  }
}

const METHODS: readonly ((
  dice: Dice,
  seed: Seed,
) => readonly [line: string, body: string, headers?: Record<string, string>])[] = [
  (dice, seed) => [`POST ${seed.resourceType}`, mutant(dice, seed)],
  (dice, seed) => [`PUT ${seed.resourceType}/mutant`, mutant(dice, { ...seed, id: 'mutant' })],
  (dice, seed) => [`PUT ${seed.resourceType}?_id=mutant`, mutant(dice, seed)],
  (dice, seed) => [`POST ${seed.resourceType}`, mutant(dice, seed), { 'if-none-exist': '_id=none' }],
  (dice) => [
    'PATCH Patient/victim',
    mutantOfArray(dice, PATCH),
    { 'content-type': 'application/json-patch+json' },
  ],
  (dice) => ['PATCH Patient/victim', mutant(dice, FHIRPATH_PATCH)],
  (dice, seed) => ['POST ', mutant(dice, bundle('batch', seed))],
  (dice, seed) => ['POST ', mutant(dice, bundle('transaction', seed))],
  (dice) => ['POST Patient/known/$everything', mutant(dice, PARAMETERS)],
  (dice) => ['POST Observation/$lastn', mutant(dice, PARAMETERS)],
]

function mutantOfArray(dice: Dice, items: readonly object[]): string {
  const text = mutant(dice, { items })
  return /^\{"items":(\[.*\])\}$/s.exec(text)?.[1] ?? text
}

/** A stored resource can be had again, whichever way it is asked for. */
async function holdsAgain(
  server: Attacked,
  reply: Reply,
  sent: Resource | undefined,
): Promise<string | undefined> {
  const stored = parseJson(Buffer.from(reply.text)) as Resource
  const place = `${stored.resourceType}/${String(stored.id)}`
  if (sent !== undefined && !equalJson(plain(sent), plain(stored)))
    return 'what is stored is not what was sent'
  const read = await server.ask(`GET ${place}`)
  if (read.status !== 200 || read.text !== reply.text)
    return `read: ${read.status} ${read.text.slice(0, 300)}`
  const xml = await server.ask(`GET ${place}`, undefined, { accept: 'application/fhir+xml' })
  if (xml.status !== 200) return `in XML: ${xml.status} ${xml.text.slice(0, 500)}`
  if (!equalJson(parseXml(xml.text, definitions), stored)) return 'XML tells something else'
  const version = String((stored.meta as JsonObject).versionId)
  const ways = [
    `${place}/_history/${version}`,
    `${place}/_history`,
    `${stored.resourceType}?_id=${String(stored.id)}`,
  ]
  ways.push(
    ...['true', 'text', 'data'].map((summary) => `${place}?_summary=${summary}`),
    `${place}?_pretty=true`,
  )
  for (const way of ways)
    for (const accept of ['application/fhir+json', 'application/fhir+xml']) {
      const again = await server.ask(`GET ${way}`, undefined, { accept })
      if (again.status !== 200) return `${way} as ${accept}: ${again.status} ${again.text.slice(0, 500)}`
      if (way.includes('?_id=') && !again.text.includes(String(stored.id))) return `${way} does not find it`
    }
  const same = await server.ask(`PUT ${place}`, reply.text)
  if (same.status !== 200 || same.json.meta.versionId !== version)
    return `what was read cannot be written: ${same.status} ${same.text.slice(0, 300)}`
  const fromXml = await server.ask(`PUT ${place}`, xml.text, XML_TYPE)
  if (fromXml.status !== 200 || fromXml.json.meta.versionId !== version)
    return `its XML cannot be written: ${fromXml.status} ${fromXml.text.slice(0, 300)}`
  return undefined
}

/** Without what the server adds. */
function plain({ id: _id, meta, ...resource }: Resource): JsonObject {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...rest } = (meta ?? {}) as JsonObject
  return Object.keys(rest).length === 0 ? resource : { ...resource, meta: rest }
}

async function fuzz(
  t: Test,
  count: number,
  work: (
    server: Attacked,
    dice: Dice,
    index: number,
  ) => Promise<readonly [name: string, reply: Reply, sent: Resource | undefined]>,
): Promise<void> {
  const server = await attacked(t)
  await server.ask('PUT Patient/victim', {
    resourceType: 'Patient',
    id: 'victim',
    name: [{ family: 'F', given: ['A', 'B'] }],
  })
  const tally = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const [name, reply, sent] = await work(server, new Dice(SEED + index), index)
    tally.set(reply.status, (tally.get(reply.status) ?? 0) + 1)
    const isStored = reply.status === 201 && reply.headers['content-location'] !== undefined
    const fault = isStored ? await holdsAgain(server, reply, sent) : undefined
    if (fault !== undefined) t.fail(`${name}: ${fault}`)
  }
  t.comment(`seed ${SEED}: ${JSON.stringify(Object.fromEntries(tally))}`)
  for (const status of [201, 400]) t.ok((tally.get(status) ?? 0) > count / 100, `${status} came about`)
  await server.survives()
}

t.test('trees changed here and there', (t) =>
  fuzz(t, times(2000), async (server, dice, index) => {
    const seed = dice.pick(SEEDS)
    const [line, body, headers = JSON_TYPE] = dice.pick(METHODS)(dice, seed)
    const name = `${index}: ${line} ${body.slice(0, 1500)}`
    const reply = await server.attack(name, line, body, { ...JSON_TYPE, ...headers })
    return [name, reply, reply.status === 201 ? (parseJson(Buffer.from(body)) as Resource) : undefined]
  }),
)

t.test('bytes of JSON', (t) =>
  fuzz(t, times(1000), async (server, dice, index) => {
    const seed = dice.pick(SEEDS)
    const body = damaged(dice, Buffer.from(JSON.stringify(seed)))
    const name = `${index}: ${body.toString('latin1').slice(0, 1500)}`
    const reply = await server.attack(name, `POST ${seed.resourceType}`, body, JSON_TYPE)
    return [name, reply, reply.status === 201 ? (parseJson(body) as Resource) : undefined]
  }),
)

t.test('bytes of XML', (t) =>
  fuzz(t, times(1000), async (server, dice, index) => {
    const seed = dice.pick(SEEDS)
    const body = damaged(dice, Buffer.from(writeXml(seed as Resource, definitions)))
    const name = `${index}: ${body.toString('latin1').slice(0, 1500)}`
    const reply = await server.attack(name, `POST ${seed.resourceType}`, body, XML_TYPE)
    return [name, reply, reply.status === 201 ? parseXml(body, definitions) : undefined]
  }),
)

t.test('where validation only warns, whatever is taken can be had again', async (t) => {
  const server = await attacked(t, { repository: { validation: 'warn', references: 'off' } })
  let taken = 0
  for (let index = 0; index < times(900); index++) {
    const dice = new Dice(SEED + index)
    const seed = dice.pick(SEEDS)
    const body = mutant(dice, { ...seed, id: 'mutant' })
    const name = `${index}: ${body.slice(0, 1500)}`
    const place = `${seed.resourceType}/mutant`
    const reply = await server.attack(name, `PUT ${place}`, body, JSON_TYPE)
    if (reply.status >= 300) continue
    taken++
    const read = await server.attack(name, `GET ${place}`)
    if (read.status !== 200 || read.text !== reply.text) t.fail(`${name}: read as ${read.text.slice(0, 500)}`)
    const ways = [`${place}/_history?_count=1`, `${seed.resourceType}?_id=mutant`, `${place}?_summary=true`]
    for (const way of [place, ...ways]) {
      const json = await server.attack(`${name}: ${way}`, `GET ${way}`)
      if (json.status !== 200) t.fail(`${name}: ${way}: ${json.text.slice(0, 500)}`)
      const xml = await server.attack(`${name}: ${way}`, `GET ${way}`, undefined, {
        accept: 'application/fhir+xml',
      })
      if (xml.status !== 200 && xml.status !== 406)
        t.fail(`${name}: ${way} in XML: ${xml.text.slice(0, 500)}`)
    }
    if (!(await server.ask(`GET ${seed.resourceType}?_id=mutant`)).text.includes('"mutant"'))
      t.fail(`${name}: lost`)
    if (dice.roll(4) === 0)
      await server.attack(name, `PATCH ${place}`, [{ op: 'add', path: '/language', value: 'en' }], {
        'content-type': 'application/json-patch+json',
      })
  }
  t.ok(taken > times(900) / 3, `${taken} were taken`)
  await server.survives()
})

t.test('noise', async (t) => {
  const server = await attacked(t)
  for (let index = 0; index < times(300); index++) {
    const dice = new Dice(SEED + index)
    const body = Buffer.from(Array.from({ length: dice.roll(300) }, () => dice.roll(256)))
    const type = dice.pick([
      'application/fhir+json',
      'application/fhir+xml',
      'application/json-patch+json',
      'application/x-www-form-urlencoded',
    ])
    const line = dice.pick([
      'POST Patient',
      'PUT Patient/a',
      'PATCH Patient/known',
      'POST ',
      'POST Patient/_search',
      'POST Observation/$lastn',
    ])
    await server.attack(`${index}: ${line} ${type}`, line, body, { 'content-type': type })
  }
  await server.survives()
})
