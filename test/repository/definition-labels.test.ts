// What a questionnaire is about is what the answers to it are about, also when it comes, or changes, after them.
import t from 'tap'
import { labelledRun, plan, type LabelledRun } from './labelled-run.ts'
import { parseJson, type JsonObject, type Resource } from '../../src/fhir/index.ts'
import { QUESTIONNAIRE_ALIAS } from '../../src/search/index.ts'
import type { Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { labelledWorld } from '../access/reach/labelled-world.ts'

const AUDIT_C = { system: 'http://loinc.org', code: '75626-2' }

t.test('answers to a questionnaire', async (t) => {
  const world = await labelledWorld()
  t.teardown(() => world.close())
  const put = async (resource: JsonObject): Promise<void> => {
    await world.repository.write({
      kind: 'update',
      target: { type: String(resource['resourceType']), id: String(resource['id']) },
      resource: resource as Resource,
    })
    await world.relabelling.whenDone(() => {})
  }
  const labels = async (id: string): Promise<string> => {
    const { body } = await world.repository.read('QuestionnaireResponse', id)
    const { meta } = parseJson(body as Buffer) as Resource
    return (((meta as JsonObject)['security'] ?? []) as JsonObject[]).map(({ code }) => code).join(' ')
  }
  const questionnaire = (code: JsonObject[], version = '1'): JsonObject => ({
    resourceType: 'Questionnaire',
    id: 'q',
    url: 'http://clinic.example/q',
    version,
    status: 'active',
    code,
  })
  const answers = (id: string, canonical: string): JsonObject => ({
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: canonical,
    item: [{ linkId: '1', answer: [{ valueInteger: 3 }] }],
  })

  await put(answers('before', 'http://clinic.example/q'))
  t.equal(await labels('before'), '')
  await put(questionnaire([AUDIT_C]))
  t.match(await labels('before'), /R .*SUD/, 'answers that were there before it')
  await put(answers('after', 'http://clinic.example/q|1'))
  t.equal(await labels('after'), await labels('before'))
  await put(answers('other', 'http://clinic.example/q|2'))
  t.equal(await labels('other'), await labels('before'), 'a version that is not known is about no less')

  await put(questionnaire([AUDIT_C], '2'))
  t.equal(await labels('after'), await labels('before'), 'answers to a version that was replaced')
  const others = 'http://clinic.example/versions'
  const bloodPressure = { system: 'http://loinc.org', code: '85354-9' }
  await put({ ...questionnaire([bloodPressure], '1'), id: 'v1', url: others })
  await put({ ...questionnaire([AUDIT_C], '2'), id: 'v2', url: others })
  await put(answers('of-v1', `${others}|1`))
  t.equal(await labels('of-v1'), '', 'where the version is stored, it alone tells')
  await put(answers('of-v2', `${others}|2`))
  t.equal(await labels('of-v2'), await labels('before'))

  const copy = 'http://others.example/their-copy'
  await put(answers('of-copy', copy))
  t.equal(await labels('of-copy'), '')
  await put({
    ...questionnaire([AUDIT_C]),
    extension: [{ url: QUESTIONNAIRE_ALIAS, valueCanonical: copy }],
  })
  t.match(await labels('of-copy'), /R .*SUD/, "answers to others' copy, that this one reads too")
  await put(answers('of-their-version', `${copy}|7`))
  t.equal(await labels('of-their-version'), await labels('of-copy'), 'whatever its version')

  await put(questionnaire([{ system: 'http://loinc.org', code: '85354-9' }]))
  t.equal(await labels('before'), '', 'it is about something else now')
  t.equal(await labels('after'), '')
  t.same(world.failures, [])
})

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A store in which answers stay under way until they are let go, and whoever is sought takes a while to be found. */
function storeOnHold() {
  const store = openNaiveStore()
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: hold, resolve: release } = Promise.withResolvers<void>()
  let isHeld = true
  let writes = 0
  const slow: Store = Object.assign(Object.create(store) as Store, {
    maintenance: Object.assign(Object.create(store.maintenance) as Store['maintenance'], {
      async setSetting(...asked: Parameters<Store['maintenance']['setSetting']>) {
        writes++
        return store.maintenance.setSetting(...asked)
      },
    }),
    async commit(commit: Parameters<Store['commit']>[0]) {
      writes++
      if (isHeld && commit.writes.some(({ type }) => type === 'QuestionnaireResponse')) {
        isHeld = false
        arrive()
        await hold
      }
      return store.commit(commit)
    },
    async matches(...asked: Parameters<Store['matches']>) {
      await turns(20)
      return store.matches(...asked)
    },
  })
  return { store, slow, arrived, release, writes: () => writes }
}

/** Answers are under way while their questionnaire comes; resolves when both are there. */
async function crossed(
  now: LabelledRun,
  { arrived, release }: ReturnType<typeof storeOnHold>,
): Promise<void> {
  await now.put(plan('mine', [{ name: 'sud', type: 'QuestionnaireResponse', label: 'SUD', codes: ['a'] }]))
  await now.settled()
  const url = 'http://clinic.example/q'
  const answers = now.put({
    resourceType: 'QuestionnaireResponse',
    id: 'on-its-way',
    status: 'completed',
    questionnaire: url,
  } as Resource)
  await arrived
  const code = [{ system: 'urn:codes', code: 'a' }]
  await now.put({ resourceType: 'Questionnaire', id: 'q', url, status: 'active', code } as Resource)
  release()
  await answers
}

t.test('answers that were on their way when their questionnaire came', async (t) => {
  const held = storeOnHold()
  const now = await labelledRun(held.slow)
  now.relabelling.start()
  await crossed(now, held)
  while ((await now.labels('QuestionnaireResponse', 'on-its-way')) !== 'N,SUD') await turns(1)
  t.pass('they are labelled by it all the same')
  await now.stop()
})

t.test('the same, when the process ends with them', async (t) => {
  const held = storeOnHold()
  const now = await labelledRun(held.slow)
  now.relabelling.start()
  await crossed(now, held)
  await now.stop()
  const writes = held.writes()
  await turns(1000)
  t.equal(held.writes(), writes, 'nothing is written once it has stopped')

  const next = await labelledRun(held.store)
  next.relabelling.start()
  await next.settled()
  t.equal(await next.labels('QuestionnaireResponse', 'on-its-way'), 'N,SUD', 'the next labels them')
  await next.stop()
})
