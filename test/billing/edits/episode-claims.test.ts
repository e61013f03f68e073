// What is made of stays, programs, weeks and months passes the edits; and they speak when a note of a day is taken away.
import t from 'tap'
import type { BillingServer } from '../practice.ts'
import {
  askClaims,
  attended,
  dailyNotes,
  daysFrom,
  dose,
  episode,
  programServer,
  stay,
} from '../episodes/programs.ts'
import { shipped } from '../rules/services.ts'
import type { Any } from './billed.ts'

async function started(t: Parameters<typeof programServer>[0], today: string): Promise<BillingServer> {
  const server = await programServer(t, today)
  await server.put(shipped.find(({ id }) => id === 'claim-edits') as Any)
  return server
}

/** `edit expression` of each claim that an answer has. */
async function faultsOf(server: BillingServer, answer: Any): Promise<readonly string[]> {
  const claims =
    answer.resourceType === 'Bundle' ? answer.entry.map(({ resource }: Any) => resource) : [answer]
  const faults: string[] = []
  for (const { id } of claims) {
    const { json } = await server.ask(`GET Claim/${id}/$check`)
    for (const { severity, details, expression } of json.issue)
      if (severity !== 'information') faults.push(`${details.coding[0].code} ${expression[0]}`)
  }
  return faults
}

t.test('a stay with leave in it', async (t) => {
  const server = await started(t, '2026-03-21')
  const leave = { start: '2026-03-06T16:00:00-06:00', end: '2026-03-08T17:00:00-05:00' }
  const history = { statusHistory: [{ status: 'onleave', period: leave }] }
  await server.put(
    episode({
      level: 'residential-substance-use',
      service: 'residential-short-term-day',
      end: '2026-03-20',
    }),
    stay('ep1', { end: '2026-03-20T11:00:00-05:00', more: history }),
    ...dailyNotes('stay1', [
      ...daysFrom('2026-03-03', '2026-03-05'),
      ...daysFrom('2026-03-08', '2026-03-20'),
    ]),
  )
  const made = await askClaims(server, 'ep1', '2026-03-01', '2026-03-21')
  t.equal(made.status, 201, made.text)
  t.ok(made.json.item.some(({ revenue }: Any) => revenue.coding[0].code === '0183'))
  t.strictSame(await faultsOf(server, made.json), [])

  const lost = (await server.ask('GET DocumentReference/note-stay1-2026-03-10')).json
  await server.put({ ...lost, docStatus: 'preliminary' })
  const at = made.json.item.findIndex(({ servicedDate }: Any) => servicedDate === '2026-03-10')
  t.strictSame(await faultsOf(server, made.json), [
    'note-not-final Claim',
    `daily-note-missing Claim.item[${at}].encounter`,
  ])
})

t.test('an interim bill of a stay that goes on', async (t) => {
  const server = await started(t, '2026-04-02')
  await server.put(
    episode({ level: 'residential-psychiatric', service: 'residential-short-term-day' }),
    stay('ep1'),
    ...dailyNotes('stay1', daysFrom('2026-03-03', '2026-04-02')),
  )
  const made = await askClaims(server, 'ep1', '2026-03-01', '2026-03-31')
  t.equal(made.status, 201, made.text)
  t.strictSame(await faultsOf(server, made.json), [])
})

t.test('days of a program', async (t) => {
  const server = await started(t, '2026-03-20')
  const came = daysFrom('2026-03-02', '2026-03-06')
  await server.put(
    episode({ level: 'intensive-outpatient-substance-use', start: '2026-03-02' }),
    ...came.flatMap((day) => attended('ep1', `v-${day}`, day, { minutes: 180 })),
  )
  const made = await askClaims(server, 'ep1', '2026-03-01', '2026-03-15')
  t.equal(made.status, 201, made.text)
  t.equal(made.json.item.length, came.length)
  t.strictSame(await faultsOf(server, made.json), [])
})

t.test('weeks of an opioid treatment program', async (t) => {
  const server = await started(t, '2026-04-20')
  const diagnosis = [{ condition: { reference: 'Condition/opi' } }]
  await server.put(
    episode({ level: 'opioid-treatment-program', start: '2026-02-02', more: { diagnosis } }),
    ...attended('ep1', 'intake', '2026-02-02', { location: 'opioid' }),
    ...daysFrom('2026-02-02', '2026-03-15').map((day) => dose(`dose-${day}`, day)),
  )
  // A day of dosing that is a visit: the dose is its record, and no note is written.
  const [dosing] = attended('ep1', 'dosing', '2026-02-03', { location: 'opioid' })
  const given = dose('dose-2026-02-03', '2026-02-03', '6813', { context: { reference: 'Encounter/dosing' } })
  await server.put(dosing as Any, given)
  const made = await askClaims(server, 'ep1', '2026-02-02', '2026-03-15')
  t.ok(made.status < 300, made.text)
  const claims =
    made.json.resourceType === 'Claim' ? [made.json] : made.json.entry.map((one: Any) => one.resource)
  t.match(JSON.stringify(claims), /Encounter\/dosing/)
  t.strictSame(await faultsOf(server, made.json), [])
  await server.put({ ...given, status: 'not-done' })
  t.strictSame(await faultsOf(server, made.json), ['note-missing Claim.item[0].encounter'])
})

t.test('months of collaborative care', async (t) => {
  const server = await started(t, '2026-04-10')
  const contact = (id: string, day: string, minutes: number, kind: string) =>
    attended('ep1', id, day, { minutes, kinds: [kind], location: 'site1' })
  await server.put(
    episode({ level: 'outpatient', start: '2026-02-01' }),
    ...contact('a', '2026-02-03', 60, 'collaborative-care-initial'),
    ...contact('b', '2026-02-24', 56, 'collaborative-care-initial'),
    ...contact('c', '2026-03-10', 76, 'collaborative-care-subsequent'),
  )
  const made = await askClaims(server, 'ep1', '2026-02-01', '2026-04-10')
  t.ok(made.status < 300, made.text)
  t.strictSame(await faultsOf(server, made.json), [])
})
