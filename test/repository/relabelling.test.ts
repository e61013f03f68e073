// Relabelling in a real database: what is noted to be done is done, whatever else comes to the same resource and
// whenever the server is started anew.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Resource } from '../../src/fhir/index.ts'
import type { Store } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { condition, encounter, labelledRun, patient, plan, type TestRule } from './labelled-run.ts'

const SUD: TestRule = { name: 'sud', type: 'Condition', label: 'SUD', codes: ['a'] }

const X = { type: 'Condition', id: 'x' }

/** A folder for a database, gone with the test. */
function databaseIn(t: { teardown(work: () => unknown): void }): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'relabelling-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return path.join(folder, 'a.db')
}

const organization = (isProgram: boolean | undefined): Resource =>
  ({
    resourceType: 'Organization',
    id: 'o',
    name: 'Clinic',
    ...(isProgram === undefined
      ? {}
      : {
          extension: [
            {
              url: 'https://alcove.health/fhir/StructureDefinition/part2-program',
              valueBoolean: isProgram,
            },
          ],
        }),
  }) as Resource

const visit = (id: string): Resource =>
  ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'urn:classes', code: 'AMB' },
    subject: { reference: 'Patient/p' },
    serviceProvider: { reference: 'Organization/o' },
  }) as Resource

t.test('a note that is damaged: all is gone through once more', async (t) => {
  const file = databaseIn(t)
  for (const damaged of [
    '',
    '{"labelledBy":',
    'null',
    '7',
    '{"pending":"x"}',
    '{"pending":[3]}',
    '{"pending":[],"pass":null}',
    '{"pending":[],"pass":5}',
  ]) {
    const store = await openSqliteStore({ file })
    await store.maintenance.setSetting('relabelling', damaged)
    const now = await labelledRun(store)
    if (damaged === '') {
      await now.put(patient)
      await now.put(condition('x', 'a'))
    }
    now.relabelled.length = 0
    now.relabelling.start()
    await now.settled()
    t.strictSame(now.relabelled, ['Condition/x', 'Patient/p'], damaged)
    await now.stop()
    await store.close()
  }
})

t.test('a program of Part 2 with more visits than a commit relabels', async (t) => {
  const file = databaseIn(t)
  const names = Array.from({ length: 40 }, (_, at) => `e${at}`)
  let store = await openSqliteStore({ file })
  let now = await labelledRun(store, { mostDependents: 5 })
  const labelsOfAll = async (): Promise<readonly string[]> => [
    ...new Set(await Promise.all(names.map((name) => now.labels('Encounter', name)))),
  ]
  const startAnew = async (): Promise<void> => {
    await now.stop()
    await store.close()
    store = await openSqliteStore({ file })
    now = await labelledRun(store, { mostDependents: 5 })
  }
  await now.put(patient)
  await now.put(organization(undefined))
  for (const name of names) await now.put(visit(name))
  now.relabelling.start()
  await now.settled()
  t.strictSame(await labelsOfAll(), [''])

  await now.put(organization(true))
  const [labelled = ''] = await labelsOfAll()
  t.match(labelled, /42CFRPart2/)
  t.equal((await labelsOfAll()).length, 1, 'all that there are, when the write is answered')
  t.equal(now.relabelling.status.pending, 0)

  await startAnew()
  await now.put(organization(false))
  t.equal(await now.labels('Organization', 'o'), '')
  t.strictSame(await labelsOfAll(), [labelled], 'they are lowered after it')
  await startAnew()
  t.equal(now.relabelling.status.pending, 1)
  now.relabelling.start()
  await now.settled()
  t.strictSame(await labelsOfAll(), [''])
  t.equal(now.relabelling.status.pending, 0)

  await now.put(organization(true))
  t.strictSame(await labelsOfAll(), [labelled])
  await now.put(organization(undefined))
  await now.settled()
  t.strictSame(await labelsOfAll(), [''])
  await now.stop()
  await store.close()
})

t.test('a process that dies while it raises: what was raised in vain falls again', async (t) => {
  const file = databaseIn(t)
  const names = Array.from({ length: 30 }, (_, at) => `e${at}`)
  let store = await openSqliteStore({ file })
  let commits = 0
  let dead = false
  const dying: Store = Object.assign(Object.create(store) as Store, {
    commit: (commit: Parameters<Store['commit']>[0]) => {
      if (commit.writes.some((write) => 'byServer' in write) && ++commits > 12) dead = true
      return dead ? new Promise(() => {}) : store.commit(commit)
    },
    maintenance: {
      ...store.maintenance,
      setSetting: (...setting: Parameters<Store['maintenance']['setSetting']>) =>
        dead ? new Promise(() => {}) : store.maintenance.setSetting(...setting),
    },
  })
  const first = await labelledRun(dying, { mostDependents: 5 })
  await first.put(patient)
  await first.put(organization(undefined))
  for (const name of names) await first.put(visit(name))
  void first.put(organization(true))
  while (!dead) await new Promise((resolve) => setTimeout(resolve, 1))
  await store.close()

  store = await openSqliteStore({ file })
  const next = await labelledRun(store, { mostDependents: 5 })
  const labelled = async (): Promise<number> => {
    const labels = await Promise.all(names.map((name) => next.labels('Encounter', name)))
    return labels.filter((codes) => codes.includes('42CFRPart2')).length
  }
  t.equal(await labelled(), 12)
  t.equal(next.relabelling.status.pending, 1)
  next.relabelling.start()
  await next.settled()
  t.equal(await labelled(), 0)
  t.equal(next.relabelling.status.pending, 0)
  await next.stop()
  await store.close()
})

t.test('what is due is not settled by a write that has raised the same', async (t) => {
  const store = await openSqliteStore({ file: databaseIn(t) })
  let once = false
  const now = await labelledRun(store, {
    async before(name) {
      if (name !== 'Encounter/e0' || once) return
      once = true
      await now.relabelling.recompute([X])
      await now.relabelling.note([X])
      await now.relabelling.settled([X])
      t.equal(now.relabelling.status.pending, 1)
    },
  })
  await now.put(patient)
  await now.put(plan('mine', [SUD]))
  await now.put(condition('x', 'a'))
  for (const name of ['e0', 'e1', 'e2']) await now.put(encounter(name, 'x'))
  now.relabelling.start()
  await now.settled()
  t.equal(once, true)
  t.strictSame(now.relabelled.slice(-4), ['Condition/x', 'Encounter/e0', 'Encounter/e1', 'Encounter/e2'])
  t.equal(now.relabelling.status.pending, 0)
  await now.stop()
  await store.close()
})

t.test('what a write has raised stays noted when what was due before is done', async (t) => {
  const store = await openSqliteStore({ file: databaseIn(t) })
  const now = await labelledRun(store)
  await now.put(patient)
  await now.put(condition('x', 'a'))
  await now.put(encounter('e', 'x'))
  now.relabelling.start()
  await now.settled()
  await now.relabelling.note([X])
  now.relabelled.length = 0
  await now.relabelling.recompute([X])
  while (now.relabelling.status.state !== 'finished') await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(now.relabelled, ['Condition/x', 'Encounter/e'])
  t.equal(now.relabelling.status.pending, 1, 'should the process die now, the next one knows')
  await now.stop()
  const next = await labelledRun(store)
  t.equal(next.relabelling.status.pending, 1)
  next.relabelling.start()
  await next.settled()
  t.equal(next.relabelling.status.pending, 0)
  await next.stop()
  await store.close()
})
