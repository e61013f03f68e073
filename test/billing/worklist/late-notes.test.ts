// Late notes: their Tasks come, go and come again, each once, and only for visits that truly lack a note.
import t from 'tap'
import { madeName } from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { coded, DAY, note, NOW, patient, resource, visit } from '../practice.ts'
import { seeded } from '../episodes/random.ts'
import { DAY_MS, done, HOUR, sweptWorld } from './sweeping.ts'

/** Three days and some hours after the visits of the fixture. */
const LATE = NOW + DAY_MS

t.test('a Task for a visit whose note is late, until it is there', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'), visit('v2'), note('v2'))
  t.equal(done(await world.sweep(NOW)), '', 'it is not late yet')
  t.equal(done(await world.sweep(LATE)), 'made 1')
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'requested' })
  const [task] = await world.resources('Task')
  t.match(task, {
    status: 'requested',
    intent: 'order',
    code: { coding: [{ code: 'late-note' }] },
    for: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/v1' },
    owner: { reference: 'Practitioner/therapist1' },
    restriction: { period: { end: '2026-03-05' } },
  })
  t.equal(done(await world.sweep(LATE)), '', 'once')
  await world.put(note('v1', 'p1', { docStatus: 'preliminary' }))
  t.equal(done(await world.sweep(LATE)), '', 'a draft is no note')
  await world.put(note('v1'))
  t.equal(done(await world.sweep(LATE)), 'completed 1')
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'completed settled' })
  await world.put(note('v1', 'p1', { status: 'entered-in-error' }))
  t.equal(done(await world.sweep(LATE)), 'opened 1', 'the note was taken back')
  t.strictSame(await world.tasks('late-note'), { 'Encounter/v1': 'requested' })
})

t.test('what people do with the Task stays', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'), visit('v2'))
  await world.sweep(LATE)
  const [one, other] = await world.resources('Task')
  await world.put(
    { ...(one as Resource), status: 'in-progress', note: [{ text: 'I am at it' }] },
    { ...(other as Resource), status: 'cancelled' },
  )
  t.equal(done(await world.sweep(LATE)), '')
  const states = Object.values(await world.tasks('late-note')).toSorted()
  t.strictSame(states, ['cancelled', 'in-progress'], 'one that is put away is not opened again')
  await world.put(note('v1'), note('v2'))
  t.equal(done(await world.sweep(LATE)), 'completed 1')
  t.match(await world.read('Task', String(one?.['id'])), {
    status: 'completed',
    note: [{ text: 'I am at it' }],
  })
})

t.test(
  'a Task stands though its visit is no longer looked for, and goes when the visit is taken back',
  async (t) => {
    const world = await sweptWorld()
    await world.put(visit('v1'), visit('v2'))
    await world.sweep(LATE)
    t.equal(done(await world.sweep(LATE + 400 * DAY_MS)), '')
    await world.put(visit('v1', { more: { status: 'cancelled' } }))
    t.equal(done(await world.sweep(LATE + 400 * DAY_MS)), 'completed 1')
    t.strictSame(await world.tasks('late-note'), {
      'Encounter/v1': 'completed settled',
      'Encounter/v2': 'requested',
    })
  },
)

t.test('nothing for who does not bill: no service has a price', async (t) => {
  const world = await sweptWorld()
  const rules = await world.resources('ChargeItemDefinition')
  await world.put(visit('v1'), ...rules.map((rule) => resource({ ...rule, propertyGroup: undefined })))
  t.equal(done(await world.sweep(LATE)), '')
  t.strictSame(await world.resources('Task'), [])
  await world.put(rules.find((rule) => Array.isArray(rule['propertyGroup'])) as Resource)
  t.equal(done(await world.sweep(LATE)), 'made 1', 'the first price')
})

t.test('psychotherapy notes do not count', async (t) => {
  const world = await sweptWorld()
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PSYTHPN' }]
  await world.put(visit('v1'), note('v1', 'p1', { meta: { security } }))
  t.equal(done(await world.sweep(LATE)), 'made 1')
})

