// What is stored comes to the labels of rules that change: all of it, whatever happens meanwhile, going on where it stood.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { FhirError } from '../../src/fhir/index.ts'
import { installShipped } from '../../src/repository/index.ts'
import type { Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import {
  condition,
  encounter,
  labelledRun,
  patient,
  plan,
  valueSet,
  type LabelledRun,
  type TestRule,
} from './labelled-run.ts'

const SUD: TestRule = { name: 'sud', type: 'Condition', label: 'SUD', codes: ['a'] }
const HIV: TestRule = { name: 'hiv', type: 'Condition', label: 'HIV', codes: ['a'] }

/** More than one note of how far it is. */
const MANY = 1400

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A patient with conditions of alternating codes. */
async function storeMany(now: LabelledRun, count: number): Promise<void> {
  await now.put(patient)
  for (let at = 0; at < count; at++) await now.put(condition(`c${at}`, at % 2 === 0 ? 'a' : 'b'))
}

t.test(
  'a rule reaches what is stored, and all that takes from it; taken out, it is gone again',
  async (t) => {
    const now = await labelledRun(openNaiveStore())
    now.relabelling.start()
    await storeMany(now, 10)
    await now.put(encounter('e', 'c0'))
    await now.put(encounter('other', 'c1'))
    await now.settled()
    const unlabelled = (await now.repository.read('Encounter', 'other')).versionId
    await now.put(plan('mine', [SUD]))
    t.equal(now.relabelling.status.state, 'running')
    await now.settled()
    for (let at = 0; at < 10; at++)
      t.equal(await now.labels('Condition', `c${at}`), at % 2 === 0 ? 'N,SUD' : '')
    t.equal(await now.labels('Encounter', 'e'), 'N,SUD')
    t.match(now.relabelling.status, {
      state: 'finished',
      done: 14,
      total: 14,
      changed: 6,
      added: { 'http://terminology.hl7.org/CodeSystem/v3-ActCode|SUD': 6 },
      removed: {},
      byType: { Condition: 5, Encounter: 1 },
      rules: now.labelRules.digest,
    })
    await now.remove('PlanDefinition', 'mine')
    await now.settled()
    for (let at = 0; at < 10; at++) t.equal(await now.labels('Condition', `c${at}`), '')
    t.equal(await now.labels('Encounter', 'e'), '')
    t.match(now.relabelling.status, {
      changed: 6,
      added: {},
      removed: { 'http://terminology.hl7.org/CodeSystem/v3-ActCode|SUD': 6 },
    })
    t.equal(
      (await now.repository.read('Encounter', 'other')).versionId,
      unlabelled,
      'what stays has no new version',
    )
    await now.stop()
  },
)

t.test('what is up to the rules is not gone through at the next start', async (t) => {
  const store = openNaiveStore()
  const first = await labelledRun(store)
  await storeMany(first, 3)
  first.relabelling.start()
  await first.settled()
  await first.stop()
  const next = await labelledRun(store)
  next.relabelling.start()
  await turns(20)
  t.equal(next.relabelling.status.state, 'finished')
  t.strictSame(next.relabelled, [])
  await next.relabelling.request()
  await next.settled()
  t.equal(next.relabelled.length, 4, 'unless it is asked for')
  await next.stop()
})

t.test('stopped in the middle, it goes on where it stood', async (t) => {
  const store = openNaiveStore()
  const first = await labelledRun(store, {
    before() {
      if (first.relabelled.length === 1230) void first.stop()
    },
  })
  await storeMany(first, MANY)
  await first.put(plan('mine', [SUD]))
  first.relabelling.start()
  while (first.relabelled.length < 1230) await turns(1)
  await first.stop()
  t.equal(first.relabelling.status.state, 'interrupted')
  const stood = first.relabelled.length
  t.equal(stood, 1231, 'it stops at once')
  const next = await labelledRun(store)
  t.match(next.relabelling.status, { state: 'interrupted', done: stood, total: MANY + 2 })
  next.relabelling.start()
  await next.settled()
  const all = [...first.relabelled, ...next.relabelled]
  t.strictSame([all.length, new Set(all).size], [MANY + 2, MANY + 2], 'each once')
  for (let at = 0; at < MANY; at++)
    t.equal(await next.labels('Condition', `c${at}`), at % 2 === 0 ? 'N,SUD' : '')
  t.match(next.relabelling.status, { done: MANY + 2, changed: MANY / 2, byType: { Condition: MANY / 2 } })
  await next.stop()
})

t.test('killed in the middle, it goes on from what it has noted', async (t) => {
  const store = openNaiveStore()
  let dead = false
  // As a process that is gone, nothing that it does comes to the store.
  const dying: Store = Object.assign(Object.create(store) as Store, {
    commit: (commit: Parameters<Store['commit']>[0]) => (dead ? new Promise(() => {}) : store.commit(commit)),
    maintenance: {
      ...store.maintenance,
      setSetting: (...setting: Parameters<Store['maintenance']['setSetting']>) =>
        dead ? new Promise(() => {}) : store.maintenance.setSetting(...setting),
    },
  })
  const first = await labelledRun(dying, { before: () => (dead ||= first.relabelled.length === 1350) })
  await storeMany(first, MANY)
  await first.put(plan('mine', [SUD]))
  first.relabelling.start()
  while (!dead) await turns(1)
  const next = await labelledRun(store)
  t.match(next.relabelling.status, { done: 1000, total: MANY + 2 })
  next.relabelling.start()
  await next.settled()
  for (let at = 0; at < MANY; at++)
    t.equal(await next.labels('Condition', `c${at}`), at % 2 === 0 ? 'N,SUD' : '')
  await next.stop()
})

t.test('the store fails meanwhile: it is told, and tried again', async (t) => {
  const store = openNaiveStore()
  let failures = 3
  const now = await labelledRun(store, {
    before(name) {
      if (name === 'Condition/c5' && failures-- > 0) throw new Error('the disk')
    },
  })
  await storeMany(now, 10)
  await now.put(plan('mine', [SUD]))
  now.relabelling.start()
  while (now.events.at(-1)?.kind !== 'interrupted') await turns(1)
  t.equal(now.relabelling.status.state, 'interrupted')
  while (now.relabelling.status.state !== 'finished') await new Promise((resolve) => setTimeout(resolve, 1))
  t.strictSame(
    now.events.map(({ kind }) => kind).filter((kind) => kind !== 'begun'),
    ['interrupted', 'interrupted', 'interrupted', 'finished'],
  )
  t.equal(await now.labels('Condition', 'c8'), 'N,SUD')
  await now.stop()
})

t.test('what always fails is set aside and named, and tried again the next time', async (t) => {
  let isBroken = true
  let notes = 0
  const store = openNaiveStore()
  const failing: Store = Object.assign(Object.create(store) as Store, {
    maintenance: {
      ...store.maintenance,
      setSetting: (...setting: Parameters<Store['maintenance']['setSetting']>) =>
        setting[1].includes('"setAside":["') && notes++ === 0
          ? Promise.reject(new Error('the disk'))
          : store.maintenance.setSetting(...setting),
    },
  })
  const before = (name: string): void => {
    if (isBroken && name === 'Condition/c4') throw new SyntaxError('Unexpected token "x" of Jane Doe')
  }
  const now = await labelledRun(failing, { before })
  await storeMany(now, 10)
  await now.put(plan('mine', [SUD]))
  now.relabelling.start()
  await now.settled()
  t.ok(notes >= 2, 'where it cannot be noted it is no fault of the resource')
  t.equal(await now.labels('Condition', 'c4'), '')
  t.equal(await now.labels('Condition', 'c8'), 'N,SUD')
  t.match(now.relabelling.status, { done: 12, changed: 4, setAside: ['Condition/c4'] })
  t.same(
    now.events.filter(({ kind }) => kind === 'set-aside'),
    [{ kind: 'set-aside', resource: 'Condition/c4' }],
  )
  const tried = now.relabelled.length
  await now.labelling.relabel({ type: 'Patient', id: 'p' })
  await now.relabelling.recompute([{ type: 'Condition', id: 'c4' }])
  while (now.relabelling.status.pending > 0) await turns(1)
  t.equal(now.relabelled.length, tried, 'it is passed over')
  await now.stop()

  const next = await labelledRun(store, { before })
  t.match(next.relabelling.status, { state: 'finished', setAside: ['Condition/c4'] })
  isBroken = false
  await next.relabelling.request()
  const status = await next.relabelling.whenDone(() => {})
  t.match(status, { state: 'finished', done: 12, changed: 1, setAside: [] })
  t.equal(await next.labels('Condition', 'c4'), 'N,SUD')
  isBroken = true
  await next.relabelling.request()
  t.match(
    await next.relabelling.whenDone(() => {}),
    { state: 'finished', setAside: ['Condition/c4'] },
    'a command waits for no time to pass',
  )
  await next.stop()
})

t.test('a store that fails is no fault of a resource', async (t) => {
  let failures = 12
  const now = await labelledRun(openNaiveStore(), {
    before(name) {
      if (name === 'Condition/c5' && failures-- > 0)
        throw new FhirError('storage-failed', 'The disk is full.')
    },
  })
  await storeMany(now, 8)
  await now.put(plan('mine', [SUD]))
  now.relabelling.start()
  while (now.relabelling.status.state !== 'finished') await new Promise((resolve) => setTimeout(resolve, 1))
  t.same(now.relabelling.status.setAside, [])
  t.equal(now.events.filter(({ kind }) => kind === 'interrupted').length, 12)
  t.equal(await now.labels('Condition', 'c6'), 'N,SUD')
  await now.stop()
})

t.test('rules that change once more while it is under way', async (t) => {
  const now = await labelledRun(openNaiveStore(), {
    async before(name) {
      if (name !== 'Condition/c7' || now.labelRules.rules.rules.some(({ name: id }) => id === 'hiv')) return
      await now.put(plan('mine', [HIV]))
    },
  })
  await storeMany(now, 10)
  now.relabelling.start()
  await now.put(plan('mine', [SUD]))
  await now.settled()
  for (let at = 0; at < 10; at++)
    t.equal(await now.labels('Condition', `c${at}`), at % 2 === 0 ? 'HIV,N' : '')
  await now.stop()
})

t.test('rules that change and are as before: what was written between is gone through', async (t) => {
  for (const started of [true, false]) {
    const store = openNaiveStore()
    let now = await labelledRun(store)
    await storeMany(now, 4)
    await now.put(plan('mine', [SUD]))
    now.relabelling.start()
    await now.settled()
    if (!started) {
      // As a command does, which begins with nothing.
      await now.stop()
      now = await labelledRun(store)
    }
    await now.put(plan('mine', [HIV]))
    await now.put(condition('between', 'a'))
    t.equal(await now.labels('Condition', 'between'), 'HIV,N')
    await now.put(plan('mine', [SUD]))
    if (!started) {
      await now.stop()
      now = await labelledRun(store)
      now.relabelling.start()
    }
    await now.settled()
    t.equal(await now.labels('Condition', 'between'), 'N,SUD')
    t.equal(await now.labels('Condition', 'c0'), 'N,SUD')
    await now.stop()
  }
})

t.test('a write that was planned by the rules before, and is committed after', async (t) => {
  const store = openNaiveStore()
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const slow: Store = Object.assign(Object.create(store) as Store, {
    async commit(commit: Parameters<Store['commit']>[0]) {
      if (commit.writes.some(({ id }) => id === 'slow')) await held
      return store.commit(commit)
    },
  })
  const now = await labelledRun(slow)
  await storeMany(now, 4)
  now.relabelling.start()
  await now.settled()
  const writing = now.put(condition('slow', 'a'))
  await turns(5)
  await now.put(plan('mine', [SUD]))
  await turns(50)
  t.equal(now.relabelling.status.state, 'running', 'it waits for what is under way')
  release()
  await writing
  await now.settled()
  t.equal(await now.labels('Condition', 'slow'), 'N,SUD')
  await now.stop()
})

t.test('more take from one than a commit relabels: they lose its labels after it has', async (t) => {
  const store = openNaiveStore()
  const first = await labelledRun(store, { mostDependents: 3 })
  await first.put(plan('mine', [SUD]))
  await first.put(patient)
  await first.put(condition('x', 'a'))
  for (let at = 0; at < 20; at++) await first.put(encounter(`e${at}`, 'x'))
  t.equal(await first.labels('Encounter', 'e19'), 'N,SUD')
  await first.put(condition('x', 'b'))
  t.equal(await first.labels('Condition', 'x'), '')
  t.equal(await first.labels('Encounter', 'e19'), 'N,SUD', 'not yet')
  t.equal(first.relabelling.status.pending, 1)
  await first.stop()

  const next = await labelledRun(store, { mostDependents: 3 })
  t.equal(next.relabelling.status.pending, 1, 'the next process knows of it')
  next.relabelling.start()
  await next.settled()
  t.equal(next.relabelling.status.pending, 0)
  for (let at = 0; at < 20; at++) t.equal(await next.labels('Encounter', `e${at}`), '')

  // Once more, while it is at it.
  await next.put(condition('x', 'a'))
  for (let at = 0; at < 20; at++) t.equal(await next.labels('Encounter', `e${at}`), 'N,SUD', 'raised before')
  await next.put(condition('x', 'b'))
  await next.put(condition('x', 'a'))
  await next.put(condition('x', 'b'))
  await next.settled()
  t.equal(next.relabelling.status.pending, 0)
  for (let at = 0; at < 20; at++) t.equal(await next.labels('Encounter', `e${at}`), '')
  await next.stop()
})

t.test('what is due once more while it is gone through is gone through once more', async (t) => {
  let again = true
  const now = await labelledRun(openNaiveStore(), {
    async before(name) {
      if (name !== 'Encounter/e2' || !again) return
      again = false
      await now.relabelling.recompute([{ type: 'Condition', id: 'x' }])
    },
  })
  await now.put(patient)
  await now.put(condition('x', 'a'))
  for (let at = 0; at < 4; at++) await now.put(encounter(`e${at}`, 'x'))
  again = false
  now.relabelling.start()
  await now.settled()
  now.relabelled.length = 0
  again = true
  await now.relabelling.recompute([{ type: 'Condition', id: 'x' }])
  await now.settled()
  const once = ['Condition/x', 'Encounter/e0', 'Encounter/e1', 'Encounter/e2', 'Encounter/e3']
  t.strictSame(now.relabelled, [...once, ...once])
  t.equal(now.relabelling.status.pending, 0)
  await now.stop()
})

t.test('asked for while it is under way, it tells of that', async (t) => {
  const now = await labelledRun(openNaiveStore())
  await storeMany(now, 300)
  now.relabelling.start()
  const [one, two] = [await now.relabelling.request(), await now.relabelling.request()]
  t.equal(one.state, 'running')
  t.equal(two.started, one.started)
  await now.settled()
  t.equal(now.relabelled.length, 301, 'gone through once')
  await now.stop()
})

t.test('a ValueSet that the practice has edited stays so with the next release, and holds', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'shipped-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ship = (title: string, codes: readonly string[]): void => {
    const rule: TestRule = { name: 'shipped', type: 'Condition', label: 'SUD', valueSet: 'urn:sets:s' }
    writeFileSync(path.join(folder, 'rules.json'), JSON.stringify(plan('shipped', [rule], { title })))
    writeFileSync(path.join(folder, 'set.json'), JSON.stringify(valueSet('s', codes, { title })))
  }
  const store = openNaiveStore()
  const now = await labelledRun(store)
  now.relabelling.start()
  ship('first', ['a'])
  await installShipped(now, now.repository, folder)
  await storeMany(now, 2)
  t.strictSame([await now.labels('Condition', 'c0'), await now.labels('Condition', 'c1')], ['N,SUD', ''])
  await now.put(valueSet('s', ['b'], { title: 'ours' }))
  await now.settled()
  t.strictSame([await now.labels('Condition', 'c0'), await now.labels('Condition', 'c1')], ['', 'N,SUD'])
  ship('second', ['a', 'c'])
  t.strictSame(await installShipped(now, now.repository, folder), {
    created: 0,
    updated: 1,
    kept: ['ValueSet/s'],
  })
  await now.settled()
  t.strictSame([await now.labels('Condition', 'c0'), await now.labels('Condition', 'c1')], ['', 'N,SUD'])
  await now.stop()
})
