// The demo practice is valid, whole and believable; the demo server has it and says what to try.
import t from 'tap'
import { demoPractice } from '../../src/cli/demo-practice/index.ts'
import { INSTRUMENTS, itemScores, type Instrument } from '../../src/cli/demo-practice/instruments.ts'
import { PEOPLE, personId } from '../../src/cli/demo-practice/people.ts'
import { calendarOf, later } from '../../src/cli/demo-practice/calendar.ts'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, parseJson, type JsonValue, type Resource } from '../../src/fhir/index.ts'
import { labelledWorld } from '../access/reach/labelled-world.ts'
import { alcove } from './process.ts'

/** Days that calendars trip over: a leap day, a year's end, a weekend. */
const DAYS = ['2026-11-24T18:00:00Z', '2028-02-29T12:00:00Z', '2027-01-01T03:00:00Z', '2026-08-02T23:59:59Z']

/** Resources read as they come. */
type Any = any

const resourcesOf = (bundle: Resource): Resource[] => (bundle as Any).entry.map((it: Any) => it.resource)
const practiceOn = (day: string) => demoPractice(Date.parse(day)).flat()
const key = ({ resourceType, id }: Resource) => `${resourceType}/${String(id)}`

function* referencesOf(value: JsonValue | undefined): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* referencesOf(item)
  else if (typeof value === 'object' && value !== null) {
    if (typeof value['reference'] === 'string') yield value['reference']
    for (const child of Object.values(value)) yield* referencesOf(child)
  }
}

t.test('every resource is valid R4, on whatever day', async (t) => {
  const validator = createValidator(loadDefinitions())
  t.not(validator.validate({ resourceType: 'Patient', gender: 'x' }).length, 0, 'the validator does look')
  for (const day of DAYS) {
    const faults = practiceOn(day)
      .flatMap(resourcesOf)
      .flatMap((it) =>
        validator.validate(it).map((issue) => `${key(it)} ${issue.expression}: ${issue.diagnostics}`),
      )
    t.same(faults, [], day)
  }
})

t.test('each Bundle refers only to itself and to those before it, and no id is given twice', async (t) => {
  const known = new Set<string>()
  for (const bundle of practiceOn(DAYS[0] ?? '')) {
    for (const resource of resourcesOf(bundle)) {
      t.notOk(known.has(key(resource)), `${key(resource)} is new`)
      known.add(key(resource))
    }
    const dangling = resourcesOf(bundle).flatMap((it) => [...referencesOf(it)].filter((to) => !known.has(to)))
    t.same(dangling, [])
  }
})

t.test('it is the same for the same day, and has what a practice has', async (t) => {
  const day = DAYS[0] ?? ''
  t.same(practiceOn(day), practiceOn('2026-11-24T19:00:00Z'))
  const all = practiceOn(day).flatMap(resourcesOf)
  const counts = new Map<string, number>()
  for (const { resourceType } of all) counts.set(resourceType, (counts.get(resourceType) ?? 0) + 1)
  t.equal(counts.get('Patient'), 12)
  for (const type of [
    'Organization',
    'Location',
    'HealthcareService',
    'Practitioner',
    'PractitionerRole',
    'RelatedPerson',
    'Condition',
    'CarePlan',
    'Goal',
    'CareTeam',
    'Encounter',
    'Group',
    'EpisodeOfCare',
    'Appointment',
    'QuestionnaireResponse',
    'Observation',
    'MedicationRequest',
    'MedicationAdministration',
    'Coverage',
    'Consent',
    'DocumentReference',
    'Task',
    'Provenance',
  ])
    t.ok(counts.has(type), type)
  const future = all.filter((it) => it.resourceType === 'Appointment' && String(it['start']) > day)
  t.ok(future.length >= 12, 'everyone comes again')
  for (const it of all.filter(({ resourceType }) => resourceType === 'Encounter'))
    t.ok(Date.parse((it as Any).period.end) < Date.parse(day), `${key(it)} is over`)
})

t.test('scores are the sums of their answers', async (t) => {
  for (const [name, instrument] of Object.entries(INSTRUMENTS) as [string, Instrument][]) {
    const highest = instrument.questions.reduce((sum, { answers }) => sum + answers.length - 1, 0)
    for (let total = 0; total <= highest; total++) {
      const scores = itemScores(instrument, total)
      t.equal(
        scores.reduce((sum, it) => sum + it, 0),
        total,
        `${name} ${total}`,
      )
      t.ok(scores.every((it, question) => it <= (instrument.questions[question]?.answers.length ?? 0) - 1))
    }
    t.throws(() => itemScores(instrument, highest + 1))
  }
})

t.test('nothing of one patient tells of another', async (t) => {
  const bundles = practiceOn(DAYS[0] ?? '')
  const groups = new Set(['Group/coping-group', 'Group/recovery-group'])
  for (const resource of bundles.slice(1).flatMap(resourcesOf)) {
    const staffOnly =
      groups.has(key(resource)) || /^(coping|recovery)-group-session-\d$/.test(String(resource.id))
    const note = (resource as Any).content?.[0]?.attachment.data
    const text =
      JSON.stringify(resource) + (note === undefined ? '' : Buffer.from(note, 'base64').toString('utf8'))
    const told = PEOPLE.filter((it) => text.includes(personId(it)) || text.includes(it.family))
    if (staffOnly) t.match(resource, { meta: { security: [{ code: 'R' }] } }, key(resource))
    else t.equal(told.length, 1, key(resource))
  }
})

