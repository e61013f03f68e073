// The life of SearchParameters that are written to the server: checked, indexed beside writes, verified, live, gone.
import t from 'tap'
import { createTerminology } from '../../src/conformance/index.ts'
import { FhirError, loadDefinitions, type Resource } from '../../src/fhir/index.ts'
import { CustomParameters, type CustomParameterEvent, type Repository } from '../../src/repository/index.ts'
import { createSearch, type Search } from '../../src/search/index.ts'
import { SEE_EVERYTHING, type Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { world } from './world.ts'

const URL = 'http://practice.example/SearchParameter/'
const BASE = 'http://127.0.0.1:8080/fhir'
const NICK = 'http://practice.example/nickname'

function parameter(id: string, more: object = {}): Resource {
  return {
    resourceType: 'SearchParameter',
    id,
    url: URL + id,
    name: 'Nickname',
    status: 'active',
    description: 'What they are called',
    code: id,
    base: ['Patient'],
    type: 'string',
    expression: `Patient.extension.where(url = '${NICK}').value`,
    ...more,
  } as Resource
}

function nicknamed(id: string, nickname: string): Resource {
  return { resourceType: 'Patient', id, extension: [{ url: NICK, valueString: nickname }] } as Resource
}

interface Run {
  readonly store: Store
  readonly repository: Repository
  readonly search: Search
  readonly customParameters: CustomParameters
  readonly events: CustomParameterEvent[]
  readonly found: (query: string) => Promise<string>
}

/** One run of a server on the store; indexing goes on when `customParameters.start()` is called. */
async function run(store: Store): Promise<Run> {
  const definitions = loadDefinitions()
  const search = createSearch({ definitions, baseUrl: BASE })
  const events: CustomParameterEvent[] = []
  const customParameters = new CustomParameters({
    store,
    search,
    definitions,
    report: (event) => events.push(event),
    retryMs: 1,
  })
  await customParameters.load()
  const { repository } = world({ store, search, customParameters, terminology: createTerminology() })
  const found = async (query: string): Promise<string> => {
    const where = await search.parseCriteria('Patient', query, repository.lookup)
    return (await store.matches('Patient', where, 1000, SEE_EVERYTHING)).toSorted().join()
  }
  return { store, repository, search, customParameters, events, found }
}

function put({ repository }: Run, resource: Resource) {
  const target = { type: resource.resourceType, id: resource['id'] as string }
  return repository.write({ kind: 'update', target, resource })
}

function remove({ repository }: Run, type: string, id: string) {
  return repository.write({ kind: 'delete', target: { type, id } })
}

/** Until nothing is being indexed. */
async function settled({ customParameters }: Run): Promise<void> {
  while (customParameters.status.indexing !== undefined) await new Promise((resolve) => setImmediate(resolve))
}

const offered = ({ search }: Run, code: string) => search.parameters('Patient').get(code)?.url

t.test('what is stored before is found once it is live, what is written after as well', async (t) => {
  const now = await run(openNaiveStore())
  await put(now, nicknamed('before', 'Ada'))
  await put(now, parameter('nickname'))
  await put(now, nicknamed('between', 'Adam'))
  t.equal(offered(now, 'nickname'), undefined, 'not before it is indexed')
  await t.rejects(now.found('nickname=ad'), { code: 'invalid-search' })
  await t.rejects(now.found('nickname=ad'), /index/, 'the refusal says that it is being indexed')
  const { generation } = now.customParameters
  now.customParameters.start()
  await settled(now)
  t.equal(offered(now, 'nickname'), `${URL}nickname`)
  t.not(now.customParameters.generation, generation, 'what is made of the parameters is made anew')
  await put(now, nicknamed('after', 'Adele'))
  t.equal(await now.found('nickname=ad'), 'after,before,between')
  t.equal(await now.found('nickname=ada'), 'before,between')
  t.strictSame(
    now.events.map(({ kind }) => kind),
    ['indexing', 'live'],
  )
  await now.customParameters.stop()
})

t.test('deleting, retiring and changing it show at once', async (t) => {
  const now = await run(openNaiveStore())
  now.customParameters.start()
  await put(now, {
    ...nicknamed('a', 'Ada'),
    name: [{ family: 'Byron' }],
  } as Resource)
  await put(now, parameter('nickname'))
  await settled(now)
  t.equal(await now.found('nickname=ada'), 'a')

  await put(now, parameter('nickname', { description: 'Said otherwise' }))
  t.equal(offered(now, 'nickname'), `${URL}nickname`, 'other words need no new index')

  await put(now, parameter('nickname', { expression: 'Patient.name.family' }))
  t.equal(offered(now, 'nickname'), undefined, 'another expression does')
  await settled(now)
  t.equal(await now.found('nickname=ada'), '')
  t.equal(await now.found('nickname=byron'), 'a')

  await put(now, parameter('nickname', { status: 'retired' }))
  t.equal(offered(now, 'nickname'), undefined)
  await t.rejects(now.found('nickname=byron'), { code: 'invalid-search' })
  await put(now, parameter('nickname'))
  await settled(now)
  t.equal(await now.found('nickname=ada'), 'a')
  await remove(now, 'SearchParameter', 'nickname')
  t.equal(offered(now, 'nickname'), undefined)
  await put(now, parameter('other', { code: 'nickname' }))
  await settled(now)
  t.equal(offered(now, 'nickname'), `${URL}other`, 'and the code is free again')
  await now.customParameters.stop()
})

t.test('what cannot be a parameter is refused before it is written', async (t) => {
  const now = await run(openNaiveStore())
  await put(now, parameter('nickname'))
  const refused = async (resource: Resource, expression: string, why: RegExp) => {
    const error = await put(now, resource).then(
      () => undefined,
      (cause: unknown) => cause as FhirError,
    )
    t.match(error, { code: 'business-rule', status: 422, issues: [{ expression }] }, expression)
    t.match(error?.message, why)
    await t.rejects(now.repository.read('SearchParameter', resource['id'] as string), { code: 'not-found' })
  }
  await refused(parameter('broken', { expression: 'Patient.name.(' }), 'SearchParameter.expression', /./)
  await refused(
    parameter('elsewhere', { expression: 'Observation.code' }),
    'SearchParameter.expression',
    /Patient/,
  )
  await refused(parameter('own', { code: 'birthdate' }), 'SearchParameter.code', /individual-birthdate/)
  await refused(parameter('same', { code: 'nickname' }), 'SearchParameter.code', /nickname/)
  await refused(
    parameter('twin', {
      code: 'twin',
      url: `${URL}nickname`,
      base: ['Observation'],
      expression: 'Observation.id',
    }),
    'SearchParameter.url',
    /Another active/,
  )
  await refused(
    parameter('core', {
      url: 'http://hl7.org/fhir/SearchParameter/Patient-name',
      code: 'name',
      expression: 'Patient.id',
    }),
    'SearchParameter.code',
    /Patient-name/,
  )
  for (const status of ['draft', 'retired', 'unknown']) {
    await put(now, parameter(status, { status, code: 'birthdate' }))
    t.equal(offered(now, status), undefined)
  }
  await put(now, parameter('nickname', { expression: 'Patient.name.given' }))
  await put(now, parameter('nickname', { url: `${URL}moved` }))
  t.equal((await now.repository.read('SearchParameter', 'nickname')).versionId, 3, 'not in its own way')
})

t.test('several in one transaction, or none', async (t) => {
  const now = await run(openNaiveStore())
  now.customParameters.start()
  const update = (resource: Resource, entry: number) => ({
    kind: 'update' as const,
    target: { type: resource.resourceType, id: resource['id'] as string },
    resource,
    entry,
  })
  const clash = [parameter('one', { code: 'x' }), nicknamed('p', 'Ada'), parameter('two', { code: 'x' })]
  await t.rejects(now.repository.transaction(clash.map(update)), {
    code: 'business-rule',
    issues: [{ expression: 'Bundle.entry[2].resource.code' }],
  })
  await t.rejects(now.repository.read('Patient', 'p'), { code: 'not-found' })
  const named = { ...nicknamed('p', 'Ada'), name: [{ family: 'Byron', given: ['Ada'] }] } as Resource
  const component = [
    { definition: `${URL}one`, expression: 'family' },
    { definition: `${URL}two`, expression: 'given' },
  ]
  const all = [
    parameter('pair', { type: 'composite', expression: 'Patient.name', component }),
    parameter('one', { expression: 'Patient.name.family' }),
    named,
    parameter('two', { expression: 'Patient.name.given' }),
  ]
  await now.repository.transaction(all.map(update))
  await settled(now)
  t.equal(await now.found('one=byron&two=ada'), 'p')
  t.equal(await now.found('pair=byron$ada'), 'p')
  await now.repository.transaction(
    [parameter('one', { code: 'two' }), parameter('two', { code: 'one' })].map(update),
  )
  await settled(now)
  t.equal(offered(now, 'one'), `${URL}two`, 'codes may change places')
  await now.customParameters.stop()
})

t.test('one that says what R4 says already changes nothing', async (t) => {
  const now = await run(openNaiveStore())
  const mine = parameter('us-core-patient-family', { code: 'family', expression: 'Patient.name.family' })
  await put(now, mine)
  t.equal(offered(now, 'family'), 'http://hl7.org/fhir/SearchParameter/individual-family')
  t.equal(now.customParameters.status.indexing, undefined)
})

t.test('a write that was prepared before it, and is committed after, is found', async (t) => {
  const store = openNaiveStore()
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const slow: Store = Object.assign(Object.create(store) as Store, {
    async commit(commit: Parameters<Store['commit']>[0]) {
      if (commit.writes.some(({ id }) => id === 'slow')) await held
      return store.commit(commit)
    },
  })
  const now = await run(slow)
  now.customParameters.start()
  const writing = put(now, nicknamed('slow', 'Ada'))
  await put(now, parameter('nickname'))
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(offered(now, 'nickname'), undefined, 'it waits for what is under way')
  release()
  await writing
  await settled(now)
  t.equal(await now.found('nickname=ada'), 'slow')
  await now.customParameters.stop()
})

t.test('one that takes too long to evaluate fails alone, and writes go on', async (t) => {
  const now = await run(openNaiveStore())
  const bait = { resourceType: 'Patient', id: 'bait', name: [{ family: `${'a'.repeat(40)}!` }] } as Resource
  await put(now, bait)
  await put(now, nicknamed('a', 'Ada'))
  await put(now, parameter('nickname'))
  await put(now, parameter('endless', { expression: "Patient.name.family.where($this.matches('^(a+)+$'))" }))
  now.customParameters.start()
  await settled(now)
  t.match(now.customParameters.status.failed, [{ url: `${URL}endless`, reason: /too long/ }])
  t.equal(offered(now, 'endless'), undefined)
  t.equal(await now.found('nickname=ada'), 'a', 'the other goes live')
  t.equal((await put(now, { ...bait, active: true } as Resource)).outcome, 'updated')
  await now.customParameters.stop()
})

t.test('a resource that is not indexed as it should be is found out, and mended', async (t) => {
  const store = openNaiveStore()
  let spoil = 1
  const faulty: Store = Object.assign(Object.create(store) as Store, {
    maintenance: {
      ...store.maintenance,
      replaceIndexes: (items: Parameters<Store['maintenance']['replaceIndexes']>[0]) =>
        spoil-- > 0 ? Promise.resolve(items.length) : store.maintenance.replaceIndexes(items),
    },
  })
  const first = await run(faulty)
  for (let at = 0; at < 5; at++) await put(first, nicknamed(`p${at}`, 'Ada'))
  await put(first, parameter('nickname'))
  first.customParameters.start()
  await settled(first)
  t.equal(await first.found('nickname=ada'), 'p0,p1,p2,p3,p4')
  await first.customParameters.stop()

  spoil = Number.POSITIVE_INFINITY
  await put(first, parameter('nickname', { expression: 'Patient.extension.url' }))
  const second = await run(faulty)
  second.customParameters.start()
  await settled(second)
  t.equal(offered(second, 'nickname'), undefined, 'what cannot be mended does not go live')
  t.match(second.customParameters.status.failed, [{ url: `${URL}nickname` }])
  t.match(second.events.at(-1), { kind: 'failed', reason: /not indexed as it should be/ })
  await second.customParameters.stop()

  spoil = 0
  const third = await run(faulty)
  third.customParameters.start()
  await settled(third)
  t.equal(await third.found('nickname=http'), 'p0,p1,p2,p3,p4', 'and is tried again by the next run')
  await third.customParameters.stop()
})

t.test('a run that ends while it is indexing is gone on with by the next', async (t) => {
  const store = openNaiveStore()
  const first = await run(store)
  for (let at = 0; at < 250; at++) await put(first, nicknamed(`p${at}`, at % 2 === 0 ? 'Ada' : 'Bob'))
  await put(first, parameter('nickname'))
  const replaced: string[] = []
  const watched: Store = Object.assign(Object.create(store) as Store, {
    maintenance: {
      ...store.maintenance,
      async replaceIndexes(items: Parameters<Store['maintenance']['replaceIndexes']>[0]) {
        replaced.push(...items.map(({ key }) => key.id))
        if (replaced.length === 200) void second.customParameters.stop()
        return store.maintenance.replaceIndexes(items)
      },
    },
  })
  const second = await run(watched)
  second.customParameters.start()
  while (replaced.length < 200) await new Promise((resolve) => setImmediate(resolve))
  await second.customParameters.stop()
  t.equal(replaced.length, 200, 'it stops where it stands')
  t.match(second.customParameters.status.indexing, { done: 200, total: 250 })
  await t.rejects(second.found('nickname=ada'), { code: 'invalid-search' })

  const third = await run(watched)
  t.equal(offered(third, 'nickname'), undefined)
  third.customParameters.start()
  await settled(third)
  t.strictSame(replaced.toSorted(), Array.from({ length: 250 }, (_, at) => `p${at}`).toSorted(), 'each once')
  t.equal((await third.found('nickname=ada')).split(',').length, 125)
  await third.customParameters.stop()

  const fourth = await run(watched)
  t.equal(offered(fourth, 'nickname'), `${URL}nickname`, 'and what is live stays so')
  t.equal(replaced.length, 250)
})

t.test('what was gone meanwhile is indexed anew, whatever was remembered', async (t) => {
  const store = openNaiveStore()
  const first = await run(store)
  first.customParameters.start()
  await put(first, parameter('nickname'))
  await settled(first)
  await first.customParameters.stop()
  const remembered = await store.maintenance.getSetting('custom-search-parameters')
  await remove(first, 'SearchParameter', 'nickname')
  await put(first, nicknamed('missed', 'Ada'))
  await put(first, parameter('nickname'))
  // As a crash would leave it that comes before the change is remembered.
  await first.customParameters.stop()
  await store.maintenance.setSetting('custom-search-parameters', remembered as string)
  const second = await run(store)
  t.equal(offered(second, 'nickname'), undefined)
  second.customParameters.start()
  await settled(second)
  t.equal(await second.found('nickname=ada'), 'missed')
  await second.customParameters.stop()
})

t.test('when what was remembered is damaged, all is indexed anew', async (t) => {
  const store = openNaiveStore()
  const first = await run(store)
  first.customParameters.start()
  await put(first, parameter('nickname'))
  await put(first, nicknamed('ada', 'Ada'))
  await settled(first)
  await first.customParameters.stop()
  await store.maintenance.setSetting('custom-search-parameters', '{"parameters":')
  const second = await run(store)
  t.equal(offered(second, 'nickname'), undefined)
  second.customParameters.start()
  await settled(second)
  t.equal(await second.found('nickname=ada'), 'ada')
  await second.customParameters.stop()
})

t.test('a composite follows what it is made of', async (t) => {
  const now = await run(openNaiveStore())
  now.customParameters.start()
  const named = { resourceType: 'Patient', id: 'a', name: [{ family: 'Byron', given: ['Ada'] }] } as Resource
  await put(now, named)
  await put(now, parameter('last', { expression: 'Patient.name.family' }))
  await put(now, parameter('first', { expression: 'Patient.name.given' }))
  await settled(now)
  const component = [
    { definition: `${URL}last`, expression: 'family' },
    { definition: `${URL}first`, expression: 'given' },
  ]
  await put(now, parameter('both', { type: 'composite', expression: 'Patient.name', component }))
  await settled(now)
  t.equal(await now.found('both=byron$ada'), 'a')
  t.equal(await now.found('both=ada$byron'), '')
  const again = await run(now.store)
  t.equal(offered(again, 'both'), `${URL}both`, 'it is there after a restart too')
  await remove(now, 'SearchParameter', 'first')
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  t.equal(offered(now, 'both'), undefined)
  t.match(now.customParameters.status.failed, [{ url: `${URL}both` }])
  await now.customParameters.stop()
})

t.test('contained resources are indexed by it too', async (t) => {
  const now = await run(openNaiveStore())
  await put(now, {
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    code: { text: 'x' },
    contained: [{ ...nicknamed('inside', 'Ada') }],
    subject: { reference: '#inside' },
  } as Resource)
  await put(now, parameter('nickname'))
  now.customParameters.start()
  await settled(now)
  const where = await now.search.parseCriteria(
    'Observation',
    'subject:Patient.nickname=ada',
    now.repository.lookup,
  )
  t.strictSame(await now.store.matches('Observation', where, 9, SEE_EVERYTHING), ['o'])
  await now.customParameters.stop()
})

t.test('what stood in the way of another may go', async (t) => {
  const store = openNaiveStore()
  const { repository } = world({ store })
  for (const id of ['one', 'two']) {
    const resource = parameter(id, { code: 'nickname' })
    await repository.write({ kind: 'update', target: { type: 'SearchParameter', id }, resource })
  }
  const now = await run(store)
  now.customParameters.start()
  await settled(now)
  t.equal(offered(now, 'nickname'), `${URL}one`)
  t.match(now.customParameters.status.failed, [{ url: `${URL}two`, reason: /nickname/ }])
  await remove(now, 'SearchParameter', 'one')
  while (now.customParameters.status.failed.length > 0) await new Promise((resolve) => setImmediate(resolve))
  await settled(now)
  t.equal(offered(now, 'nickname'), `${URL}two`)
  await now.customParameters.stop()
})

t.test('a full reindex makes it live', async (t) => {
  const store = openNaiveStore()
  const first = await run(store)
  await put(first, nicknamed('a', 'Ada'))
  await put(first, parameter('nickname'))
  await first.customParameters.stop()
  const second = await run(store)
  const { reindex } = await import('../../src/repository/index.ts')
  await reindex(store, second.search, { how: 'anew' })
  await second.customParameters.reindexed()
  t.equal(await second.found('nickname=ada'), 'a')
  t.equal(offered(await run(store), 'nickname'), `${URL}nickname`)
})

t.test('a start at which nothing has changed writes nothing', async (t) => {
  const store = openNaiveStore()
  const first = await run(store)
  await put(first, parameter('nickname'))
  first.customParameters.start()
  await settled(first)
  await first.customParameters.stop()

  let writes = 0
  const counting = {
    ...store,
    maintenance: {
      ...store.maintenance,
      setSetting: (name: string, value: string) => {
        writes += 1
        return store.maintenance.setSetting(name, value)
      },
    },
  }
  const second = await run(counting)
  t.ok(offered(second, 'nickname'))
  t.equal(writes, 0)
  await put(second, parameter('alias'))
  second.customParameters.start()
  await settled(second)
  await second.customParameters.stop()
  t.ok(writes > 0)
  writes = 0
  const third = await run(counting)
  t.equal(writes, 0)
  t.ok(offered(third, 'alias'))
})
