// Rules that are written to the server: in force for the next write, whatever is wrong with some, and whatever fails.
import t from 'tap'
import type { Store } from '../../src/store/index.ts'
import { openNaiveStore } from '../contract/naive-store.ts'
import { condition, labelledRun, patient, plan, valueSet, type TestRule } from './labelled-run.ts'

const RULE: TestRule = { name: 'a', type: 'Condition', label: 'SUD', codes: ['a'] }

t.test('a rule holds for the next write, and no more once it is retired or deleted', async (t) => {
  const now = await labelledRun(openNaiveStore())
  await now.put(patient)
  const labelled = async (code: string): Promise<string> => {
    const { version } = await now.repository.write({
      kind: 'create',
      type: 'Condition',
      resource: condition('', code),
    })
    return now.labels('Condition', version?.id as string)
  }
  t.equal(await labelled('a'), '')
  await now.put(plan('mine', [RULE]))
  t.match(await labelled('a'), /SUD/)
  t.equal(await labelled('b'), '')
  await now.put(plan('mine', [{ ...RULE, codes: ['b'] }]))
  t.equal(await labelled('a'), '')
  t.match(await labelled('b'), /SUD/)
  await now.put(plan('other', [{ ...RULE, name: 'other', label: 'HIV' }]))
  t.match(await labelled('a'), /HIV/, 'several PlanDefinitions hold together')
  t.match(await labelled('b'), /SUD/)
  await now.put(plan('mine', [{ ...RULE, codes: ['b'] }], { status: 'retired' }))
  t.equal(await labelled('b'), '')
  await now.remove('PlanDefinition', 'other')
  t.equal(await labelled('a'), '')
})

t.test(
  'a ValueSet that rules name is a part of them, under whatever id, and those that it is made of',
  async (t) => {
    const now = await labelledRun(openNaiveStore())
    await now.put(patient)
    const labelled = async (code: string): Promise<boolean> => {
      await now.put(condition('x', 'none'))
      await now.put(condition('x', code))
      return (await now.labels('Condition', 'x')).includes('SUD')
    }
    await now.put(plan('mine', [{ name: 'a', type: 'Condition', label: 'SUD', valueSet: 'urn:sets:outer' }]))
    t.match(now.labelRules.faults, [{ resource: /mine/, message: /urn:sets:outer/ }])
    t.equal(await labelled('a'), false)
    await now.put(valueSet('outer', [], { compose: { include: [{ valueSet: ['urn:sets:inner'] }] } }))
    await now.put(valueSet('inner', ['a']))
    t.strictSame(now.labelRules.faults, [])
    t.equal(await labelled('a'), true)
    await now.put(valueSet('inner', ['b']))
    t.strictSame([await labelled('a'), await labelled('b')], [false, true])
    await now.put(valueSet('inner', ['b'], { url: 'urn:sets:moved' }))
    t.equal(await labelled('b'), false, 'it is no more what they name')
    t.match(now.labelRules.faults, [{ message: /urn:sets:inner/ }])
    await now.put(valueSet('successor', ['c'], { url: 'urn:sets:inner' }))
    t.strictSame([await labelled('b'), await labelled('c')], [false, true])
    await now.remove('ValueSet', 'successor')
    t.equal(await labelled('c'), false)
  },
)

t.test('only what changes what they say changes their digest', async (t) => {
  const now = await labelledRun(openNaiveStore())
  const told: string[] = []
  now.labelRules.onChange(() => told.push(now.labelRules.digest))
  const changed = async (work: () => Promise<unknown>): Promise<boolean> => {
    const { length } = told
    await work()
    return told.length > length
  }
  t.equal(await changed(() => now.put(plan('mine', [RULE]))), true)
  const { digest } = now.labelRules
  t.equal(await changed(() => now.put(plan('mine', [RULE], { meta: { tag: [{ code: 'x' }] } }))), false)
  t.equal(await changed(() => now.put(valueSet('unnamed', ['a']))), false)
  t.equal(await changed(() => now.put(plan('draft', [RULE], { status: 'draft' }))), false)
  t.equal(await changed(() => now.put(plan('no-rules', [RULE], { type: undefined }))), false)
  t.equal(now.labelRules.digest, digest)
  t.equal(await changed(() => now.put(plan('mine', [{ ...RULE, codes: ['b'] }]))), true)
  t.equal(await changed(() => now.put(plan('mine', [RULE]))), true)
  t.equal(now.labelRules.digest, digest, 'the same rules, the same digest')
  const next = await labelledRun(now.store)
  t.equal(next.labelRules.digest, digest, 'in the next process too')
})

t.test('what is wrong with one rule is told, and leaves all others in force', async (t) => {
  const now = await labelledRun(openNaiveStore())
  await now.put(patient)
  const broken = {
    name: 'broken',
    type: 'Address',
    label: 'HIV',
    valueSet: 'urn:sets:none',
  }
  await now.put(plan('mine', [broken, RULE]))
  t.equal(now.labelRules.faults.length, 2, 'no such type of resource, no such ValueSet')
  t.ok(now.labelRules.faults.every(({ path }) => path.startsWith('PlanDefinition.action[0]')))
  await now.put(condition('x', 'a'))
  t.equal(await now.labels('Condition', 'x'), 'N,SUD')
})

t.test(
  'when the store fails those before stay in force, and the new ones are taken up once it does not',
  async (t) => {
    const store = openNaiveStore()
    let failing = false
    const faulty: Store = Object.assign(Object.create(store) as Store, {
      maintenance: {
        ...store.maintenance,
        currentResources(...asked: Parameters<Store['maintenance']['currentResources']>) {
          if (failing) throw new Error('the disk')
          return store.maintenance.currentResources(...asked)
        },
      },
    })
    const now = await labelledRun(faulty)
    await now.put(patient)
    await now.put(plan('mine', [RULE]))
    failing = true
    await now.put(plan('mine', [{ ...RULE, codes: ['b'] }]))
    t.equal(now.ruleEvents.at(-1), 'failed')
    await now.put(condition('x', 'a'))
    t.match(await now.labels('Condition', 'x'), /SUD/, 'none that were in force are lost')
    failing = false
    while (now.ruleEvents.at(-1) === 'failed') await new Promise((resolve) => setTimeout(resolve, 1))
    await now.put(condition('y', 'b'))
    t.match(await now.labels('Condition', 'y'), /SUD/)
    now.labelRules.stop()
  },
)

t.test('a write waits for rules that are being loaded', async (t) => {
  const store = openNaiveStore()
  const first = await labelledRun(store)
  await first.put(patient)
  await first.put(plan('mine', [RULE]))
  const next = await labelledRun(store)
  const loading = next.labelRules.load()
  await next.put(condition('x', 'a'))
  t.match(await next.labels('Condition', 'x'), /SUD/)
  await loading
})
