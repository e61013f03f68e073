// Authorizations that run out: by their last day or by their units, unless another takes their place.
import t from 'tap'
import type { Authorization } from '../../../src/billing/index.ts'
import { runningOut } from '../../../src/billing/sweep/running-out.ts'
import { answering, asking, using } from '../authorizations/answers.ts'
import { coverage, DAY, patient } from '../practice.ts'
import { SYSTEMS } from '../../../src/billing/systems.ts'
import { done, sweptWorld } from './sweeping.ts'

const THERAPY = { system: SYSTEMS.cpt, code: '90837' }
const FAMILY = { system: SYSTEMS.cpt, code: '90847' }

const made = (number: string, period: object, services: readonly object[] = [], more: object = {}) =>
  ({
    number,
    decided: true,
    reference: `ClaimResponse/${number}`,
    payer: 'Organization/payer1',
    period,
    services,
    ...more,
  }) as Authorization

const service = (coding: object, approved?: number, used = 0) => ({
  codings: [coding],
  used,
  ...(approved === undefined ? {} : { approved, left: approved - used }),
})

const told = (list: readonly Authorization[], today = '2026-03-05') =>
  runningOut(list, today).map(
    ({ authorization, end, used }) =>
      `${authorization.number} ${end ?? '-'} ${used.map(({ codings }) => codings[0]?.code ?? 'any').join()}`,
  )

t.test('by the day', async (t) => {
  const ends = (end: string | undefined) => told([made('A', end === undefined ? {} : { end })])
  t.strictSame(ends('2026-03-19'), ['A 2026-03-19 '], 'fourteen days before')
  t.strictSame(ends('2026-03-20'), [])
  t.strictSame(ends('2026-03-05'), ['A 2026-03-05 '], 'on its last day')
  t.strictSame(ends('2026-03-04'), [], 'it has run out')
  t.strictSame(ends(undefined), [])
  t.strictSame(ends('2026-03'), [], 'until the 31st')
  t.strictSame(told([made('A', { end: '2026-03' })], '2026-03-17'), ['A 2026-03-31 '])
})

t.test('by the units of a service', async (t) => {
  const used = (approved: number | undefined, units: number) =>
    told([made('A', { end: '2026-12-31' }, [service(THERAPY, approved, units), service(FAMILY, 10, 1)])])
  t.strictSame(used(10, 7.9), [])
  t.strictSame(used(10, 8), ['A - 90837'])
  t.strictSame(used(10, 14), ['A - 90837'])
  t.strictSame(used(undefined, 1000), [], 'without a limit')
  t.strictSame(told([made('A', { end: '2026-03-10' }, [service(THERAPY, 10, 8)])]), ['A 2026-03-10 90837'])
})

t.test('not where another takes its place', async (t) => {
  const old = made('A', { end: '2026-03-10' }, [service(THERAPY, 10, 8)])
  const next = (period: object, services = [service(THERAPY, 10)], more: object = {}) =>
    told([old, made('B', period, services, more)])
  const later = { start: '2026-03-11', end: '2026-12-31' }
  t.strictSame(next(later), [])
  t.strictSame(next(later, []), [], 'for any service')
  t.strictSame(next({ ...later, start: '2026-03-12' }), ['A 2026-03-10 90837'], 'a day is missing')
  t.strictSame(next(later, [service(FAMILY, 10)]), ['A 2026-03-10 90837'], 'for another service')
  t.strictSame(next(later, [service(THERAPY, 10, 9)]), ['A 2026-03-10 90837', 'B - 90837'])
  t.strictSame(next(later, undefined, { decided: false }), ['A 2026-03-10 90837'])
  t.strictSame(next(later, undefined, { payer: 'Organization/payer2' }), ['A 2026-03-10 90837'])
})

t.test('a Task as long as it runs out, for each patient', async (t) => {
  const world = await sweptWorld()
  const of = (id: string) => ({ patient: { reference: `Patient/${id}` } })
  await world.put(
    patient('p2'),
    coverage('cov2', 'p2'),
    asking('a1', [{ code: '90837', quantity: 10 }]),
    answering('r1', 'a1', 'AUTH-1', [{ units: 10 }]),
    asking('a2', [{ code: '90837', quantity: 10 }], of('p2')),
    answering('r2', 'a2', 'AUTH-2', [{ units: 10 }], {
      ...of('p2'),
      preAuthPeriod: { start: '2026-01-01', end: '2026-03-15' },
    }),
    answering('r3', undefined, 'AUTH-3', [], { preAuthPeriod: { start: '2025-01-01', end: '2025-03-15' } }),
  )
  t.equal(done(await world.sweep()), 'made 1')
  t.strictSame(await world.tasks('authorization-expiring'), { 'ClaimResponse/r2': 'requested' })
  const [task] = await world.resources('Task')
  t.match(task, {
    for: { reference: 'Patient/p2' },
    restriction: { period: { end: '2026-03-15' } },
    input: [{ type: { coding: [{ code: 'ends-soon' }] } }],
  })

  await world.put(using('c1', ['AUTH-1'], [{ code: '90837', units: 8, day: DAY }]))
  t.equal(done(await world.sweep()), 'made 1')
  t.equal(done(await world.sweep()), '')
  await world.put(using('c2', ['AUTH-1'], [{ code: '90837', units: 1, day: DAY }]))
  t.equal(done(await world.sweep()), '', 'what was told is not told anew with each claim')
  await world.put(
    asking('a4', [{ code: '90837', quantity: 20 }]),
    answering('r4', 'a4', 'AUTH-4', [{ units: 20 }], { preAuthPeriod: { start: DAY, end: '2026-12-31' } }),
  )
  t.equal(done(await world.sweep()), 'completed 1', 'a new one was got')
  t.strictSame(await world.tasks('authorization-expiring'), {
    'ClaimResponse/r1': 'completed settled',
    'ClaimResponse/r2': 'requested',
  })
  t.equal(done(await world.sweep(Date.parse('2026-03-17T12:00:00Z'))), 'completed 1', 'it has run out')
})

t.test('a Task says more when there is more', async (t) => {
  const world = await sweptWorld()
  await world.put(
    asking('a1', [{ code: '90837', quantity: 10 }]),
    answering('r1', 'a1', 'AUTH-1', [{ units: 10 }]),
    using('c1', ['AUTH-1'], [{ code: '90837', units: 8, day: DAY }]),
  )
  t.equal(done(await world.sweep()), 'made 1')
  const [task] = await world.resources('Task')
  await world.put({ ...task, status: 'accepted', owner: { reference: 'Organization/clinic1' } } as never)
  t.equal(done(await world.sweep(Date.parse('2026-06-20T12:00:00Z'))), 'changed 1')
  t.match(await world.read('Task', String(task?.['id'])), {
    status: 'accepted',
    owner: { reference: 'Organization/clinic1' },
    restriction: { period: { end: '2026-06-30' } },
    input: [
      { type: { coding: [{ code: 'ends-soon' }] } },
      { type: { coding: [{ code: 'units-mostly-used' }] }, valueString: /90837/ },
    ],
  })
})

t.test('periods of single services count where the answer tells them', async (t) => {
  const world = await sweptWorld()
  await world.put(
    asking('a1', [{ code: '90837', quantity: 10 }]),
    answering('r1', 'a1', 'AUTH-1', [{ units: 10, period: { start: '2026-01-01', end: '2026-03-12' } }], {
      preAuthPeriod: { start: '2026-01-01', end: '2026-02-01' },
    }),
  )
  t.equal(done(await world.sweep()), 'made 1')
})
