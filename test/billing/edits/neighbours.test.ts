// What stands beside a claim: corrections, voids, claims of another payer, visits on one day, and what was sent already.
import t from 'tap'
import { checkClaim } from '../../../src/billing/index.ts'
import { callerView } from '../../../src/operations/caller-view.ts'
import { billingWorld, coded, coverage, NOW, payer } from '../practice.ts'
import {
  type Any,
  authorization,
  beside,
  billedCase,
  edits,
  extension,
  findingsOf,
  packOfAll,
  putCase,
  sentTask,
  stay,
} from './billed.ts'
import { FAULTS } from './faults.ts'

const HIDDEN = { system: 'urn:x', code: 'secret' }

function correcting(made: Any, prior: string, frequency = '7'): void {
  made.claim.related = [
    {
      claim: { reference: `Claim/${prior}` },
      relationship: coded('http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship', 'prior'),
      reference: { value: 'ICN1' },
    },
  ]
  made.claim.supportingInfo[0].code.coding[0].code = frequency
}

t.test('a correction is no duplicate of what it corrects, nor that of it, over several', async (t) => {
  const made = billedCase()
  const [first, second] = [
    billedCase({ id: 'c8', visitId: 'v-c1' }),
    billedCase({ id: 'c9', visitId: 'v-c1' }),
  ]
  correcting(second, 'c8')
  correcting(made, 'c9')
  made.others.push(first.claim, second.claim)
  t.strictSame(await findingsOf(made), [])

  const old = billedCase()
  const replacement = billedCase({ id: 'c9', visitId: 'v-c1' })
  correcting(replacement, 'c1')
  const world = await billingWorld()
  await putCase(world, old)
  await world.put(replacement.claim)
  for (const id of ['c1', 'c9'])
    t.strictSame(await checkClaim(world.view(), world.parts, await world.read('Claim', id), NOW), [], id)
})

t.test('what was cancelled, voids, and what another payer is asked for do not count', async (t) => {
  for (const change of [
    (claim: Any) => (claim.status = 'cancelled'),
    (claim: Any) => (claim.status = 'entered-in-error'),
    (claim: Any) => (claim.supportingInfo[0].code.coding[0].code = '8'),
    (claim: Any) => (claim.insurer.reference = 'Organization/payer2'),
    (claim: Any) => (claim.use = 'predetermination'),
    (claim: Any) => (claim.patient.reference = 'Patient/p2'),
  ]) {
    const made = billedCase()
    made.overrides.push(payer('payer2'), { ...(await patientTwo()) })
    const other = billedCase({ id: 'c9', visitId: 'v-c1' })
    change(other.claim)
    made.others.push(other.claim)
    t.strictSame(await findingsOf(made), [], String(change))
  }
})

async function patientTwo(): Promise<Any> {
  const world = await billingWorld()
  return { ...(await world.read('Patient', 'p1')), id: 'p2', meta: undefined }
}

t.test('a claim that voids another need only be able to be sent', async (t) => {
  const made = billedCase()
  made.others.push(billedCase({ id: 'c8', visitId: 'v-c1' }).claim, ...beside({ id: 'c9' }))
  correcting(made, 'c8', '8')
  made.notes[0].docStatus = 'preliminary'
  t.strictSame(await findingsOf(made), [])
  made.claim.item[0].diagnosisSequence = [9]
  t.strictSame(edits(await findingsOf(made)), ['pointer-unknown'])
})

t.test(
  'the same service at another visit of the day is doubtful, with another modifier it is another',
  async (t) => {
    const twice = billedCase({ lines: [{ code: 'H2014' }] })
    twice.others.push(...beside({ id: 'c9', lines: [{ code: 'H2014' }] }))
    t.match(await findingsOf(twice), [{ edit: 'duplicate', severity: 'warning', about: ['Claim/c9'] }])
    const marked = billedCase({ lines: [{ code: 'H2014', modifiers: ['76'] }] })
    marked.others.push(...beside({ id: 'c9', lines: [{ code: 'H2014' }] }))
    t.strictSame(await findingsOf(marked), [])
  },
)

t.test('a program day and psychotherapy on it are doubtful: CONC1', async (t) => {
  const made = stay({ lines: [{ code: 'H0035', day: '2026-03-02', revenue: '0913', place: '52' }] })
  made.others.push(...beside({ id: 'c9', lines: [{ code: '90834' }] }))
  t.match(await findingsOf(made), [{ edit: 'excluded-pair', severity: 'warning', denial: '97' }])
})

