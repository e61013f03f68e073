// Assessments that do not ship, since somebody has to hold a licence for them: who does writes them as a Questionnaire, and
// they score with no line of code. Their structure is built here with labels of our own.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import { scoreResponse } from '../../../src/behavioral/index.ts'
import { type JsonObject, loadDefinitions, parseJson, type Resource } from '../../../src/fhir/index.ts'
import { instrumentOf, item, response } from './shipped.ts'

const EXTENSIONS = 'https://alcove.health/fhir/StructureDefinition/assessment-'
const WEIGHT = 'http://hl7.org/fhir/StructureDefinition/itemWeight'
const CALCULATED = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression'
const CLINIC = 'http://clinic.example.org/codes'
const NOBODY = { patient: undefined }

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String(first + i))

const linked = (ids: readonly string[]): string =>
  `%resource.item.where(linkId in (${ids.map((id) => `'${id}'`).join(' | ')}))`

const formula = (expression: string): JsonObject => ({ language: 'text/fhirpath', expression })

function question(linkId: string, weights: readonly number[]): JsonObject {
  return {
    linkId,
    code: [{ system: CLINIC, code: `question-${linkId}` }],
    text: `Question ${linkId}`,
    type: 'choice',
    answerOption: weights.map((weight) => ({
      extension: [{ url: WEIGHT, valueDecimal: weight }],
      valueCoding: { system: CLINIC, code: `answer-${weight}`, display: `Step ${weight}` },
    })),
  }
}

interface ScoreSpec {
  readonly linkId: string
  readonly over: readonly string[]
  readonly expression: string
  readonly type?: 'decimal' | 'choice' | 'boolean'
  readonly parts?: readonly JsonObject[]
  readonly more?: readonly JsonObject[]
  readonly results?: readonly string[]
}

function scoreItem({ linkId, over, expression, type, parts, more, results }: ScoreSpec): JsonObject {
  return {
    linkId,
    extension: [
      { url: CALCULATED, valueExpression: formula(expression) },
      {
        url: `${EXTENSIONS}score`,
        extension: [...over.map((it) => ({ url: 'over', valueString: it })), ...(parts ?? [])],
      },
      ...(more ?? []),
    ],
    code: [{ system: CLINIC, code: `score-${linkId}` }],
    text: linkId,
    type: type ?? 'decimal',
    readOnly: true,
    ...(results && {
      answerOption: results.map((code) => ({ valueCoding: { system: CLINIC, code, display: code } })),
    }),
  }
}

function band(low: number, high: number, text: string, severity: string): JsonObject {
  return {
    url: `${EXTENSIONS}band`,
    extension: [
      { url: 'low', valueDecimal: low },
      { url: 'high', valueDecimal: high },
      { url: 'text', valueString: text },
      { url: 'severity', valueCode: severity },
    ],
  }
}

const positive = (expression: string): JsonObject => ({
  url: `${EXTENSIONS}positive`,
  valueExpression: formula(expression),
})

function questionnaire(id: string, items: readonly JsonObject[]): Resource {
  return {
    resourceType: 'Questionnaire',
    id,
    url: `http://clinic.example.org/Questionnaire/${id}`,
    version: '3',
    status: 'active',
    subjectType: ['Patient'],
    copyright: 'Used by permission.',
    item: items as JsonObject[],
  }
}

const validator = createValidator(loadDefinitions())

/** Scores a response that answers each question by its weight; those that are undefined are left out. */
function scorer(resource: Resource): (weightOf: (id: string) => number | undefined) => {
  readonly values: Readonly<Record<string, unknown>>
  readonly bands: Readonly<Record<string, unknown>>
  readonly positives: readonly string[]
} {
  const instrument = instrumentOf(resource)
  return (weightOf) => {
    const items = [...instrument.questions.keys()].flatMap((id): JsonObject[] => {
      const weight = weightOf(id)
      if (weight === undefined) return []
      return [item(id, 'valueCoding', { system: CLINIC, code: `answer-${weight}` })]
    })
    const { scores, warnings } = scoreResponse(instrument, response(instrument.url, items), NOBODY)
    if (warnings.length > 0) throw new Error(JSON.stringify(warnings))
    return {
      values: Object.fromEntries(
        scores.map(({ rule, value }) => [rule.linkId, typeof value === 'object' ? value.code : value]),
      ),
      bands: Object.fromEntries(scores.map(({ rule, band: found }) => [rule.linkId, found?.text])),
      positives: scores.filter((it) => it.positive === true).map(({ rule }) => rule.linkId),
    }
  }
}

