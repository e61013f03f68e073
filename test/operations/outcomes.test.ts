// Patient/$outcomes: which scores make a course, what has become of it, what is due; and that it tells nobody more than they may see.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { createValidator } from '../../src/conformance/index.ts'
import { loadDefinitions, type JsonObject } from '../../src/fhir/index.ts'
import { PATIENT_OUTCOMES } from '../../src/operations/outcomes.ts'
import { drawnIn } from '../behavioral/outcomes/svg-picture.ts'
import { foundIn, outcomesServer, PHQ_9_TOTAL, type Found, type OutcomesServer } from './outcomes-server.ts'

const validator = createValidator(loadDefinitions())
const PHQ_9 = 'https://alcove.health/fhir/Questionnaire/phq-9'
const SEEN_LABEL = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }
const MOOD = { system: 'urn:diary', code: 'mood' }

function points(found: Found, of: JsonObject | undefined): readonly string[] {
  return found.all('point', of).map((point) => {
    const value = found.value('value', point)
    const shown = typeof value === 'object' ? (value as { code: string }).code : String(value)
    return [found.value('date', point), shown, found.value('band', point)]
      .filter((one) => one !== undefined)
      .join(' ')
  })
}

/** `remission true`, with the date since when. */
function findings(found: Found, score: JsonObject | undefined): readonly string[] {
  const [change] = found.all('change', score)
  return found.all('finding', change).map((one) => {
    const [first] = found.all('first', one)
    const since = first === undefined ? '' : ` since ${String(found.value('date', first))}`
    return `${String(found.value('kind', one))} ${String(found.value('holds', one))}${since}`
  })
}

async function instrument(
  server: OutcomesServer,
  query = '',
): Promise<{ found: Found; one: JsonObject; score: JsonObject }> {
  const found = await server.outcomes(query)
  const [one] = found.all('instrument')
  if (one === undefined) throw new Error(found.reply.text)
  return { found, one, score: found.all('score', one)[0] as JsonObject }
}

t.test('a course from its baseline to its last score', async (t) => {
  const server = await outcomesServer(t)
  await server.score('a', '2024-01-08', 19)
  await server.score('c', '2024-03-04', 9)
  await server.score('b', '2024-02-05', 14)
  await server.score('d', '2024-06-03T10:00:00-05:00', 4)
  const { found, one, score } = await instrument(server)
  t.equal(found.value('questionnaire', one), `${PHQ_9}|1.0.0`)
  t.equal(found.value('linkId', score), '/44261-6')
  t.equal(found.value('primary', score), true)
  t.same(points(found, score), [
    '2024-01-08 19 Moderately severe',
    '2024-02-05 14 Moderate',
    '2024-03-04 9 Mild',
    '2024-06-03T10:00:00-05:00 4 None-minimal',
  ])
  t.same(
    found.value('observation', found.all('baseline', score)[0]),
    found.value('observation', found.all('point', score)[0]),
  )
  t.same(found.value('observation', found.all('last', score)[0]), { reference: 'Observation/d' })
  const [change] = found.all('change', score)
  t.equal(found.value('points', change), -15)
  t.equal(found.value('percent', change), -78.9)
  t.equal(found.value('direction', change), 'improvement')
  t.same(findings(found, score), [
    'clinically-significant true since 2024-02-05',
    'response true since 2024-03-04',
    'remission true since 2024-06-03T10:00:00-05:00',
  ])
  t.equal(found.value('nextDue', one), '2024-07-01', 'four weeks')
  t.equal(found.value('thinned', score), false)
})

