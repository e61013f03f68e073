// Random 271 and 278 answers: what is read is what was written, and the FHIR responses say all of it, exactly.
import fc from 'fast-check'
import t from 'tap'
import {
  authorizationResponseOf,
  eligibilityResponseOf,
  printMoney,
  readAuthorizationAnswer,
  readEligibilityAnswers,
  readMoney,
  type Benefit,
} from '../../../src/billing/index.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { decimalText, loadDefinitions, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import { coded, onlySetOf, request, THO, X12 } from './eligibility.ts'
import { benefits, events, text271, text278 } from './random-answers.ts'

const SEED = 271
const validator = createValidator(loadDefinitions())
const codings = (concept: unknown) => ((concept as JsonObject | undefined)?.coding ?? []) as JsonObject[]
const has = (concept: unknown, system: string, code: string) =>
  codings(concept).some((one) => one.system === system && one.code === code)

t.test('a 271: all amounts, exactly, under their service, level, network and place', async (t) => {
  fc.assert(
    fc.property(benefits, (told) => {
      const [answer] = readEligibilityAnswers(onlySetOf(text271(told)))
      if (answer === undefined) throw new Error('no answer')
      t.same(answer.benefits.map(withoutOthers), told, 'read as it was written')
      const response = eligibilityResponseOf(answer, request)
      t.same(validator.validate(response), [], 'valid R4')
      const [insurance] = response.insurance as JsonObject[]
      const items = insurance?.item as JsonObject[]
      for (const one of told) {
        const services =
          one.procedure !== undefined || one.serviceTypes.length > 0 ? one.serviceTypes : ['30']
        for (const service of one.procedure === undefined ? services : ['']) {
          const mine = items.filter(
            (item) =>
              (service === ''
                ? codings(item.productOrService)[0]?.code === one.procedure?.code
                : has(item.category, `${X12}/1365`, service)) &&
              (one.level === undefined
                ? item.unit === undefined
                : has(item.unit, `${X12}/1207`, one.level)) &&
              has(item.network, `${THO}/benefit-network`, 'in') === (one.network === 'Y') &&
              has(item.network, `${THO}/benefit-network`, 'out') === (one.network === 'N') &&
              ((item.extension ?? []) as JsonObject[]).length === one.places.length,
          )
          t.ok(mine.length > 0, 'has an item')
          const text = one.amount === undefined ? '' : printMoney(one.amount)
          const amounts = mine.flatMap((item) =>
            ((item.benefit ?? []) as JsonObject[])
              .filter(({ type }) => has(type, `${X12}/1390`, one.information))
              .map(({ allowedMoney, usedMoney }) => [allowedMoney, usedMoney].map(written)),
          )
          if (one.amount !== undefined)
            t.ok(
              amounts.some((pair) => pair[one.period === '24' ? 1 : 0] === text),
              'the amount is there',
            )
          for (const message of one.messages)
            t.ok(mine.some((item) => String(item.description).split('\n').includes(message)))
        }
      }
    }),
    { seed: SEED, numRuns: 400 },
  )
})

function written(money: unknown): string | undefined {
  if (money === undefined) return undefined
  const { value } = money as JsonObject
  return decimalText(money as JsonObject, 'value') ?? String(value)
}

/** What the random benefits do not tell. */
function withoutOthers(benefit: Benefit) {
  const { position: _, rejections: __, references: ___, entities: ____, ...rest } = benefit
  return rest
}

const CIRCUMSTANCES = ['C', 'G'].flatMap((information) =>
  ['IND', 'FAM'].flatMap((level) =>
    (['Y', 'N'] as const).map((network) => ({ information, level, network })),
  ),
)
const cents = fc.bigInt({ min: 0n, max: 999_999n })
/** For each of the circumstances what is left, and the whole. */
const limits = fc.tuple(
  ...CIRCUMSTANCES.map(() =>
    fc.tuple(cents, cents).map(([a, b]) => (a < b ? { left: a, whole: b } : { left: b, whole: a })),
  ),
)
const dollars = (amount: bigint) => `${amount / 100n}.${String(amount % 100n).padStart(2, '0')}`

t.test('what is used is the amount less what is left, to the cent, whichever is told first', async (t) => {
  fc.assert(
    fc.property(limits, fc.array(fc.nat(), { minLength: 16, maxLength: 16 }), (amounts, order) => {
      const told = CIRCUMSTANCES.flatMap((circumstances, at) =>
        (['whole', 'left'] as const).map((which) => ({
          ...circumstances,
          serviceTypes: ['30'],
          period: which === 'whole' ? '23' : '29',
          amount: readMoney(dollars(amounts[at]?.[which] ?? 0n), 'amount'),
          deliveries: [],
          dates: [],
          messages: [],
          places: [],
        })),
      )
      const shuffled = told
        .map((one, at) => ({ one, key: order[at] ?? 0 }))
        .toSorted((a, b) => a.key - b.key)
        .map(({ one }) => one)
      const [answer] = readEligibilityAnswers(onlySetOf(text271(shuffled)))
      if (answer === undefined) throw new Error('no answer')
      const [insurance] = eligibilityResponseOf(answer, request).insurance as JsonObject[]
      const items = insurance?.item as JsonObject[]
      t.equal(items.length, 4, 'one for each level and network')
      for (const [at, { information, level, network }] of CIRCUMSTANCES.entries()) {
        const mine = items.find(
          (one) =>
            has(one.unit, `${X12}/1207`, level) &&
            has(one.network, `${THO}/benefit-network`, network === 'Y' ? 'in' : 'out'),
        )
        t.ok(has(mine?.term, `${THO}/benefit-term`, 'annual'))
        const { left, whole } = amounts[at] ?? { left: 0n, whole: 0n }
        const values = ((mine?.benefit ?? []) as JsonObject[])
          .filter(({ type }) => has(type, `${X12}/1390`, information))
          .map(({ allowedMoney, usedMoney }) => [allowedMoney, usedMoney].map(written))
        t.same(
          values.toSorted((a, b) => Number(a[1] === undefined) - Number(b[1] === undefined)),
          [
            [dollars(whole), dollars(whole - left)],
            [dollars(left), undefined],
          ],
        )
      }
    }),
    { seed: SEED, numRuns: 100 },
  )
})

