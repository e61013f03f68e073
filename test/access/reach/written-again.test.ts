// What is written again after it was deleted takes from those that named it, or came to give it something, meanwhile.
import t, { type Test } from 'tap'
import { parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { ACT_CODE } from '../labels/rules.ts'
import { labelledWorld, type LabelledWorld } from './labelled-world.ts'

const subject = { reference: 'Patient/p' }
const PROGRAM = 'https://alcove.health/fhir/StructureDefinition/part2-program'

async function playground(t: Test): Promise<LabelledWorld> {
  const world = await labelledWorld()
  t.teardown(() => world.close())
  await put(world, { resourceType: 'Patient', id: 'p' })
  return world
}

async function put({ repository }: LabelledWorld, resource: JsonObject): Promise<void> {
  const target = { type: String(resource['resourceType']), id: String(resource['id']) }
  await repository.write({ kind: 'update', target, resource: resource as Resource })
}

async function labels({ repository }: LabelledWorld, type: string, id: string): Promise<string> {
  const { meta } = parseJson((await repository.read(type, id)).body as Buffer) as {
    meta: { security?: { code: string }[] }
  }
  return (meta.security ?? [])
    .map(({ code }) => code)
    .toSorted()
    .join()
}

const binary = (more: JsonObject = {}): JsonObject => ({
  resourceType: 'Binary',
  id: 'b',
  contentType: 'text/plain',
  data: 'eA==',
  ...more,
})
const sent = (code: string): JsonObject => ({ meta: { security: [{ system: ACT_CODE, code }] } })
const naming = (id: string, code: string): JsonObject => ({
  resourceType: 'DocumentReference',
  id,
  ...sent(code),
  status: 'current',
  subject,
  content: [{ attachment: { url: 'Binary/b' } }],
})

t.test('an attachment that was named while it was not there', async (t) => {
  const world = await playground(t)
  await put(world, binary())
  await world.repository.write({ kind: 'delete', target: { type: 'Binary', id: 'b' } })
  await put(world, naming('d', 'HIV'))
  await put(world, binary())
  t.equal(await labels(world, 'Binary', 'b'), 'HIV,R')
})

t.test('one that says itself all that it had', async (t) => {
  const world = await playground(t)
  await put(world, binary(sent('HIV')))
  await world.repository.write({ kind: 'delete', target: { type: 'Binary', id: 'b' } })
  await put(world, naming('d', 'PSY'))
  await put(world, binary(sent('HIV')))
  t.equal(await labels(world, 'Binary', 'b'), 'HIV,PSY,R')
})

t.test('a record whose maker has become a program while it was not there', async (t) => {
  const world = await playground(t)
  const organization = (isProgram: boolean): JsonObject => ({
    resourceType: 'Organization',
    id: 'o',
    name: 'x',
    extension: [{ url: PROGRAM, valueBoolean: isProgram }],
  })
  const observation: JsonObject = {
    resourceType: 'Observation',
    id: 'x',
    status: 'final',
    code: { text: 'x' },
    subject,
  }
  await put(world, organization(false))
  await put(world, observation)
  await put(world, {
    resourceType: 'Provenance',
    id: 'v',
    recorded: '2026-01-01T00:00:00Z',
    target: [{ reference: 'Observation/x' }],
    agent: [{ who: { reference: 'Organization/o' } }],
  })
  await world.repository.write({ kind: 'delete', target: { type: 'Observation', id: 'x' } })
  await put(world, organization(true))
  await world.relabelling.whenDone(() => {})
  await put(world, observation)
  t.equal(await labels(world, 'Observation', 'x'), '42CFRPart2,R,SUD')
})
