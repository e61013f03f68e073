// Broken and forged 270, 271 and 278: each is refused with a 4xx that tells a place and quotes nothing, and none hangs.
import fc from 'fast-check'
import t from 'tap'
import {
  authorizationRequestOf,
  authorizationResponseOf,
  bundleOf,
  eligibilityBundleOf,
  eligibilityResponseOf,
  inquiryOf,
  readAuthorizationAnswer,
  readAuthorizationSet,
  readEligibilityAnswers,
  readInquirySet,
  readInterchanges,
  type TransactionSet,
} from '../../../src/billing/index.ts'
import { FhirError, type Resource } from '../../../src/fhir/index.ts'
import { written278 } from './authorization.ts'
import { answerText, bundle, coded, onlySetOf, request, THO, written270 } from './eligibility.ts'
import { benefits, events, text271, text278 } from './random-answers.ts'
import { CLAIMS } from './random-claims.ts'

const SEED = 278
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) =>
  fc.sample(arbitrary, { seed: SEED, numRuns })
const [line] = sample(CLAIMS.professional, 1)
if (line === undefined) throw new Error('no claim')
const asking = bundleOf(
  { ...line, providers: {} },
  { created: '2026-11-30', controlNumberSystem: 'urn:c', zone: 'Z' },
)
const claim: Resource = {
  resourceType: 'Claim',
  id: 'c1',
  use: 'preauthorization',
  type: coded(`${THO}/claim-type`, 'professional'),
  patient: { reference: 'Patient/1' },
  insurer: { reference: 'Organization/1' },
  item: [{ sequence: 1, productOrService: coded('http://www.ama-assn.org/go/cpt', '90837') }],
}
const named = {
  ...bundle,
  patient: { ...bundle.patient, name: [{ family: 'Secretname', given: ['Secretfirst'] }] },
}

/** Each kind of file with what reads it and makes FHIR of it. */
const KINDS: readonly {
  readonly name: string
  readonly texts: readonly string[]
  readonly read: (set: TransactionSet) => unknown
}[] = [
  {
    name: '270',
    texts: [written270([inquiryOf(named), inquiryOf(named)])],
    read: (set) =>
      readInquirySet(set).inquiries.map((one) => inquiryOf(eligibilityBundleOf(one, '2026-11-30'))),
  },
  {
    name: '271',
    texts: sample(benefits, 3).map(text271),
    read: (set) => readEligibilityAnswers(set).map((one) => eligibilityResponseOf(one, request)),
  },
  {
    name: '278 that asks',
    texts: [
      written278(authorizationRequestOf({ ...asking, claim: { ...asking.claim, use: 'preauthorization' } })),
    ],
    read: (set) => readAuthorizationSet(set),
  },
  {
    name: '278 that answers',
    texts: sample(events, 3).map(text278),
    read: (set) => authorizationResponseOf(readAuthorizationAnswer(set), claim),
  },
]

const isTheirs = (error: unknown) =>
  error instanceof FhirError && error.status >= 400 && error.status < 500 && !/SECRET/.test(String(error))

/** Reads each set: `read`, or `refused` by a 4xx that quotes nothing. Anything else is thrown. */
function outcomeOf(text: string, read: (set: TransactionSet) => unknown): 'read' | 'refused' {
  try {
    for (const { groups } of readInterchanges(text))
      for (const { sets } of groups) for (const set of sets) read(set)
    return 'read'
  } catch (error) {
    if (isTheirs(error)) return 'refused'
    throw error
  }
}

/** The file with other segments in its set, counted anew. */
function withSegments(text: string, change: (segments: readonly string[]) => readonly string[]): string {
  const all = text.split(/~\n?/)
  const changed = change(all.slice(3, -4))
  const count = `SE*${changed.length + 2}*0001`
  return [...all.slice(0, 3), ...changed, count, ...all.slice(-3)]
    .map((one) => (one === '' ? '' : `${one}~`))
    .join('')
}

