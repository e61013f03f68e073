// A response against its Questionnaire: what is right passes, and each fault is told at its element.
import t from 'tap'
import {
  loadDefinitions,
  loadFhirPath,
  prepareFhirPath,
  type JsonObject,
  type Resource,
} from '../../../src/fhir/index.ts'
import { responseValidator, validateResponse } from '../../../src/behavioral/forms/response-validation.ts'
import { createValidator } from '../../../src/conformance/index.ts'
import { ABOUT, answered, but, CORE, form, GOOD, ITEMS, MOOD, response } from './forms.ts'

const engine = await loadFhirPath()
const base = createValidator(loadDefinitions())
const evaluators = (expression: string) => {
  const compiled = engine.compile(expression, {})
  return (focus: JsonObject, environment = {}) => compiled(focus, environment).map(({ value }) => value)
}
const validate = responseValidator(form(), evaluators)

/** `severity code expression`, without the root's name. */
function told(answer: Resource, check = validate): string[] {
  return check(answer).map(
    ({ severity, code, expression }) =>
      `${severity} ${code} ${expression?.replace('QuestionnaireResponse', '') ?? ''}`,
  )
}

/** One form of these items, and a response of these. */
function of(items: readonly JsonObject[], answers: readonly JsonObject[], more: JsonObject = {}): string[] {
  return told(response(answers, more), (it) => validateResponse(form(items), it, evaluators))
}

t.test('the form and the response that the tests start from are R4', (t) => {
  const errors = [form(), response(GOOD)]
    .flatMap((it) => base.validate(it))
    .filter((it) => it.severity === 'error')
  t.same(errors, [])
  t.end()
})

t.test('every type of item, answered as it asks', (t) => {
  t.same(told(response(GOOD)), [])
  t.same(told(response([ABOUT, MOOD])), [], 'what is not required may be missing')
  t.end()
})

t.test('each fault, at its element', (t) => {
  const scale = 'http://example.org/scale'
  const value = (at: number, code = 'structure'): string => `error ${code} .item[${at}].answer[0].value`
  const cases: readonly [string, readonly JsonObject[], readonly string[]][] = [
    ['an unknown linkId', but('age', { linkId: 'agee' }), ['error value .item[2].linkId']],
    [
      'of another level',
      but('age', answered('name', { valueString: 'x' })),
      ['error structure .item[2].linkId'],
    ],
    [
      'a question in a group that is not its own',
      but('child', {
        linkId: 'child',
        item: [answered('child-name', { valueString: 'Bo' }), answered('age', { valueInteger: 1 })],
      }),
      ['error structure .item[15].item[1].linkId'],
    ],
    ['out of order', [ABOUT, ...but('about')].slice(0, -1), ['error structure .item[1]']],
    [
      'a group with an answer',
      but('about', { ...ABOUT, answer: [{ valueString: 'x' }] }),
      ['error structure .item[1].answer'],
    ],
    [
      'a display with an answer',
      but('intro', answered('intro', { valueString: 'x' })),
      ['error structure .item[0].answer'],
    ],
    ['a display with items', but('intro', { linkId: 'intro', item: [] }), ['error structure .item[0].item']],
    [
      'items of a question outside its answer',
      but('about', {
        linkId: 'about',
        item: [
          answered('name', { valueString: 'Ada' }),
          {
            linkId: 'smokes',
            answer: [{ valueBoolean: false }],
            item: [answered('packs', { valueDecimal: 1 })],
          },
        ],
      }),
      ['error structure .item[1].item[1].item'],
    ],
    [
      'two answers where one is asked',
      but('age', answered('age', { valueInteger: 1 }, { valueInteger: 2 })),
      ['error structure .item[2].answer'],
    ],
    [
      'an item twice',
      but('age', answered('age', { valueInteger: 1 }), { linkId: 'age' }),
      ['error structure .item[3].linkId'],
    ],
    [
      'too many of a group',
      [...GOOD, { linkId: 'child', item: [answered('child-name', { valueString: 'Di' })] }],
      ['error structure .item[15]'],
    ],
    ['integer for decimal text', but('age', answered('age', { valueDecimal: 4 })), [value(2)]],
    ['dateTime for date', but('born', answered('born', { valueDateTime: '1990' })), [value(3)]],
    ['string for choice', but('mood', answered('mood', { valueString: 'High' })), [value(8)]],
    [
      'no option',
      but('mood', answered('mood', { valueCoding: { system: scale, code: '2' } })),
      [value(8, 'code-invalid')],
    ],
    [
      'an option of another system',
      but('mood', answered('mood', { valueCoding: { code: '1' } })),
      [value(8, 'code-invalid')],
    ],
    [
      'not of the contained value set',
      but(
        'listed',
        answered('listed', { valueCoding: { system: 'http://example.org/colours', code: 'green' } }),
      ),
      [value(10, 'code-invalid')],
    ],
    [
      'beside an option that excludes others',
      but(
        'uses',
        answered(
          'uses',
          { valueCoding: { system: scale, code: 'a' } },
          { valueCoding: { system: scale, code: 'none' } },
        ),
      ),
      ['error business-rule .item[9].answer[1].value'],
    ],
    [
      'too long',
      but('about', { linkId: 'about', item: [answered('name', { valueString: 'x'.repeat(11) })] }),
      ['error value .item[1].item[0].answer[0].value'],
    ],
    ['too early', but('born', answered('born', { valueDate: '1899-12-31' })), [value(3, 'value')]],
    ['too late', but('born', answered('born', { valueDate: '2020-07-01' })), [value(3, 'value')]],
    [
      'of the wrong type of resource',
      but('who', answered('who', { valueReference: { reference: 'Group/1' } })),
      [value(14, 'value')],
    ],
    ['a required question', but('mood', { linkId: 'mood' }), ['error required .item[8]']],
    ['a required question that is not there', but('mood'), ['error required ']],
    ['a required group', but('about'), ['error required ']],
    ['a required question of a group', but('about', { linkId: 'about' }), ['error required .item[1]']],
    [
      'of each repetition of a group',
      but('child', { linkId: 'child' }, { linkId: 'child' }),
      ['error required .item[15]', 'error required .item[16]'],
    ],
  ]
  for (const [name, answers, expected] of cases) t.same(told(response(answers)), expected, name)
  t.end()
})

