// Scores: what answers add up to, what is missing, what it means, and never a wrong number.
import t from 'tap'
import { type Score, scoreResponse } from '../../../src/behavioral/index.ts'
import { FhirError, type JsonObject, type Resource } from '../../../src/fhir/index.ts'
import {
  CODES,
  complex,
  coding,
  deepFreeze,
  enableWhenExpression,
  fhirpath,
  type Given,
  instrumentOf,
  option,
  ours,
  question,
  questionnaire,
  respond,
  score,
  sumOf,
  weight,
} from './building.ts'

const three = ['q1', 'q2', 'q3']

function scored(form: Resource, given: Given, patient?: Resource) {
  const response = deepFreeze(respond(given))
  return scoreResponse(instrumentOf(form), response, { patient })
}

function only(form: Resource, given: Given, patient?: Resource): Score {
  const { scores } = scored(form, given, patient)
  return scores[0] as Score
}

t.test('a sum, its bands and its positive rule, at each edge', async (t) => {
  const form = questionnaire([
    ...three.map((it) => question(it)),
    score({
      over: three,
      extension: [
        complex(
          'band',
          ['low', 'valueDecimal', 0],
          ['high', 'valueDecimal', 4],
          ['text', 'valueString', 'Low'],
        ),
        complex(
          'band',
          ['low', 'valueDecimal', 5],
          ['high', 'valueDecimal', 8],
          ['text', 'valueString', 'Middle'],
        ),
        complex(
          'band',
          ['low', 'valueDecimal', 9],
          ['text', 'valueString', 'High'],
          ['severity', 'valueCode', 'severe'],
        ),
        ours('positive', { valueExpression: fhirpath('%score >= 5') }),
      ],
    }),
  ])
  for (const [a, b, c, band, positive] of [
    [0, 0, 0, 'Low', false],
    [3, 1, 0, 'Low', false],
    [3, 1, 1, 'Middle', true],
    [3, 3, 2, 'Middle', true],
    [3, 3, 3, 'High', true],
  ] as const) {
    const total = only(form, { q1: `a${a}`, q2: `a${b}`, q3: `a${c}` })
    t.equal(total.value, a + b + c)
    t.equal(total.band?.text, band)
    t.equal(total.positive, positive)
    t.strictSame(total.missing, [])
    t.equal(total.absentReason, undefined)
  }
})

t.test('each missing answer leaves no number, unless the instrument allows for it', async (t) => {
  const strict = questionnaire([...three.map((it) => question(it)), score({ over: three })])
  const lenient = questionnaire([
    ...three.map((it) => question(it)),
    score({ over: three, parts: [['mostMissing', 'valueUnsignedInt', 1]] }),
  ])
  for (const absent of three) {
    const given = Object.fromEntries(three.filter((it) => it !== absent).map((it) => [it, 'a2']))
    const none = only(strict, given)
    t.equal(none.value, undefined)
    t.strictSame(none.missing, [absent])
    t.equal(none.absentReason, 'unknown')
    const allowed = only(lenient, given)
    t.equal(allowed.value, 4)
    t.strictSame(allowed.missing, [absent])
    t.equal(only(lenient, { [absent]: 'a1' }).absentReason, 'unknown')
  }
  const nothing = only(strict, {})
  t.equal(nothing.absentReason, 'not-performed')
  t.strictSame(nothing.missing, three)
})

t.test('an item that is not asked is not missing; answered though not asked, it counts', async (t) => {
  const enableWhen = [{ question: 'q1', operator: '=', answerCoding: coding('a3') }]
  const form = questionnaire([question('q1'), question('q2', { enableWhen }), score({ over: ['q1', 'q2'] })])
  t.equal(only(form, { q1: 'a1' }).value, 1)
  t.equal(only(form, { q1: 'a3' }).absentReason, 'unknown')
  t.equal(only(form, { q1: 'a3', q2: 'a2' }).value, 5)
  t.equal(only(form, { q1: 'a0', q2: 'a2' }).value, 2)
})

