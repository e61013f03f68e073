// Which option an answer means, by every way that a Questionnaire allows, and where items of a response stand.
import t from 'tap'
import { scoreResponse } from '../../../src/behavioral/index.ts'
import type { JsonObject, JsonValue, Resource } from '../../../src/fhir/index.ts'
import {
  CODES,
  coding,
  deepFreeze,
  type Given,
  instrumentOf,
  option,
  ours,
  question,
  questionnaire,
  respond,
  score,
  weight,
} from './building.ts'

const scored = (form: Resource, given: Given) =>
  scoreResponse(instrumentOf(form), deepFreeze(respond(given)), { patient: undefined })

/** The score of an answer to the only question; undefined when the answer is none. */
function valueOf(form: Resource, answer: JsonObject): unknown {
  const { scores } = scored(form, { q1: answer })
  return scores[0]?.value
}

const accepting = (...kinds: readonly string[]): JsonObject => ({
  extension: kinds.map((it) => ours('accepts', { valueCode: it })),
})

t.test('a coding, with its system or without, whatever else it says', async (t) => {
  const form = questionnaire([question('q1'), score({ over: ['q1'] })])
  t.equal(
    valueOf(form, { valueCoding: { system: CODES, code: 'a2', display: 'other words', version: '9' } }),
    2,
  )
  t.equal(valueOf(form, { valueCoding: { code: 'a2' } }), 2)
  const twoSystems = [
    option(0),
    { valueCoding: { system: 'http://example.org/b', code: 'a0' }, extension: [weight(1)] },
  ]
  const ambiguous = questionnaire([question('q1', { answerOption: twoSystems }), score({ over: ['q1'] })])
  t.equal(valueOf(ambiguous, { valueCoding: { code: 'a0' } }), undefined)
  t.equal(valueOf(ambiguous, { valueCoding: { system: 'http://example.org/b', code: 'a0' } }), 1)
})

t.test('a coding that an option names as its alias', async (t) => {
  const alias = ours('answer-alias', {
    valueCoding: { system: 'http://loinc.org', code: 'LA1-1', display: 'Some' },
  })
  const answers = [option(0), { ...option(1), extension: [weight(1), alias] }]
  const form = questionnaire([
    question('q1', { answerOption: answers, ...accepting('text') }),
    score({ over: ['q1'], expression: "iif(%resource.item.answer.value.where(code = 'a1').exists(), 1, 0)" }),
  ])
  t.equal(
    valueOf(form, { valueCoding: { system: 'http://loinc.org', code: 'LA1-1' } }),
    1,
    'seen as its own option',
  )
  t.equal(valueOf(form, { valueCoding: { code: 'LA1-1' } }), 1)
  t.equal(valueOf(form, { valueString: ' some ' }), 1)
  t.equal(valueOf(form, { valueCoding: { system: CODES, code: 'LA1-1' } }), undefined)
})

t.test('numbers where they are accepted, when one option alone weighs as much', async (t) => {
  const total = score({ over: ['q1'] })
  const here = questionnaire([question('q1', accepting('number')), total])
  const everywhere = questionnaire([question('q1'), total], accepting('number'))
  for (const form of [here, everywhere]) {
    t.equal(valueOf(form, { valueInteger: 3 }), 3)
    t.equal(valueOf(form, { valueDecimal: 0 }), 0)
    t.equal(valueOf(form, { valueInteger: 4 }), undefined)
    t.equal(valueOf(form, { valueDecimal: 1.5 }), undefined)
    t.equal(valueOf(form, { valueString: '1' }), undefined)
    t.equal(valueOf(form, { valueQuantity: { value: 1 } }), undefined)
  }
  const same = [option(1), { valueCoding: coding('b'), extension: [weight(1)] }]
  const ambiguous = questionnaire([question('q1', { answerOption: same, ...accepting('number') }), total])
  t.equal(valueOf(ambiguous, { valueInteger: 1 }), undefined)
})