t.test('records of the substance use program are labelled', async (t) => {
  const clinic = PEOPLE.filter((it) => it.clinic === 'copper-ridge').map(personId)
  t.equal(clinic.length, 4)
  const world = await labelledWorld()
  t.teardown(() => world.close())
  const all: Resource[] = []
  for (const bundle of practiceOn(DAYS[0] ?? '')) {
    const outcomes = await world.repository.transaction(
      resourcesOf(bundle).map((resource, entry) => ({
        kind: 'update',
        target: { type: resource.resourceType, id: String(resource.id) },
        resource,
        entry,
      })),
    )
    all.push(...outcomes.map(({ version }) => parseJson(version?.body as Buffer) as Resource))
  }
  for (const id of clinic) {
    const labelled = all.filter(
      (it: Any) =>
        it.id.startsWith(id) && it.meta?.security?.some((label: Any) => label.code === '42CFRPart2'),
    )
    for (const type of [
      'Consent',
      'Condition',
      'Encounter',
      'DocumentReference',
      'EpisodeOfCare',
      'CarePlan',
    ])
      t.ok(
        labelled.some((it) => it.resourceType === type),
        `${type} of ${id}`,
      )
  }
})

t.test('the calendar', async (t) => {
  const calendar = calendarOf(Date.parse('2026-11-24T05:00:00Z'))
  t.equal(calendar.day(0), '2026-11-23', 'it is still yesterday in Arizona')
  t.equal(calendar.day(-23), '2026-10-31')
  t.equal(calendar.time(1, '09:30'), '2026-11-24T09:30:00-07:00')
  t.equal(calendar.birth(34, 0), '1992-11-23')
  for (let days = -9; days < 9; days++) {
    const weekday = new Date(`${calendar.day(calendar.open(days))}T00:00:00Z`).getUTCDay()
    t.ok(weekday >= 1 && weekday <= 5 && calendar.open(days) <= days && days - calendar.open(days) < 3)
  }
  t.equal(later('09:30', 50), '10:20')
})

t.test('the demo serves the practice, prints one line of JSON, and ends when told', async (t) => {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const { promise: announced, resolve: announce } = Promise.withResolvers<string>()
  const running = alcove(['demo', '--port', '0', '--json'], {
    // Settings of another server on this machine do not concern the demo.
    env: {
      ALCOVE_DATABASE: 'sqlite:/nowhere/x.db',
      ALCOVE_ENCRYPTION_KEY_FILE: '/nowhere/key',
      ALCOVE_BASE_URL: 'https://x.example',
    },
    stop: stop.signal,
    heard: announce,
  })
  const text = await Promise.race([
    announced,
    running.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ])
  const { url, resources, try: lines } = JSON.parse(text) as { url: string; resources: number; try: string[] }
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+\/fhir$/)
  t.equal(resources, practiceOn(DAYS[0] ?? '').flatMap(resourcesOf).length)
  t.equal(lines.length, 7)
  t.ok(lines.every((it) => it.startsWith(`curl '${url}/`)))

  const get = async (line = '') => (await fetch(/'(http[^']+)'/.exec(line)?.[1] ?? '')).json() as Promise<Any>
  t.match(await get(lines[0]), { resourceType: 'Patient', id: 'rosa-delgado' })
  const chart = await fetch(/'(http[^']+)'/.exec(lines[1] ?? '')?.[1] ?? '')
  t.equal(chart.headers.get('content-type'), 'image/svg+xml')
  t.match(await chart.text(), /PHQ-9[^]*GAD-7|GAD-7[^]*PHQ-9/)
  const waiting = await get(lines[2])
  const { owner } = waiting.entry.find((it: Any) => it.resource.resourceType === 'Task').resource
  t.match(owner.reference, /^CareTeam\//, 'it is known who is to act')
  t.ok(waiting.entry.some((it: Any) => it.resource.resourceType === 'Patient'))
  const alerts = await get(`'${url}/Flag?_count=100'`)
  const states = alerts.entry.map((it: Any) => it.resource.status)
  t.ok(states.includes('inactive'), 'what was weeks ago is looked after')
  t.ok(states.includes('active'), 'the latest waits')
  const found = await get(lines[3])
  t.equal(found.entry.filter((it: Any) => it.search.mode === 'match').length, 5)
  t.equal(found.entry.filter((it: Any) => it.search.mode === 'include').length, 1)
  const drafts = await get(lines[4])
  t.ok(
    drafts.entry.some((it: Any) => it.resource.resourceType === 'Claim'),
    'visits have made claims',
  )
  const revenue = await fetch(/'(http[^']+)'/.exec(lines[5] ?? '')?.[1] ?? '')
  t.equal(revenue.headers.get('content-type'), 'image/svg+xml')
  t.match(await revenue.text(), /paid/)
  const paid = await get(`'${url}/PaymentReconciliation?_summary=count'`)
  t.ok(paid.total > 0, 'payers have paid')
  const [, target = '', body = ''] = /'(http[^']+)'.* -d '([^']+)'/.exec(lines[6] ?? '') ?? []
  const created = await fetch(target, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body,
  })
  t.equal(created.status, 201)
  await created.text()

  const port = new URL(url).port
  const second = await alcove(['demo', '--port', port])
  t.equal(second.status, 2)
  t.match(second.stderr, `port ${port} is taken by another program; --port 0 takes a free one`)

  stop.abort()
  const { status, stdout } = await running
  t.equal(status, 0)
  t.equal(stdout, text, 'and it printed nothing else')
  await t.rejects(fetch(`${url}/metadata`), 'it answers no more')
})
