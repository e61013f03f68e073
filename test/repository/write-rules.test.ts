// Rules of the domain in a write: their faults refuse it, what follows is committed with it or not at all, and labelled.
import t from 'tap'
import { Repository, type DomainChange, type FollowUp, type WriteRules } from '../../src/repository/index.ts'
import { FhirError, type Resource } from '../../src/fhir/index.ts'
import {
  and,
  chainMatch,
  idMatch,
  localReferenceMatch,
  searchQuery,
  typedCondition,
  type AccessFilter,
  type Commit,
} from '../../src/store/index.ts'
import { UNAUTHENTICATED } from '../../src/access/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { condition, encounter, labelledRun, patient, plan, valueSet } from './labelled-run.ts'
import { world } from './world.ts'

const SUD = { name: 'sud', type: 'Condition', label: 'SUD', codes: ['a'] }

/** Each condition has an observation that counts its versions, and may not be deleted without a note. */
function countingRules(more: Partial<WriteRules> = {}): WriteRules & { readonly changes: DomainChange[] } {
  const changes: DomainChange[] = []
  return {
    changes,
    types: new Set(['Condition']),
    check(change) {
      changes.push(change)
      const { before, after } = change
      const isBare = after === undefined && before !== undefined && before['note'] === undefined
      return Promise.resolve(
        isBare
          ? [
              {
                severity: 'error',
                code: 'business-rule',
                diagnostics: 'A note must say why.',
                expression: 'Condition.note',
              },
            ]
          : [],
      )
    },
    async follow({ type, id, after, isNew }, { read }) {
      if (after === undefined) return []
      const known = isNew ? undefined : await read('Observation', `of-${id}`)
      const versions = ((known?.resource['valueInteger'] as number | undefined) ?? 0) + 1
      return [observation(`of-${id}`, `${type}/${id}`, versions, known?.versionId)]
    },
    ...more,
  }
}

function observation(id: string, of: string, versions: number, versionId?: number): FollowUp {
  return {
    type: 'Observation',
    id,
    resource: {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'Versions' },
      focus: [{ reference: of }],
      extension: [{ url: 'urn:because', valueReference: { reference: of } }],
      valueInteger: versions,
    } as Resource,
    expect: versionId === undefined ? { kind: 'absent' } : { kind: 'version', versionId },
  }
}

const put = (repository: Repository, resource: Resource) =>
  repository.write({
    kind: 'update',
    target: { type: resource.resourceType, id: resource['id'] as string },
    resource,
  })

function seeing(...types: readonly string[]): AccessFilter {
  return { anyOf: [{ types, patients: '*', withoutLabels: [] }] }
}

async function valueOf(repository: Repository, id: string): Promise<unknown> {
  const version = await repository.read('Observation', id)
  return (JSON.parse(version.body!.toString()) as { valueInteger: unknown }).valueInteger
}

t.test('what follows is written in the same commit, and again with each change', async (t) => {
  const commits: Commit[] = []
  const store = openNaiveStore()
  const { commit } = store
  store.commit = (asked) => {
    commits.push(asked)
    return commit.call(store, asked)
  }
  const writeRules = countingRules()
  const { repository } = world({ store, writeRules })
  await put(repository, patient)
  await put(repository, condition('c', 'a'))
  t.equal(await valueOf(repository, 'of-c'), 1)
  await put(repository, condition('c', 'b'))
  t.equal(await valueOf(repository, 'of-c'), 2)
  t.same(
    commits.map(({ writes }) => writes.map(({ type, id }) => `${type}/${id}`)),
    [['Patient/p'], ['Condition/c', 'Observation/of-c'], ['Condition/c', 'Observation/of-c']],
  )
  const made = await repository.write({
    kind: 'create',
    type: 'Condition',
    resource: condition('ignored', 'a'),
    follows: true,
  })
  t.equal(await valueOf(repository, `of-${made.version!.id}`), 1)
  t.match(
    writeRules.changes.map(({ id, isNew, isAsked, before }) => [id, isNew, isAsked, before === undefined]),
    [
      ['c', false, false, true],
      ['c', false, false, false],
      [made.version!.id, true, true, true],
    ],
  )
})

t.test('a fault refuses the write, names its entry, and is a warning where faults are', async (t) => {
  const writeRules = countingRules()
  const { repository, parts } = world({ writeRules })
  await put(repository, patient)
  await put(repository, condition('c', 'a'))
  const remove = { kind: 'delete', target: { type: 'Condition', id: 'c' } } as const
  await t.rejects(repository.write(remove), {
    code: 'business-rule',
    issues: [{ expression: 'Condition.note', diagnostics: 'A note must say why.' }],
  })
  await t.rejects(repository.transaction([{ ...remove, entry: 4 }]), {
    code: 'business-rule',
    issues: [{ expression: 'Bundle.entry[4].resource.note' }],
  })
  await t.resolves(repository.read('Condition', 'c'))
  const lenient = new Repository({ ...parts, validation: 'warn' }, UNAUTHENTICATED)
  const { outcome, warnings } = await lenient.write(remove)
  t.equal(outcome, 'deleted')
  t.match(warnings, [{ severity: 'warning', diagnostics: 'A note must say why.' }])

  const strict = world({
    validation: 'warn',
    writeRules: countingRules({
      check: () => Promise.reject(new FhirError('business-rule', 'Never.')),
    }),
  }).repository
  await put(strict, patient)
  await t.rejects(put(strict, condition('c', 'a')), { code: 'business-rule', message: 'Never.' })
})

