// Labels kept in memory are those that the database has, and are not kept while a write may change them.
import t from 'tap'
import type { Job } from '../../../src/store/sqlite/jobs.ts'
import { LabelMemory } from '../../../src/store/sqlite/label-memory.ts'
import { R, S } from '../../contract/access-world.ts'
import { commit, indexOf, put } from '../../contract/world.ts'

const keyOf = (id: string) => ({ type: 'Patient', id })
const jobOf = (id: string): Job => ({ kind: 'commit', commit: commit([put('Patient', id)]), time: 0 })

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
  memory.answered()
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
  memory.answered()
  t.strictSame(asks('a', 'a', 'b'), [[[], [], [S]], ['a']])
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