for (const { name, texts, read } of KINDS) {
  t.test(`${name}: whole, it is read; by the readers of others it is refused`, async (t) => {
    for (const text of texts) {
      t.equal(outcomeOf(text, read), 'read')
      t.equal(
        outcomeOf(
          withSegments(text, (segments) => segments),
          read,
        ),
        'read',
      )
      for (const other of KINDS) if (other.name !== name) t.equal(outcomeOf(text, other.read), 'refused')
      t.equal(outcomeOf(text.replaceAll(/00501[0X]X\d+A?1?/g, '005010X222A1'), read), 'refused')
    }
  })

  t.test(`${name}: a set cut off anywhere is refused, or whole so far`, async (t) => {
    let refusals = 0
    for (const text of texts)
      for (let length = 0; length < text.split('~').length - 7; length += 1)
        if (
          outcomeOf(
            withSegments(text, (all) => all.slice(0, length)),
            read,
          ) === 'refused'
        )
          refusals += 1
    t.ok(refusals > 5, `${refusals} are refused`)
    const [text = ''] = texts
    for (let length = 0; length < text.length - 1; length += 3)
      t.equal(outcomeOf(text.slice(0, length), read), 'refused')
  })

  t.test(`${name}: segments dropped, doubled, swapped, and elements replaced`, async (t) => {
    let refusals = 0
    let tried = 0
    const junk = [
      '',
      'SECRET',
      '9'.repeat(30),
      '-1',
      'Y',
      '20261301',
      'HC',
      '\u007f',
      ':',
      '^^',
      'A:B:C:D:E:F:G:H',
      '1.2345',
    ]
    for (const text of texts) {
      const count = text.split('~').length - 7
      for (let at = 0; at < count; at += 1) {
        const changes: ((all: readonly string[]) => readonly string[])[] = [
          (all) => all.toSpliced(at, 1),
          (all) => all.toSpliced(at, 0, all[at] ?? ''),
          (all) => [...all.slice(0, at), ...all.slice(at).toReversed()],
        ]
        for (
          let element = 1;
          element < Math.min(14, (text.split('~')[at + 3] ?? '').split('*').length + 2);
          element += 1
        )
          for (const put of junk)
            changes.push((all) => {
              const elements = (all[at] ?? '').split('*')
              elements[element] = put
              return all.toSpliced(at, 1, Array.from(elements, (one) => one ?? '').join('*'))
            })
        for (const change of changes) {
          tried += 1
          if (outcomeOf(withSegments(text, change), read) === 'refused') refusals += 1
        }
      }
    }
    t.ok(refusals > tried / 20, `${refusals} of ${tried} are refused, and the others are read`)
  })

  t.test(`${name}: random damage ends in a 4xx or a result`, async (t) => {
    const damage = fc.tuple(
      fc.nat(),
      fc.integer({ min: 0, max: 9 }),
      fc.oneof(fc.constantFrom('*', '~', ':', '^', '', '~HL*1~', '\u0000', 'HL*9*8*SS*0~'), fc.string()),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        (text, all) => {
          let damaged = text
          for (const [at, length, put] of all) {
            const from = at % damaged.length
            damaged = damaged.slice(0, from) + put + damaged.slice(from + length)
            if (damaged === '') damaged = '~'
          }
          return outcomeOf(damaged, read) !== undefined
        },
      ),
      { seed: SEED, numRuns: 600 },
    )
    t.pass('each held')
  })
}

t.test('what a file may tell is bounded', async (t) => {
  const head = `BHT*0022*11*B*20261130*0931
    HL*1**20*1
    NM1*PR*2*P*****PI*1
    HL*2*1*21*1
    NM1*1P*2*C*****XX*1
    HL*3*2*22*0
    NM1*IL*1*N`
  const of = (more: string) => onlySetOf(answerText('271', 'HB', '005010X279A1', `${head}\n${more}`))
  const types = Array.from({ length: 99 }, (_, at) => `T${at}`).join('^')
  t.throws(() => readEligibilityAnswers(of(`EB*1**${types}^ONE`)), { code: 'malformed' })
  const many = `EB*F**${types}\n${'HSD*VS*1\n'.repeat(30)}`
  t.throws(() => readEligibilityAnswers(of(many.repeat(40))), { code: 'too-large' })
  const [answer] = readEligibilityAnswers(of(many.repeat(30)))
  const response = eligibilityResponseOf(answer as NonNullable<typeof answer>, request)
  const [insurance] = response.insurance as Resource[]
  t.equal(((insurance as Resource).item as Resource[]).length, 99)
  const services = Array.from({ length: 1000 }, (_, at) => `HL*${at + 5}*4*SS*0\nHCR*A1`).join('\n')
  const asked = answerText(
    '278',
    'HI',
    '005010X217',
    `BHT*0007*11*B*20261130*0931
    HL*1**20*1
    NM1*X3*2*P
    HL*2*1*21*1
    NM1*1P*2*C
    HL*3*2*22*1
    NM1*IL*1*N
    HL*4*3*EV*1
    ${services}`,
  )
  t.throws(() => readAuthorizationAnswer(onlySetOf(asked)), { code: 'too-large' })
})