t.test('what is required is required of complete responses alone', (t) => {
  for (const status of ['in-progress', 'stopped', 'entered-in-error'])
    t.same(told(response([], { status })), [], status)
  for (const status of ['completed', 'amended'])
    t.same(told(response([], { status })), ['error required ', 'error required '], status)
  t.match(told(response([{ linkId: 'no' }], { status: 'in-progress' })), [/linkId$/])
  t.end()
})

t.test('numbers at their limits', (t) => {
  const packs = (written: JsonObject): string[] => {
    const about = {
      linkId: 'about',
      item: [
        answered('name', { valueString: 'A' }),
        answered('smokes', { valueBoolean: true, item: [answered('packs', written)] }),
      ],
    }
    return told(response([about, MOOD]))
  }
  for (const number of [0.5, 3, 9.9, 10]) t.same(packs({ valueDecimal: number }), [], String(number))
  for (const number of [0.4, -1, 10.1, 1.25, 1e-7 + 1])
    t.same(
      packs({ valueDecimal: number }),
      ['error value .item[0].item[1].answer[0].item[0].answer[0].value'],
      String(number),
    )
  t.end()
})

t.test('a limit of length counts characters, not their units', (t) => {
  const named = (text: string): string[] =>
    told(response([{ linkId: 'about', item: [answered('name', { valueString: text })] }, MOOD]))
  t.same(named('😀'.repeat(10)), [])
  t.equal(named('😀'.repeat(11)).length, 1)
  t.end()
})

t.test('quantities are compared where their units are the same', (t) => {
  const items = [
    {
      linkId: 'q',
      type: 'quantity',
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity',
          valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'mg' },
        },
      ],
    },
  ]
  const dose = (value: number, code: string): string[] =>
    of(items, [answered('q', { valueQuantity: { value, system: 'http://unitsofmeasure.org', code } })])
  t.same(dose(5, 'mg'), [])
  t.equal(dose(6, 'mg').length, 1)
  t.same(dose(6, 'ug'), [])
  t.end()
})

t.test('what is not asked need not be answered, and a warning tells of it when it is', (t) => {
  const smokes = (answer: boolean, ...items: readonly JsonObject[]): readonly JsonObject[] => [
    {
      linkId: 'about',
      item: [
        answered('name', { valueString: 'A' }),
        answered('smokes', { valueBoolean: answer, item: [...items] }),
      ],
    },
    MOOD,
  ]
  t.same(told(response(smokes(false))), [])
  t.same(told(response(smokes(true))), ['error required .item[0].item[1].answer[0]'])
  t.same(told(response(smokes(false, answered('packs', { valueDecimal: 1 })))), [
    'warning business-rule .item[0].item[1].answer[0].item[0]',
  ])
  t.end()
})

