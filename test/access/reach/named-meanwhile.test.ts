// What comes to be there while another comes to name it has what that gives it, whichever of them is first.
import t from 'tap'
import { parseJson, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { Repository, type WriteRequest } from '../../../src/repository/index.ts'
import { UNAUTHENTICATED } from '../../../src/access/index.ts'
import { labelledWorld, type WorldOptions } from './labelled-world.ts'

const attachment: JsonObject = { resourceType: 'Binary', id: 'b', contentType: 'text/plain', data: 'eA==' }
const document: JsonObject = {
  resourceType: 'DocumentReference',
  id: 'd',
  status: 'current',
  type: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'F10.20' }] },
  content: [{ attachment: { url: 'Binary/b' } }],
}
const program: JsonObject = {
  resourceType: 'Organization',
  id: 'o',
  name: 'x',
  extension: [{ url: 'https://alcove.health/fhir/StructureDefinition/part2-program', valueBoolean: true }],
}
const record: JsonObject = { resourceType: 'Observation', id: 'x', status: 'final', code: { text: 'x' } }
const provenance: JsonObject = {
  resourceType: 'Provenance',
  id: 'v',
  recorded: '2026-01-01T00:00:00Z',
  target: [{ reference: 'Observation/x' }],
  agent: [{ who: { reference: 'Organization/o' } }],
}

interface Crossing {
  readonly options?: WorldOptions
  readonly before: readonly JsonObject[]
  readonly isDeleted?: boolean
  readonly named: JsonObject
  readonly namer: JsonObject
  readonly label: string
}

const CROSSINGS: Readonly<Record<string, Crossing>> = {
  'an attachment': { before: [], named: attachment, namer: document, label: 'SUD' },
  'an attachment that was deleted': {
    before: [attachment],
    isDeleted: true,
    named: attachment,
    namer: document,
    label: 'SUD',
  },
  'a record': {
    options: { references: 'off' },
    before: [program],
    named: record,
    namer: provenance,
    label: '42CFRPart2',
  },
  'a record that was deleted': {
    options: { references: 'off' },
    before: [program, record],
    isDeleted: true,
    named: record,
    namer: provenance,
    label: '42CFRPart2',
  },
}

const put = (resource: JsonObject): WriteRequest => ({
  kind: 'update',
  target: { type: String(resource['resourceType']), id: String(resource['id']) },
  resource: resource as Resource,
})

for (const [what, { options, before, isDeleted = false, named, namer, label }] of Object.entries(CROSSINGS))
  for (const [first, second] of [
    [named, namer],
    [namer, named],
  ] as const)
    t.test(`${what}, planned ${first === named ? 'before' : 'after'} what names it`, async (t) => {
      const world = await labelledWorld(options)
      t.teardown(() => world.close())
      for (const resource of before) await world.repository.write(put(resource))
      const target = { type: String(named['resourceType']), id: String(named['id']) }
      if (isDeleted) await world.repository.write({ kind: 'delete', target })
      let meanwhile: (() => Promise<unknown>) | undefined = () => world.repository.write(put(second))
      const store = {
        ...world.store,
        commit: async (...asked: Parameters<typeof world.store.commit>) => {
          const other = meanwhile
          meanwhile = undefined
          await other?.()
          return world.store.commit(...asked)
        },
      }
      await new Repository({ ...world.parts, store }, UNAUTHENTICATED).write(put(first))
      const { body } = await world.repository.read(target.type, target.id)
      const { meta } = parseJson(body as Buffer) as { meta: { security?: { code: string }[] } }
      t.ok(
        meta.security?.some(({ code }) => code === label),
        JSON.stringify(meta.security),
      )
    })
