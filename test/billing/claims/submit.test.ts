// $generate-claim with submit: the claim is made and sent in one call, and asked again is neither made nor sent twice.
import t from 'tap'
import { billingServer, clinic, coverage, note, visit } from '../practice.ts'

t.test('made and sent, once', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(visit('v1'), note('v1'))
  const first = await ask('POST Encounter/v1/$generate-claim?submit=true')
  t.equal(first.status, 201, first.text)
  t.equal(first.json.status, 'active')
  t.equal(sent.length, 1)
  const [file] = sent
  const [control] = first.json.identifier
  t.ok(Buffer.from(file?.bytes ?? []).includes(`CLM*${control.value}*`), 'under its control number')
  const again = await ask('POST Encounter/v1/$generate-claim?submit=true')
  t.equal(again.status, 200)
  t.equal(again.json.id, first.json.id)
  t.equal(sent.length, 1, 'sent once')
  const dry = await ask('POST Encounter/v1/$generate-claim?dryRun=true')
  t.equal(dry.json.id, first.json.id, 'what is there is shown')
})

t.test('ten at once make and send one', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(visit('v1'), note('v1'))
  const all = await Promise.all(
    Array.from({ length: 10 }, () => ask('POST Encounter/v1/$generate-claim?submit=true')),
  )
  t.ok(
    all.every(({ status }) => status === 200 || status === 201),
    all.map(({ status, text }) => (status > 201 ? text : status)).join(),
  )
  t.equal(new Set(all.map(({ json }) => json.id)).size, 1)
  t.equal(sent.length, 1)
})

t.test('what cannot be sent is there as a draft', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put(clinic({ address: undefined }), visit('v1'), note('v1'))
  const reply = await ask('POST Encounter/v1/$generate-claim?submit=true')
  t.equal(reply.status, 422, reply.text)
  t.equal(sent.length, 0)
  t.match(reply.json.issue.at(-1), { severity: 'information', diagnostics: /^Claim\/\w+ is stored/ })
  const { json } = await ask('GET Claim')
  t.match(json.entry, [{ resource: { status: 'draft' } }])
  await put(clinic())
  const mended = await ask('POST Encounter/v1/$generate-claim?submit=true')
  t.equal(mended.status, 200, mended.text)
  t.equal(mended.json.status, 'active')
  t.equal(sent.length, 1)
})

t.test('a session of a group goes out together', async (t) => {
  const { ask, put, sent } = await billingServer(t)
  await put({ resourceType: 'Group', id: 'g1', type: 'person', actual: true })
  await put(
    visit('s1', {
      kinds: ['group-psychotherapy'],
      more: { subject: { reference: 'Group/g1' }, diagnosis: undefined },
    }),
  )
  for (const member of ['p1', 'p2', 'p3'])
    await put(
      { ...(await ask('GET Patient/p1')).json, id: member },
      coverage(`cov-${member}`, member),
      {
        ...(await ask('GET Condition/dep')).json,
        id: `dx-${member}`,
        subject: { reference: `Patient/${member}` },
      },
      visit(`e-${member}`, {
        of: member,
        kinds: ['group-psychotherapy'],
        more: {
          partOf: { reference: 'Encounter/s1' },
          diagnosis: [{ condition: { reference: `Condition/dx-${member}` } }],
        },
      }),
      ...(member === 'p3' ? [] : [note(`e-${member}`, member)]),
    )
  const { json } = await ask('POST Group/g1/$generate-claims?encounter=s1&submit=true')
  t.match(
    json.entry.map(({ resource, response }: { resource?: object; response: object }) => [resource, response]),
    [
      [{ status: 'active' }, { status: '201' }],
      [{ status: 'active' }, { status: '201' }],
      [undefined, { status: '422' }],
    ],
    JSON.stringify(json).slice(0, 500),
  )
  t.equal(sent.length, 1, 'in one file')
})
