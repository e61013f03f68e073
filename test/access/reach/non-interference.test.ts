// Whoever may not see what is sensitive hears the same, word for word, whether there is something sensitive or not:
// two worlds are asked the same, and in one of them much happens in between that the asker may not see.
import t, { type Test } from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import type { WriteRequest } from '../../../src/repository/index.ts'
import { ACT_CODE } from '../labels/rules.ts'
import { labelledWorld, type LabelledWorld, type WorldOptions } from './labelled-world.ts'
import { restrictedDoor, type Ask } from './restricted-door.ts'

t.setTimeout(600_000)

const ICD = 'http://hl7.org/fhir/sid/icd-10-cm'
const HIDDEN = ['SUD', 'HIV', '42CFRPart2'].map((code) => ({ system: ACT_CODE, code }))
const subject = { reference: 'Patient/v' }

function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

const condition = (id: string, code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Condition',
  id,
  subject,
  identifier: [{ system: 'urn:c', value: id }],
  code: { coding: [{ system: ICD, code }] },
  ...more,
})
const encounter = (id: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: ACT_CODE, code: 'AMB' },
  subject,
  ...more,
})
const observation = (id: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { text: 'x' },
  subject,
  ...more,
})
const program = {
  extension: [
    { url: 'https://alcove.health/fhir/StructureDefinition/part2-program', valueBoolean: true },
  ] as JsonObject[],
}

/** What everybody sees. */
const SEEN: readonly JsonObject[] = [
  { resourceType: 'Patient', id: 'v' },
  { resourceType: 'Organization', id: 'v', name: 'General hospital' },
  encounter('v0', { serviceProvider: { reference: 'Organization/v' } }),
  encounter('v1'),
  condition('v0', 'I10', { encounter: { reference: 'Encounter/v0' } }),
  condition('v1', 'J00'),
  observation('v0', { encounter: { reference: 'Encounter/v0' } }),
  observation('v1', { derivedFrom: [{ reference: 'Observation/v0' }] }),
]