t.test('what counts as a score, and what does not', async (t) => {
  const server = await outcomesServer(t)
  await server.score('first', '2024-01-01', 20)
  await server.score('amended', '2024-02-01', 12, { status: 'amended' })
  await server.score('wrong', '2024-03-01', 1, { status: 'entered-in-error' })
  await server.score('cancelled', '2024-03-02', 2, { status: 'cancelled' })
  await server.score('impossible', '2024-03-03', 99)
  await server.score('below', '2024-03-04', 3, { valueQuantity: { value: 3, comparator: '<' } })
  await server.observe(
    'absent',
    '2024-03-05',
    { coding: [PHQ_9_TOTAL] },
    { dataAbsentReason: { text: 'unknown' } },
  )
  await server.observe(
    'integer',
    '2024-03-06',
    { coding: [{ system: 'urn:x', code: '1' }, PHQ_9_TOTAL] },
    { valueInteger: 11 },
  )
  await server.score('undated', '2024-03-07', 4)
  await server.observe('undated', undefined, { coding: [PHQ_9_TOTAL] }, { valueInteger: 4 })
  await server.put({ resourceType: 'Patient', id: 'q' })
  await server.score('other', '2024-03-08', 5, { subject: { reference: 'Patient/q' } })
  const { found, score } = await instrument(server)
  t.same(points(found, score), ['2024-01-01 20 Severe', '2024-02-01 12 Moderate', '2024-03-06 11 Moderate'])
  t.equal(found.value('count', score), 3)
  t.same(
    found.all('leftOut', score).map((one) => [found.value('reason', one), found.value('count', one)]),
    [
      ['undated', 1],
      ['no-value', 1],
      ['inexact', 1],
      ['out-of-range', 1],
    ],
  )
  await server.put({
    resourceType: 'Observation',
    id: 'first',
    status: 'entered-in-error',
    code: { coding: [PHQ_9_TOTAL] },
    subject: { reference: 'Patient/p' },
    effectiveDateTime: '2024-01-01',
    valueQuantity: { value: 20 },
  })
  await server.ask('DELETE Observation/integer')
  const again = await instrument(server)
  t.same(points(again.found, again.score), ['2024-02-01 12 Moderate'])
  t.equal(again.found.all('change', again.score).length, 0, 'nothing after the baseline')
})

t.test('several of one day, and the same told twice', async (t) => {
  const server = await outcomesServer(t)
  const response = (id: string) => ({
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: PHQ_9,
  })
  await server.put(response('r1'))
  await server.put(response('r2'))
  const from = (id: string): JsonObject => ({ derivedFrom: [{ reference: `QuestionnaireResponse/${id}` }] })
  await server.score('ehr', '2024-05-01T10:00:00Z', 12, from('r1'))
  await server.score('own', '2024-05-01T10:00:00Z', 12, from('r1'))
  await server.score('second', '2024-05-01T10:00:00Z', 12, from('r2'))
  await server.score('evening', '2024-05-01T20:00:00Z', 8, { issued: '2024-05-02T00:00:00Z' })
  await server.score('late', '2024-05-01T20:00:00Z', 9, { issued: '2024-05-03T00:00:00Z' })
  await server.score('day', '2024-05-01', 15)
  const { found, score } = await instrument(server)
  t.same(points(found, score), [
    '2024-05-01 15 Moderately severe',
    '2024-05-01T10:00:00Z 12 Moderate',
    '2024-05-01T10:00:00Z 12 Moderate',
    '2024-05-01T20:00:00Z 8 Mild',
    '2024-05-01T20:00:00Z 9 Mild',
  ])
})

