// A thousand random visits: whatever becomes a claim obeys every rule, by a second, naive reading of tables written by
// hand from the sources; whatever does not is told by its name.
import fc from 'fast-check'
import t from 'tap'
import {
  checkClaim,
  generateForEncounter,
  saveGenerated,
  VISIT_PROBLEMS,
} from '../../../src/billing/index.ts'
import { decimalText, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { openSqliteStore } from '../../../src/store/sqlite/index.ts'
import {
  ACT_CODE,
  billed,
  billingWorld,
  condition,
  coverage,
  note,
  NOW,
  npi,
  patient,
  performed,
  priceOf,
  therapist,
  type Visit,
  visit,
} from '../practice.ts'
import { shipped } from '../rules/services.ts'

const VISITS = 1000
const PATIENTS = 60
/** Of so many claims one goes through the edits before sending as well. */
const CHECKED = 6

/** Minutes of each code that is billed by its time, both included. */
const BANDS: Readonly<Record<string, readonly [number, number]>> = {
  '90832': [16, 37],
  '90834': [38, 52],
  '90837': [53, 1440],
  '90833': [16, 37],
  '90836': [38, 52],
  '90838': [53, 1440],
  '90839': [30, 1440],
  '90840': [75, 1440],
  '90846': [26, 1440],
  '90847': [26, 1440],
  '99212': [10, 19],
  '99213': [20, 29],
  '99214': [30, 39],
  '99215': [40, 1440],
}
/** A crisis that is too short is psychotherapy. */
const ADD_ONS: Readonly<Record<string, readonly string[]>> = {
  '90833': ['99212', '99213', '99214', '99215'],
  '90836': ['99212', '99213', '99214', '99215'],
  '90838': ['99212', '99213', '99214', '99215'],
  '90840': ['90839'],
  '90785': ['90791', '90792', '90832', '90834', '90837', '90833', '90836', '90838', '90853'],
}
const PSYCHOTHERAPY = ['90832', '90834', '90837', '90833', '90836', '90838']
const EXCLUDED: readonly (readonly [string, readonly string[]])[] = [
  ['90839', ['90791', '90792', '90785', ...PSYCHOTHERAPY]],
  ['90840', ['90791', '90792', '90785', ...PSYCHOTHERAPY]],
  ['90785', ['90839', '90840', '90846', '90847']],
  ['90791', ['99212', '99213', '99214', '99215', '90839', '90840', '90832', '90834', '90837']],
  ['90832', ['90833', '90836', '90838']],
  ['90834', ['90833', '90836', '90838']],
  ['90837', ['90833', '90836', '90838']],
]
/** Units of quarters of an hour, counted minute by minute. */
function quarters(minutes: number): number {
  let units = 0
  for (let mark = 8; mark <= minutes; mark += 15) units++
  return units
}

const KINDS = [
  'individual-psychotherapy',
  'individual-psychotherapy',
  'crisis-psychotherapy',
  'family-psychotherapy-with-patient',
  'family-psychotherapy-without-patient',
  'group-psychotherapy',
  'diagnostic-evaluation',
  'office-visit-established',
  'interactive-complexity',
  'counseling',
  'psychosocial-rehabilitation',
] as const

const CODES = [
  'F33.1',
  'F41.1',
  'F43.10',
  'F10.20',
  'F17.210',
  'F60.3',
  'F90.0',
  'F42.2',
  'F54',
  'F51.01',
  'G47.00',
  'R45.851',
  'Z63.0',
  'F32',
]

const anyVisit = fc.record({
  of: fc.integer({ min: 0, max: PATIENTS - 1 }),
  day: fc.integer({ min: 1, max: 28 }),
  services: fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 5, max: 130 })), {
    minLength: 1,
    maxLength: 3,
  }),
  modality: fc.constantFrom('in-person', 'in-person', 'video', 'audio'),
  isAtHome: fc.boolean(),
  status: fc.constantFrom(...Array.from({ length: 11 }, () => 'finished'), 'in-progress'),
  note: fc.constantFrom(...Array.from({ length: 10 }, () => 'signed'), 'draft', 'unsigned', 'none'),
  who: fc.constantFrom(...Array.from({ length: 10 }, () => 'therapist1'), 'other', 'wrong', 'student'),
  diagnoses: fc.oneof(
    {
      weight: 9,
      arbitrary: fc.uniqueArray(fc.integer({ min: 0, max: CODES.length - 2 }), {
        minLength: 1,
        maxLength: 6,
      }),
    },
    { weight: 1, arbitrary: fc.constant([CODES.length - 1]) },
    { weight: 1, arbitrary: fc.constant(CODES.map((_, at) => at).slice(0, -1)) },
  ),
  isPart2: fc.constantFrom(...Array.from({ length: 14 }, () => false), true),
})
type Made = typeof anyVisit extends fc.Arbitrary<infer Value> ? Value : never

