// Conditions about what the same transaction writes.
import t from 'tap'
import { startServer } from '../rest/server.ts'

t.test('criteria of every form find what the same transaction creates', async (t) => {
  const { ask } = startServer(t)
  const patient = (system: string | undefined, value: string, active: boolean): object => ({
    resource: {
      resourceType: 'Patient',
      active,
      // The same token twice, and a second one.
      identifier: [
        { system, value },
        { system, value },
        { system: 'urn:all', value: 'x' },
      ],
      name: [{ family: `Name${value}` }],
    },
    request: { method: 'POST', url: 'Patient' },
  })
  const criteria: readonly (readonly [string, string | 412])[] = [
    ['identifier=urn:a|1', 'Patient/id-1'],
    ['identifier=1', 412],
    ['identifier=2', 'Patient/id-3'],
    ['identifier=|2', 'Patient/id-3'],
    ['identifier=urn:a|2', 412],
    ['identifier=urn:all|', 412],
    ['identifier=urn:all|x&active=false', 'Patient/id-2'],
    ['active=false&identifier=1', 'Patient/id-2'],
    ['identifier=urn:a|1,|2&active=true&name=name2', 'Patient/id-3'],
    ['name=name2', 'Patient/id-3'],
    ['name=name2&identifier=1', 412],
    ['_id=id-2', 'Patient/id-2'],
  ]
  for (const [query, expected] of criteria) {
    const { ask } = startServer(t)
    const group = {
      resource: {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        member: [{ entity: { reference: `Patient?${query}` } }],
      },
      request: { method: 'POST', url: 'Group' },
    }
    const entry = [patient('urn:a', '1', true), patient('urn:b', '1', false), patient(undefined, '2', true)]
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [...entry, group] }
    const reply = await ask('POST ', bundle, { prefer: 'return=representation' })
    t.equal(reply.status, expected === 412 ? 412 : 200, `${query}: ${reply.text}`)
    if (expected !== 412) t.equal(reply.json.entry[3].resource.member[0].entity.reference, expected, query)
  }
  const twice = { resource: { resourceType: 'Patient', identifier: [{ system: 'urn:c', value: '1' }] } }
  const request = { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:c|1' }
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { ...twice, request },
      { ...twice, request },
    ],
  }
  const { json } = await ask('POST ', bundle)
  t.strictSame(
    json.entry.map((entry: { response: { status: string } }) => entry.response.status),
    ['201', '200'],
  )
})
