// Which items are asked: every operator and type, groups within groups, and which occurrence of a question is meant.
import t from 'tap'
import { enabledItems, readEnabling } from '../../../src/behavioral/assessments/enable-when.ts'
import { itemsOf } from '../../../src/behavioral/assessments/items.ts'
import { collectFaults, type JsonObject, type JsonValue, type Resource } from '../../../src/fhir/index.ts'
import {
  coding,
  CODES,
  enableWhenExpression,
  evaluators,
  question,
  questionnaire,
  respond,
} from './building.ts'

function asked(form: Resource, response: Resource) {
  const faults = collectFaults()
  const enabling = readEnabling(itemsOf(form, faults), undefined, evaluators, faults)
  faults.throwIfAny()
  return enabledItems(enabling, response, ({ evaluate }) => evaluate(response, { resource: response }))
}

/** Whether an item is asked by one rule on the answers to `q1`. */
function passes(rule: JsonObject, ...answers: readonly JsonObject[]): boolean {
  const form = questionnaire([
    { linkId: 'q1', type: 'string' },
    question('q2', { enableWhen: [{ question: 'q1', ...rule }] }),
  ])
  return asked(form, respond(answers.length === 0 ? {} : { q1: answers })).isEnabled('q2')
}

t.test('whether there is an answer', async (t) => {
  const nested = { item: [{ linkId: 'x' }] }
  t.equal(passes({ operator: 'exists', answerBoolean: true }), false)
  t.equal(passes({ operator: 'exists', answerBoolean: false }), true)
  t.equal(passes({ operator: 'exists', answerBoolean: true }, { valueString: 'x' }), true)
  t.equal(passes({ operator: 'exists', answerBoolean: false }, { valueString: 'x' }), false)
  t.equal(passes({ operator: 'exists', answerBoolean: true }, nested), false, 'an answer without a value')
})

t.test('each type, in order: less, equal, greater', async (t) => {
  const ordered: readonly (readonly [
    property: string,
    less: JsonValue,
    same: JsonValue,
    greater: JsonValue,
  ])[] = [
    ['Integer', 1, 2, 3],
    ['Decimal', 1.5, 2, 2.5],
    ['String', 'a', 'b', 'c'],
    ['Date', '2026-01-01', '2026-01-02', '2026-01-03'],
    ['DateTime', '2026-01-01T22:00:00Z', '2026-01-02T01:00:00+02:00', '2026-01-02T01:00:00Z'],
    ['Time', '09:00:00', '10:00:00', '11:00:00'],
    ['Quantity', { value: 1, unit: 'kg' }, { value: 2, unit: 'kg' }, { value: 3, unit: 'kg' }],
  ]
  const holds: Readonly<Record<string, readonly boolean[]>> = {
    '=': [false, true, false],
    '!=': [true, false, true],
    '<': [true, false, false],
    '<=': [true, true, false],
    '>': [false, false, true],
    '>=': [false, true, true],
  }
  for (const [type, ...values] of ordered) {
    for (const [operator, expected] of Object.entries(holds)) {
      const rule = { operator, [`answer${type}`]: values[1] as JsonValue }
      const found = values.map((value) => passes(rule, { [`value${type}`]: value }))
      t.strictSame(found, expected, `${type} ${operator}`)
      t.equal(passes(rule), operator === '!=', 'no answer is equal')
      t.equal(passes(rule, { valueBoolean: true }), operator === '!=', 'another type is not equal')
      const any = values.map((value) => ({ [`value${type}`]: value }))
      t.equal(
        passes(rule, ...any),
        operator !== '!=',
        'one of several answers suffices; for != none may be equal',
      )
    }
  }
})

t.test('codings, booleans and references are equal or not', async (t) => {
  const other = { system: 'http://example.org/b', code: 'a1' }
  const is = (wanted: JsonObject, given: JsonObject) =>
    passes({ operator: '=', answerCoding: wanted }, { valueCoding: given })
  t.ok(is(coding('a1'), { ...coding('a1'), display: 'other words' }))
  t.ok(is({ code: 'a1' }, coding('a1')))
  t.ok(is(coding('a1'), { code: 'a1' }))
  t.notOk(is(coding('a1'), coding('a2')))
  t.notOk(is(coding('a1'), other))
  t.ok(is({ display: 'words' }, { display: 'words' }))
  t.notOk(is({ display: 'words' }, { system: CODES }))
  t.ok(passes({ operator: '!=', answerCoding: coding('a1') }, { valueCoding: other }))
  for (const operator of ['<', '<=', '>', '>='])
    t.notOk(passes({ operator, answerCoding: coding('a1') }, { valueCoding: coding('a2') }))
  t.ok(passes({ operator: '=', answerBoolean: false }, { valueBoolean: false }))
  t.notOk(passes({ operator: '=', answerBoolean: true }, { valueBoolean: false }))
  t.ok(
    passes(
      { operator: '=', answerReference: { reference: 'Patient/1' } },
      { valueReference: { reference: 'Patient/1', display: 'x' } },
    ),
  )
  t.notOk(
    passes(
      { operator: '=', answerReference: { reference: 'Patient/1' } },
      { valueReference: { reference: 'Patient/2' } },
    ),
  )
  t.ok(passes({ operator: '>', answerInteger: 1 }, { valueDecimal: 1.5 }))
  t.notOk(
    passes(
      { operator: '=', answerQuantity: { value: 1, unit: 'kg' } },
      { valueQuantity: { value: 1, unit: 'g' } },
    ),
  )
  t.notOk(
    passes({ operator: '>', answerDate: '2026-01' }, { valueDate: '2026-01-05' }),
    'a day of that month',
  )
  t.notOk(passes({ operator: '>', answerString: '1' }, { valueInteger: 2 }))
})

