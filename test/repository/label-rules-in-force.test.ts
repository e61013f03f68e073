// Rules that are written while others are being taken up, in a real database: none is overlooked.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { SEE_EVERYTHING, type Store } from '../../src/store/index.ts'
import { openSqliteStore } from '../../src/store/sqlite/index.ts'
import { condition, labelledRun, patient, plan, valueSet, type TestRule } from './labelled-run.ts'

const RULE: TestRule = { name: 'a', type: 'Condition', label: 'SUD', valueSet: 'urn:sets:s' }

/** A database in which the rules may be held up after they have been read. */
async function slowStore(t: { teardown(work: () => unknown): void }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'rules-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const store = await openSqliteStore({ file: path.join(folder, 'a.db') })
  t.teardown(() => store.close())
  const held: { after: Promise<void> | undefined; reads: number } = { after: undefined, reads: 0 }
  const slow: Store = Object.assign(Object.create(store) as Store, {
    maintenance: store.maintenance,
    async search(...asked: Parameters<Store['search']>) {
      const found = await store.search(...asked)
      if (JSON.stringify(asked[0].from).includes('"ValueSet"')) {
        held.reads++
        await held.after
      }
      return found
    },
  })
  return { slow, held }
}

t.test('a ValueSet that comes while the rule is taken up that names it', async (t) => {
  const { slow, held } = await slowStore(t)
  const now = await labelledRun(slow)
  await now.put(patient)
  let release = (): void => {}
  held.after = new Promise<void>((resolve) => (release = resolve))
  const ruled = now.put(plan('mine', [RULE]))
  while (held.reads === 0) await new Promise((resolve) => setImmediate(resolve))
  const named = now.put(valueSet('s', ['a']))
  while ((await slow.read({ type: 'ValueSet', id: 's' }, SEE_EVERYTHING)) === undefined)
    await new Promise((resolve) => setImmediate(resolve))
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  held.after = undefined
  release()
  await Promise.all([ruled, named])
  t.strictSame(now.labelRules.faults, [])
  await now.put(condition('x', 'a'))
  t.equal(await now.labels('Condition', 'x'), 'N,SUD')
  await now.stop()
})

t.test('many that come at once are taken up together', async (t) => {
  const { slow, held } = await slowStore(t)
  const now = await labelledRun(slow)
  await now.put(patient)
  const sets = Array.from({ length: 50 }, (_, at) => `s${at}`)
  await now.put(
    plan(
      'mine',
      sets.map((name) => ({ ...RULE, name, valueSet: `urn:sets:${name}` })),
    ),
  )
  held.reads = 0
  await Promise.all(sets.map((name) => now.put(valueSet(name, [name]))))
  t.ok(held.reads < 25 * sets.length, 'of each set fewer than every other time')
  t.strictSame(now.labelRules.faults, [])
  for (const name of sets) {
    await now.put(condition(name, name))
    t.equal(await now.labels('Condition', name), 'N,SUD', 'each holds')
  }
  await now.stop()
})