const item = (
  sequence: number,
  system: string,
  code: string,
  value: number,
  unit: string,
  trace?: string,
) => ({
  sequence,
  productOrService: coded(system, code),
  modifier: [coded('http://www.ama-assn.org/go/cpt', '95')],
  quantity: { value, unit },
  ...(trace === undefined
    ? {}
    : {
        extension: [
          {
            url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-itemTraceNumber',
            valueIdentifier: { value: trace },
          },
        ],
      }),
})
const claim: Resource = {
  resourceType: 'Claim',
  id: 'pa1',
  identifier: [{ value: 'PA-1' }],
  use: 'preauthorization',
  type: coded(`${THO}/claim-type`, 'institutional'),
  patient: { reference: 'Patient/p1' },
  insurer: { reference: 'Organization/plan' },
  item: [
    item(1, 'http://www.ama-assn.org/go/cpt', '90837', 12, 'UN'),
    item(2, 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 'H0032', 3, 'UN', 'L-2'),
  ],
}
const AUTHORIZING = new Set(['A1', 'A2', 'A6'])

t.test('a 278: each service is decided once, and no more units than the payer certified', async (t) => {
  fc.assert(
    fc.property(events, (told) => {
      const answer = readAuthorizationAnswer(onlySetOf(text278(told)))
      t.same(
        { event: { ...answer.event, position: 0 }, services: answer.services.map(atNought) },
        {
          event: withPeriod(told.event),
          services: told.services.map((one) => withPeriod(atNought(one))),
        },
        'read as it was written',
      )
      const response = authorizationResponseOf(answer, claim)
      t.same(validator.validate(response), [], 'valid R4')
      const items = (response.item ?? []) as JsonObject[]
      const added = (response.addItem ?? []) as JsonObject[]
      const decidedOf = (one: { readonly decision?: object }) => one.decision ?? told.event.decision
      const services = told.services.filter((one) => decidedOf(one) !== undefined)
      t.ok(items.length + added.length >= services.length, 'nothing decided is left out')
      if (told.event.decision === undefined) t.equal(items.length + added.length, services.length)
      t.equal(new Set(items.map((one) => one.itemSequence)).size, items.length)
      const numbers = [told.event, ...told.services].flatMap(({ decision }) =>
        decision !== undefined && AUTHORIZING.has(decision.action) ? (decision.number ?? []) : [],
      )
      if (response.preAuthRef !== undefined) t.ok(numbers.includes(String(response.preAuthRef)))
      for (const one of [...items, ...added]) {
        const [submitted, authorized] = one.adjudication as JsonObject[]
        const action = actionIn(submitted as JsonObject)
        const units = authorized?.value
        if (action === 'A3') t.equal(units, 0)
        else if (!AUTHORIZING.has(action)) t.equal(units, undefined, 'nothing without a certification')
        else if (units !== undefined) t.ok(isTold(Number(units)), 'units that were asked for or told')
      }
      function isTold(units: number): boolean {
        const asked = (claim.item as JsonObject[]).map((one) => (one.quantity as JsonObject).value)
        const counts = told.services.flatMap((one) => [
          one.quantity?.value,
          ...one.deliveries.map(({ quantity }) => quantity),
        ])
        return asked.includes(units) || counts.includes(String(units))
      }
      const actions = [...items, ...added].map((one) =>
        actionIn((one.adjudication as JsonObject[])[0] as JsonObject),
      )
      const pended = actions.filter((one) => one === 'A4' || one === 'CT').length
      if (actions.length > 0)
        t.equal(
          response.outcome,
          pended === 0 ? 'complete' : pended === actions.length ? 'queued' : 'partial',
        )
    }),
    { seed: SEED, numRuns: 400 },
  )
})

function actionIn(adjudication: JsonObject): string {
  const [review] = adjudication.extension as JsonObject[]
  const [code] = (review as JsonObject).extension as JsonObject[]
  return String(codings(code?.valueCodeableConcept)[0]?.code)
}

const atNought = <T extends { readonly position: number }>(one: T): T => ({ ...one, position: 0 })

/** DTP 007 of one day is the first: no last is told. */
function withPeriod<T extends { readonly effective?: { readonly start?: string; readonly end?: string } }>(
  one: T,
): T {
  const { effective } = one
  if (effective === undefined || effective.start !== effective.end) return one
  return { ...one, effective: { start: effective.start } }
}