t.test('texts where they are accepted, by the display of one option alone', async (t) => {
  const total = score({ over: ['q1'] })
  const form = questionnaire([question('q1', accepting('text')), total])
  t.equal(valueOf(form, { valueString: '  ANSWER a2 ' }), 2)
  t.equal(valueOf(form, { valueCoding: { display: 'answer A2' } }), 2)
  t.equal(valueOf(form, { valueString: 'Answer' }), undefined)
  const same = [
    option(1),
    { valueCoding: { system: CODES, code: 'b', display: 'Answer a1' }, extension: [weight(2)] },
  ]
  const ambiguous = questionnaire([question('q1', { answerOption: same, ...accepting('text') }), total])
  t.equal(valueOf(ambiguous, { valueString: 'Answer a1' }), undefined)
})

t.test('options that are no codings: texts, numbers, dates, with weights beside or within', async (t) => {
  const cases: readonly (readonly [JsonObject, JsonObject])[] = [
    [{ valueString: 'often', extension: [weight(1)] }, { valueString: 'often' }],
    [{ valueString: 'often', _valueString: { extension: [weight(1)] } }, { valueString: 'often' }],
    [{ valueInteger: 7, extension: [weight(1)] }, { valueInteger: 7 }],
    [{ valueDate: '2026-01-01', extension: [weight(1)] }, { valueDate: '2026-01-01' }],
    [{ valueTime: '10:00:00', extension: [weight(1)] }, { valueTime: '10:00:00' }],
    [
      { valueReference: { reference: 'Location/1' }, extension: [weight(1)] },
      { valueReference: { reference: 'Location/1', display: 'x' } },
    ],
    [{ valueCoding: { ...coding('x'), extension: [weight(1)] } }, { valueCoding: coding('x') }],
    [
      {
        valueCoding: coding('x'),
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: 1 }],
      },
      { valueCoding: coding('x') },
    ],
  ]
  for (const [its, answer] of cases) {
    const form = questionnaire([question('q1', { answerOption: [its] }), score({ over: ['q1'] })])
    t.equal(valueOf(form, answer), 1, JSON.stringify(its))
    t.equal(valueOf(form, { valueString: 'never' }), undefined)
  }
})

t.test('options from a contained ValueSet', async (t) => {
  const concept = [0, 1].map((n) => ({ code: `a${n}`, display: `Answer a${n}`, extension: [weight(n)] }))
  const valueSet = (compose: JsonObject): JsonObject => ({
    contained: [{ resourceType: 'ValueSet', id: 'answers', status: 'active', compose }],
  })
  const items = [
    question('q1', { answerOption: undefined as never, answerValueSet: '#answers' }),
    score({ over: ['q1'] }),
  ]
  const form = questionnaire(items, valueSet({ include: [{ system: CODES, concept }] }))
  t.equal(valueOf(form, { valueCoding: coding('a1') }), 1)
  t.equal(valueOf(form, { valueCoding: coding('a2') }), undefined)
  for (const compose of [
    { include: [{ system: CODES }] },
    { include: [{ system: CODES, concept }], exclude: [{ system: CODES }] },
    { include: [{ system: CODES, concept }, { valueSet: ['http://example.org/more'] }] },
  ])
    t.throws(() => instrumentOf(questionnaire(items, valueSet(compose))), { code: 'invalid' })
})

t.test('free text of an open choice is an answer without a weight', async (t) => {
  const form = questionnaire([
    question('q1', { type: 'open-choice' }),
    score({ over: ['q1'] }),
    score({
      linkId: 'said',
      type: 'boolean',
      over: ['q1'],
      expression: '%resource.item.answer.value.exists()',
    }),
  ])
  const { scores, answers } = scored(form, { q1: { valueString: 'something else' } })
  t.equal(scores[0]?.value, undefined)
  t.equal(scores[1]?.value, true)
  t.equal(answers.get('q1')?.values[0]?.value, 'something else')
})