t.test('whose score it is where several instruments have its code', async (t) => {
  const server = await outcomesServer(t)
  const code = { coding: [{ system: 'http://loinc.org', code: '55758-7' }] }
  await server.put({
    resourceType: 'QuestionnaireResponse',
    id: 'r',
    status: 'completed',
    questionnaire: 'http://loinc.org/q/69724-3|2.1',
  })
  await server.observe('plain', '2024-01-01', code, { valueInteger: 2 })
  await server.observe('of-phq-4', '2024-01-02', code, {
    valueInteger: 3,
    derivedFrom: [{ reference: 'QuestionnaireResponse/r/_history/1' }],
  })
  const found = await server.outcomes()
  const by = found
    .all('instrument')
    .map((one) => [
      String(found.value('questionnaire', one)).replace(/^.*\//, ''),
      found.all('score', one).map((score) => points(found, score).map((point) => point.slice(0, 12))),
    ])
  t.same(Object.fromEntries(by), {
    'phq-2|1.0.0': [['2024-01-01 2']],
    'phq-4|1.0.0': [['2024-01-02 3']],
  })
})

t.test('bands by who the patient is', async (t) => {
  const server = await outcomesServer(t)
  await server.observe(
    'c',
    '2024-01-02',
    { coding: [{ system: 'http://loinc.org', code: '75626-2' }] },
    { valueInteger: 3 },
  )
  const bandFor = async (gender: string | undefined): Promise<unknown> => {
    await server.put({ resourceType: 'Patient', id: 'p', ...(gender === undefined ? {} : { gender }) })
    const { found, score } = await instrument(server)
    return found.value('severity', found.all('point', score)[0])
  }
  t.equal(await bandFor('female'), 'positive')
  t.equal(await bandFor('male'), 'none')
  t.equal(await bandFor(undefined), undefined, 'nobody can say')
})

t.test('start, end, baseline', async (t) => {
  const server = await outcomesServer(t)
  for (const [month, value] of [20, 16, 15, 9, 8].entries())
    await server.score(`m${month}`, `2024-0${month + 1}-15`, value)
  const dates = async (query: string): Promise<unknown> => {
    const { found, score } = await instrument(server, query)
    const [baseline] = found.all('baseline', score)
    const [change] = found.all('change', score)
    return [
      found
        .all('point', score)
        .map((point) => String(found.value('date', point)).slice(5, 7))
        .join(' '),
      baseline === undefined ? undefined : String(found.value('date', baseline)).slice(5, 7),
      change === undefined ? undefined : found.value('points', change),
    ]
  }
  t.same(await dates(''), ['01 02 03 04 05', '01', -12])
  t.same(await dates('?start=2024-02-15&end=2024-04'), ['02 03 04', '02', -7])
  t.same(await dates('?start=2024-03&baseline=2024-02-01'), ['03 04 05', '02', -8])
  t.same(await dates('?start=2024-04-16&baseline=2024'), ['05', '01', -12])
  t.same(await dates('?baseline=2024-03-16'), ['01 02 03 04 05', '04', -1])
  t.same(await dates('?start=0001&end=9999-12-31&baseline=0001-01-01'), ['01 02 03 04 05', '01', -12])
  t.same(await dates('?baseline=2025'), ['01 02 03 04 05', undefined, undefined])
  const none = await server.outcomes('?start=2025')
  t.equal(none.all('instrument').length, 0)
})

t.test('a day is one of where it was measured', async (t) => {
  const server = await outcomesServer(t)
  await server.score('evening', '2024-06-30T23:30:00-05:00', 20)
  await server.score('morning', '2024-07-01T00:30:00+13:00', 15)
  await server.score('noon', '2024-07-01T12:00:00Z', 10)
  const values = async (query: string): Promise<readonly unknown[]> => {
    const found = await server.outcomes(query)
    const [one] = found.all('instrument')
    return found
      .all('score', one)
      .flatMap((score) => found.all('point', score).map((point) => found.value('value', point)))
  }
  t.same(await values('?end=2024-06-30'), [20])
  t.same(await values('?start=2024-07-01&end=2024-07-01'), [15, 10])
  t.same(await values(''), [15, 20, 10], 'but they follow one another as they did')
})

t.test('what is answered is what its OperationDefinition says, and a resource of R4', async (t) => {
  const server = await outcomesServer(t)
  await server.score('a', '2024-01-08', 19)
  await server.score('b', '2024-03-08', 4)
  await server.score('c', '2024-03-09', 99)
  await server.observe('m', '2024-01-01', { coding: [MOOD] }, { valueQuantity: { value: 3, unit: 'h' } })
  await server.observe('n', '2024-01-01', { coding: [MOOD] }, { valueString: 'Sad' })
  const reply = await server.ask(`GET Patient/p/$outcomes?code=mood&instrument=${PHQ_9}`)
  t.same(validator.validate(reply.json), [])
  const definition = JSON.parse(
    readFileSync(
      new URL('../../profiles/operations/operation-definition-outcomes.json', import.meta.url),
      'utf8',
    ),
  )
  t.same(validator.validate(definition), [])
  const names = new Set<string>()
  const check = (parts: readonly JsonObject[], defined: readonly JsonObject[], where: string): void => {
    for (const part of parts) {
      const path = `${where}/${String(part.name)}`
      const known = defined.find(({ name, use }) => name === part.name && use === 'out')
      if (known === undefined) t.fail(`${path} is not defined`)
      names.add(path)
      check((part.part ?? []) as JsonObject[], (known?.part ?? []) as JsonObject[], path)
    }
    for (const { name, use, min } of defined)
      if (use === 'out' && min === 1 && !parts.some((part) => part.name === name))
        t.fail(`${where}/${String(name)} is missing`)
  }
  check(reply.json.parameter, definition.parameter, '')
  t.ok(names.size > 40, `${names.size} kinds of parts`)
  t.same(
    definition.parameter.filter(({ use }: JsonObject) => use === 'in').map(({ name }: JsonObject) => name),
    PATIENT_OUTCOMES.parameters.map(({ name }) => name),
  )
})

t.test('instruments by their canonicals, asked for and not', async (t) => {
  const server = await outcomesServer(t)
  await server.score('a', '2024-01-08', 19)
  await server.observe(
    'g',
    '2024-01-08',
    { coding: [{ system: 'http://loinc.org', code: '70274-6' }] },
    { valueInteger: 12 },
  )
  const titles = async (query: string): Promise<readonly string[]> => {
    const found = await server.outcomes(query)
    return found
      .all('instrument')
      .map(
        (one) =>
          `${String(found.value('questionnaire', one)).replace(/^.*\/|\|.*$/g, '')} ${found.all('score', one).length}`,
      )
  }
  t.same((await titles('')).toSorted(), ['gad-7 1', 'phq-9 1'])
  t.same(await titles(`?instrument=${PHQ_9}`), ['phq-9 1'])
  t.same(await titles('?instrument=http://loinc.org/q/44249-1'), ['phq-9 1'], 'by an alias')
  t.same(await titles(`?instrument=${PHQ_9}|1.0.0&instrument=https://alcove.health/fhir/Questionnaire/k6`), [
    'k6 0',
    'phq-9 1',
  ])
  t.same(await titles('?code=urn:none|x'), [])
  // A practice's own, by a PUT.
  await server.put({
    resourceType: 'Questionnaire',
    id: 'own',
    url: 'urn:own',
    status: 'active',
    item: [
      { linkId: 'q', type: 'integer' },
      {
        linkId: 'sum',
        type: 'decimal',
        readOnly: true,
        code: [{ system: 'urn:own', code: 'sum' }],
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
            valueExpression: {
              language: 'text/fhirpath',
              expression: "%resource.item.where(linkId = 'q').answer.value",
            },
          },
          {
            url: 'https://alcove.health/fhir/StructureDefinition/assessment-score',
            extension: [{ url: 'over', valueString: 'q' }],
          },
        ],
      },
    ],
  })
  await server.observe(
    'o',
    '2024-01-09',
    { coding: [{ system: 'urn:own', code: 'sum' }] },
    { valueInteger: 7 },
  )
  t.ok((await titles('')).includes('urn:own 1'))
  for (const [query, status, told] of [
    ['?instrument=urn:nothing', 400, 'no Questionnaire of that canonical'],
    [`?instrument=${PHQ_9}x`, 400, `Did you mean ${PHQ_9}?`],
    ['?instrument=', 400, 'no value'],
    ['?code=', 400, 'no value'],
    ['?code=a,,b', 400, 'no value'],
    [`?${Array.from({ length: 21 }, (_, index) => `code=c${index}`).join('&')}`, 400, 'more than 20'],
    ['?start=yesterday', 400, 'must be a date'],
    ['?start=2024-01-01T00:00:00Z', 400, 'must be a date'],
    ['?start=2024&start=2025', 400, 'more than once'],
    ['?start=2025&end=2024', 400, 'before start'],
    ['?begin=2024', 400, 'not known here'],
  ] as const) {
    const { reply } = await server.outcomes(query)
    t.equal(reply.status, status, query)
    t.match(reply.text, told, query)
  }
  t.equal((await server.ask('GET Patient/nobody/$outcomes')).status, 404)
  await server.ask('DELETE Observation/a')
  await server.ask('DELETE Observation/g')
  await server.ask('DELETE Observation/o')
  await server.ask('DELETE Patient/p')
  t.equal((await server.outcomes()).reply.status, 410)
})