const dayOf = ({ day }: Made): string => `2026-02-${String(day).padStart(2, '0')}`

/** Of every tenth patient the coverage has ended, another's began late, another's is not active. */
function coverageOf(at: number): Resource {
  const own = [
    {},
    { period: { end: '2026-02-14' } },
    { period: { start: '2026-02-15' } },
    { status: 'cancelled' },
  ]
  return coverage(`cov-${at}`, `r${at}`, own[at % 10] ?? {})
}

function isCovered({ of, day }: Made): boolean {
  if (of % 10 === 1) return day <= 14
  if (of % 10 === 2) return day >= 15
  return of % 10 !== 3
}

function resourcesOf(made: Made, id: string): Resource[] {
  const { of, services, modality, isAtHome, status, who, diagnoses, isPart2 } = made
  const shape: Visit = {
    of: `r${of}`,
    day: dayOf(made),
    minutes: 60,
    modality: modality as 'video',
    location: modality !== 'in-person' && isAtHome ? 'home1' : 'site1',
    more: {
      ...(isPart2 ? { meta: { security: [{ system: ACT_CODE, code: '42CFRPart2' }] } } : {}),
      extension: [
        { url: 'https://alcove.health/fhir/StructureDefinition/encounter-modality', valueCode: modality },
        ...services.map(([name, minutes]) => performed(name, minutes)),
      ],
      status,
      participant: [{ individual: { reference: `Practitioner/${who}` } }],
      diagnosis: billed(...(diagnoses as readonly number[]).map((at) => `dx${of}-${at}`)),
    },
  }
  const states: Readonly<Record<string, object>> = {
    signed: {},
    draft: { docStatus: 'preliminary' },
    unsigned: { authenticator: undefined },
  }
  const state = states[made.note]
  return [visit(id, shape), ...(state === undefined ? [] : [note(id, `r${of}`, state)])]
}

const NOTE_FAULTS: Readonly<Record<string, readonly string[]>> = {
  draft: ['note-not-final'],
  unsigned: ['note-not-signed'],
  none: ['note-missing'],
}

/** What must be told of a visit, apart from its services. */
function faultsOf(made: Made): readonly string[] {
  return [
    ...(made.status === 'finished' ? [] : ['visit-not-finished']),
    ...(NOTE_FAULTS[made.note] ?? []),
    ...(made.who === 'wrong' ? ['rendering-without-npi'] : []),
    ...(made.who === 'student' ? ['rendering-without-npi', 'rendering-without-taxonomy'] : []),
    ...(made.diagnoses.includes(CODES.length - 1) ? ['diagnosis-not-billable'] : []),
    ...(made.of % 10 === 3 ? ['coverage-not-active'] : isCovered(made) ? [] : ['coverage-not-in-force']),
    ...(made.isPart2 ? ['consent-missing'] : []),
  ]
}

const objects = (holder: JsonObject | undefined, key: string): readonly JsonObject[] =>
  (holder?.[key] ?? []) as JsonObject[]
const code = (concept: unknown): string => String(objects(concept as JsonObject, 'coding')[0]?.['code'])
/** Hundredths of a cent, by the digits as written. */
function exact(money: unknown): bigint {
  const [whole = '', cents = ''] = (
    decimalText(money as JsonObject, 'value') ?? String((money as JsonObject)['value'])
  ).split('.')
  return BigInt(whole + cents.padEnd(4, '0'))
}

