// Writes that once did otherwise than they said.
import t from 'tap'
import { startServer } from '../rest/server.ts'

const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const transaction = (...entry: readonly object[]): object => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry,
})

t.test('a write whose answer cannot be shaped as asked is not done', async (t) => {
  const { ask } = startServer(t)
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p' })
  for (const query of ['_summary=bogus', '_elements=nonsense', '_summary=true&_summary=true']) {
    const { status } = await ask(`POST Patient?${query}`, { resourceType: 'Patient' })
    t.equal(status, 400, query)
    t.equal((await ask(`PUT Patient/q?${query}`, { resourceType: 'Patient', id: 'q' })).status, 400, query)
    const patch = [{ op: 'add', path: '/active', value: true }]
    t.equal((await ask(`PATCH Patient/p?${query}`, patch, JSON_PATCH)).status, 400, query)
    t.equal((await ask(`DELETE Patient/p?${query}`)).status, 400, query)
    const bundle = transaction(
      {
        resource: { resourceType: 'Group', type: 'person', actual: true },
        request: { method: 'POST', url: 'Group' },
      },
      { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: `Patient?${query}` } },
    )
    t.equal((await ask('POST ', bundle, { prefer: 'return=representation' })).status, 400, query)
  }
  t.equal((await ask('GET Patient?_summary=count')).json.total, 1)
  t.equal((await ask('GET Group?_summary=count')).json.total, 0)
  t.equal((await ask('GET Patient/p')).headers.etag, 'W/"1"')
})

t.test('a conditional create whose match is deleted before the answer', async (t) => {
  let meddle: (() => Promise<unknown>) | undefined
  const { ask } = startServer(t, {
    wrap: (store) => ({
      ...store,
      read: async (key, access) => {
        const work = meddle
        meddle = undefined
        await work?.()
        return store.read(key, access)
      },
    }),
  })
  await ask('PUT Patient/p', { resourceType: 'Patient', id: 'p', active: true })
  meddle = () => ask('DELETE Patient/p')
  const reply = await ask('POST Patient', { resourceType: 'Patient' }, { 'if-none-exist': 'active=true' })
  t.equal(reply.status, 200)
  t.equal(reply.headers.etag, 'W/"1"')
  t.equal(reply.json.id, 'p')
  t.equal((await ask('GET Patient/p')).status, 410)
})
