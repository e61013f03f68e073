// Claims of services by the month over HTTP: minutes of the calendar month over all contacts.
import t from 'tap'
import type { Resource } from '../../../src/fhir/index.ts'
import { episode, askClaims, attended, linesOf, programServer, told, toldOf, x12Of } from './programs.ts'

const contact = (id: string, day: string, minutes: number, kind = 'collaborative-care-initial'): Resource[] =>
  attended('ep1', id, day, { minutes, kinds: [kind], location: 'site1' })

t.test('collaborative care: the month is one claim, under the day of its last contact', async (t) => {
  const server = await programServer(t, '2026-04-10')
  await server.put(episode({ level: 'outpatient', start: '2026-02-01' }))
  await server.put(...contact('a', '2026-02-03', 60), ...contact('b', '2026-02-24', 56))
  await server.put(...contact('c', '2026-03-10', 76, 'collaborative-care-subsequent'))
  await server.put(...contact('d', '2026-03-12', 45, 'individual-psychotherapy'))
  const reply = await askClaims(server, 'ep1', '2026-02-10', '2026-02-12')
  t.equal(reply.status, 201)
  t.same(linesOf(reply.json), ['02-24 99492 x1', '02-24 99494 x2'], 'COCM1: 116 minutes')
  t.match(reply.json, {
    type: { coding: [{ code: 'professional' }] },
    billablePeriod: { start: '2026-02-01', end: '2026-02-28' },
    careTeam: [
      { provider: { reference: 'Practitioner/therapist1' }, role: { coding: [{ code: 'rendering' }] } },
    ],
    item: [{ encounter: [{ reference: 'Encounter/a' }, { reference: 'Encounter/b' }] }],
  })
  t.match(await x12Of(server, reply.json.id), /SV1\*HC:99492\*[\d.]+\*UN\*1\*\*\*1~DTP\*472\*D8\*20260224~/)
  const both = await askClaims(server, 'ep1', '2026-02-01', '2026-04-10')
  t.equal(both.status, 200)
  const [february, march] = both.json.entry.map(({ resource }: { resource: Resource }) => resource)
  t.equal(february.id, reply.json.id, 'no month twice, whatever the window')
  t.same(linesOf(march), ['03-10 99493 x1', '03-10 99494 x1'])
})

t.test('too few minutes, a month that is not over, contacts without notes', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode({ level: 'outpatient', start: '2026-01-01' }))
  await server.put(
    ...contact('a', '2026-01-07', 15),
    ...contact('b', '2026-02-03', 35),
    ...contact('c', '2026-03-03', 70),
  )
  t.same(told((await askClaims(server, 'ep1', '2026-01-01', '2026-01-31')).json), [
    'below-minimum Encounter.type',
  ])
  const february = await askClaims(server, 'ep1', '2026-02-01', '2026-02-28')
  t.same(linesOf(february.json), ['02-03 G2214 x1'], 'COCM2: 35 minutes')
  const march = await askClaims(server, 'ep1', '2026-03-01', '2026-03-20')
  t.equal(march.status, 422)
  t.same(told(march.json), ['period-without-days EpisodeOfCare.period', 'period-not-over end'])

  await server.put(...contact('e', '2026-02-10', 20))
  const taken = await askClaims(server, 'ep1', '2026-02-01', '2026-02-28')
  t.equal(taken.json.id, february.json.id, 'a claim that is made is corrected, not made again')
})

t.test('office-based opioid treatment and integration of behavioral health', async (t) => {
  const server = await programServer(t, '2026-03-20')
  await server.put(episode({ level: 'office-based-opioid-treatment', start: '2026-02-01' }))
  await server.put(
    ...contact('a', '2026-02-03', 100, 'opioid-treatment-first-month'),
    ...contact('b', '2026-02-20', 50, 'opioid-treatment-first-month'),
  )
  const reply = await askClaims(server, 'ep1', '2026-02-01', '2026-02-28')
  t.same(linesOf(reply.json), ['02-20 G2086 x1', '02-20 G2088 x1'])
  await server.put(episode({ id: 'ep2', level: 'outpatient', start: '2026-02-01' }))
  await server.put(
    ...attended('ep2', 'c', '2026-02-05', {
      minutes: 12,
      kinds: ['behavioral-health-integration'],
      location: 'site1',
    }),
    ...attended('ep2', 'd', '2026-02-15', {
      minutes: 8,
      kinds: ['behavioral-health-integration'],
      location: 'site1',
    }),
  )
  await server.ask('DELETE DocumentReference/note-d')
  const bare = await askClaims(server, 'ep2', '2026-02-01', '2026-02-28')
  t.match(toldOf(bare.json, 'day-without-note'), '2026-02-15')
  await server.put(
    ...attended('ep2', 'd', '2026-02-15', {
      minutes: 8,
      kinds: ['behavioral-health-integration'],
      location: 'site1',
    }),
  )
  t.same(linesOf((await askClaims(server, 'ep2', '2026-02-01', '2026-02-28')).json), ['02-15 99484 x1'])
})