const problems = new Set(
  shipped
    .filter(({ id }) => id === 'billing-problems')
    .flatMap((system) => objects(system, 'concept').map((one) => one['code'])),
)

/** What is wrong with a claim, in words. */
function breaches(claim: Resource, made: Made, id: string, sameDay: readonly string[]): readonly string[] {
  const found: string[] = []
  const must = (holds: boolean, what: string) => {
    if (!holds) found.push(what)
  }
  const items = objects(claim, 'item')
  const codes = items.map((item) => code(item['productOrService']))
  const diagnoses = objects(claim, 'diagnosis')
  must(items.length > 0, 'no lines')
  must(exact(claim['total']) === items.reduce((sum, item) => sum + exact(item['net']), 0n), 'total')
  must(diagnoses.length === Math.min(12, made.diagnoses.length), 'diagnoses')
  must(
    diagnoses.every(
      (one, at) =>
        one['sequence'] === at + 1 &&
        code(objects(one, 'type')[0]) === (at === 0 ? 'principal' : 'secondary'),
    ),
    'order of diagnoses',
  )
  must(
    diagnoses.every(
      (one, at) => code(one['diagnosisCodeableConcept']) === CODES[made.diagnoses[at] as number],
    ),
    'ranks of diagnoses',
  )
  for (const [at, item] of items.entries()) {
    const own = codes[at] as string
    const quantity = (item['quantity'] as JsonObject)['value'] as number
    must(item['sequence'] === at + 1, 'sequence')
    must(exact(item['net']) === exact(item['unitPrice']) * BigInt(quantity), `${own}: net`)
    must(exact(item['unitPrice']) === BigInt(`${priceOf(own).replace('.', '')}00`), `${own}: price`)
    must(item['servicedDate'] === dayOf(made), `${own}: date`)
    const pointers = item['diagnosisSequence'] as number[]
    must(
      pointers.length === Math.min(4, diagnoses.length) &&
        pointers.every((pointer, place) => pointer === place + 1),
      `${own}: pointers`,
    )
    const minutes = made.services.map(([, each]) => each)
    const band = BANDS[own]
    if (band !== undefined)
      must(
        minutes.some((each) => each >= band[0] && each <= band[1]),
        `${own}: no service of such minutes`,
      )
    const times =
      own === '90840'
        ? minutes.map((each) => Math.max(0, Math.floor((each - 45) / 30)))
        : minutes.map(quarters)
    must(
      /^(H|90840)/.test(own)
        ? times.some(
            (units, first) =>
              units === quantity ||
              times.some((more, second) => second > first && units + more === quantity) ||
              times.reduce((all, each) => all + each, 0) === quantity,
          )
        : quantity === 1,
      `${own}: units`,
    )
    const bases = ADD_ONS[own]
    must(
      bases === undefined ||
        codes.some((other) => bases.includes(other)) ||
        sameDay.some((other) => bases.includes(other)),
      `${own}: alone`,
    )
    const modifiers = objects(item, 'modifier').map((one) => code(one))
    must(modifiers.length <= 4 && new Set(modifiers).size === modifiers.length, `${own}: modifiers`)
    must(modifiers.includes('95') === (made.modality === 'video'), `${own}: 95`)
    must(modifiers.includes('93') === (made.modality === 'audio'), `${own}: 93`)
    const place = made.modality === 'in-person' ? '11' : made.isAtHome ? '10' : '02'
    must(code(item['locationCodeableConcept']) === place, `${own}: place`)
    must((objects(item, 'encounter')[0] as JsonObject)['reference'] === `Encounter/${id}`, `${own}: visit`)
    must(codes.indexOf(own) === at, `${own}: twice`)
    must(own.startsWith('H') || !sameDay.includes(own), `${own}: twice a day`)
  }
  const all = [...codes, ...sameDay]
  for (const [one, others] of EXCLUDED)
    if (codes.includes(one) || (all.includes(one) && codes.some((each) => others.includes(each))))
      for (const other of others)
        must(
          !(all.includes(one) && all.includes(other) && (codes.includes(one) || codes.includes(other))),
          `${one} beside ${other}`,
        )
  return found
}