t.test('questions without options take values of their type alone', async (t) => {
  const types: Readonly<Record<string, JsonObject>> = {
    boolean: { valueBoolean: false },
    decimal: { valueDecimal: 1.5 },
    integer: { valueInteger: 2 },
    date: { valueDate: '2026-01-01' },
    dateTime: { valueDateTime: '2026-01-01T00:00:00Z' },
    time: { valueTime: '10:00:00' },
    string: { valueString: 'x' },
    url: { valueUri: 'http://example.org' },
    reference: { valueReference: { reference: 'Patient/1' } },
    quantity: { valueQuantity: { value: 3 } },
    attachment: { valueAttachment: { url: 'http://example.org' } },
  }
  for (const type of Object.keys(types)) {
    const form = questionnaire([
      { linkId: 'q1', type },
      score({ over: ['q1'], expression: "%resource.item.where(linkId = 'q1').answer.value.count()" }),
    ])
    for (const [other, answer] of Object.entries(types)) {
      const isTaken = other === type || (type === 'decimal' && other === 'integer')
      t.equal(valueOf(form, answer), isTaken ? 1 : undefined, `${other} to ${type}`)
    }
  }
})

t.test('items by other names, and elsewhere than the Questionnaire has them', async (t) => {
  const loinc = (code: string): JsonObject => ({ code: [{ system: 'http://loinc.org', code }] })
  const form = questionnaire([
    question('/1111-1', loinc('1111-1')),
    {
      linkId: 'group',
      type: 'group',
      item: [
        question('inner', {
          ...loinc('2222-2'),
          extension: [ours('item-alias', { valueString: 'other-name' })],
        }),
      ],
    },
    question('outer', { item: [question('under', loinc('3333-3'))] }),
    score({
      over: ['/1111-1', 'inner', 'outer', 'under'],
      expression: `%resource.item.where(linkId = '/1111-1').answer.value.weight()
        + 10 * %resource.item.where(linkId = 'group').item.where(linkId = 'inner').answer.value.weight()
        + 100 * %resource.item.where(linkId = 'outer').answer.value.weight()
        + 1000 * %resource.item.where(linkId = 'outer').answer.item.where(linkId = 'under').answer.value.weight()`,
    }),
  ])
  const instrument = instrumentOf(form)
  const answered = (linkId: string, code: string, more: JsonObject = {}): JsonObject => ({
    linkId,
    answer: [{ valueCoding: coding(code), ...more }],
  })
  const total = (item: JsonValue[]) => {
    const { scores, warnings } = scoreResponse(instrument, deepFreeze({ ...respond({}), item }), {
      patient: undefined,
    })
    t.strictSame(warnings, [])
    return scores[0]?.value
  }
  t.equal(
    total([
      answered('/1111-1', 'a1'),
      { linkId: 'group', item: [answered('inner', 'a2')] },
      answered('outer', 'a3', { item: [answered('under', 'a1')] }),
    ]),
    1321,
  )
  const flat = [answered('1111-1', 'a1'), answered('other-name', 'a2'), answered('outer', 'a3')]
  t.equal(total([...flat, answered('inner', 'a2')].slice(0, 3)), undefined, 'one is missing')
  t.equal(
    total([
      {
        linkId: '/panel',
        item: [answered('2222-2', 'a2'), { linkId: 'x', item: [answered('/1111-1', 'a1')] }],
      },
      answered('outer', 'a3', { item: [answered('/3333-3', 'a1')] }),
    ]),
    1321,
  )
})

t.test('a name that would mean two items is refused, and a code of two items is no name', async (t) => {
  const alias = { extension: [ours('item-alias', { valueString: 'q2' })] }
  t.throws(
    () => instrumentOf(questionnaire([question('q1', alias), question('q2'), score({ over: ['q1'] })])),
    {
      code: 'invalid',
    },
  )
  const code = { code: [{ system: 'http://loinc.org', code: '1111-1' }] }
  const form = questionnaire([question('q1', code), question('q2', code), score({ over: ['q1'] })])
  const { scores, warnings } = scored(form, { '/1111-1': 'a1' })
  t.equal(scores[0]?.value, undefined)
  t.match(warnings[0]?.diagnostics, /no item '\/1111-1'/)
})