/** What nobody may hear of: all of it is labelled, by what it holds, refers to, belongs to or is told of. */
function unheard(random: () => number): WriteRequest {
  const pick = <Item>(...items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  const code = pick('F10.20', 'B20', 'F11.20')
  const place = { encounter: { reference: pick('Encounter/v0', 'Encounter/v1') } }
  const all: readonly JsonObject[] = [
    condition('h0', code, pick<JsonObject>(place, {})),
    condition('h1', code, { evidence: [{ detail: [{ reference: 'Observation/v0' }] }] }),
    encounter('h0', { reasonReference: [{ reference: 'Condition/h0' }] }),
    observation('h0', { encounter: { reference: 'Encounter/h0' } }),
    observation('h1', {
      derivedFrom: ['Observation/v0', 'Observation/h0'].map((reference) => ({ reference })),
    }),
    {
      resourceType: 'List',
      id: 'h0',
      status: 'current',
      mode: 'working',
      subject,
      entry: ['Condition/h0', 'Condition/v0', 'Observation/v1'].map((reference) => ({ item: { reference } })),
    },
    {
      resourceType: 'DocumentReference',
      id: 'h0',
      status: 'current',
      subject,
      context: { encounter: [{ reference: 'Encounter/h0' }] },
      content: [{ attachment: { url: 'Binary/h0' } }],
    },
    { resourceType: 'Binary', id: 'h0', contentType: 'text/plain', data: 'eA==' },
    {
      resourceType: 'Provenance',
      id: 'h0',
      meta: { security: [{ system: ACT_CODE, code: 'SUD' }] },
      recorded: '2026-01-01T00:00:00Z',
      target: [{ reference: 'Observation/h0' }],
      agent: [{ who: { reference: 'Organization/h0' } }],
    },
  ]
  const resource = pick(...all) as Resource
  const target = { type: resource.resourceType, id: String(resource['id']) }
  // A Binary is as sensitive as what names it, and for as long.
  return random() < 0.15 && target.type !== 'DocumentReference'
    ? { kind: 'delete', target }
    : { kind: 'update', target, resource }
}

/** Whatever an unlabelled record comes to in the dark world before anything refers to it. */
const DARK: readonly JsonObject[] = [
  {
    resourceType: 'Organization',
    id: 'h0',
    name: 'Clinic',
    meta: { security: [{ system: ACT_CODE, code: 'SUD' }] },
    ...program,
  },
  condition('h0', 'F10.20'),
  encounter('h0', { reasonReference: [{ reference: 'Condition/h0' }] }),
  observation('h0', { encounter: { reference: 'Encounter/h0' } }),
  {
    resourceType: 'DocumentReference',
    id: 'h0',
    status: 'current',
    subject,
    context: { encounter: [{ reference: 'Encounter/h0' }] },
    content: [{ attachment: { url: 'Binary/h0' } }],
  },
]

type Question = readonly [line: string, body?: unknown, headers?: Record<string, string>]

const SEARCHES = [
  'Condition?subject=Patient/v&_total=accurate',
  'Condition?_count=1&_sort=-_lastUpdated',
  'Condition?_summary=count',
  'Condition?code=F10.20,B20,I10&_total=accurate',
  'Condition?identifier=urn:c|h0,urn:c|v0&_total=accurate',
  'Condition?encounter.status=finished&_total=accurate',
  'Condition?_security:not=SUD&_total=accurate',
  'Encounter?_revinclude=Condition:encounter&_revinclude=Observation:encounter&_total=accurate',
  'Encounter?_has:Condition:encounter:code=F10.20,B20,F11.20',
  'Encounter?_has:Observation:encounter:_security=SUD,HIV',
  'Encounter?reason-reference.code=F10.20',
  'Observation?_revinclude=Observation:derived-from&_revinclude=List:item&_include=Observation:encounter',
  'Observation?derived-from=Observation/v0&_total=accurate',
  'Observation?encounter=Encounter/h0&_total=accurate',
  'Observation?encounter.reason-reference.code:missing=false&_total=accurate',
  'Patient?_has:Condition:subject:_security=SUD&_total=accurate',
  'Patient?_revinclude=*&_total=accurate',
  'Patient/v/*?_total=accurate',
  'Patient/v/Condition?_total=accurate',
  'List?item=Condition/v0&_total=accurate',
  'Provenance?_total=accurate',
  'DocumentReference?_security=SUD&_total=accurate',
  '?_type=Condition,Observation,Encounter&_security=SUD,HIV,R&_total=accurate',
  '_history?_count=4',
  'Condition/_history',
  'Encounter/v0/_history',
  'Condition/v0/_history',
  'Encounter/v0/$label',
  'Observation/v1/$label',
].map((path): Question => [`GET ${path}`])

/** Things to do with what may not be seen: all must be as if it were not. */
const GUESSES = [
  'Condition/h0',
  'Encounter/h0',
  'Observation/h0',
  'List/h0',
  'Binary/h0',
  'DocumentReference/h0',
  'Provenance/h0',
].flatMap((place): Question[] => [
  [`GET ${place}`],
  [`GET ${place}/_history`],
  [`GET ${place}/_history/1`],
  [`GET ${place}/$label`],
  [`DELETE ${place}`],
  [`DELETE ${place}`, undefined, { 'if-match': 'W/"1"' }],
  [`PATCH ${place}`, [{ op: 'add', path: '/language', value: 'en' }]],
  [
    `PUT ${place}`,
    { ...(place.startsWith('Condition') ? condition('h0', 'I10') : encounter('h0')), id: 'h0' },
    { 'if-match': 'W/"1"' },
  ],
])

function writes(random: () => number, step: number): readonly Question[] {
  const pick = <Item>(...items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item
  const id = pick('v0', 'v1')
  const code = pick('I10', 'J00', 'E11.9')
  const to = pick('Encounter/v0', 'Encounter/v1', 'Encounter/h0', 'Encounter/never')
  const normal = {
    meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }] },
  }
  return [
    [`PUT Condition/${id}`, condition(id, code, { encounter: { reference: to } })],
    [`PUT Condition/${id}`, condition(id, 'F10.20')],
    [`PUT Condition/${id}`, condition(id, code, normal), { 'if-match': `W/"${Math.ceil(random() * 9)}"` }],
    [
      `PUT Encounter/${id}`,
      encounter(id, { reasonReference: [{ reference: `Condition/${pick('v0', 'v1', 'h0')}` }] }),
    ],
    [
      `PUT Observation/v1`,
      observation('v1', { derivedFrom: [{ reference: `Observation/${pick('v0', 'h0')}` }] }),
    ],
    [`PATCH Observation/v0`, [{ op: 'add', path: '/valueString', value: String(step) }]],
    [`DELETE ${pick('Condition/v1', 'Observation/v1', 'Encounter/v1')}`],
    [
      'POST Condition',
      condition('x', code),
      { 'if-none-exist': `identifier=urn:c|${pick('h0', 'h1', 'v0', 'x')}` },
    ],
    [`PUT Condition?identifier=urn:c|${pick('h1', 'v0')}`, { ...condition('x', code), id: undefined }],
    [`DELETE Condition?identifier=urn:c|${pick('h0', 'h1', 'x')}`],
    ['POST Condition', condition('x', pick('I10', 'F10.20'), { encounter: { reference: to } })],
    [
      'POST $label',
      condition('x', 'I10', { encounter: { reference: pick('Encounter/h0', 'Encounter/v0') } }),
    ],
    [
      'POST ',
      {
        resourceType: 'Bundle',
        type: pick('transaction', 'batch'),
        entry: [
          { request: { method: 'PUT', url: `Condition/${id}` }, resource: condition(id, code) },
          {
            request: { method: 'POST', url: 'Observation' },
            resource: observation('x', { encounter: { reference: to } }),
          },
          { request: { method: 'GET', url: 'Condition?_total=accurate&_security=SUD,R' } },
        ],
      },
    ],
  ]
}