t.test('every problem has its concept', async (t) => {
  for (const problem of VISIT_PROBLEMS) t.ok(problems.has(problem), problem)
})

t.test('a thousand random visits', async (t) => {
  const store = await openSqliteStore({ file: ':memory:', now: () => NOW })
  t.teardown(() => store.close())
  const { put, view, parts, repository } = await billingWorld(store)
  const wrong = npi('100000002')
  await put(
    therapist('other', {
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi('100000003') }],
    }),
    therapist('wrong', {
      identifier: [
        {
          system: 'http://hl7.org/fhir/sid/us-npi',
          value: `${wrong.slice(0, 9)}${(Number(wrong[9]) + 1) % 10}`,
        },
      ],
    }),
    therapist('student', { identifier: undefined, qualification: undefined }),
    ...Array.from({ length: PATIENTS }, (_, at) => [
      patient(`r${at}`),
      coverageOf(at),
      ...CODES.map((each, index) => condition(`dx${at}-${index}`, each, `r${at}`)),
    ]).flat(),
  )
  const visits = fc.sample(anyVisit, { numRuns: VISITS, seed: 20_260_302 })
  const all = visits.flatMap((made, at) => resourcesOf(made, `v${at}`))
  for (let from = 0; from < all.length; from += 500) await put(...all.slice(from, from + 500))

  const onDay = new Map<string, string[]>()
  const numbers = new Set<unknown>()
  const told = new Set<unknown>()
  const billedCodes = new Set<string>()
  let claims = 0
  for (const [at, made] of visits.entries()) {
    const id = `v${at}`
    const generated = await generateForEncounter(view(), parts, { encounterId: id, now: NOW })
    const { claim, refusals, warnings } = generated
    const toldOf = refusals.map(({ details }) => details?.code)
    for (const { details, expression, diagnostics } of [...refusals, ...warnings]) {
      told.add(details?.code)
      if (!problems.has(details?.code) || expression === undefined || diagnostics === '')
        t.fail(`${id}: an issue without a name: ${String(details?.code)}`)
    }
    const faults = faultsOf(made)
    for (const fault of faults)
      if (!toldOf.includes(fault))
        t.fail(`${id}: ${fault} is not told: ${toldOf.join()} ${JSON.stringify(made)}`)
    if (claim === undefined) {
      if (refusals.length === 0) t.fail(`${id}: no claim and no word`)
      continue
    }
    if (faults.length > 0) t.fail(`${id}: billed in spite of ${faults.join()}`)
    const key = `${made.of} ${made.day}`
    const found = breaches(claim, made, id, onDay.get(key) ?? [])
    if (found.length > 0) t.fail(`${id} ${JSON.stringify(made.services)}: ${found.join('; ')}`)
    const codes = objects(claim, 'item').map((item) => code(item['productOrService']))
    onDay.set(key, [...(onDay.get(key) ?? []), ...codes])
    for (const each of codes) billedCodes.add(each)
    numbers.add(objects(claim, 'identifier')[0]?.['value'])
    claims++
    const saved = await saveGenerated(repository, generated, NOW)
    if (!saved.created) t.fail(`${id}: another has its claim`)
    if (claims % CHECKED === 0)
      for (const { severity, edit, diagnostics } of await checkClaim(view(), parts, saved.resources[0], NOW))
        if (severity === 'error') t.fail(`${id}: ${edit}: ${diagnostics}`)
  }
  t.equal(numbers.size, claims, 'each has a number of its own')
  t.ok(claims > VISITS / 4 && claims < VISITS, `${claims} claims`)
  for (const each of ['90832', '90836', '90840', '90785', '90847', '90853', 'H0004', 'H2017', '99213'])
    t.ok(billedCodes.has(each), `some bill ${each}`)
  for (const each of [
    'excluded',
    'without-primary',
    'below-minimum',
    'units-over-limit',
    'pointers-left-out',
    'diagnoses-left-out',
  ])
    t.ok(told.has(each), `some are told ${each}`)
})