t.test('the denial that a rule tells goes before that of the table', async (t) => {
  const [fault] = FAULTS
  const made = fault?.of?.() as ReturnType<typeof billedCase>
  fault?.put(made)
  t.match(await findingsOf(made), [
    { denial: 'B15', diagnostics: /^90836 .*\. Bill .*\. Likely denial: B15\.$/ },
  ])
})

t.test('what is sent in time stays in time; a correction late is doubtful', async (t) => {
  const late = NOW + 30 * 86_400_000
  const limited = () => {
    const made = billedCase()
    made.others.push(packOfAll([extension('filing-limit', { 'days:PositiveInt': 10 })]))
    return made
  }
  t.strictSame(edits(await findingsOf(limited(), late)), ['filing-limit-passed'])
  const sent = limited()
  sent.later.push(sentTask('c1', '2026-03-12'))
  t.strictSame(await findingsOf(sent, late), [])
  const sentLate = limited()
  sentLate.later.push(sentTask('c1', '2026-03-13'))
  t.strictSame(edits(await findingsOf(sentLate, late)), ['filing-limit-passed'])
  const corrected = limited()
  corrected.others.push(billedCase({ id: 'c8', visitId: 'v-c1' }).claim)
  correcting(corrected, 'c8')
  t.match(await findingsOf(corrected, late), [{ edit: 'filing-limit-passed', severity: 'warning' }])
  // The last day is not over before it is over everywhere.
  const onLast = Date.UTC(2026, 2, 13, 11, 59)
  t.strictSame(await findingsOf(limited(), onLast), [])
  t.strictSame(edits(await findingsOf(limited(), onLast + 60_000)), ['filing-limit-passed'])
})

t.test(
  'months end with the month: a service of the last of August is taken until the last of February',
  async (t) => {
    const limited = () => {
      const made = billedCase({ day: '2025-08-31' })
      made.overrides.push(coverage('cov1', 'p1', { period: { start: '2025-01-01' } }))
      made.others.push(packOfAll([extension('filing-limit', { 'months:PositiveInt': 6 })]))
      return made
    }
    t.strictSame(await findingsOf(limited(), Date.UTC(2026, 1, 28, 20)), [])
    t.strictSame(edits(await findingsOf(limited(), Date.UTC(2026, 2, 1, 12))), ['filing-limit-passed'])
  },
)

t.test(
  'units of an authorization are shared by the lines of a claim, and by its numbers and periods',
  async (t) => {
    const days = ['2026-03-02', '2026-03-03', '2026-03-04']
    const made = (units: number) => {
      const base = stay({ authorizations: ['A1'] })
      base.others.push(...authorization({ code: 'H0018', units }))
      return base
    }
    t.strictSame(await findingsOf(made(days.length)), [])
    t.match(await findingsOf(made(2)), [{ edit: 'authorization-exceeded', expression: 'Claim.item[2]' }])
    t.equal((await findingsOf(made(1))).length, 2)
  },
)

t.test('what the caller may not see changes nothing', async (t) => {
  const hidable = FAULTS.filter(({ breaks }) => /others|pair|consent|authorization/.test(breaks))
  t.ok(hidable.length > 8)
  for (const { name, of = billedCase, put } of hidable) {
    const [plain, more] = [of(), of()]
    put(more)
    // Only what the fault adds beside the claim is hidden; what it changes of the claim itself is not looked at here.
    if (JSON.stringify(plain.claim) !== JSON.stringify(more.claim) || more.later.length > 0) continue
    const known = new Set(plain.others.map((one: Any) => `${one.resourceType}/${one.id}`))
    const hidden = { ...more, others: [...more.others] }
    hidden.others = hidden.others.flatMap((one: Any) =>
      known.has(`${one.resourceType}/${one.id}`) ? [] : [{ ...one, meta: { security: [HIDDEN] } }],
    )
    hidden.others.unshift(...plain.others)
    const [without, withIt] = [await billingWorld(), await billingWorld()]
    await putCase(without, plain)
    await putCase(withIt, hidden)
    const seen = callerView(withIt.repository.leavingOut([HIDDEN]))
    const claim = await withIt.read('Claim', 'c1')
    t.strictSame(
      await checkClaim(seen, withIt.parts, claim, NOW),
      await checkClaim(without.view(), without.parts, claim, NOW),
      name,
    )
    if (hidden.others.length === more.others.length)
      t.not((await checkClaim(withIt.view(), withIt.parts, claim, NOW)).length, 0, `${name}, seen`)
  }
})
