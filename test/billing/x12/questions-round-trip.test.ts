// Random inquiries (270) and requests for authorization (278) go to X12 and back, and to FHIR and back: nothing is lost.
import fc from 'fast-check'
import t from 'tap'
import {
  authorizationRequestOf,
  bundleOf,
  eligibilityBundleOf,
  inquiryOf,
  printMoney,
  readAuthorizationSet,
  readInquirySet,
  type ClaimContent,
  type Inquiry,
} from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { loadDefinitions } from '../../../src/fhir/index.ts'
import { header278, written278 } from './authorization.ts'
import { onlySetOf, written270 } from './eligibility.ts'
import { CLAIMS } from './random-claims.ts'

const SEED = 270
const RUNS = 300
const validator = createValidator(loadDefinitions())

const letters = (most: number) =>
  fc.string({
    unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-'),
    minLength: 1,
    maxLength: most,
  })
const asked: fc.Arbitrary<Inquiry['asked'][number]> = fc.oneof(
  fc.constantFrom('30', 'MH', 'A4', 'A6', 'A7', 'AI', 'RT', '98').map((serviceType) => ({ serviceType })),
  fc.record({
    code: fc.constantFrom('90837', '90834', 'H0015', 'G2067'),
    modifiers: fc.array(fc.constantFrom('95', 'HQ', 'GT'), { maxLength: 4 }),
  }),
)

const NAME = ['person', 'name', 'first', 'middle', 'suffix'] as const

/** These properties, those that are there. */
function only<T extends object, const K extends keyof T>(of: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => key in of).map((key) => [key, of[key]])) as Pick<T, K>
}

/** As a 270 can tell of a person: with a given name, and no sex but two. */
function askable<T extends ClaimContent['subscriber' | 'dependent'] & object>(person: T): T {
  const { sex, ...rest } = { ...person, first: person.first ?? 'KIM' }
  return (sex === 'U' ? rest : { ...rest, sex }) as T
}

/** Whom an inquiry names, taken from a random claim. */
function named(claim: ClaimContent, relationship: string): Omit<Inquiry, 'asked'> {
  const { payer, billingProvider } = claim
  const subscriber = askable(claim.subscriber)
  const dependent = claim.dependent && askable(claim.dependent)
  return {
    payer: only(payer, ['person', 'name', 'id']),
    provider: only(billingProvider, [...NAME, 'id', 'taxonomy']),
    subscriber: only(subscriber, [...NAME, 'id', 'birthDate', 'sex', 'groupNumber']) as Inquiry['subscriber'],
    ...(dependent === undefined
      ? {}
      : { dependent: { ...only(dependent, [...NAME, 'birthDate', 'sex']), relationship } }),
  }
}

const day = fc
  .integer({ min: 0, max: 25_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10))
const period = fc.tuple(day, day).map(([a, b]) => (a < b ? { start: a, end: b } : { start: b, end: a }))
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })

const inquiries: fc.Arbitrary<Inquiry> = fc
  .record({
    claim: CLAIMS.professional,
    relationship: fc.constantFrom('01', '19', '34'),
    number: maybe(letters(50)),
    origin: fc.constantFrom('1123456789', '9CLINIC001'),
    serviced: maybe(
      fc.oneof(
        day.map((one) => ({ start: one, end: one })),
        period,
      ),
    ),
    asked: fc.uniqueArray(asked, { minLength: 1, maxLength: 9, selector: (one) => JSON.stringify(one) }),
  })
  .map(({ claim, relationship, number, origin, serviced, asked: questions }) => ({
    ...named(claim, relationship),
    ...(number === undefined ? {} : { trace: { number, origin } }),
    ...(serviced === undefined ? {} : { serviced }),
    asked: questions,
  }))

t.test('a 270 and its FHIR resources tell the same as the inquiries', async (t) => {
  fc.assert(
    fc.property(fc.array(inquiries, { minLength: 1, maxLength: 4 }), (all) => {
      const text = written270(all)
      const set = readInquirySet(onlySetOf(text))
      t.same(set.inquiries, all, 'read as they were written')
      const bundles = set.inquiries.map((one) => eligibilityBundleOf(one, '2026-11-30'))
      for (const { request, patient, coverage, payer, provider, subscriber } of bundles)
        for (const resource of [request, patient, coverage, payer, provider, subscriber ?? patient])
          t.same(validator.validate(resource), [], 'valid R4')
      const again = bundles.map(inquiryOf)
      t.same(again, all, 'come back from FHIR')
      t.equal(written270(again), text, 'are the same bytes then')
    }),
    { seed: SEED, numRuns: RUNS },
  )
})

/** A claim without what a request for authorization does not have. */
function requestable(claim: ClaimContent): ClaimContent {
  const { DQ: _, ZZ: __, ...providers } = claim.providers
  const diagnoses = claim.diagnoses.filter(({ kind }) => kind !== 'reason' && kind !== 'external-cause')
  return {
    ...claim,
    providers,
    procedures: [],
    diagnoses: diagnoses.slice(0, 12),
    lines: claim.lines.map((line) => ({
      ...line,
      pointers: line.pointers.filter((pointer) => pointer <= Math.min(12, diagnoses.length)),
    })),
  }
}

for (const kind of ['professional', 'institutional'] as const)
  t.test(`a 278 of a random ${kind} claim tells what the claim does`, async (t) => {
    fc.assert(
      fc.property(CLAIMS[kind].map(requestable), (claim) => {
        const elsewhere = { created: '2026-11-30', controlNumberSystem: 'urn:c', zone: 'Z' }
        const { terms: _, ...bundle } = bundleOf(claim, elsewhere)
        const asking = { ...bundle, claim: { ...bundle.claim, use: 'preauthorization' } }
        const request = authorizationRequestOf(asking)
        const read = readAuthorizationSet(onlySetOf(written278(request)))
        t.same(read, { header: header278, request }, 'read as it was written')
        t.equal(request.trace.number, claim.controlNumber)
        t.equal(request.previous, claim.authorization)
        t.same(
          request.diagnoses,
          claim.diagnoses.map(({ kind: which, code }) => ({ kind: which, code })),
        )
        t.same(
          request.services.map((one) => [one.revenue, one.code, one.modifiers, one.quantity, one.serviced]),
          claim.lines.map((one) => [
            one.revenue,
            one.code,
            one.modifiers,
            { unit: one.unit, value: one.quantity },
            one.serviced,
          ]),
        )
        t.same(
          request.services.map((one) => one.charge !== undefined && printMoney(one.charge)),
          claim.lines.map((one) => printMoney(one.charge)),
        )
        t.same(
          request.services.map((one) => one.pointers),
          claim.lines.map((one) => one.pointers),
        )
        t.equal(request.subscriber.id, claim.subscriber.id)
        t.equal(request.dependent?.relationship, claim.dependent?.relationship)
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })
