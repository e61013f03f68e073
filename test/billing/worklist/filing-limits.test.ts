// Claims that are soon too late for their payer, as its pack says how long it takes them.
import t from 'tap'
import type { Resource } from '../../../src/fhir/index.ts'
import { extension, packOfAll, sentTask } from '../edits/billed.ts'
import { coded, DAY } from '../practice.ts'
import { professionalClaim } from '../submission/claims.ts'
import { done, sweptWorld } from './sweeping.ts'

/** Claims for services of DAY, the second of March, are taken until the first of April. */
const PACK = packOfAll([extension('filing-limit', { 'days:PositiveInt': 30 })])
const claim = (id: string, more: object = {}): Resource =>
  ({ ...professionalClaim(id, { day: DAY }), ...more }) as Resource
const on = (day: string): number => Date.parse(`${day}T12:00:00Z`)

t.test('a draft, from fourteen days before its last on, until it is sent', async (t) => {
  const world = await sweptWorld()
  await world.put(PACK, claim('c1'))
  t.equal(done(await world.sweep(on('2026-03-17'))), '')
  t.equal(done(await world.sweep(on('2026-03-18'))), 'made 1')
  t.match(await world.resources('Task'), [
    {
      code: { coding: [{ code: 'filing-limit-near' }] },
      focus: { reference: 'Claim/c1' },
      for: { reference: 'Patient/p1' },
      restriction: { period: { end: '2026-04-01' } },
      priority: 'urgent',
    },
  ])
  t.equal(done(await world.sweep(on('2026-03-20'))), '')
  t.equal(done(await world.sweep(on('2026-05-01'))), '', 'when it is too late it is still to be seen to')
  await world.put(claim('c1', { status: 'active' }), sentTask('c1', '2026-03-20'))
  t.equal(done(await world.sweep(on('2026-03-21'))), 'completed 1')
  t.strictSame(await world.tasks('filing-limit-near'), { 'Claim/c1': 'completed settled' })
})

t.test('one that was not taken on is to be sent again', async (t) => {
  const world = await sweptWorld()
  const sent = sentTask('c1', '2026-03-06')
  const tasks = 'https://alcove.health/fhir/CodeSystem/billing-tasks'
  const rejection = {
    resourceType: 'Task',
    id: 'rejection1',
    status: 'requested',
    intent: 'order',
    code: coded(tasks, 'claim-rejection'),
    focus: { reference: 'Claim/c1' },
  } as unknown as Resource
  await world.put(PACK, claim('c1', { status: 'active' }), sent, rejection)
  t.equal(done(await world.sweep(on('2026-03-25'))), '', 'it is on its way')
  await world.put({ ...sent, businessStatus: coded(tasks, 'rejected') })
  t.equal(done(await world.sweep(on('2026-03-25'))), 'made 1')
})

t.test('nothing of claims that no limit holds for', async (t) => {
  const world = await sweptWorld()
  const pct = 'http://hl7.org/fhir/us/davinci-pct/CodeSystem/PCTSupportingInfoType'
  const frequency = (code: string) => ({
    supportingInfo: [
      { sequence: 1, category: coded(pct, 'claimFrequency'), code: coded(`${pct}Digits`, code) },
    ],
  })
  await world.put(
    claim('c1'),
    claim('c2', { status: 'cancelled' }),
    claim('c3', frequency('7')),
    claim('c4', frequency('8')),
    claim('c5', { use: 'predetermination' }),
  )
  t.equal(done(await world.sweep(on('2026-05-01'))), '', 'there is no limit')
  await world.put(PACK)
  t.equal(done(await world.sweep(on('2026-05-01'))), 'made 1')
  t.strictSame(Object.keys(await world.tasks('filing-limit-near')), ['Claim/c1'])
})