t.test('by an expression; where it cannot be evaluated nothing is demanded and nothing warned of', (t) => {
  const items = (expression: string): JsonObject[] => [
    { linkId: 'a', type: 'integer' },
    {
      linkId: 'b',
      type: 'integer',
      required: true,
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression',
          valueExpression: { language: 'text/fhirpath', expression },
        },
      ],
    },
  ]
  const more = "%resource.item.where(linkId='a').answer.value > 3"
  t.same(of(items(more), [answered('a', { valueInteger: 4 })]), ['error required '])
  t.same(of(items(more), [answered('a', { valueInteger: 3 })]), [])
  t.same(of(items(more), [answered('a', { valueInteger: 3 }), answered('b', { valueInteger: 1 })]), [
    'warning business-rule .item[1]',
  ])
  for (const broken of ['%unknown > 3', "'a' + 1", ')(']) {
    t.same(
      of(items(broken), [answered('a', { valueInteger: 3 })]),
      broken === ')(' ? ['error required '] : [],
      broken,
    )
    t.same(of(items(broken), [answered('b', { valueInteger: 3 })]), [], broken)
  }
  t.end()
})

t.test('least and most occurrences', (t) => {
  const items = [
    {
      linkId: 'r',
      type: 'integer',
      required: true,
      repeats: true,
      extension: [
        { url: `${CORE}/questionnaire-minOccurs`, valueInteger: 2 },
        { url: `${CORE}/questionnaire-maxOccurs`, valueInteger: 3 },
      ],
    },
  ]
  const times = (count: number, status = 'completed'): string[] =>
    of(
      items,
      count === 0 ? [] : [answered('r', ...Array.from({ length: count }, (_, i) => ({ valueInteger: i })))],
      { status },
    )
  t.same(
    [0, 1, 2, 3, 4].map((count) => times(count).length),
    [1, 1, 0, 0, 1],
  )
  t.same(
    [0, 1, 2, 3, 4].map((count) => times(count, 'in-progress').length),
    [0, 0, 0, 0, 1],
  )
  t.end()
})

t.test('what the Questionnaire accepts as an answer beside its options', (t) => {
  const option = (code: string, weight: number, display: string): JsonObject => ({
    extension: [
      { url: `${CORE}/itemWeight`, valueDecimal: weight },
      {
        url: 'https://alcove.health/fhir/StructureDefinition/assessment-answer-alias',
        valueCoding: { system: 'http://other', code: `o${code}` },
      },
    ],
    valueCoding: { system: 'http://s', code, display },
  })
  const items = (accepts: readonly string[]): JsonObject[] => [
    {
      linkId: 'q',
      type: 'choice',
      answerOption: [option('n', 0, 'Not at all'), option('s', 1, 'Several days')],
      extension: accepts.map((valueCode) => ({
        url: 'https://alcove.health/fhir/StructureDefinition/assessment-accepts',
        valueCode,
      })),
    },
  ]
  const is = (accepts: readonly string[], answer: JsonObject): boolean =>
    of(items(accepts), [answered('q', answer)]).length === 0
  t.ok(is([], { valueCoding: { system: 'http://s', code: 's' } }))
  t.ok(is([], { valueCoding: { system: 'http://other', code: 'os' } }))
  t.notOk(is([], { valueCoding: { system: 'http://s', code: 'os' } }))
  t.ok(is(['number'], { valueInteger: 1 }))
  t.ok(is(['number'], { valueDecimal: 0 }))
  t.notOk(is(['number'], { valueInteger: 2 }))
  t.notOk(is(['text'], { valueInteger: 1 }))
  t.ok(is(['text'], { valueString: ' several DAYS ' }))
  t.notOk(is(['text'], { valueString: 'daily' }))
  t.notOk(is([], { valueString: 'Several days' }))
  t.end()
})

