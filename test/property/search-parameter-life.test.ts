// Whatever is written, in whatever order, and whenever the server is killed: a search parameter that is offered finds
// every resource that it is about, and no other.
import t from 'tap'
import fc from 'fast-check'
import { createTerminology } from '../../src/conformance/index.ts'
import { loadDefinitions, type Resource } from '../../src/fhir/index.ts'
import { CustomParameters, type Repository } from '../../src/repository/index.ts'
import { createSearch, type Search } from '../../src/search/index.ts'
import { SEE_EVERYTHING, type Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { world } from '../repository/world.ts'
import { runs } from '../runs.ts'

const PATIENTS = 8
/** What the parameter is about, one after the other. */
const ELEMENTS = ['family', 'given', 'text'] as const

type Step =
  | { readonly do: 'patient'; readonly id: number; readonly names: readonly number[] }
  | { readonly do: 'slow-patient'; readonly id: number; readonly names: readonly number[] }
  | { readonly do: 'remove'; readonly id: number }
  | { readonly do: 'parameter'; readonly element: number; readonly status: string }
  | { readonly do: 'remove-parameter' }
  | { readonly do: 'wait'; readonly turns: number }
  | { readonly do: 'kill' }
  /** Gone, a patient written, there again as before, and killed: all before anything of it is remembered. */
  | { readonly do: 'bounce'; readonly id: number; readonly names: readonly number[] }

const names = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2))
const id = fc.nat(PATIENTS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('patient' as const), id, names }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('slow-patient' as const), id, names }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('parameter' as const),
      element: fc.nat(ELEMENTS.length - 1),
      status: fc.constantFrom('active', 'active', 'active', 'retired'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove-parameter' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('bounce' as const), id, names }) },
)

function patient(at: number, [family, given, text]: readonly number[]): Resource {
  return {
    resourceType: 'Patient',
    id: `p${at}`,
    name: [{ family: `x${family}`, given: [`x${given}`], text: `x${text}` }],
  } as Resource
}

function parameter(element: number, status: string): Resource {
  return {
    resourceType: 'SearchParameter',
    id: 'nick',
    url: 'http://practice.example/SearchParameter/nick',
    name: 'Nick',
    status,
    description: 'A name',
    code: 'nick',
    base: ['Patient'],
    type: 'string',
    expression: `Patient.name.${ELEMENTS[element]}`,
  } as Resource
}

/** One process: what it asks of the store after it was killed is never answered. */
class Process {
  readonly store: Store
  readonly search: Search
  readonly customParameters: CustomParameters
  readonly repository: Repository
  #killed = false

  constructor(store: Store) {
    const definitions = loadDefinitions()
    this.store = this.#mortal(store, { maintenance: this.#mortal(store.maintenance, {}) })
    this.search = createSearch({ definitions, baseUrl: 'http://127.0.0.1:8080/fhir' })
    this.customParameters = new CustomParameters({
      store: this.store,
      search: this.search,
      definitions,
      report: () => {},
      retryMs: 1,
    })
    const { store: own, search, customParameters } = this
    this.repository = world({
      store: own,
      search,
      customParameters,
      terminology: createTerminology(),
    }).repository
  }

  async start(): Promise<this> {
    await this.customParameters.load()
    this.customParameters.start()
    return this
  }

  kill(): void {
    this.#killed = true
  }