t.test('ten questions from 0 to 4 in two halves, with severity and partial response', async (t) => {
  const sum = (ids: readonly string[]): string => `${linked(ids)}.answer.value.weight().sum()`
  const change = (kind: string, measure: string, value: number): JsonObject => ({
    url: `${EXTENSIONS}change`,
    extension: [
      { url: 'kind', valueCode: kind },
      { url: measure, valueDecimal: value },
      { url: 'basis', valueCode: 'published' },
    ],
  })
  const resource = questionnaire('obsessions', [
    ...range(1, 10).map((it) => question(it, [0, 1, 2, 3, 4])),
    scoreItem({
      linkId: 'total',
      over: range(1, 10),
      expression: sum(range(1, 10)),
      parts: [{ url: 'primary', valueBoolean: true }],
      more: [
        band(0, 7, 'Subclinical', 'none'),
        band(8, 15, 'Mild', 'mild'),
        band(16, 23, 'Moderate', 'moderate'),
        band(24, 31, 'Severe', 'severe'),
        band(32, 40, 'Extreme', 'very-severe'),
        change('response', 'percent', 35),
        change('partial-response', 'percent', 25),
        change('remission', 'atMost', 12),
      ],
    }),
    scoreItem({ linkId: 'obsessions', over: range(1, 5), expression: sum(range(1, 5)) }),
    scoreItem({ linkId: 'compulsions', over: range(6, 10), expression: sum(range(6, 10)) }),
  ])
  t.same(validator.validate(resource), [])
  const score = scorer(resource)
  t.same(score(() => 4).values, { total: 40, obsessions: 20, compulsions: 20 })
  t.same(
    score((id) => (Number(id) <= 5 ? 2 : 1)).bands,
    { total: 'Mild', obsessions: undefined, compulsions: undefined },
    '15',
  )
  t.same(score((id) => (id === '7' ? undefined : 1)).values, {
    total: undefined,
    obsessions: 5,
    compulsions: undefined,
  })
  t.same(
    instrumentOf(resource).scores[0]?.changes.map(({ kind }) => kind),
    ['response', 'partial-response', 'remission'],
  )
})

t.test('55 questions: counts of symptoms, a mean of performance, and a diagnosis from both', async (t) => {
  const symptoms = { inattentive: [1, 9, 6], hyperactive: [10, 18, 6], defiant: [19, 26, 4] } as const
  const count = (ids: readonly string[]): string => `${linked(ids)}.where(answer.value.weight() >= 2).count()`
  const performance = range(48, 55)
  const weights = `${linked(performance)}.answer.value.weight()`
  const isImpaired = (least: number): string => `${weights}.where($this >= ${least}).count()`
  const resource = questionnaire('attention', [
    ...range(1, 47).map((it) => question(it, [0, 1, 2, 3])),
    ...performance.map((it) => question(it, [1, 2, 3, 4, 5])),
    ...Object.entries(symptoms).map(([linkId, [first, last, cut]]) =>
      scoreItem({
        linkId,
        over: range(first, last),
        expression: count(range(first, last)),
        more: [positive(`%score >= ${cut}`)],
      }),
    ),
    scoreItem({
      linkId: 'combined',
      over: ['inattentive', 'hyperactive'],
      expression: '%score_inattentive + %score_hyperactive',
    }),
    scoreItem({ linkId: 'average', over: performance, expression: `${weights}.sum() / 8` }),
    scoreItem({
      linkId: 'diagnosis',
      type: 'choice',
      over: ['inattentive', 'hyperactive', ...performance],
      expression: `iif((%score_inattentive >= 6 or %score_hyperactive >= 6) and (${isImpaired(5)} >= 1 or ${isImpaired(4)} >= 2), 'met', 'not-met')`,
      results: ['met', 'not-met'],
      more: [positive("%score = 'met'")],
    }),
  ])
  t.same(validator.validate(resource), [])
  const score = scorer(resource)
  const answers =
    (inattentive: number, performs: (id: string) => number) =>
    (id: string): number =>
      Number(id) >= 48 ? performs(id) : Number(id) <= inattentive ? 2 : 1
  const met = score(answers(6, (id) => (id === '48' ? 5 : 3)))
  t.same(met.values, {
    inattentive: 6,
    hyperactive: 0,
    defiant: 0,
    combined: 6,
    average: 3.25,
    diagnosis: 'met',
  })
  t.same(met.positives, ['inattentive', 'diagnosis'])
  t.equal(score(answers(5, () => 5)).values['diagnosis'], 'not-met', 'too few symptoms')
  t.equal(score(answers(9, (id) => (id === '48' ? 4 : 3))).values['diagnosis'], 'not-met', 'performs well')
  t.equal(score(answers(9, (id) => (Number(id) < 50 ? 4 : 3))).values['diagnosis'], 'met')
  const partly = score((id) => (id === '50' ? undefined : answers(9, () => 5)(id)))
  t.same(
    [partly.values['inattentive'], partly.values['average'], partly.values['diagnosis']],
    [9, undefined, undefined],
  )
})

