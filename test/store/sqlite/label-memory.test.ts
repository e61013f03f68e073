// Labels kept in memory are those that the database has, and are not kept while a write may change them.
import t from 'tap'
import type { Answer, Job } from '../../../src/store/sqlite/jobs.ts'
import type { WriteResult } from '../../../src/store/index.ts'
import { LabelMemory } from '../../../src/store/sqlite/label-memory.ts'
import { R, S } from '../../contract/access-world.ts'
import { commit, indexOf, put, type Content } from '../../contract/world.ts'

const keyOf = (id: string) => ({ type: 'Patient', id })
const jobOf = (id: string, content: Content = {}): Job => ({
  kind: 'commit',
  commit: commit([put('Patient', id, content)]),
  time: 0,
})
const done = (outcome: WriteResult['outcome'] = 'updated'): Answer => ({
  kind: 'commit',
  result: { kind: 'committed', results: [{ outcome, versionId: 2, lastUpdated: 0 }] },
})

t.test('what is known is not asked for again, until it is written', async (t) => {
  const memory = new LabelMemory()
  const asked: string[] = []
  const labels = new Map([['a', [R]]])
  const of = (id: string) =>
    memory.labelsOf(keyOf(id), (key) => {
      asked.push(key.id)
      return labels.get(key.id)
    })
  const asks = (...ids: string[]) => {
    const found = ids.map(of)
    return [found, asked.splice(0)]
  }
  t.strictSame(
    asks('a', 'a', 'b', 'b'),
    [
      [[R], [R], undefined, undefined],
      ['a', 'b'],
    ],
    'nor what never was',
  )
  memory.handed([jobOf('b')])
  t.strictSame(asks('a', 'b'), [[[R], undefined], ['b']])
  labels.set('b', [S])
  t.strictSame(
    asks('b', 'b'),
    [
      [[S], [S]],
      ['b', 'b'],
    ],
    'under way it is not kept',
  )
  memory.answered([], [])
  t.strictSame(asks('b', 'b'), [[[S], [S]], ['b']])
  labels.set('a', [])
  memory.handed([
    {
      kind: 'replace-indexes',
      items: [{ key: keyOf('a'), versionId: 1, index: indexOf({}) }],
      how: 'difference',
    },
  ])
  t.strictSame(asks('a'), [[[]], ['a']])
  memory.answered([], [])
  t.strictSame(asks('a', 'a', 'b'), [[[], [], [S]], ['a']])
})

t.test('what was known and is written is known by what was written, once that is there', async (t) => {
  const memory = new LabelMemory()
  let asked = 0
  const of = (id: string) => memory.labelsOf(keyOf(id), () => (asked++, [S]))
  const write = (jobs: readonly Job[], answers: readonly Answer[]) => {
    memory.handed(jobs)
    memory.answered(jobs, answers)
  }
  const asks = (id: string): boolean => {
    const before = asked
    of(id)
    return asked > before
  }
  const labelled: Content = { labels: [R] }
  for (const id of ['a', 'b']) of(id)
  write([jobOf('a', labelled), jobOf('new', labelled)], [done(), done('created')])
  t.strictSame(of('a'), [R])
  t.notOk(asks('a'))
  t.ok(asks('new'), 'nobody has asked for it')

  const twice = [jobOf('a'), jobOf('a', labelled)]
  write(twice, [done(), done()])
  t.strictSame([asks('a'), of('a')], [false, [R]], 'the last counts')
  const conflict: Answer = { kind: 'commit', result: { kind: 'labels-changed', assertion: keyOf('a') } }
  write(twice, [done(), conflict])
  t.strictSame([asks('a'), of('a')], [false, []], 'and what is refused does not')
  write([jobOf('a', labelled)], [conflict])
  t.ok(asks('a'), 'refused, it is as it was')
  write([jobOf('a', labelled)], [done('unchanged')])
  t.ok(asks('a'), 'as is what stays')
  write([{ ...jobOf('a', labelled) }], [])
  t.ok(asks('a'), 'lost, nobody knows')
  const items = [{ key: keyOf('a'), versionId: 1, index: indexOf(labelled) }]
  const replaced: Job = { kind: 'replace-indexes', items, how: 'difference' }
  write([jobOf('a'), replaced], [done(), { kind: 'replace-indexes', replaced: 1 }])
  t.ok(asks('a'))
  const removal: Job = {
    kind: 'commit',
    commit: commit([{ kind: 'delete', ...keyOf('a'), expect: { kind: 'any' } }]),
    time: 0,
  }
  write([jobOf('a'), removal], [done(), done('deleted')])
  t.ok(asks('a'))
})

t.test('no more are kept than it may', async (t) => {
  const memory = new LabelMemory(3)
  let asked = 0
  const ask = (id: string) => memory.labelsOf(keyOf(id), () => void asked++)
  for (const id of ['a', 'b', 'c', 'd']) ask(id)
  for (const id of ['b', 'c', 'd']) ask(id)
  t.equal(asked, 4)
  ask('a')
  t.equal(asked, 5, 'the oldest went')
})