t.test('who is asked may depend on the patient', async (t) => {
  const form = questionnaire([
    question('q1'),
    question('q2', { extension: [enableWhenExpression("%patient.gender = 'female'")] }),
    score({
      over: ['q1', 'q2'],
      extension: [
        complex(
          'band',
          ['low', 'valueDecimal', 1],
          ['text', 'valueString', 'Much for a woman'],
          ['when', 'valueExpression', fhirpath("%patient.gender = 'female' and %score >= 1")],
        ),
        complex('band', ['low', 'valueDecimal', 0], ['text', 'valueString', 'Else']),
        ours('positive', { valueExpression: fhirpath("iif(%patient.gender = 'male', %score >= 2, {})") }),
      ],
    }),
  ])
  t.ok(instrumentOf(form).needsPatient)
  const [woman, man] = ['female', 'male'].map((gender) => ({ resourceType: 'Patient', gender }))
  t.equal(only(form, { q1: 'a1' }, woman).absentReason, 'unknown')
  t.equal(only(form, { q1: 'a1', q2: 'a0' }, woman).band?.text, 'Much for a woman')
  t.equal(only(form, { q1: 'a1' }, man).band?.text, 'Else')
  t.equal(only(form, { q1: 'a2' }, man).positive, true)
  t.equal(only(form, { q1: 'a1' }, man).positive, false)
  t.equal(only(form, { q1: 'a2' }).positive, undefined, 'of somebody unknown it cannot be said')
})

t.test('answers that are none of the options do not count, and the warning says which are', async (t) => {
  const form = questionnaire([question('q1'), score({ over: ['q1'] })])
  for (const answer of [
    { valueCoding: { system: 'http://example.org/other', code: 'a1' } },
    { valueCoding: { code: 'a9' } },
    { valueCoding: { display: 'Answer a1' } },
    { valueInteger: 1 },
    { valueDecimal: 1 },
    { valueString: 'Answer a1' },
    { valueBoolean: true },
    { valueQuantity: { value: 1 } },
  ]) {
    const { scores, warnings, answers } = scored(form, { q1: answer })
    t.equal(scores[0]?.value, undefined, JSON.stringify(answer))
    t.strictSame(scores[0]?.missing, ['q1'])
    t.equal(answers.size, 0)
    t.equal(warnings[0]?.expression, 'QuestionnaireResponse.item[0].answer[0]')
    t.match(warnings[0]?.diagnostics, /a0 \(Answer a0\)/)
  }
})

t.test('a weight that comes with the answer, or an answer to something else, adds nothing', async (t) => {
  const all = '%resource.descendants().answer.value.weight().sum()'
  const form = questionnaire([question('q1'), score({ over: ['q1'], expression: all })])
  const heavy = { extension: [weight(50)] }
  const { scores, warnings } = scored(form, {
    q1: { valueCoding: { ...coding('a1'), ...heavy }, extension: heavy.extension },
    stranger: { valueCoding: { ...coding('a1'), ...heavy } },
    total: { valueDecimal: 99, _valueDecimal: heavy },
  })
  t.equal(scores[0]?.value, 1)
  t.strictSame(
    warnings.map(({ expression }) => expression),
    ['QuestionnaireResponse.item[1]', 'QuestionnaireResponse.item[2].answer[0]'],
  )
  t.match(warnings[1]?.diagnostics, /by the answers it is 1/)
})

t.test('what the response says of its own score is not believed, nor in place of an answer', async (t) => {
  const form = questionnaire([...three.map((it) => question(it)), score({ over: three })])
  const partly = scored(form, { q1: 'a1', q2: 'a1', total: { valueInteger: 7 } })
  t.equal(partly.scores[0]?.value, undefined)
  t.match(partly.warnings[0]?.diagnostics, /q3/)
  const agreeing = scored(form, { q1: 'a1', q2: 'a1', q3: 'a1', total: { valueInteger: 3 } })
  t.strictSame(agreeing.warnings, [])
})

t.test('an answer without a weight among weighted ones leaves a sum without a number', async (t) => {
  const refused = { valueCoding: coding('refused') }
  const answers = [option(0), option(1), refused]
  const form = questionnaire([
    question('q1', { answerOption: answers }),
    question('q2'),
    score({ over: ['q1', 'q2'] }),
    score({
      linkId: 'result',
      type: 'boolean',
      over: ['q1'],
      expression: "%resource.item.where(linkId = 'q1').answer.value.code in ('a1' | 'refused')",
    }),
  ])
  const { scores } = scored(form, { q1: 'refused', q2: 'a2' })
  t.equal(scores[0]?.value, undefined)
  t.strictSame(scores[0]?.missing, ['q1'])
  t.equal(scores[1]?.value, true, 'where the rule is no sum, it is an answer')
})

