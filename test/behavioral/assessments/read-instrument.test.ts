// What is wrong with a Questionnaire that scores is told, each fault at its element; what is hostile ends soon.
import t from 'tap'
import { readInstrument, scoreResponse } from '../../../src/behavioral/index.ts'
import {
  FhirError,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../../src/fhir/index.ts'
import {
  CODES,
  coding,
  complex,
  enableWhenExpression,
  evaluators,
  fhirpath,
  instrumentOf,
  option,
  ours,
  question,
  questionnaire,
  respond,
  score,
  weight,
} from './building.ts'

const SCORE = 'Questionnaire.item[1]'
const withScore = (parts: Partial<Parameters<typeof score>[0]>, more: JsonObject = {}): Resource =>
  questionnaire([question('q1'), score({ over: ['q1'], ...parts })], more)

const alert = (...left: readonly string[]): JsonObject =>
  complex(
    'alert',
    ...(
      [
        ['id', 'valueId', 'x'],
        ['title', 'valueString', 'Danger'],
        ['level', 'valueCode', 'high'],
        ['when', 'valueExpression', fhirpath('true')],
      ] as const
    ).filter(([name]) => !left.includes(name)),
  )

/** The elements of the faults. */
function faultsOf(resource: Resource): readonly (string | undefined)[] {
  try {
    readInstrument(resource, evaluators)
    return []
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'invalid') throw error
    return error.issues.map(({ expression }) => expression)
  }
}

t.test('what has neither scores nor alerts is no instrument, whatever it says', async (t) => {
  t.equal(readInstrument(questionnaire([question('q1')]), evaluators), undefined)
  t.equal(
    readInstrument(
      questionnaire([
        { linkId: 'x', type: 'group' },
        { linkId: 'x', type: 'group' },
      ]),
      evaluators,
    ),
    undefined,
  )
  t.equal(readInstrument({ resourceType: 'Questionnaire' }, evaluators), undefined)
})

t.test('what an instrument says of itself', async (t) => {
  const form = withScore(
    {
      parts: [
        ['primary', 'valueBoolean', true],
        ['reference', 'valueString', 'Somebody 2001'],
        ['lowest', 'valueDecimal', 0],
      ],
    },
    {
      version: '2.1',
      name: 'Q',
      extension: [
        ours('alias', { valueCanonical: 'http://example.org/other' }),
        complex(
          'frequency',
          ['every', 'valueDuration', { value: 2, code: 'wk' }],
          ['basis', 'valueCode', 'published'],
        ),
        alert(),
      ],
    },
  )
  const instrument = instrumentOf(form)
  t.match(instrument, {
    version: '2.1',
    title: 'Q',
    aliases: ['http://example.org/other'],
    frequency: { every: 2, unit: 'wk', basis: 'published' },
    needsPatient: false,
  })
  t.match(instrument.scores[0], {
    primary: true,
    mostMissing: 0,
    lowest: 0,
    references: ['Somebody 2001'],
    variable: 'score_total',
  })
  t.match(instrument.alerts[0], { id: 'x', raisesFlag: false, priority: undefined })
})