t.test('twenty ratings of which some are left out: the mean of those that are there', async (t) => {
  const ids = range(1, 20)
  const ratings = `${linked(ids)}.answer.value.weight()`
  const resource = questionnaire('living', [
    ...ids.map((it) => question(it, [1, 2, 3, 4, 5, 6, 7])),
    scoreItem({
      linkId: 'average',
      over: ids,
      expression: `(${ratings}.sum() / ${ratings}.count()).round(1)`,
      parts: [
        { url: 'mostMissing', valueUnsignedInt: 19 },
        { url: 'direction', valueCode: 'higher-is-better' },
      ],
      more: [band(1, 4, 'Serious', 'severe'), band(4.1, 7, 'Mild', 'mild')],
    }),
  ])
  t.same(validator.validate(resource), [])
  const score = scorer(resource)
  const mean = score((id) => (id === '1' ? 7 : id === '2' ? 3 : id === '3' ? 3 : undefined))
  t.same([mean.values['average'], mean.bands['average']], [4.3, 'Mild'])
  t.same(score(() => undefined).values, { average: undefined })
})

t.test(
  'the ordinals of LOINC, and a list of answers within the Questionnaire, are read as well',
  async (t) => {
    const resource = questionnaire('older', [
      {
        linkId: '1',
        text: 'Question 1',
        type: 'choice',
        answerValueSet: '#steps',
      },
      scoreItem({ linkId: 'total', over: ['1'], expression: `${linked(['1'])}.answer.value.weight().sum()` }),
    ])
    resource['contained'] = [
      {
        resourceType: 'ValueSet',
        id: 'steps',
        status: 'active',
        compose: {
          include: [
            {
              system: CLINIC,
              concept: [3, 5].map((weight) => ({
                extension: [
                  { url: 'http://hl7.org/fhir/StructureDefinition/ordinalValue', valueDecimal: weight },
                ],
                code: `answer-${weight}`,
                display: `Step ${weight}`,
              })),
            },
          ],
        },
      },
    ]
    t.same(validator.validate(resource), [])
    t.same(scorer(resource)(() => 5).values, { total: 5 })
  },
)

t.test('the example of the page for practices is valid, and scores', async (t) => {
  const page = readFileSync(new URL('../../../ig/assessments.md', import.meta.url), 'utf8')
  const [, example = ''] = /```json\n(\{[^]*?)```/.exec(page) ?? []
  const resource = parseJson(Buffer.from(example)) as Resource
  t.same(validator.validate(resource), [])
  const instrument = instrumentOf(resource)
  const yes = { system: CLINIC, code: 'yes' }
  const items = ['1', '2'].map((linkId) => item(linkId, 'valueCoding', yes))
  const { scores, alerts } = scoreResponse(instrument, response(instrument.url, items), NOBODY)
  t.match(scores, [{ value: 3, band: { text: 'High', severity: 'severe' }, positive: true }])
  t.match(alerts, [{ id: 'high', level: 'severe', priority: 'urgent', raisesFlag: false }])
})