t.test('what follows refuses it too when it is not valid, or is written by the caller as well', async (t) => {
  const broken = countingRules({
    follow: () =>
      Promise.resolve([
        {
          type: 'Observation',
          id: 'x',
          resource: { resourceType: 'Observation' } as Resource,
          expect: { kind: 'any' },
        },
      ]),
  })
  const { repository } = world({ writeRules: broken })
  await put(repository, patient)
  await t.rejects(put(repository, condition('c', 'a')), {
    code: 'business-rule',
    message: /The Observation that follows from this write would not be valid/,
  })
  await t.rejects(repository.read('Condition', 'c'), { code: 'not-found' })

  const second = world({ writeRules: countingRules() }).repository
  await put(second, patient)
  const own = observation('of-c', 'Condition/c', 9).resource
  await t.rejects(
    second.transaction([
      {
        kind: 'update',
        target: { type: 'Condition', id: 'c' },
        resource: condition('c', 'a'),
        entry: 0,
      },
      {
        kind: 'update',
        target: { type: 'Observation', id: 'of-c' },
        resource: { ...own, id: 'of-c' },
        entry: 1,
      },
    ]),
    { code: 'business-rule', message: /Observation\/of-c is written by this server/ },
  )
})

t.test('what has been stored invalid keeps nobody from what it follows from', async (t) => {
  const { parts, repository } = world({ writeRules: countingRules() })
  await put(repository, patient)
  await put(repository, condition('c', 'a'))
  const lenient = new Repository({ ...parts, validation: 'warn', writeRules: undefined }, UNAUTHENTICATED)
  await put(lenient, {
    ...observation('of-c', 'Condition/c', 1).resource,
    id: 'of-c',
    note: 'none',
  } as Resource)
  await put(repository, condition('c', 'b'))
  t.equal(await valueOf(repository, 'of-c'), 2)
})

t.test('many write at once: each change is seen once, as it was when it was committed', async (t) => {
  const { repository } = world({ writeRules: countingRules() })
  await put(repository, patient)
  await Promise.all(
    Array.from({ length: 24 }, (_, at) =>
      put(repository, condition('c', 'a', { note: [{ text: `change ${at}` }] })),
    ),
  )
  t.equal(await valueOf(repository, 'of-c'), 24)
})

t.test('it is labelled as what it follows from, and the caller need not see it', async (t) => {
  const store = openNaiveStore()
  const run = await labelledRun(store, { writeRules: countingRules() })
  await run.put(valueSet('codes', ['a']))
  await run.put(plan('mine', [SUD]))
  await run.put(patient)
  await run.put(condition('c', 'a'))
  t.equal(await run.labels('Observation', 'of-c'), await run.labels('Condition', 'c'))
  t.match(await run.labels('Observation', 'of-c'), /SUD/)
  await run.put(encounter('e', 'c'))
  t.match(await run.labels('Encounter', 'e'), /SUD/)
  await run.stop()
})

t.test('whoever may not see what stands there learns nothing, and changes nothing', async (t) => {
  const { repository, parts } = world({ writeRules: countingRules() })
  await put(repository, patient)
  await put(repository, condition('c', 'a'))
  const noObservations = seeing('Condition', 'Patient')
  const limited = new Repository(parts, UNAUTHENTICATED, noObservations)
  const { outcome } = await put(limited, condition('c', 'b'))
  t.equal(outcome, 'updated')
  t.equal(await valueOf(repository, 'of-c'), 2)
  const noConditions = seeing('Patient')
  const blind = new Repository(parts, UNAUTHENTICATED, noConditions)
  await t.rejects(put(blind, condition('c', 'a')), { code: 'forbidden' })
  t.equal(await valueOf(repository, 'of-c'), 2)
})

t.test('what is written along with it is seen as it will be', async (t) => {
  const seen: unknown[] = []
  const writeRules = countingRules({
    async follow(_change, { read, visible, search }) {
      const observations = await search(searchQuery({ type: 'Observation', where: and([]) }))
      seen.push(
        (await read('Patient', 'p'))?.resource['active'],
        (await visible.read('Patient', 'p'))?.versionId,
        await read('Observation', 'gone'),
        observations.map(({ resource }) => resource['valueInteger']),
      )
      return []
    },
  })
  const { repository } = world({ writeRules })
  await put(repository, patient)
  const counted = (id: string, value: number) =>
    ({ ...observation(id, 'Patient/p', value).resource, id }) as Resource
  for (const id of ['gone', 'changed', 'kept']) await put(repository, counted(id, 1))
  const update = (resource: Resource, entry: number) => ({
    kind: 'update' as const,
    target: { type: resource.resourceType, id: resource['id'] as string },
    resource,
    entry,
  })
  await repository.transaction([
    update(condition('c', 'a'), 0),
    update({ ...patient, active: false }, 1),
    update(counted('changed', 2), 2),
    { kind: 'delete', target: { type: 'Observation', id: 'gone' }, entry: 3 },
  ])
  t.same(seen, [false, 0, undefined, [1, 2]])
})