t.test('scores that the server computes are not asked for, and may be there', (t) => {
  const items = [
    {
      linkId: 'score',
      type: 'decimal',
      required: true,
      readOnly: true,
      extension: [
        {
          url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
          valueExpression: { language: 'text/fhirpath', expression: '1' },
        },
      ],
    },
  ]
  t.same(of(items, []), [])
  t.same(of(items, [answered('score', { valueDecimal: 7 })]), [])
  t.end()
})

t.test('each message says what would be right', (t) => {
  const said = (answers: readonly JsonObject[]): string =>
    validate(response(answers))
      .map((it) => it.diagnostics)
      .join(' ')
  t.match(said(but('age', { linkId: 'agee' })), /no item of the linkId 'agee'\. Did you mean 'age'\?/)
  t.match(said(but('age', answered('name', { valueString: 'x' }))), /in the Questionnaire it is in 'about'/)
  t.match(said(but('age', answered('packs', { valueDecimal: 1 }))), /in an answer to 'smokes'/)
  t.match(
    said(but('age', answered('age', { valueString: '4' }))),
    /of the type integer, is a valueInteger, not a valueString/,
  )
  t.match(
    said(but('mood', answered('mood', { valueCoding: { code: 'x' } }))),
    /they are: '0' \(Low\), '1' \(High\)/,
  )
  t.match(said(but('about', { linkId: 'about' })), /needs the answer to 'name' \(Name\)/)
  t.end()
})

t.test('a hostile form and response are answered in bounded words', (t) => {
  const many = Array.from(
    { length: 100_000 },
    (_, i): JsonObject => ({ linkId: `q${i}`, type: 'integer', required: true }),
  )
  const check = responseValidator(form(many), evaluators)
  t.equal(check(response([])).length, 251)
  t.same(check(response(many.map(({ linkId }) => answered(String(linkId), { valueInteger: 1 })))), [])
  const wrong = Array.from({ length: 100_000 }, (_, i): JsonObject => ({ linkId: `p${i}` }))
  t.equal(check(response(wrong)).length, 251)
  let deep: JsonObject = { linkId: 'x', type: 'group' }
  let nested: JsonObject = { linkId: 'x' }
  for (let i = 0; i < 90; i++) {
    deep = { linkId: `g${i}`, type: 'group', item: [deep] }
    nested = { linkId: `g${i}`, item: [nested] }
  }
  t.same(of([deep], [nested]), [])
  t.end()
})

t.test('expressions that take long leave unknown what they say, and end', (t) => {
  const slow = '(1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9).repeat($this + 1).where($this < 100000).exists()'
  const url = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression'
  const items = Array.from({ length: 2000 }, (_, i) => ({
    linkId: `q${i}`,
    type: 'integer',
    required: true,
    extension: [{ url, valueExpression: { language: 'text/fhirpath', expression: `${slow} or ${i} = 1` } }],
  }))
  const check = responseValidator(form(items), prepareFhirPath)
  t.same(check(response([])), [], 'nothing is demanded')
  t.end()
})

t.test('warnings hide no fault', (t) => {
  const items = [
    ...Array.from({ length: 400 }, (_, i) => ({
      linkId: `q${i}`,
      type: 'integer',
      enableWhen: [{ question: 'last', operator: 'exists', answerBoolean: false }],
    })),
    { linkId: 'last', type: 'integer' },
  ]
  const issues = of(items, [
    ...items.slice(0, 400).map(({ linkId }) => answered(linkId, { valueInteger: 1 })),
    answered('last', { valueInteger: 1 }),
    { linkId: 'no' },
  ])
  t.same(
    issues.filter((it) => it.startsWith('error')),
    ['error value .item[401].linkId'],
  )
  t.end()
})

t.test('whatever is posted is answered, by issues alone', (t) => {
  let seed = 20260131
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed % below
  }
  const junk = [
    null,
    1,
    'x',
    true,
    [],
    {},
    [null],
    [[]],
    { item: 1 },
    [{ linkId: 'about', item: [{ answer: [{ valueCoding: 3 }] }] }],
  ]
  const shake = (value: unknown): unknown => {
    if (random(12) === 0) return junk[random(junk.length)]
    if (Array.isArray(value)) return value.map(shake)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, shake(held)]))
  }
  for (let i = 0; i < 500; i++) {
    const questionnaire = { ...form(), item: shake(ITEMS) } as Resource
    const answer = { ...response([]), item: shake(GOOD) } as Resource
    t.ok(Array.isArray(validateResponse(questionnaire, answer, evaluators)))
  }
  t.end()
})
