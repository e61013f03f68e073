// The Questionnaire that a response is scored by: by url, version, id or alias, among what can be seen, and read once.
import t from 'tap'
import { createInstruments, type Evaluators } from '../../../src/behavioral/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { knownVersion, TypeChanges, type WorldView } from '../../../src/repository/index.ts'
import { type AccessFilter, SEE_EVERYTHING, type Store } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { openNaiveStore } from '../../contract/naive-store.ts'
import { world } from '../../repository/world.ts'
import { evaluators, ours, question, questionnaire, score } from './building.ts'

const URL = 'http://example.org/Questionnaire/q'
const OTHER = 'http://example.org/Questionnaire/other'
const SECRET = { system: 'http://example.org/labels', code: 'secret' }
const UNLABELLED: AccessFilter = { anyOf: [{ types: '*', patients: '*', withoutLabels: [SECRET] }] }

interface Teardown {
  teardown(work: () => unknown): void
}

const scoring = [question('q1'), score({ over: ['q1'] })]

function form(id: string, more: JsonObject = {}): Resource {
  return { ...questionnaire(scoring), id, title: id, ...more }
}

const alias = (...canonicals: readonly string[]): JsonObject => ({
  extension: canonicals.map((it) => ours('alias', { valueCanonical: it })),
})

async function stored(store: Store, resources: readonly Resource[]) {
  const typeChanges = new TypeChanges()
  const { repository } = world({ store, typeChanges })
  const put = async (resource: Resource): Promise<void> => {
    const target = { type: 'Questionnaire', id: String(resource['id']) }
    await repository.transaction([{ kind: 'update', target, resource, entry: 0 }])
  }
  for (const resource of resources) await put(resource)
  let readings = 0
  let searches = 0
  const counting: Evaluators = (expression) => {
    readings += 1
    return evaluators(expression)
  }
  const instruments = createInstruments({ baseUrl: 'http://127.0.0.1:8080/fhir', evaluators: counting })
  const view = (access = SEE_EVERYTHING): WorldView => ({
    stateOf: (type) => (access === SEE_EVERYTHING ? typeChanges.of(type) : undefined),
    async read(type, id) {
      const version = await store.read({ type, id }, access)
      return version && knownVersion(version)
    },
    async earlier(type, id) {
      const scope = { kind: 'instance', type, id } as const
      const page = { scope, since: undefined, at: undefined, count: 30, after: undefined }
      const { versions } = await store.history(page, access)
      return versions.flatMap((version) => knownVersion(version) ?? [])
    },
    every: () => Promise.reject(new Error('not asked for')),
    async search(query) {
      searches += 1
      const { matches } = await store.search(query, access)
      return matches.flatMap((version) => knownVersion(version) ?? [])
    },
  })
  return {
    put,
    remove: (id: string) =>
      repository.transaction([{ kind: 'delete', target: { type: 'Questionnaire', id }, entry: 0 }]),
    readings: () => readings,
    searches: () => searches,
    /** The title, which is mostly the id that it was put with. */
    find: async (canonical: string, access?: AccessFilter) =>
      (await instruments.find(canonical, view(access)))?.title,
  }
}