t.test('searches find what is only being written, and no longer what it will not be', async (t) => {
  const seen: unknown[] = []
  const ofPatient = and([localReferenceMatch('focus', ['Patient'], 'p')])
  const writeRules = countingRules({
    async follow(_change, { search, every, visible }) {
      const query = searchQuery({ type: 'Observation', where: ofPatient })
      const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id).join(' ')
      seen.push(ids(await search(query)), ids(await every(query, 10)), ids(await visible.search(query)))
      // A condition on other resources is one on what is stored.
      const chain = chainMatch('focus', [typedCondition('Patient', idMatch('p'))])
      seen.push(ids(await search(searchQuery({ type: 'Observation', where: chain }))))
      return []
    },
  })
  const { repository } = world({ writeRules })
  await put(repository, patient)
  await put(repository, { ...patient, id: 'other' })
  const of = (id: string, subject: string) => ({ ...observation(id, subject, 1).resource, id }) as Resource
  for (const id of ['kept', 'moved', 'gone']) await put(repository, of(id, 'Patient/p'))
  await put(repository, of('came', 'Patient/other'))
  const update = (resource: Resource, entry: number) => ({
    kind: 'update' as const,
    target: { type: resource.resourceType, id: resource['id'] as string },
    resource,
    entry,
  })
  await repository.transaction([
    update(condition('c', 'a'), 0),
    update(of('moved', 'Patient/other'), 1),
    update(of('came', 'Patient/p'), 2),
    update(of('new', 'Patient/p'), 3),
    { kind: 'create', type: 'Observation', resource: of('ignored', 'Patient/p'), entry: 4 },
    { kind: 'delete', target: { type: 'Observation', id: 'gone' }, entry: 5 },
  ])
  const found = seen.slice(0, 3).map((ids) =>
    String(ids)
      .replace(/made-\d+/, 'made')
      .split(' '),
  )
  for (const ids of found) t.same(ids.toSorted(), ['came', 'kept', 'made', 'new'])
  t.same(String(seen[3]).split(' ').toSorted(), ['kept', 'moved'])
})

/** When there are a condition and an observation of the patient, whichever came last, a Basic tells of it. */
const MEETING: WriteRules = {
  types: new Set(['Condition', 'Observation']),
  check: () => Promise.resolve([]),
  async follow({ type, after }, { search, hold }) {
    const other = type === 'Condition' ? 'Observation' : 'Condition'
    const where = and([])
    await hold(other, where)
    const found = await search(searchQuery({ type: other, where }))
    if (after === undefined || found.length === 0) return []
    const basic = { resourceType: 'Basic', code: { text: 'met' } }
    return [{ type: 'Basic', id: 'met', resource: basic, expect: { kind: 'absent' } }]
  },
}

t.test('two writes at once, each of which waits for the other, are not both too early', async (t) => {
  for (let round = 0; round < 20; round++) {
    const { repository } = world({ writeRules: MEETING })
    await put(repository, patient)
    const counted = { ...observation('o', 'Patient/p', 1).resource, id: 'o' } as Resource
    await Promise.all([put(repository, condition('c', 'a')), put(repository, counted)])
    await t.resolves(repository.read('Basic', 'met'))
  }
})

t.test('without being held, both can be too early: the test can fail', async (t) => {
  let missed = 0
  const { follow } = MEETING
  const writeRules: WriteRules = {
    ...MEETING,
    follow: (change, world) => follow(change, { ...world, hold: () => Promise.resolve() }),
  }
  for (let round = 0; round < 20; round++) {
    const { repository } = world({ writeRules })
    await put(repository, patient)
    const counted = { ...observation('o', 'Patient/p', 1).resource, id: 'o' } as Resource
    await Promise.all([put(repository, condition('c', 'a')), put(repository, counted)])
    await repository.read('Basic', 'met').catch(() => missed++)
  }
  t.ok(missed > 0)
})

t.test('what rules throw refuses the write, also where faults are but warned of', async (t) => {
  const writeRules = countingRules({
    check: () =>
      Promise.reject(
        new FhirError('business-rule', [
          { severity: 'error', code: 'business-rule', diagnostics: 'Never.', expression: 'Condition.code' },
        ]),
      ),
  })
  const { repository } = world({ writeRules, validation: 'warn' })
  await put(repository, patient)
  await t.rejects(put(repository, condition('c', 'a')), { code: 'business-rule', message: 'Never.' })
  await t.rejects(
    repository.transaction([
      { kind: 'update', target: { type: 'Condition', id: 'c' }, resource: condition('c', 'a'), entry: 7 },
    ]),
    { code: 'business-rule', issues: [{ expression: 'Bundle.entry[7].resource.code' }] },
  )
})
