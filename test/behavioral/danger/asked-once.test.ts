// The same question is asked of the store once, another one is asked.
import t from 'tap'
import { askedOnce } from '../../../src/behavioral/assessments/asked-once.ts'
import { searchQuery, tokenMatch } from '../../../src/store/index.ts'

t.test('a search is asked once, whoever asks', async (t) => {
  const asked: unknown[] = []
  const view = askedOnce({
    read: () => Promise.resolve(undefined),
    earlier: () => Promise.resolve([]),
    every: () => Promise.resolve([]),
    search: (query) => {
      asked.push(query.from[0]?.where)
      return Promise.resolve([{ id: `${asked.length}`, versionId: 1, resource: { resourceType: 'Flag' } }])
    },
  })
  const where = (code: string) => searchQuery({ type: 'Flag', where: tokenMatch('status', undefined, code) })
  const ids = []
  for (const code of ['active', 'active', 'inactive', 'active'])
    ids.push((await view.search(where(code))).map(({ id }) => id))
  t.same(ids, [['1'], ['1'], ['2'], ['1']])
  t.equal(asked.length, 2)
})