t.test('answers that differ are none; the same twice is one', async (t) => {
  const form = questionnaire([question('q1'), question('q2'), score({ over: ['q1', 'q2'] })])
  const twice = (a: string, b: string) => [{ valueCoding: coding(a) }, { valueCoding: coding(b) }]
  t.equal(only(form, { q1: twice('a1', 'a1'), q2: 'a1' }).value, 2)
  t.strictSame(only(form, { q1: twice('a1', 'a2'), q2: 'a1' }).missing, ['q1'])
  t.strictSame(only(form, { q1: [{ valueCoding: coding('a1') }, { valueString: '?' }], q2: 'a1' }).missing, [
    'q1',
  ])
  const instrument = instrumentOf(form)
  const item = ['a1', 'a2', 'a2'].map((code) => ({ linkId: 'q1', answer: [{ valueCoding: coding(code) }] }))
  const q2 = { linkId: 'q2', answer: [{ valueCoding: coding('a0') }] }
  const over = (items: JsonObject[]) =>
    scoreResponse(instrument, { ...respond({}), item: [...items, q2] }, { patient: undefined }).scores[0]
  t.strictSame(over(item)?.missing, ['q1'])
  t.equal(over(item.slice(1))?.value, 2)
})

t.test('a question that repeats has all its answers', async (t) => {
  const form = questionnaire([question('q1', { repeats: true }), score({ over: ['q1'] })])
  const { scores, answers } = scored(form, { q1: ['a1', 'a3'].map((it) => ({ valueCoding: coding(it) })) })
  t.equal(scores[0]?.value, 4)
  t.equal(answers.get('q1')?.values.length, 2)
})

t.test('results that are codes, booleans and other scores', async (t) => {
  const risk = ['low', 'high'].map((code) => ({ valueCoding: { system: CODES, code } }))
  const form = questionnaire([
    question('q1'),
    question('q2'),
    score({ linkId: '/sub-1', over: ['q1'] }),
    score({
      linkId: 'sum',
      over: ['/sub-1', 'q2'],
      expression: `%score_sub_1 + ${sumOf('q2')}`,
      parts: [['highest', 'valueDecimal', 5]],
    }),
    score({
      linkId: 'risk',
      type: 'choice',
      over: ['sum'],
      expression: "iif(%score_sum > 2, 'high', 'low')",
      more: { answerOption: risk },
      extension: [
        complex('band', ['code', 'valueCode', 'high'], ['text', 'valueString', 'High risk']),
        ours('positive', { valueExpression: fhirpath("%score = 'high'") }),
      ],
    }),
    score({
      linkId: 'seen',
      type: 'boolean',
      over: ['risk'],
      expression: "%score_risk = 'high' and %resource.item.where(linkId = 'sum').answer.value > 2",
      extension: [complex('band', ['code', 'valueCode', 'true'], ['text', 'valueString', 'Seen'])],
    }),
  ])
  const high = scored(form, { q1: 'a2', q2: 'a1' }).scores
  t.strictSame(
    high.map(({ value }) => value),
    [2, 3, { system: CODES, code: 'high' }, true],
  )
  t.strictSame(
    high.map(({ band }) => band?.text),
    [undefined, undefined, 'High risk', 'Seen'],
  )
  t.equal(high[2]?.positive, true)
  const low = scored(form, { q1: 'a0', q2: 'a1' }).scores
  t.strictSame(
    low.map(({ value }) => value),
    [0, 1, { system: CODES, code: 'low' }, false],
  )
  const outside = scored(form, { q1: 'a3', q2: 'a3' })
  t.strictSame(
    outside.scores.map(({ value }) => value),
    [3, undefined, undefined, undefined],
  )
  t.strictSame(
    outside.scores.map(({ absentReason }) => absentReason),
    [undefined, 'error', 'not-performed', 'not-performed'],
  )
  t.match(outside.warnings[0]?.diagnostics, /'sum'.*not from any to 5/)
})

t.test('an expression that yields nothing or the wrong thing makes no score', async (t) => {
  const results = { answerOption: [{ valueCoding: { system: CODES, code: 'x' } }] }
  for (const [type, expression, reason] of [
    ['decimal', '{}', 'not-applicable'],
    ['decimal', '1 | 2', 'error'],
    ['decimal', "'1'", 'error'],
    ['decimal', 'true', 'error'],
    ['integer', '1.5', 'error'],
    ['boolean', '1', 'error'],
    ['choice', "'y'", 'error'],
    ['choice', 'true', 'error'],
    ['decimal', "'a' + 1", 'error'],
    ['decimal', '1 / 0', 'not-applicable'],
  ] as const) {
    const form = questionnaire([
      question('q1'),
      score({ over: ['q1'], type, expression, ...(type === 'choice' ? { more: results } : {}) }),
    ])
    const total = only(form, { q1: 'a1' })
    t.equal(total.value, undefined, expression)
    t.equal(total.absentReason, reason, expression)
    t.equal(total.band, undefined)
  }
})