async function put(world: LabelledWorld, resource: JsonObject): Promise<void> {
  const target = { type: String(resource['resourceType']), id: String(resource['id']) }
  await world.repository.write({ kind: 'update', target, resource: resource as Resource })
}

/** What is heard, but for times, and for what a page's link holds sealed. */
async function heard(ask: Ask, [line, body, headers]: Question): Promise<string> {
  const { status, headers: told, text } = await ask(line, body, headers)
  const { etag, location, allow, vary, 'content-type': type } = told
  const words = text
    .replaceAll(/"(lastUpdated|lastModified|timestamp)":"[^"]*"/g, '')
    .replaceAll(/_cursor=[\w.~%-]+/g, '_cursor')
    .replaceAll(/"id":"[0-9a-f-]{36}"/g, '')
  return JSON.stringify({ status, etag, location, allow, vary, type, words })
}

async function compare(t: Test, seed: number, rounds: number, options: WorldOptions): Promise<void> {
  const [bright, dark] = [await labelledWorld(options), await labelledWorld(options)]
  t.teardown(() => bright.close())
  t.teardown(() => dark.close())
  const doors = [restrictedDoor(t, bright, HIDDEN), restrictedDoor(t, dark, HIDDEN)]
  for (const world of [bright, dark]) for (const resource of SEEN) await put(world, resource)
  for (const resource of DARK) await put(dark, resource)
  const random = randomFrom(seed)
  let told = 0
  let refused = 0
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < 4; n++)
      await dark.repository.write(unheard(random)).catch((error: Error) => {
        // The asker has deleted what it refers to.
        if (!/points at nothing|deleted/.test(error.message)) throw error
        refused++
      })
    await Promise.all([bright, dark].map((world) => world.relabelling.whenDone(() => {})))
    const asked = [...SEARCHES, ...writes(random, round), ...GUESSES]
    for (const question of asked) {
      const [answer, other] = [await heard(doors[0] as Ask, question), await heard(doors[1] as Ask, question)]
      told++
      if (answer === other) continue
      t.equal(other, answer, `seed ${seed}, round ${round}: ${JSON.stringify(question)}`)
      return
    }
  }
  const hidden = await dark.repository.read('Organization', 'h0')
  t.ok(hidden.versionId > 0 && told > rounds * 50, `${told} answers alike, ${refused} writes refused`)
  t.same([...bright.failures, ...dark.failures], [])
}

t.test('what is hidden changes no answer', async (t) => {
  for (let seed = 1; seed <= 4; seed++) await compare(t, seed, 6, {})
})
t.test('nor when labels are raised before and lowered after', async (t) => {
  for (let seed = 101; seed <= 102; seed++) await compare(t, seed, 6, { mostDependents: 1 })
})
t.test('nor where references may lead to nothing', (t) => compare(t, 201, 6, { references: 'off' }))