for (const [name, open] of [
  ['naive', async () => openNaiveStore()],
  ['sqlite', () => openSqliteStore({ file: ':memory:' })],
] as const) {
  const holding = async (t: Teardown, ...resources: readonly Resource[]) => {
    const store = await open()
    t.teardown(() => store.close())
    return stored(store, resources)
  }

  t.test(`${name}: by its url and its version`, async (t) => {
    const { find } = await holding(
      t,
      form('old', { version: '1.9.0' }),
      form('new', { version: '1.10.0' }),
      form('draft', { version: '3', status: 'draft' }),
      form('retired', { version: '4', status: 'retired' }),
    )
    t.equal(await find(URL), 'new', 'the newest in use')
    t.equal(await find(`${URL}|1.9.0`), 'old')
    t.equal(await find(`${URL}|3`), 'draft')
    t.equal(await find(`${URL}|1.9`), undefined)
    t.equal(await find(`${URL}/`), undefined)
    t.equal(await find(''), undefined)
  })

  t.test(`${name}: by an alias, where no Questionnaire of that url scores`, async (t) => {
    const { find, put } = await holding(t, form('q', alias(OTHER, 'http://example.org/versioned|2')))
    t.equal(await find(URL), 'q')
    t.equal(await find(OTHER), 'q')
    t.equal(await find(`${OTHER}|7`), 'q')
    t.equal(await find('http://example.org/versioned|2'), 'q')
    t.equal(await find('http://example.org/versioned'), undefined)
    t.equal(await find('http://example.org/versioned|1'), undefined)
    await put({ ...questionnaire([question('q1')]), id: 'other', url: OTHER })
    t.equal(await find(OTHER), 'q', 'one that does not score')
    await put(form('other', { url: OTHER, title: 'scores' }))
    t.equal(await find(OTHER), 'scores', 'the response names it')
    await put(form('q'))
    t.equal(await find('http://example.org/versioned|2'), undefined, 'it is no alias any more')
  })

  t.test(`${name}: by a version that has been replaced since`, async (t) => {
    const { find, put, remove } = await holding(t, form('q', { version: '1', title: 'one' }))
    t.equal(await find(`${URL}|1`), 'one')
    await put(form('q', { version: '1', title: 'one, edited' }))
    await put(form('q', { version: '2', title: 'two' }))
    for (let time = 0; time < 2; time++) {
      t.equal(await find(`${URL}|1`), 'one, edited')
      t.equal(await find(`${URL}|2`), 'two')
      t.equal(await find(URL), 'two')
      t.equal(await find(`${URL}|3`), undefined)
    }
    await put(form('q', { version: '3', title: 'three' }))
    t.equal(await find(`${URL}|3`), 'three')
    t.equal(await find(`${URL}|1`, UNLABELLED), 'one, edited')
    await put(form('q', { version: '4', meta: { security: [SECRET] } }))
    t.equal(await find(`${URL}|1`, UNLABELLED), undefined, 'it is hidden as it is now')
    t.equal(await find(`${URL}|1`), 'one, edited')
    await put(form('q', { version: '5', url: 'http://example.org/elsewhere' }))
    t.equal(await find(`${URL}|1`), undefined, 'nothing has that url any more')
    await remove('q')
    t.equal(await find(`${URL}|1`), undefined)
  })

  t.test(`${name}: by its id, relative or below the base`, async (t) => {
    const { find } = await holding(t, form('q'))
    t.equal(await find('Questionnaire/q'), 'q')
    t.equal(await find('http://127.0.0.1:8080/fhir/Questionnaire/q'), 'q')
    t.equal(await find('Questionnaire/x'), undefined)
    t.equal(await find('Patient/q'), undefined)
  })

  t.test(`${name}: what is hidden is not there`, async (t) => {
    const { find } = await holding(
      t,
      form('hidden', { version: '2', meta: { security: [SECRET] } }),
      form('seen', { version: '1', ...alias(OTHER) }),
      form('hidden-alias', {
        version: '2',
        url: 'http://example.org/x',
        meta: { security: [SECRET] },
        ...alias(OTHER),
      }),
    )
    t.equal(await find(URL), 'hidden')
    t.equal(await find(URL, UNLABELLED), 'seen')
    t.equal(await find(OTHER, UNLABELLED), 'seen')
    t.equal(await find(`${URL}|2`, UNLABELLED), undefined)
    t.equal(await find('Questionnaire/hidden', UNLABELLED), undefined)
  })

  t.test(`${name}: each version is read once, and an edit is seen at once`, async (t) => {
    const { find, put, remove, readings } = await holding(t, form('q', alias(OTHER)))
    await find(URL)
    const once = readings()
    t.ok(once > 0)
    for (const canonical of [URL, OTHER, 'Questionnaire/q']) await find(canonical)
    t.equal(readings(), once)
    await put({ ...form('q'), title: 'edited' })
    t.equal(await find(URL), 'edited')
    t.ok(readings() > once)
    await remove('q')
    t.equal(await find(URL), undefined)
  })

  t.test(
    `${name}: it is looked for once while no Questionnaire is written, by who sees everything`,
    async (t) => {
      const { find, put, searches } = await holding(t, form('q', alias(OTHER)))
      const looked = async (work: () => Promise<unknown>): Promise<number> => {
        const before = searches()
        await work()
        return searches() - before
      }
      t.equal(await looked(() => find(URL)), 1)
      t.equal(await looked(() => find(URL)), 0)
      t.equal(await looked(() => find(OTHER)), 1)
      t.equal(await looked(() => find('urn:none')), 1)
      t.equal(await looked(() => find('urn:none')), 0)
      t.equal(await looked(() => find(URL, UNLABELLED)), 1, 'what others see is asked each time')
      t.equal(await looked(() => find(URL, UNLABELLED)), 1)
      await put({ ...form('later'), url: 'urn:none' })
      t.equal(await find('urn:none'), 'later', 'what was not there is found when it is')
      t.equal(await looked(() => find(URL)), 1)
      await put({ ...form('q', alias(OTHER)), url: URL, title: 'another', version: '2' })
      t.equal(await find(URL), 'another')
      t.equal(await find(URL, UNLABELLED), 'another')
    },
  )

  t.test(`${name}: one that cannot be read says why, each time`, async (t) => {
    const broken = questionnaire([question('q1'), score({ over: ['q9'] })])
    const { find } = await holding(
      t,
      { ...broken, id: 'broken' },
      form('fine', { url: OTHER, ...alias(URL) }),
    )
    await t.rejects(find(URL), { code: 'invalid', issues: [{ expression: /^Questionnaire\.item\[1\]/ }] })
    await t.rejects(find(URL), { code: 'invalid' })
  })
}