t.test('a day of dosing in a program has the dose as its record', async (t) => {
  const world = await sweptWorld()
  const inProgram = { episodeOfCare: [{ reference: 'EpisodeOfCare/otp1' }] }
  const dose = (id: string, of: string, more: object = {}): Resource =>
    resource({
      resourceType: 'MedicationAdministration',
      id,
      status: 'completed',
      medicationCodeableConcept: { text: 'methadone' },
      subject: { reference: 'Patient/p1' },
      context: { reference: `Encounter/${of}` },
      effectiveDateTime: DAY,
      ...more,
    })
  await world.put(
    resource({
      resourceType: 'EpisodeOfCare',
      id: 'otp1',
      status: 'active',
      patient: { reference: 'Patient/p1' },
    }),
    ...['v1', 'v2', 'v3'].map((id) => visit(id, { more: inProgram })),
    visit('v4'),
    dose('d1', 'v1'),
    dose('d2', 'v2', { status: 'not-done' }),
    dose('d4', 'v4'),
  )
  t.equal(done(await world.sweep(LATE)), 'made 3')
  t.strictSame(Object.keys(await world.tasks('late-note')).toSorted(), [
    'Encounter/v2',
    'Encounter/v3',
    'Encounter/v4',
  ])
  await world.put(dose('d3', 'v3'))
  t.equal(done(await world.sweep(LATE)), 'completed 1')
})

t.test('two at once make one Task each; what is stopped goes on the next time', async (t) => {
  const world = await sweptWorld()
  await world.put(...Array.from({ length: 250 }, (_, at) => visit(`v${at}`)))
  let asked = 0
  const stopped = await world.sweep(LATE, () => ++asked > 4)
  t.equal(stopped.finished, false)
  t.ok(stopped.made > 0 && stopped.made < 250, 'a part of them')
  const reports = await Promise.all([1, 2, 3].map(() => world.sweep(LATE)))
  t.equal(stopped.made + reports.reduce((sum, { made }) => sum + made, 0), 250)
  t.ok(reports.every(({ finished, failures }) => finished && failures.length === 0))
  const states = await world.tasks('late-note')
  t.equal(Object.keys(states).length, 250)
  t.ok(Object.values(states).every((state) => state === 'requested'))
})

t.test('ids that others have taken are passed over', async (t) => {
  const world = await sweptWorld()
  await world.put(visit('v1'), visit('v2'))
  await world.sweep(LATE)
  const tasks = await world.resources('Task')
  await world.put(...tasks.map((task) => resource({ ...task, identifier: undefined, code: undefined })))
  t.equal(done(await world.sweep(LATE)), 'made 2')
  t.equal((await world.resources('Task')).length, 4)
})

t.test('a Task that cannot be kept does not keep the others', async (t) => {
  let refused: string | undefined
  const world = await sweptWorld((store) => ({
    ...store,
    commit: (commit) => {
      const isRefused = refused !== undefined && JSON.stringify(commit).includes(refused)
      return isRefused ? Promise.reject(new FhirError('invalid', 'not this one')) : store.commit(commit)
    },
  }))
  await world.put(visit('v1'), visit('v2'), visit('v3'))
  refused = madeName('late-note', 'v2')
  t.equal(done(await world.sweep(LATE)), 'made 2, failures 1')
  refused = undefined
  t.equal(done(await world.sweep(LATE)), 'made 1')
})

t.test('a store that cannot write ends the sweep', async (t) => {
  let isFull = false
  const world = await sweptWorld((store) => ({
    ...store,
    commit: (commit) =>
      isFull ? Promise.reject(new FhirError('storage-failed', 'the disk is full')) : store.commit(commit),
  }))
  await world.put(visit('v1'))
  isFull = true
  await t.rejects(world.sweep(LATE), { code: 'storage-failed' })
})

const SIGNED = { authenticator: { reference: 'Practitioner/therapist1' } }