t.test('diaries: any code, in Observations and their components, in numbers and in words', async (t) => {
  const server = await outcomesServer(t)
  const mood = (id: string, date: string, value: number): Promise<void> =>
    server.observe(id, date, { coding: [MOOD], text: 'Mood today' }, { valueInteger: value })
  await mood('m2', '2024-01-02', 4)
  await mood('m1', '2024-01-01', 6)
  await server.observe(
    'panel',
    '2024-01-03',
    { text: 'Diary' },
    {
      component: [
        { code: { coding: [MOOD] }, valueInteger: 8 },
        {
          code: { coding: [{ system: 'urn:diary', code: 'sleep' }] },
          valueQuantity: { value: 7.5, unit: 'h' },
        },
        {
          code: { coding: [{ system: 'urn:diary', code: 'trigger' }] },
          valueCodeableConcept: { coding: [{ system: 'urn:t', code: 'work', display: 'Work' }] },
        },
      ],
    },
  )
  const found = await server.outcomes('?code=urn:diary|mood&code=urn:diary|sleep,trigger')
  t.equal(found.all('instrument').length, 0)
  const diaries = found.all('diary')
  t.same(
    diaries.map((one) => [
      found.value('asked', one),
      found.value('title', one),
      found.value('unit', one),
      points(found, one),
    ]),
    [
      ['urn:diary|mood', 'mood', undefined, ['2024-01-01 6', '2024-01-02 4', '2024-01-03 8']],
      ['urn:diary|sleep', 'sleep', 'h', ['2024-01-03 7.5']],
      ['trigger', 'trigger', undefined, ['2024-01-03 work']],
    ],
  )
  t.equal(found.value('mean', diaries[0]), 6)
  await server.observe(
    'minutes',
    '2024-01-04',
    { coding: [{ system: 'urn:diary', code: 'sleep' }] },
    { valueQuantity: { value: 400, unit: 'min' } },
  )
  const units = await server.outcomes('?code=sleep')
  t.same(
    units.all('diary').map((one) => units.value('unit', one)),
    ['h', 'min'],
    'hours are no minutes',
  )
  await mood('m4', '2024-01-04', 5)
  await server.observe('m5', '2024-01-05', { coding: [MOOD] }, { valueString: 'Sad' })
  await server.observe('m6', '2024-01-06', { coding: [MOOD] }, { dataAbsentReason: { text: 'asleep' } })
  const mixed = await server.outcomes('?code=mood')
  t.same(
    mixed
      .all('diary')
      .map((one) => [
        points(mixed, one).length,
        mixed.all('leftOut', one).map((left) => mixed.value('count', left)),
      ]),
    [
      [4, [1]],
      [1, []],
    ],
    'words are no numbers',
  )
})