t.test('several rules, all or any, and expressions', async (t) => {
  const enableWhen = [
    { question: 'q1', operator: '=', answerCoding: coding('a1') },
    { question: 'q2', operator: '=', answerCoding: coding('a1') },
  ]
  const form = questionnaire([
    question('q1'),
    question('q2'),
    question('all', { enableWhen, enableBehavior: 'all' }),
    question('any', { enableWhen, enableBehavior: 'any' }),
    question('told', {
      extension: [enableWhenExpression("%resource.item.where(linkId = 'q2').answer.exists()")],
    }),
    question('both', {
      enableWhen: enableWhen.slice(0, 1),
      extension: [enableWhenExpression("%resource.item.where(linkId = 'q2').answer.exists()")],
    }),
    question('nothing', { extension: [enableWhenExpression('{}')] }),
    question('fails', { extension: [enableWhenExpression("1 + 'a'")] }),
  ])
  const of = (given: Parameters<typeof respond>[0]) => {
    const enabled = asked(form, respond(given))
    return ['all', 'any', 'told', 'both', 'nothing'].filter((it) => enabled.isEnabled(it))
  }
  t.strictSame(of({}), [])
  t.strictSame(of({ q1: 'a1' }), ['any'])
  t.strictSame(of({ q2: 'a1' }), ['any', 'told'])
  t.strictSame(of({ q1: 'a1', q2: 'a0' }), ['any', 'told', 'both'])
  t.strictSame(of({ q1: 'a1', q2: 'a1' }), ['all', 'any', 'told', 'both'])
  const enabled = asked(form, respond({}))
  t.equal(enabled.isEnabled('fails'), true)
  t.equal(enabled.isEnabled('fails'), true)
  t.strictSame(
    enabled.failures.map(({ expression }) => expression),
    ['Questionnaire.item[7].extension[0].valueExpression'],
  )
  t.equal(enabled.isEnabled('unknown'), false)
})

t.test('an item in a group that is not asked is not asked', async (t) => {
  const enableWhen = [{ question: 'q1', operator: 'exists', answerBoolean: true }]
  const form = questionnaire([
    question('q1'),
    {
      linkId: 'outer',
      type: 'group',
      enableWhen,
      item: [{ linkId: 'inner', type: 'group', item: [question('q2')] }],
    },
  ])
  t.equal(asked(form, respond({})).isEnabled('q2'), false)
  t.equal(asked(form, respond({ q1: 'a0' })).isEnabled('q2'), true)
})

t.test('rules that ask for each other in a circle go by the answers', async (t) => {
  const when = (linkId: string) => ({
    enableWhen: [{ question: linkId, operator: 'exists', answerBoolean: true }],
  })
  const form = questionnaire([
    question('q1', when('q2')),
    question('q2', when('q1')),
    question('q3', when('q3')),
  ])
  const enabled = asked(form, respond({ q1: 'a0' }))
  t.strictSame(
    ['q1', 'q2', 'q3'].map((it) => enabled.isEnabled(it)),
    [false, true, false],
  )
})

t.test('of a question that stands there often, the nearest is meant: around, before, after', async (t) => {
  const rule = (linkId: string) => [{ question: linkId, operator: '=', answerCoding: coding('a1') }]
  const form = questionnaire([
    {
      linkId: 'group',
      type: 'group',
      repeats: true,
      item: [
        question('q1', { item: [question('under', { enableWhen: rule('q1') })] }),
        question('q2', { enableWhen: rule('q1') }),
        question('q3', { enableWhen: rule('later') }),
        question('later'),
      ],
    },
  ])
  const answered = (linkId: string, code: string, ...item: JsonObject[]): JsonObject => ({
    linkId,
    answer: [{ valueCoding: coding(code), ...(item.length > 0 ? { item } : {}) }],
  })
  const occurrences = ['a1', 'a0', 'a1'].map((code) => {
    const under = { linkId: 'under' }
    const [q1, q2, q3, later] = [
      answered('q1', code, under),
      { linkId: 'q2' },
      { linkId: 'q3' },
      answered('later', code),
    ]
    return { under, q2, q3, group: { linkId: 'group', item: [q1, q2, q3, later] } }
  })
  const enabled = asked(form, { ...respond({}), item: occurrences.map(({ group }) => group) })
  t.strictSame(
    occurrences.map(({ q2 }) => enabled.isEnabled('q2', q2)),
    [true, false, true],
  )
  t.strictSame(
    occurrences.map(({ under }) => enabled.isEnabled('under', under)),
    [true, false, true],
  )
  t.strictSame(
    occurrences.map(({ group }) => enabled.isEnabled('q2', group)),
    [true, false, true],
    'where it is not there',
  )
  t.strictSame(
    occurrences.map(({ q3 }) => enabled.isEnabled('q3', q3)),
    [true, true, false],
    'before it, else after it',
  )
  t.equal(enabled.isEnabled('q2'), true, 'the last')
})

t.test('more rules and answers than any form has end in an error', async (t) => {
  const enableWhen = Array.from({ length: 2000 }, (_, n) => ({
    question: 'q1',
    operator: '=',
    answerInteger: n + 1e6,
  }))
  const form = questionnaire([
    { linkId: 'q1', type: 'integer', repeats: true },
    question('q2', { enableWhen, enableBehavior: 'any' }),
  ])
  const answers = Array.from({ length: 1000 }, (_, n) => ({ valueInteger: n }))
  const enabled = asked(form, respond({ q1: answers }))
  t.throws(() => enabled.isEnabled('q2'), { code: 'too-costly' })
})
