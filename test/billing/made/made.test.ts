// What billing makes is made once, whoever asks, how often, and at the same time; and finds another id when its own is taken.
import t from 'tap'
import {
  createControlNumbers,
  createOnce,
  madeId,
  madeIdentifier,
  madeName,
} from '../../../src/billing/index.ts'
import { everyMatch } from '../../../src/repository/index.ts'
import type { Repository } from '../../../src/repository/index.ts'
import type { Resource } from '../../../src/fhir/index.ts'
import { searchQuery } from '../../../src/store/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import { world } from '../../repository/world.ts'

const NAME = madeName('test', 'Encounter/1', 'payer')
const task = (name: string, description: string) => (attempt: number) =>
  [
    {
      resourceType: 'Task',
      id: madeId(name, attempt),
      identifier: [madeIdentifier(name)],
      status: 'requested',
      intent: 'order',
      description,
    },
    {
      resourceType: 'Basic',
      id: madeId(madeName(name, 'more'), attempt),
      code: { text: description },
    },
  ] as const satisfies readonly [Resource, Resource]

async function all(repository: Repository, type: string): Promise<readonly string[]> {
  const found = await everyMatch(searchQuery({ type }), 1000, (page) => repository.search(page))
  return found.map(({ id }) => id)
}

t.test('asking again gives what is there, as it is', async (t) => {
  const { repository } = world()
  const first = await createOnce(repository, NAME, task(NAME, 'first'))
  t.match(first, {
    created: true,
    resources: [{ id: NAME, description: 'first' }, { resourceType: 'Basic' }],
  })
  const again = await createOnce(repository, NAME, task(NAME, 'second'))
  t.match(again, { created: false, resources: [{ id: NAME, description: 'first' }] })
  t.same(await all(repository, 'Task'), [NAME])
  t.equal((await all(repository, 'Basic')).length, 1)
})

t.test('thirty who ask at once get one', async (t) => {
  const store = await openSqliteStore({ file: ':memory:' })
  t.teardown(() => store.close())
  const { repository } = world({ store })
  const results = await Promise.all(
    Array.from({ length: 30 }, (_, at) => createOnce(repository, NAME, task(NAME, String(at)))),
  )
  t.equal(results.filter(({ created }) => created).length, 1)
  t.equal(new Set(results.map(({ resources }) => resources[0]['description'])).size, 1)
  t.same(await all(repository, 'Task'), [NAME])
  t.equal((await all(repository, 'Basic')).length, 1)
})

t.test('an id that somebody took for something else is left to him', async (t) => {
  const { repository } = world()
  const [own] = task(madeName('other'), 'squatter')(0)
  await repository.write({
    kind: 'update',
    target: { type: 'Task', id: NAME },
    resource: { ...own, id: NAME },
  })
  const made = await createOnce(repository, NAME, task(NAME, 'mine'))
  t.match(made, { created: true, resources: [{ id: madeId(NAME, 1), description: 'mine' }] })
  t.match(await createOnce(repository, NAME, task(NAME, 'again')), {
    created: false,
    resources: [{ id: madeId(NAME, 1), description: 'mine' }],
  })
  t.equal((await all(repository, 'Task')).length, 2)
})

t.test('what cannot be stored is refused, and nothing of it is there', async (t) => {
  const { repository } = world()
  const broken = (attempt: number): readonly [Resource, Resource] => {
    const [first, second] = task(NAME, 'x')(attempt)
    return [first, { ...second, subject: { reference: 'Patient/nobody' } }]
  }
  await t.rejects(createOnce(repository, NAME, broken), { code: 'business-rule' })
  t.same(await all(repository, 'Task'), [])
})

t.test('more matches than may be looked at are refused, not cut', async (t) => {
  const { repository } = world()
  for (const name of ['a', 'b', 'c']) await createOnce(repository, name, task(madeName(name), name))
  const ask = (page: Parameters<Repository['search']>[0]) => repository.search(page)
  t.equal((await everyMatch(searchQuery({ type: 'Task' }), 3, ask)).length, 3)
  await t.rejects(everyMatch(searchQuery({ type: 'Task' }), 2, ask), { code: 'too-costly' })
})

function keeper() {
  const kept = new Map<string, string>()
  return {
    kept,
    getSetting: (name: string) => Promise.resolve(kept.get(name)),
    async setSetting(name: string, value: string) {
      await new Promise(setImmediate)
      kept.set(name, value)
    },
  }
}

t.test(
  'control numbers are given once, in each series by itself, over a restart, and begin anew at the end',
  async (t) => {
    const kept = keeper()
    const numbers = createControlNumbers(kept)
    const given = await Promise.all([
      numbers.next('interchange'),
      numbers.next('interchange', 3),
      numbers.next('set'),
      numbers.next('interchange'),
    ])
    t.same(given, [1, 2, 1, 5])
    t.equal(await createControlNumbers(kept).next('interchange'), 6)
    await kept.setSetting('x12-control-number-interchange', '999999998')
    t.equal(await numbers.next('interchange'), 999_999_999)
    t.equal(await numbers.next('interchange'), 1)
    await kept.setSetting('x12-control-number-interchange', '999999998')
    t.equal(await numbers.next('interchange', 2), 1, 'numbers in a row do not run past the end')
  },
)

t.test('a number that could not be kept is not given, and the next one is', async (t) => {
  const kept = keeper()
  const failing = { ...kept, setSetting: () => Promise.reject(new Error('disk full')) }
  let broken = true
  const numbers = createControlNumbers({
    getSetting: kept.getSetting,
    setSetting: (name, value) => (broken ? failing.setSetting() : kept.setSetting(name, value)),
  })
  await t.rejects(numbers.next('set'))
  broken = false
  t.equal(await numbers.next('set'), 1)
})