  #mortal<Target extends object>(target: Target, own: Partial<Target>): Target {
    return new Proxy(target, {
      get: (_, name) => {
        if (name in own) return own[name as keyof Target]
        const value = target[name as keyof Target]
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => (this.#killed ? new Promise(() => {}) : value.apply(target, given))
      },
    })
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

async function play(steps: readonly Step[]): Promise<string | undefined> {
  const base = openNaiveStore()
  let held: (() => void)[] = []
  // Slow to remember, so that a process is killed before it has.
  const maintenance: Store['maintenance'] = {
    ...base.maintenance,
    async setSetting(name, value) {
      await turns(10)
      await base.maintenance.setSetting(name, value)
    },
  }
  const store: Store = new Proxy(base, {
    get: (_, name) =>
      name === 'maintenance'
        ? maintenance
        : name !== 'commit'
          ? base[name as keyof Store]
          : async (commit: Parameters<Store['commit']>[0]) => {
              // Prepared now, committed some time later.
              if (commit.writes.some(({ id: written }) => written.startsWith('slow')))
                await new Promise<void>((resolve) => held.push(resolve))
              return base.commit(commit)
            },
  })
  const patients = new Map<string, readonly number[]>()
  let now = await new Process(store).start()
  let element: number | undefined
  const pending: Promise<unknown>[] = []
  const release = (): void => {
    for (const go of held) go()
    held = []
  }

  const check = async (): Promise<string | undefined> => {
    if (!now.search.parameters('Patient').has('nick')) return undefined
    if (element === undefined) return 'offered though it is not there'
    for (let name = 0; name < 3; name++) {
      const where = await now.search.parseCriteria('Patient', `nick=x${name}`, now.repository.lookup)
      const found = (await base.matches('Patient', where, 1000, SEE_EVERYTHING)).toSorted().join()
      const place = element
      const expected = [...patients]
        .filter(([, given]) => given[place] === name)
        .map(([key]) => key)
        .toSorted()
        .join()
      if (found !== expected) return `nick=x${name} finds ${found}, not ${expected}`
    }
    return undefined
  }

  for (const one of steps) {
    const put = (resource: Resource) =>
      now.repository.write({
        kind: 'update',
        target: { type: resource.resourceType, id: resource['id'] as string },
        resource,
      })
    switch (one.do) {
      case 'patient':
        await put(patient(one.id, one.names))
        patients.set(`p${one.id}`, one.names)
        break
      case 'slow-patient': {
        const resource = { ...patient(one.id, one.names), id: `slow${pending.length}` } as Resource
        pending.push(put(resource).then(() => patients.set(resource['id'] as string, one.names)))
        await turns(3)
        break
      }
      case 'remove':
        await now.repository.write({ kind: 'delete', target: { type: 'Patient', id: `p${one.id}` } })
        patients.delete(`p${one.id}`)
        break
      case 'parameter':
        // A slow write of another type is no reason to wait; one of its own kind would be.
        await put(parameter(one.element, one.status))
        element = one.status === 'active' ? one.element : undefined
        break
      case 'remove-parameter':
        await now.repository.write({ kind: 'delete', target: { type: 'SearchParameter', id: 'nick' } })
        element = undefined
        break
      case 'wait':
        if (one.turns % 2 === 0) {
          release()
          await turns(2)
        }
        await turns(one.turns)
        break
      case 'bounce':
        if (element === undefined) break
        await now.repository.write({ kind: 'delete', target: { type: 'SearchParameter', id: 'nick' } })
        await put(patient(one.id, one.names))
        patients.set(`p${one.id}`, one.names)
        await put(parameter(element, 'active'))
        now.kill()
        held = []
        now = await new Process(store).start()
        break
      case 'kill':
        // What was held has not been acknowledged, and is not committed.
        now.kill()
        held = []
        now = await new Process(store).start()
        break
    }
    await turns(1)
    const wrong = await check()
    if (wrong !== undefined) return `after ${JSON.stringify(one)}: ${wrong}`
  }
  release()
  await turns(3)
  while (now.customParameters.status.indexing !== undefined) await turns(1)
  if (element !== undefined && !now.search.parameters('Patient').has('nick')) return 'it never goes live'
  const wrong = await check()
  await now.customParameters.stop()
  return wrong === undefined ? undefined : `at the end: ${wrong}`
}

t.setTimeout(600_000)

t.test('a parameter that is offered finds all', async (t) => {
  let seen = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 40 }), async (steps) => {
      seen++
      const wrong = await play(steps)
      if (wrong !== undefined) throw new Error(wrong)
    }),
    runs(300, 5000),
  )
  t.ok(seen >= 300, `${seen} lives`)
})
