// Payers and states with rules of their own, by date: of the rules that hold the most specific, and of these the newest.
import fc from 'fast-check'
import t from 'tap'
import { decimalText, type JsonObject, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { runs } from '../../runs.ts'
import { bill, bookOf, changed, definitions, done, paidBy, payer, problems, shown, unit } from './services.ts'

const STATE = 'urn:iso:std:iso:3166:-2'
const state = (code: string): JsonObject => ({ coding: [{ system: STATE, code }] })
const inState = (code: string) => ({ jurisdictions: [{ system: STATE, code }] })

/** H2017, which each rule bills up to so many units a day: by the units one sees which rule held. */
function rule(most: number, elements: JsonObject): Resource {
  return changed(
    'H2017',
    { url: `urn:rule-${most}`, ...elements },
    {
      unit: [unit('quarter-hour', { maxUnitsPerDay: most, rounding: 'full-unit' })],
    },
  )
}

const asked = [done('H2017', 600)]

t.test('payer and state over payer over state over everybody', async (t) => {
  const book = bookOf([
    rule(1, {}),
    rule(2, { jurisdiction: [state('US-OR')] }),
    rule(3, { useContext: [payer('one')] }),
    rule(4, { useContext: [payer('one')], jurisdiction: [state('US-OR'), state('US-WA')] }),
  ])
  t.strictSame(shown(bill(asked, {}, book)), ['H2017 x1'])
  t.strictSame(shown(bill(asked, inState('US-OR'), book)), ['H2017 x2'])
  t.strictSame(shown(bill(asked, { ...paidBy('one'), ...inState('US-NY') }, book)), ['H2017 x3'])
  t.strictSame(shown(bill(asked, { ...paidBy('one'), ...inState('US-WA') }, book)), ['H2017 x4'])
  t.strictSame(shown(bill(asked, { ...paidBy('two'), ...inState('US-WA') }, book)), ['H2017 x1'])
})

t.test('a payer is named by a reference or by an identifier', async (t) => {
  const byReference = payer('')
  const book = bookOf([
    rule(1, {}),
    rule(5, { useContext: [{ ...byReference, valueReference: { reference: 'Organization/5' } }] }),
    rule(6, { useContext: [payer('six')] }),
  ])
  const named = (references: readonly string[], system: string, value: string) =>
    shown(bill(asked, { payer: { references, identifiers: [{ system, value }] } }, book))[0]
  t.equal(named(['Organization/5'], 'urn:payers', 'five'), 'H2017 x5')
  t.equal(named(['Organization/6'], 'urn:payers', 'six'), 'H2017 x6')
  t.equal(named(['Organization/6'], 'urn:other', 'six'), 'H2017 x1')
})

t.test('by date, and then the newest version, numbers taken as numbers', async (t) => {
  const book = bookOf([
    rule(1, { version: '1.9.0', effectivePeriod: { end: '2025' } }),
    rule(2, { version: '1.10.0', effectivePeriod: { start: '2025-06' } }),
    rule(3, { version: '1.9.1', effectivePeriod: { start: '2025-06-15', end: '2027-02-28' } }),
  ])
  const on = (date: string) => shown(bill(asked, { date }, book))[0]
  t.equal(on('2025-05-31'), 'H2017 x1')
  t.equal(on('2025-06-01'), 'H2017 x2')
  t.equal(on('2025-12-31'), 'H2017 x2')
  t.equal(on('2027-02-28'), 'H2017 x2')
})

t.test('drafts do nothing, and what is retired takes the code away', async (t) => {
  const own = { useContext: [payer('one')] }
  const draft = bookOf([rule(1, {}), rule(2, { ...own, status: 'draft' })])
  t.strictSame(shown(bill(asked, paidBy('one'), draft)), ['H2017 x1'])
  const retired = bookOf([rule(1, {}), rule(2, { ...own, status: 'retired' })])
  t.strictSame(problems(bill(asked, paidBy('one'), retired)), ['error no-rule'])
  t.strictSame(shown(bill(asked, paidBy('two'), retired)), ['H2017 x1'])
  const bare = { ...rule(2, { ...own, status: 'retired' }), extension: [] }
  t.strictSame(problems(bill(asked, paidBy('one'), bookOf([rule(1, {}), bare]))), ['error no-rule'])
})

t.test('what a payer says of all services fills what services leave open, and no more', async (t) => {
  const own = changed(
    'all-services',
    { url: 'urn:all', useContext: [payer('one')] },
    {
      unit: [unit('quarter-hour', { rounding: 'ceiling', maxUnitsPerDay: 32 })],
      place: [],
      modifier: [],
    },
  )
  const book = bookOf([
    ...definitions,
    own,
    changed(
      'T1016',
      { url: 'urn:own', version: '2' },
      {
        unit: [unit('quarter-hour', { rounding: 'full-unit' })],
      },
    ),
  ])
  t.strictSame(shown(bill([done('H2014', 1)], paidBy('one'), book)), ['H2014 x1'])
  t.strictSame(shown(bill([done('H2014', 1)], paidBy('two'), book)), [])
  t.strictSame(shown(bill([done('H2014', 600)], paidBy('one'), book)), ['H2014 x32'])
  t.strictSame(shown(bill([done('T1016', 14)], paidBy('one'), book)), [], 'the service says it itself')
  t.strictSame(shown(bill([done('H2012', 59)], paidBy('one'), book)), [], 'an hour is another basis')
})

t.test('a kind is billed with another code where a payer wants that', async (t) => {
  const kind = [
    {
      valueCoding: {
        system: 'https://alcove.health/fhir/CodeSystem/billable-services',
        code: 'individual-psychotherapy',
      },
    },
  ]
  const own = { useContext: [payer('state')] }
  const book = bookOf([
    ...definitions,
    changed('H0004', { url: 'urn:counseling', ...own }, { kind }),
    ...['90832', '90834', '90837'].map((code) =>
      changed(code, { url: `urn:${code}`, status: 'retired', ...own }),
    ),
  ])
  const therapy = [done('individual-psychotherapy', 45)]
  t.strictSame(shown(bill(therapy, paidBy('state'), book)), ['H0004 x3'])
  t.strictSame(shown(bill(therapy, paidBy('another'), book)), ['90834 x1'])
})

t.test('prices are kept as they are written, and chosen where they apply', async (t) => {
  const group = (value: string, expression?: string): JsonObject => ({
    ...(expression === undefined ? {} : { applicability: [{ language: 'text/fhirpath', expression }] }),
    priceComponent: [{ type: 'base', amount: parseJson(Buffer.from(`{"value":${value},"currency":"USD"}`)) }],
  })
  const priced = changed('90834', {
    version: '2',
    propertyGroup: [group('120.50', "%service.modality = 'video'"), group('140')],
  })
  const book = bookOf([...definitions, priced])
  const price = (modality: 'video' | 'in-person') =>
    bill([done('90834', 45)], { modality }, book).lines[0]?.unitPrice
  const text = (amount: JsonObject | undefined) => amount && decimalText(amount, 'value')
  t.equal(text(price('video')), '120.50')
  t.equal(price('in-person')?.['value'], 140)
})

const scope = fc.record({
  payers: fc.subarray(['one', 'two']),
  states: fc.subarray(['US-OR', 'US-WA']),
  start: fc.option(fc.constantFrom('2025', '2026', '2026-03', '2026-03-02', '2026-03-03'), {
    nil: undefined,
  }),
  end: fc.option(fc.constantFrom('2025', '2026', '2026-02', '2026-03-01', '2026-03-02'), { nil: undefined }),
  version: fc.integer({ min: 1, max: 20 }),
})

t.test('random rules: the one that a naive reader picks', async () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(scope, { maxLength: 8, selector: ({ version }) => version }),
      fc.constantFrom('one', 'two', 'three'),
      fc.constantFrom('US-OR', 'US-WA', 'US-NY'),
      (scopes, paying, place) => {
        const rules = scopes.map(({ payers, states, start, end, version }) =>
          rule(version, {
            version: `1.${version}`,
            useContext: payers.map(payer),
            jurisdiction: states.map(state),
            effectivePeriod: { ...(start && { start }), ...(end && { end }) },
          }),
        )
        // The last day that a partial date names, against the day of service.
        const holds = scopes.filter(
          ({ payers, states, start = '', end = '9999' }) =>
            (payers.length === 0 || payers.includes(paying)) &&
            (states.length === 0 || states.includes(place)) &&
            start <= '2026-03-02' &&
            `${end}-99-99` > '2026-03-02',
        )
        const best = holds
          .map((one) => ({
            one,
            weight: (one.payers.length > 0 ? 2000 : 0) + (one.states.length > 0 ? 1000 : 0),
          }))
          .toSorted((a, b) => b.weight + b.one.version - a.weight - a.one.version)[0]
        const billed = shown(bill(asked, { ...paidBy(paying), ...inState(place) }, bookOf(rules)))
        return (billed[0] ?? 'none') === (best === undefined ? 'none' : `H2017 x${best.one.version}`)
      },
    ),
    runs(500),
  )
})