t.test('values in a unit each are no diary', async (t) => {
  const server = await outcomesServer(t)
  for (let unit = 0; unit < 11; unit++)
    await server.observe(
      `u${unit}`,
      '2024-01-01',
      { coding: [MOOD] },
      { valueQuantity: { value: 1, unit: `u${unit}` } },
    )
  const { reply } = await server.outcomes('?code=mood')
  t.equal(reply.status, 422)
  t.match(reply.text, 'more than 10 units')
})

t.test('results that are yes or no, and results that others code too', async (t) => {
  const server = await outcomesServer(t)
  const { json } = await server.ask('GET Questionnaire/c-ssrs-screener-recent')
  const [risk] = json.item.filter(({ code }: { code?: JsonObject[] }) => code?.[0]?.code === '93374-7')
  const [{ valueCoding: high }] = risk.answerOption
  await server.observe(
    'c',
    '2024-01-01',
    { coding: risk.code },
    {
      valueCodeableConcept: { coding: [{ system: 'urn:ehr', code: 'HI', display: 'Alert' }, high] },
    },
  )
  const found = await server.outcomes(
    '?instrument=https://alcove.health/fhir/Questionnaire/c-ssrs-screener-recent',
  )
  const [score] = found.all('score', found.all('instrument')[0])
  t.same(found.value('value', found.all('point', score)[0]), high)
  t.type(found.value('severity', found.all('point', score)[0]), 'string')

  await server.put({
    resourceType: 'Questionnaire',
    id: 'own',
    url: 'urn:own',
    status: 'active',
    item: [
      { linkId: 'q', type: 'integer' },
      {
        linkId: 'positive',
        type: 'boolean',
        readOnly: true,
        code: [{ system: 'urn:own', code: 'positive' }],
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
            valueExpression: {
              language: 'text/fhirpath',
              expression: "%resource.item.where(linkId = 'q').answer.value > 3",
            },
          },
          {
            url: 'https://alcove.health/fhir/StructureDefinition/assessment-score',
            extension: [{ url: 'over', valueString: 'q' }],
          },
          {
            url: 'https://alcove.health/fhir/StructureDefinition/assessment-band',
            extension: [
              { url: 'code', valueCode: 'true' },
              { url: 'text', valueString: 'Look again' },
              {
                url: 'when',
                valueExpression: {
                  language: 'text/fhirpath',
                  expression: "%score and %patient.gender = 'female'",
                },
              },
            ],
          },
        ],
      },
    ],
  })
  const code = { coding: [{ system: 'urn:own', code: 'positive' }] }
  await server.observe('yes', '2024-01-01', code, { valueBoolean: true })
  await server.observe('no', '2024-01-02', code, { valueBoolean: false })
  const own = await server.outcomes('?instrument=urn:own')
  t.same(points(own, own.all('score', own.all('instrument')[0])[0]), [
    '2024-01-01 Yes Look again',
    '2024-01-02 No',
  ])
  t.match((await server.ask('GET Patient/p/$outcomes?instrument=urn:own&_format=svg')).text, 'Look again')
})