t.test('a screen can be positive without a score, and not negative', async (t) => {
  const form = questionnaire([
    question('q1'),
    question('q2'),
    score({
      over: ['q1', 'q2'],
      extension: [
        ours('positive', {
          valueExpression: fhirpath("%resource.item.answer.value.where(code = 'a3').exists()"),
        }),
      ],
    }),
  ])
  t.equal(only(form, { q1: 'a3' }).positive, true)
  t.equal(only(form, { q1: 'a0' }).positive, undefined)
  t.equal(only(form, { q1: 'a0', q2: 'a0' }).positive, false)
})

t.test('alerts: by answers, by scores, where answers differ, and where a rule fails', async (t) => {
  const alert = (id: string, when: string): JsonObject =>
    complex(
      'alert',
      ['id', 'valueId', id],
      ['title', 'valueString', 'Danger'],
      ['level', 'valueCode', 'high'],
      ['when', 'valueExpression', fhirpath(when)],
      ['flag', 'valueBoolean', true],
      ['priority', 'valueCode', 'stat'],
    )
  const enableWhen = [{ question: 'q1', operator: 'exists', answerBoolean: true }]
  const form = questionnaire(
    [question('q1'), question('q2', { enableWhen }), score({ over: ['q1', 'q2'] })],
    {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/variable',
          valueExpression: {
            ...fhirpath("%resource.item.where(linkId = 'q2').answer.value.weight()"),
            name: 'other',
          },
        },
        alert('second', '%other > 0'),
        alert('total', '%score_total >= 5'),
        alert('nothing', '%score_total'),
      ],
    },
  )
  const held = (given: Given) => scored(form, given).alerts.map(({ id }) => id)
  t.strictSame(held({ q1: 'a0', q2: 'a0' }), [])
  t.strictSame(held({ q1: 'a0', q2: 'a1' }), ['second'])
  t.strictSame(held({ q2: 'a1' }), ['second'], 'an answer to what is not asked')
  t.strictSame(held({ q1: 'a3', q2: 'a2' }), ['second', 'total'])
  const differing = ['a0', 'a2'].map((it) => ({ valueCoding: coding(it) }))
  t.strictSame(held({ q1: 'a3', q2: differing }), ['second'])
  t.strictSame(held({ q1: 'a3', q2: differing.toReversed() }), ['second'])
  t.strictSame(held({ q1: 'a3', q2: [{ valueCoding: coding('a1') }, { valueString: '?' }] }), ['second'])

  const failing = questionnaire([question('q1', { repeats: true }), score({ over: ['q1'] })], {
    extension: [alert('one', '%resource.item.answer.value.weight() > 0')],
  })
  const two = scored(failing, { q1: differing })
  t.strictSame(
    two.alerts.map(({ id }) => id),
    ['one'],
  )
  t.match(two.warnings[0]?.diagnostics, /'one'/)
  t.equal(two.warnings[0]?.expression, 'Questionnaire.extension[0].extension[3].valueExpression')
})

t.test(
  'variables see those before them and not the scores; one that fails fails what uses it alone',
  async (t) => {
    const variable = (name: string, expression: string): JsonObject => ({
      url: 'http://hl7.org/fhir/StructureDefinition/variable',
      valueExpression: { ...fhirpath(expression), name },
    })
    const form = questionnaire(
      [
        question('q1'),
        score({ over: ['q1'], expression: '%doubled' }),
        score({ linkId: 'other', over: ['q1'], expression: '%broken' }),
        score({ linkId: 'items', over: ['q1'], expression: '%items' }),
      ],
      {
        extension: [
          variable('items', '%resource.item.count()'),
          variable('first', "%resource.item.where(linkId = 'q1').answer.value.weight()"),
          variable('doubled', '%first * 2'),
          variable('broken', "'a' + %first"),
          variable('asked', '%user.name'),
        ],
      },
    )
    const { scores, warnings } = scored(form, { q1: 'a3' })
    t.strictSame(
      scores.map(({ value }) => value),
      [6, undefined, 1],
    )
    t.equal(scores[1]?.absentReason, 'error')
    t.equal(warnings.length, 1)
  },
)

t.test('what is no expression failure is not swallowed', async (t) => {
  const form = questionnaire([question('q1'), score({ over: ['q1'] })])
  const broken = instrumentOf(form, () => () => {
    throw new TypeError('a bug')
  })
  t.throws(() => scoreResponse(broken, respond({ q1: 'a1' }), { patient: undefined }), TypeError)
  const refusing = instrumentOf(form, () => () => {
    throw new FhirError('too-costly', 'enough')
  })
  const [total] = scoreResponse(refusing, respond({ q1: 'a1' }), { patient: undefined }).scores
  t.equal(total?.absentReason, 'error')
})