/** A second reading of the law, without searches: which finished visits of patients have no signed note. */
function lacking(all: readonly Resource[], now: number, hours: number): readonly string[] {
  // oxlint-disable-next-line typescript/no-explicit-any -- resources as they come
  const resources = all as any[]
  const notes = resources.filter(
    (one) =>
      (one.resourceType === 'DocumentReference' &&
        one.status === 'current' &&
        ['final', 'amended'].includes(one.docStatus) &&
        one.authenticator !== undefined) ||
      (one.resourceType === 'Composition' &&
        ['final', 'amended'].includes(one.status) &&
        (one.attester ?? []).some(
          ({ mode }: { mode: string }) => mode === 'professional' || mode === 'legal',
        )),
  )
  return resources
    .filter(({ resourceType, status }) => resourceType === 'Encounter' && status === 'finished')
    .filter(({ subject }) => subject.reference.startsWith('Patient/'))
    .filter(({ period }) => {
      const ended = now - (Date.parse(period.end) + 1000)
      return ended >= hours * HOUR && ended < hours * HOUR + 30 * DAY_MS
    })
    .filter(
      ({ id, subject }) =>
        !notes.some((one) => {
          const visits = one.resourceType === 'Composition' ? [one.encounter] : one.context.encounter
          const names = visits.map(({ reference }: { reference: string }) => reference)
          return names.includes(`Encounter/${id}`) && one.subject.reference === subject.reference
        }),
    )
    .map(({ id }) => `Encounter/${id}`)
    .toSorted()
}

t.test('a second reading of random visits and notes finds the same', async (t) => {
  const world = await sweptWorld()
  const random = seeded(20_261_130)
  const of = <One>(...choices: readonly One[]): One => choices[Math.floor(random() * choices.length)] as One
  const group = resource({ resourceType: 'Group', id: 'g1', type: 'person', actual: true })
  await world.put(patient('p2'), group)
  const made: Resource[] = []
  for (let at = 0; at < 300; at++) {
    const id = `v${at}`
    const subject = of('Patient/p1', 'Patient/p1', 'Patient/p2', 'Group/g1')
    const day = new Date(NOW - Math.floor(random() * 45) * DAY_MS).toISOString().slice(0, 10)
    const status = of('finished', 'finished', 'finished', 'cancelled', 'in-progress')
    made.push(visit(id, { day, more: { status, subject: { reference: subject }, diagnosis: undefined } }))
    const notes = of(0, 1, 1, 2)
    for (let one = 0; one < notes; one++) {
      const about = {
        subject: { reference: of(subject, subject, subject, 'Patient/p2') },
        id: `${id}-${one}`,
      }
      made.push(
        random() < 0.5
          ? note(id, 'p1', {
              ...about,
              status: of('current', 'current', 'superseded'),
              docStatus: of('final', 'final', 'amended', 'preliminary'),
              ...of<object>(SIGNED, SIGNED, { authenticator: undefined }),
            })
          : resource({
              resourceType: 'Composition',
              ...about,
              status: of('final', 'amended', 'preliminary', 'entered-in-error'),
              type: coded('http://loinc.org', '11506-3'),
              encounter: { reference: `Encounter/${id}` },
              date: day,
              author: [{ reference: 'Practitioner/therapist1' }],
              title: 'Progress note',
              attester: [{ mode: of('professional', 'legal', 'personal') }],
            }),
      )
    }
  }
  await world.put(...made)
  for (const now of [NOW, NOW + 5 * DAY_MS, NOW + 11.3 * DAY_MS]) {
    const fresh = await sweptWorld()
    await fresh.put(patient('p2'), group, ...made)
    await fresh.sweep(now)
    const expected = lacking(made, now, 72)
    t.ok(expected.length > 10 && expected.length < 250, `${expected.length} lack a note`)
    t.strictSame(Object.keys(await fresh.tasks('late-note')).toSorted(), expected)
  }
})

t.test('an empty server is asked next to nothing', async (t) => {
  let searches = 0
  const world = await sweptWorld((store) => ({
    ...store,
    search: (...asked) => {
      searches++
      return store.search(...asked)
    },
  }))
  searches = 0
  await world.sweep(LATE)
  t.ok(searches <= 8, `${searches} searches`)
  t.strictSame(await world.resources('Task'), [])
})