t.test('a long diary is bounded, and what is said of it is of all of it', async (t) => {
  const server = await outcomesServer(t)
  const days = 2600
  for (let from = 0; from < days; from += 400) {
    const entry = Array.from({ length: Math.min(400, days - from) }, (_, index) => {
      const day = from + index
      return {
        request: { method: 'POST', url: 'Observation' },
        resource: {
          resourceType: 'Observation',
          status: 'final',
          code: { coding: [MOOD] },
          subject: { reference: 'Patient/p' },
          effectiveDateTime: new Date(Date.UTC(2017, 0, 1 + day)).toISOString().slice(0, 10),
          valueInteger: day === 1234 ? 50 : day % 10,
        },
      }
    })
    const reply = await server.ask('POST /fhir', { resourceType: 'Bundle', type: 'transaction', entry })
    t.equal(reply.status, 200)
  }
  const found = await server.outcomes('?code=mood')
  const [diary] = found.all('diary')
  t.equal(found.value('count', diary), days)
  t.equal(found.value('thinned', diary), true)
  t.ok(found.all('point', diary).length <= 1000)
  t.ok(points(found, diary).some((point) => point.endsWith(' 50')))
  t.equal(found.value('highest', diary), 50)
  const sum = Array.from({ length: days }, (_, day) => (day === 1234 ? 50 : day % 10)).reduce((a, b) => a + b)
  t.equal(found.value('mean', diary), Number((sum / days).toFixed(4)))
  t.equal(
    found.value('date', found.all('last', diary)[0]),
    new Date(Date.UTC(2017, 0, days)).toISOString().slice(0, 10),
  )
})