t.test('each fault at its element', async (t) => {
  const band = (...parts: Parameters<typeof complex> extends [string, ...infer P] ? P : never): Resource =>
    withScore({ extension: [complex('band', ...parts)] })
  const change = (...parts: Parameters<typeof complex> extends [string, ...infer P] ? P : never): Resource =>
    withScore({ extension: [complex('change', ...parts)] })
  const text = ['text', 'valueString', 'x'] as const
  const basis = ['basis', 'valueCode', 'published'] as const
  const kind = ['kind', 'valueCode', 'remission'] as const
  const root = (extension: JsonObject): Resource => withScore({}, { extension: [extension] })
  const cases: readonly (readonly [name: string, form: Resource, element: string])[] = [
    ['no url', withScore({}, { url: undefined as never }), 'Questionnaire'],
    [
      'one linkId twice',
      questionnaire([question('q1'), score({ over: ['q1'] }), question('q1')]),
      'Questionnaire.item[2].linkId',
    ],
    [
      'no linkId',
      questionnaire([question('q1'), score({ over: ['q1'] }), { type: 'string' }]),
      'Questionnaire.item[2]',
    ],
    ['a score that is a text', withScore({ type: 'string' }), `${SCORE}.type`],
    ['a score without a code', withScore({ more: { code: [] } }), SCORE],
    ['a score that repeats', withScore({ more: { repeats: true } }), SCORE],
    [
      'a score without an expression',
      withScore({ more: { extension: [complex('score', ['over', 'valueString', 'q1'])] } }),
      SCORE,
    ],
    ['over nothing', withScore({ over: [] }), `${SCORE}.extension[1]`],
    [
      'over what is not there',
      withScore({ over: ['q1', 'q9'] }),
      `${SCORE}.extension[1].extension[1].valueString`,
    ],
    ['over itself', withScore({ over: ['total'] }), `${SCORE}.extension[1].extension[0].valueString`],
    ['over one twice', withScore({ over: ['q1', 'q1'] }), `${SCORE}.extension[1]`],
    [
      'over a choice of unknown answers',
      questionnaire([
        { linkId: 'q1', type: 'choice', answerValueSet: 'http://example.org/vs' },
        score({ over: ['q1'] }),
      ]),
      `${SCORE}.extension[1].extension[0].valueString`,
    ],
    [
      'over a group',
      questionnaire([{ linkId: 'q1', type: 'group' }, score({ over: ['q1'] })]),
      `${SCORE}.extension[1].extension[0].valueString`,
    ],
    [
      'a later score',
      questionnaire([
        question('q1'),
        score({ linkId: 'a', over: ['q1', 'b'] }),
        score({ linkId: 'b', over: ['q1'] }),
      ]),
      `${SCORE}.extension[1].extension[1].valueString`,
    ],
    [
      'all may be missing',
      withScore({ parts: [['mostMissing', 'valueUnsignedInt', 1]] }),
      `${SCORE}.extension[1].extension[1].valueUnsignedInt`,
    ],
    [
      'less than none missing',
      withScore({ parts: [['mostMissing', 'valueUnsignedInt', -1]] }),
      `${SCORE}.extension[1].extension[1]`,
    ],
    [
      'a range upside down',
      withScore({
        parts: [
          ['lowest', 'valueDecimal', 3],
          ['highest', 'valueDecimal', 1],
        ],
      }),
      `${SCORE}.extension[1].extension[2].valueDecimal`,
    ],
    [
      'an unknown direction',
      withScore({ parts: [['direction', 'valueCode', 'up']] }),
      `${SCORE}.extension[1].extension[1].valueCode`,
    ],
    [
      'an unknown part',
      withScore({ parts: [['lowst', 'valueDecimal', 3]] }),
      `${SCORE}.extension[1].extension[1]`,
    ],
    [
      'a part of another type',
      withScore({ parts: [['lowest', 'valueString', '3']] }),
      `${SCORE}.extension[1].extension[1]`,
    ],
    [
      'a part that is there twice',
      withScore({
        parts: [
          ['lowest', 'valueDecimal', 0],
          ['lowest', 'valueDecimal', 0],
        ],
      }),
      `${SCORE}.extension[1].extension[2].valueDecimal`,
    ],
    [
      'two primary scores',
      questionnaire(
        ['a', 'b'].reduce<JsonObject[]>(
          (items, linkId) => [
            ...items,
            score({ linkId, over: ['q1'], parts: [['primary', 'valueBoolean', true]] }),
          ],
          [question('q1')],
        ),
      ),
      'Questionnaire.item[2]',
    ],
    [
      'two scores of one variable',
      questionnaire([
        question('q1'),
        score({ linkId: '/a-b', over: ['q1'] }),
        score({ linkId: 'a_b', over: ['q1'] }),
      ]),
      'Questionnaire.item[2].linkId',
    ],
    ['bad syntax', withScore({ expression: '1 +' }), `${SCORE}.extension[0].valueExpression`],
    [
      'an unknown variable',
      withScore({ expression: '%scoretotal' }),
      `${SCORE}.extension[0].valueExpression`,
    ],
    ['its own score', withScore({ expression: '%score_total + 1' }), `${SCORE}.extension[0].valueExpression`],
    ['%score in the score', withScore({ expression: '%score' }), `${SCORE}.extension[0].valueExpression`],
    ['a choice without results', withScore({ type: 'choice' }), SCORE],
    [
      'results of one code',
      withScore({ type: 'choice', more: { answerOption: [option(1), option(1)] } }),
      SCORE,
    ],
    [
      'a result that is a text',
      withScore({ type: 'choice', more: { answerOption: [option(1), { valueString: 'x' }] } }),
      `${SCORE}.answerOption[1]`,
    ],
    ['a band without a text', band(['low', 'valueDecimal', 0]), `${SCORE}.extension[2]`],
    ['a band without bounds', band(text), `${SCORE}.extension[2]`],
    [
      'a band upside down',
      band(text, ['low', 'valueDecimal', 2], ['high', 'valueDecimal', 1]),
      `${SCORE}.extension[2].extension[2].valueDecimal`,
    ],
    ['a band of a number by code', band(text, ['code', 'valueCode', 'x']), `${SCORE}.extension[2]`],
    [
      'a band of an unknown severity',
      band(text, ['low', 'valueDecimal', 2], ['severity', 'valueCode', 'bad']),
      `${SCORE}.extension[2].extension[2].valueCode`,
    ],
    [
      'a band of a code that is no result',
      withScore({
        type: 'choice',
        more: { answerOption: [option(1)] },
        extension: [complex('band', text, ['code', 'valueCode', 'a2'])],
      }),
      `${SCORE}.extension[2].extension[1].valueCode`,
    ],
    ['a change without a kind', change(basis, ['points', 'valueDecimal', 5]), `${SCORE}.extension[2]`],
    ['a change without a basis', change(kind, ['points', 'valueDecimal', 5]), `${SCORE}.extension[2]`],
    ['a change by nothing', change(kind, basis), `${SCORE}.extension[2]`],
    [
      'a change by two measures',
      change(kind, basis, ['points', 'valueDecimal', 5], ['below', 'valueDecimal', 5]),
      `${SCORE}.extension[2]`,
    ],
    [
      'a change by none',
      change(kind, basis, ['points', 'valueDecimal', 0]),
      `${SCORE}.extension[2].extension[2].valueDecimal`,
    ],
    [
      'a change of what is no number',
      withScore({
        type: 'boolean',
        extension: [complex('change', kind, basis, ['points', 'valueDecimal', 5])],
      }),
      SCORE,
    ],
    ['an alert without a title', root(alert('title')), 'Questionnaire.extension[0]'],
    ['an alert without a rule', root(alert('when')), 'Questionnaire.extension[0]'],
    ['an alert without a level', root(alert('level')), 'Questionnaire.extension[0]'],
    [
      'two alerts of one id',
      withScore({}, { extension: [alert(), alert()] }),
      'Questionnaire.extension[1].extension[0].valueId',
    ],
    ['an alias that is none', root(ours('alias', { valueString: 'x' })), 'Questionnaire.extension[0]'],
    [
      'a frequency without a basis',
      root(complex('frequency', ['every', 'valueDuration', { value: 1, code: 'a' }])),
      'Questionnaire.extension[0]',
    ],
    [
      'a frequency in hours',
      root(complex('frequency', ['every', 'valueDuration', { value: 1, code: 'h' }], basis)),
      'Questionnaire.extension[0].extension[0].valueDuration',
    ],
    [
      'another language',
      withScore({
        more: {
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
              valueExpression: { language: 'text/cql', expression: '1' },
            },
            complex('score', ['over', 'valueString', 'q1']),
          ],
        },
      }),
      `${SCORE}.extension[0].valueExpression.language`,
    ],
    [
      'an option without a value',
      questionnaire([question('q1', { answerOption: [{}] }), score({ over: ['q1'] })]),
      'Questionnaire.item[0].answerOption[0]',
    ],
    [
      'an option of two weights',
      questionnaire([
        question('q1', { answerOption: [{ valueCoding: coding('x'), extension: [weight(1), weight(2)] }] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].answerOption[0]',
    ],
    [
      'one option twice',
      questionnaire([question('q1', { answerOption: [option(1), option(1)] }), score({ over: ['q1'] })]),
      'Questionnaire.item[0]',
    ],
    [
      'a ValueSet that is not contained',
      questionnaire([{ linkId: 'q1', type: 'choice', answerValueSet: '#x' }, score({ over: ['q1'] })]),
      'Questionnaire.item[0].answerValueSet',
    ],
    [
      'enableWhen of no item',
      questionnaire([
        question('q1', { enableWhen: [{ question: 'q9', operator: 'exists', answerBoolean: true }] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].enableWhen[0].question',
    ],
    [
      'enableWhen by no operator',
      questionnaire([
        question('q1', { enableWhen: [{ question: 'q1', operator: '~', answerBoolean: true }] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].enableWhen[0].operator',
    ],
    [
      'enableWhen without an answer',
      questionnaire([
        question('q1', { enableWhen: [{ question: 'q1', operator: '=' }] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].enableWhen[0]',
    ],
    [
      'whether it exists by a text',
      questionnaire([
        question('q1', { enableWhen: [{ question: 'q1', operator: 'exists', answerString: 'x' }] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].enableWhen[0].answerString',
    ],
    [
      'an expression of enableWhen that asks for a score',
      questionnaire([
        question('q1', { extension: [enableWhenExpression('%score_total > 1')] }),
        score({ over: ['q1'] }),
      ]),
      'Questionnaire.item[0].extension[0].valueExpression',
    ],
    [
      'acceptance of what there is not',
      withScore({}, { extension: [ours('accepts', { valueCode: 'colours' })] }),
      'Questionnaire.extension[0].valueCode',
    ],
    [
      'a variable of a taken name',
      root({
        url: 'http://hl7.org/fhir/StructureDefinition/variable',
        valueExpression: { ...fhirpath('1'), name: 'patient' },
      }),
      'Questionnaire.extension[0].valueExpression.name',
    ],
  ]
  for (const [name, form, element] of cases) {
    const faults = faultsOf(form)
    t.ok(faults.includes(element), `${name}: ${element} of ${faults.join(', ')}`)
    t.ok(faults.length <= 2, `${name}: ${faults.length}`)
  }
  t.ok(new Set(cases.map(([name]) => name)).size === cases.length)
})

t.test('many faults are told at once, up to a hundred', async (t) => {
  const items = Array.from({ length: 300 }, (_, n) => question(`q${n}`, { answerOption: [{}] }))
  t.equal(faultsOf(questionnaire([...items, score({ over: ['q1'] })])).length, 100)
})

t.test('variables in a circle are not known to each other', async (t) => {
  const variable = (name: string, expression: string): JsonObject => ({
    url: 'http://hl7.org/fhir/StructureDefinition/variable',
    valueExpression: { ...fhirpath(expression), name },
  })
  const extension = [variable('a', '%b'), variable('b', '%a')]
  t.strictSame(faultsOf(withScore({ expression: '%a' }, { extension })), [
    `${SCORE}.extension[0].valueExpression`,
  ])
  t.strictSame(faultsOf(withScore({}, { extension })), [], 'nobody asks for them')
})

t.test('expressions that would never end make no score, and end', async (t) => {
  for (const expression of [
    '(1 | 2 | 3 | 4).repeat($this + 1).count()',
    `${'%resource.descendants().select('.repeat(9)}1${')'.repeat(9)}.count()`,
    `(${Array.from({ length: 40 }, (_, n) => n).join('|')}).aggregate($total.combine($total), 1).count()`,
  ]) {
    const instrument = instrumentOf(withScore({ expression }))
    const { scores, warnings } = scoreResponse(instrument, respond({ q1: 'a1' }), { patient: undefined })
    t.equal(scores[0]?.value, undefined, expression)
    t.equal(scores[0]?.absentReason, 'error')
    t.equal(warnings.length, 1)
  }
})

t.test('expressions that take long one by one are not all tried', async (t) => {
  const expression = `${'%resource.descendants().select('.repeat(9)}1${')'.repeat(9)}.count()`
  const scores = Array.from({ length: 50 }, (_, n) => score({ linkId: `s${n}`, over: ['q1'], expression }))
  const instrument = instrumentOf(questionnaire([question('q1'), ...scores], { extension: [alert()] }))
  const { warnings, alerts } = scoreResponse(instrument, respond({ q1: 'a1' }), { patient: undefined })
  t.match(warnings.at(-1)?.diagnostics, /on this response/)
  t.equal(alerts.length, 1, 'whether there is danger cannot be said')
})

t.test('too many items, answers, scores, alerts, bands and variables are refused', async (t) => {
  const many = (length: number, make: (n: number) => JsonObject) => Array.from({ length }, (_, n) => make(n))
  const element = 'Questionnaire'
  const texts = many(10_001, (n) => ({ linkId: `x${n}`, type: 'string' }))
  t.strictSame(faultsOf(questionnaire([question('q1'), score({ over: ['q1'] }), ...texts])), [element])
  const concept = many(26_000, (n) => ({ code: `c${n}` }))
  const answers = { resourceType: 'ValueSet', id: 'x', status: 'active', compose: { include: [{ concept }] } }
  const asking = ['q1', 'q2'].map((linkId) => ({ linkId, type: 'choice', answerValueSet: '#x' }))
  t.strictSame(faultsOf(questionnaire([...asking, score({ over: ['q1'] })], { contained: [answers] })), [
    'Questionnaire.item[1]',
  ])
  t.ok(
    faultsOf(
      questionnaire([question('q1'), ...many(201, (n) => score({ linkId: `s${n}`, over: ['q1'] }))]),
    ).includes(element),
  )
  t.ok(faultsOf(withScore({}, { extension: many(101, () => alert()) })).includes(element))
  t.ok(
    faultsOf(
      withScore(
        {},
        {
          extension: many(101, (n) => ({
            url: 'http://hl7.org/fhir/StructureDefinition/variable',
            valueExpression: { ...fhirpath('1'), name: `v${n}` },
          })),
        },
      ),
    ).includes(element),
  )
  t.ok(
    faultsOf(
      withScore({
        extension: many(101, (n) =>
          complex('band', ['low', 'valueDecimal', n], ['text', 'valueString', 'x']),
        ),
      }),
    ).includes(SCORE),
  )
})

t.test(
  'whatever stands in place of an element, it is told or passed over, and responses are scored',
  async (t) => {
    const form = withScore(
      {
        type: 'choice',
        more: { answerOption: [{ valueCoding: { system: CODES, code: 'a' } }] },
        expression: "'a'",
        extension: [complex('band', ['code', 'valueCode', 'a'], ['text', 'valueString', 'x'])],
      },
      {
        extension: [
          alert(),
          complex(
            'frequency',
            ['every', 'valueDuration', { value: 1, code: 'a' }],
            ['basis', 'valueCode', 'published'],
          ),
        ],
      },
    )
    const response = respond({ q1: 'a1' })
    const odd: readonly JsonValue[] = [
      null,
      true,
      7,
      'x',
      [],
      {},
      [null],
      [[]],
      [{}],
      { extension: [{ url: 1 }] },
    ]
    let outcomes = 0
    for (const [base, judge] of [
      [form, (changed: Resource) => readInstrument(changed, evaluators)],
      [response, (changed: Resource) => scoreResponse(instrumentOf(form), changed, { patient: undefined })],
    ] as const) {
      for (const path of pathsIn(base)) {
        for (const value of odd) {
          try {
            judge(replaced(base, path, value) as Resource)
            outcomes += 1
          } catch (error) {
            if (!(error instanceof FhirError))
              throw new Error(`${path.join('.')} = ${JSON.stringify(value)}`, { cause: error })
            outcomes += 1
          }
        }
      }
    }
    t.ok(outcomes > 1000, String(outcomes))
  },
)

function pathsIn(value: JsonValue, path: readonly (string | number)[] = []): (string | number)[][] {
  const here = path.length === 0 ? [] : [[...path]]
  if (Array.isArray(value)) return [...here, ...value.flatMap((it, n) => pathsIn(it, [...path, n]))]
  if (!isJsonObject(value)) return here
  return [...here, ...Object.keys(value).flatMap((key) => pathsIn(value[key] as JsonValue, [...path, key]))]
}

function replaced(
  value: JsonValue,
  [first, ...rest]: readonly (string | number)[],
  by: JsonValue,
): JsonValue {
  if (first === undefined) return by
  if (Array.isArray(value)) return value.map((it, n) => (n === first ? replaced(it, rest, by) : it))
  const object = value as JsonObject
  return { ...object, [first]: replaced(object[first] as JsonValue, rest, by) }
}