t.test('as a picture, for who asks for one', async (t) => {
  const server = await outcomesServer(t)
  await server.score('a', '2024-01-08', 19)
  await server.score('b', '2024-03-08', 7)
  const line = 'GET Patient/p/$outcomes'
  const picture = await server.ask(`${line}?_format=image/svg%2Bxml`)
  t.equal(picture.status, 200)
  t.equal(picture.headers['content-type'], 'image/svg+xml')
  t.equal(picture.headers['x-content-type-options'], 'nosniff')
  t.equal(picture.headers['cache-control'], 'no-store')
  t.match(picture.headers['content-security-policy'], "default-src 'none'")
  t.notMatch(picture.text, /Geheim|Rosa|Patient\/p/)
  t.equal(drawnIn(picture.text)[0]?.name, 'svg')
  for (const [query, accept, type] of [
    ['?_format=svg', undefined, 'image/svg+xml'],
    ['?_format=image/svg+xml', undefined, 'image/svg+xml'],
    ['', 'image/svg+xml', 'image/svg+xml'],
    ['', 'image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8', 'image/svg+xml'],
    ['', 'image/svg+xml;q=0.5, application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['', '*/*', 'application/fhir+json; charset=utf-8'],
    [
      '',
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
      'application/xml; charset=utf-8',
    ],
    ['?_format=xml', 'image/svg+xml', 'application/fhir+xml; charset=utf-8'],
  ] as const) {
    const reply = await server.ask(`${line}${query}`, undefined, accept === undefined ? {} : { accept })
    t.equal(reply.status, 200, `${query} ${accept}`)
    t.equal(reply.headers['content-type'], type, `${query} ${accept}`)
  }
  t.equal((await server.ask('GET Patient/p', undefined, { accept: 'image/svg+xml' })).status, 406)
  t.equal((await server.ask('GET Patient/p?_format=svg')).status, 406)
  t.equal((await server.ask(`${line}?_format=image/png`)).status, 406)
  const refused = await server.ask(`${line}?_format=svg&start=never`)
  t.equal(refused.status, 400)
  t.match(refused.headers['content-type'], 'application/fhir+json')
  const { etag = '' } = picture.headers
  const again = await server.ask(`${line}?_format=svg`, undefined, { 'if-none-match': etag })
  t.equal(again.status, 304)
  t.equal(again.text, '')
  await server.score('c', '2024-04-08', 6)
  t.equal((await server.ask(`${line}?_format=svg`, undefined, { 'if-none-match': etag })).status, 200)
  const head = await server.ask(`HEAD Patient/p/$outcomes?_format=svg`)
  t.equal(head.status, 200)
  t.equal(head.text, '')
  const posted = await server.ask(
    'POST Patient/p/$outcomes',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'instrument', valueCanonical: PHQ_9 },
        { name: 'start', valueDate: '2024-02' },
      ],
    },
    { accept: 'image/svg+xml' },
  )
  t.equal(posted.headers['content-type'], 'image/svg+xml')
  t.match(posted.text, 'Baseline 7')
  const inBatch = await server.ask('POST /fhir', {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [{ request: { method: 'GET', url: 'Patient/p/$outcomes' } }],
  })
  t.equal(inBatch.json.entry[0].resource.resourceType, 'Parameters')
})

t.test('what is hidden is as if it had never been', async (t) => {
  const server = await outcomesServer(t)
  const seeing = (): ReturnType<OutcomesServer['seenBy']> =>
    server.seenBy({ anyOf: [{ types: '*', patients: '*', withoutLabels: [SEEN_LABEL] }] })
  const hidden = { meta: { security: [SEEN_LABEL] } }
  await server.score('a', '2024-01-08', 19)
  await server.score('b', '2024-03-08', 12)
  const query = '?code=mood&instrument=http://loinc.org/q/44249-1'
  const before = await Promise.all(
    [query, `${query}&_format=svg`].map((one) => seeing().ask(`GET Patient/p/$outcomes${one}`)),
  )
  await server.score('c', '2024-02-08', 27, hidden)
  await server.score('d', '2023-02-08', 1, hidden)
  await server.score('e', '2025-02-08', 0, hidden)
  await server.observe('m', '2024-01-01', { coding: [MOOD] }, { valueInteger: 4, ...hidden })
  const after = await Promise.all(
    [query, `${query}&_format=svg`].map((one) => seeing().ask(`GET Patient/p/$outcomes${one}`)),
  )
  t.same(
    after.map(({ text }) => text),
    before.map(({ text }) => text),
  )
  t.not((await server.ask(`GET Patient/p/$outcomes${query}`)).text, before[0]?.text, 'it is seen by who may')
  const all = foundIn(await server.ask(`GET Patient/p/$outcomes`))
  const some = foundIn(await seeing().ask(`GET Patient/p/$outcomes`))
  t.equal(all.value('count', all.all('score', all.all('instrument')[0])[0]), 5)
  t.equal(some.value('count', some.all('score', some.all('instrument')[0])[0]), 2)

  await server.put({ resourceType: 'Patient', id: 'h', ...hidden })
  const none = await seeing().ask('GET Patient/nobody/$outcomes')
  const unseen = await seeing().ask('GET Patient/h/$outcomes')
  t.equal(unseen.status, 404)
  t.equal(unseen.text.replaceAll('Patient/h', 'Patient/nobody'), none.text)
})

t.test('a result in words has a course too', async (t) => {
  const server = await outcomesServer(t)
  const { json } = await server.ask('GET Questionnaire/c-ssrs-screener-recent')
  const item = json.item.find((one: JsonObject) =>
    ((one.extension ?? []) as JsonObject[]).some(({ extension }) =>
      ((extension ?? []) as JsonObject[]).some(
        ({ url, valueBoolean }) => url === 'primary' && valueBoolean === true,
      ),
    ),
  )
  const results = item.answerOption.map((option: { valueCoding: JsonObject }) => option.valueCoding)
  for (const [day, coding] of results.entries())
    await server.observe(
      `c${day}`,
      `2024-01-0${day + 1}`,
      { coding: item.code },
      { valueCodeableConcept: { coding: [coding] } },
    )
  const found = await server.outcomes(
    '?instrument=https://alcove.health/fhir/Questionnaire/c-ssrs-screener-recent',
  )
  const [score] = found.all('score', found.all('instrument')[0])
  t.same(
    points(found, score).map((point) => point.split(' ')[1]),
    results.map(({ code }: { code: string }) => code),
  )
  t.ok(found.all('point', score).some((point) => found.value('severity', point) !== undefined))
})
