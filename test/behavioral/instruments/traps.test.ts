// What has gone wrong elsewhere with these assessments, one by one: codes taken for others, answers read in the wrong order.
import t from 'tap'
import { scoreResponse, type ScoredResponse } from '../../../src/behavioral/index.ts'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { type Answers, questionsOf } from './questions.ts'
import { answered, coding, found, item, LOINC, questionnaires, response, scored, shipped } from './shipped.ts'

const NOBODY = { patient: undefined }

function valueOf(result: ScoredResponse, linkId: string): unknown {
  return found(result.instrument.url.split('/').at(-1) ?? '', result).scores[linkId]?.value
}

/** Every question answered alike, save those said. */
function alike(id: string, code: string, others: Answers = {}): Answers {
  return { ...Object.fromEntries(questionsOf(id).map(({ name }) => [name, code])), ...others }
}

const uses = (code: string): string[] =>
  questionnaires.filter((it) => JSON.stringify(it).includes(`"${code}"`)).map(({ id }) => String(id))

const loincCodes = (codings: readonly JsonObject[] | undefined): unknown[] =>
  (codings ?? []).map(({ code }) => code)

t.test('75624-7 is the total of AUDIT, 75626-2 that of AUDIT-C', async (t) => {
  const [total, part] = shipped('audit').scores
  t.same([loincCodes(total?.codes), loincCodes(part?.codes)], [['75624-7'], ['75626-2']])
  t.same(loincCodes(shipped('audit-c').scores[0]?.codes), ['75626-2'])
  const most = Object.fromEntries(
    questionsOf('audit').map(({ name, options }) => [name, options.at(-1)?.code ?? '']),
  )
  t.equal(valueOf(scored('audit', most), '/75624-7'), 40)
  t.equal(valueOf(scored('audit', most), '/75626-2'), 12)
})

t.test('69737-5 is the panel of GAD-7, 70274-6 its score', async (t) => {
  const { codes, scores } = shipped('gad-7')
  t.same([loincCodes(codes), loincCodes(scores[0]?.codes)], [['69737-5'], ['70274-6']])
})

t.test('the sixth question of GAD-7 is 69689-8, though LOINC displays another time', async (t) => {
  t.same([...shipped('gad-7').questions.keys()][5], '/69689-8')
})

t.test('the third answer about worrying may be "More days than not"', async (t) => {
  for (const id of ['gad-7', 'gad-2', 'phq-4']) {
    const items = questionsOf(id).map(({ linkId }) =>
      item(linkId, 'valueCoding', coding(linkId === '/68509-9' ? 'LA18938-3' : 'LA6570-1')),
    )
    const result = scoreResponse(shipped(id), response(shipped(id).url, items), NOBODY)
    t.equal(result.scores[0]?.value, 2 * items.length, id)
    t.same(result.warnings, [])
  }
  const items = [item('/44250-9', 'valueCoding', coding('LA18938-3'))]
  t.ok(scoreResponse(shipped('phq-2'), response('x', items), NOBODY).warnings.length > 0, 'no other question')
})

t.test('how difficult it was: Very stands before Extremely, against the order of the codes', async (t) => {
  for (const id of ['phq-9', 'phq-a'])
    t.same(
      shipped(id)
        .questions.get('/69722-7')
        ?.options.map(({ text, value }) => [text, (value as JsonObject)['code']]),
      [
        ['Not difficult at all', 'LA6572-7'],
        ['Somewhat difficult', 'LA6573-5'],
        ['Very difficult', 'LA6575-0'],
        ['Extremely difficult', 'LA6574-3'],
      ],
    )
  const nine = alike('phq-9', 'LA6568-5')
  t.equal(valueOf(scored('phq-9', { ...nine, 10: 'LA6574-3' }), '/44261-6'), 0, 'it adds nothing')
  const { 10: _difficulty, ...rest } = nine
  t.equal(valueOf(scored('phq-9', rest), '/44261-6'), 0, 'and may be left out')
})

t.test('codes that are out of use, or of other assessments, or that never were, are nowhere', async (t) => {
  const wrong = { '44262-4': 'deprecated', '70221-7': 'PCL-C', '71969-0': 'PROMIS', '44256-6': 'older' }
  for (const code of [...Object.keys(wrong), '93243-5', '89708-7', '76504-0']) t.same(uses(code), [], code)
  t.same(uses('71354-5'), ['epds'])
})

t.test('PHQ-A asks about mood first: its answers are known by their codes, not their places', async (t) => {
  const [first] = shipped('phq-a').questions.values()
  t.match(first?.text, /depressed/)
  t.match([...shipped('phq-9').questions.values()][0]?.text, /interest/)
  t.same(uses('104135-9'), ['phq-a'])
})

t.test(
  'K6: all of the time is 4, though LOINC numbers it 1; so no number is taken for an answer',
  async (t) => {
    const everything = alike('k6', 'LA6154-4')
    t.equal(valueOf(scored('k6', everything), 'total'), 24)
    t.equal(valueOf(scored('k6', alike('k6', 'LA6297-1')), 'total'), 0)
    const numbers = numbered('k6', () => 4)
    t.equal(valueOf(numbers, 'total'), undefined)
    t.equal(numbers.warnings.length, 6)
  },
)

t.test(
  'the first question of AUDIT-C is 68518-0: another one that examples have in its place is no answer',
  async (t) => {
    t.same(uses('68517-2'), ['substance-single-item'])
    const rest = [
      item('/68519-8', 'valueCoding', coding('LA15695-2')),
      item('/68520-6', 'valueCoding', coding('LA18876-5')),
      item('/76504-0', 'valueInteger', 3),
    ]
    for (const other of [
      item('/68517-2', 'valueCoding', coding('LA15695-2')),
      item('/68517-2', 'valueDecimal', 0),
    ]) {
      const canonical = 'http://hl7.org/fhir/us/core/Questionnaire/AUDIT-C'
      const result = scoreResponse(shipped('audit-c'), response(canonical, [other, ...rest]), NOBODY)
      t.equal(valueOf(result, '/75626-2'), undefined)
      t.same(result.scores[0]?.missing, ['/68518-0'])
      t.equal(result.warnings.length, 2, 'it is told that neither that question nor that total is known')
    }
  },
)

t.test('ASQ has no codes of LOINC for its questions; those of C-SSRS are others', async (t) => {
  for (const { codes } of shipped('asq').questions.values())
    t.notOk(codes.some(({ system }) => system === LOINC))
  for (const code of ['93246-7', '93247-5', '93248-3', '93249-1', '93373-9'])
    t.same(uses(code), ['c-ssrs-screener-recent'])
})

t.test('no risk of suicide is an answer of ours, since LOINC has none', async (t) => {
  const result = scored('c-ssrs-screener-recent', alike('c-ssrs-screener-recent', 'LA32-8'))
  t.match(result.scores[0]?.value, {
    system: 'https://alcove.health/fhir/CodeSystem/assessments',
    code: 'c-ssrs-screener-recent-no-risk',
  })
  t.equal(result.scores[0]?.positive, false)
})

t.test('item 4 of C-SSRS alone is a high risk', async (t) => {
  const answers = alike('c-ssrs-screener-recent', 'LA32-8', { 2: 'LA33-6', 4: 'LA33-6' })
  const result = scored('c-ssrs-screener-recent', answers)
  t.match(result.scores[0]?.value, { system: LOINC, code: 'LA9193-9' })
  t.same(
    result.alerts.map(({ level, raisesFlag, priority }) => [level, raisesFlag, priority]),
    [['critical', true, 'stat']],
  )
})

t.test('a risk level that the client says is not believed', async (t) => {
  const id = 'c-ssrs-screener-recent'
  const sent = answered(id, alike(id, 'LA32-8'))
  const claim = item('/93374-7', 'valueCoding', { ...coding('LA9194-7'), display: 'Low' })
  const result = scoreResponse(
    shipped(id),
    { ...sent, item: [...(sent['item'] as JsonObject[]), claim] },
    NOBODY,
  )
  t.match(result.scores[0]?.value, { code: 'c-ssrs-screener-recent-no-risk' })
  t.equal(result.warnings.length, 1)
})

t.test('DAST-10: in the third question it is No that counts', async (t) => {
  t.equal(valueOf(scored('dast-10', alike('dast-10', 'LA32-8')), '/82667-7'), 1)
  t.equal(valueOf(scored('dast-10', alike('dast-10', 'LA33-6')), '/82667-7'), 9)
  t.equal(valueOf(scored('dast-10', alike('dast-10', 'LA33-6', { 3: 'LA32-8' })), '/82667-7'), 10)
  t.equal(
    valueOf(
      numbered('dast-10', () => 1),
      '/82667-7',
    ),
    undefined,
    '1 may be Yes, or a point',
  )
})

t.test('EPDS: seven questions list the worst answer first', async (t) => {
  const reversed = new Set(['3', '5', '6', '7', '8', '9', '10'])
  for (const { name, linkId } of questionsOf('epds')) {
    const weights = shipped('epds')
      .questions.get(linkId)
      ?.options.map(({ weight }) => weight)
    t.same(weights, reversed.has(name) ? [3, 2, 1, 0] : [0, 1, 2, 3], name)
  }
  t.equal(
    valueOf(
      numbered('epds', () => 0),
      '/99046-5',
    ),
    undefined,
    '0 may be a place, or a weight',
  )
})

t.test('a refusal counts as positive in ASQ, and in no other is it an answer', async (t) => {
  const result = scored('asq', { 1: 'no', 2: 'refused', 3: 'no', 4: 'no', 5: 'no' })
  t.match(result.scores[0], { value: { code: 'asq-non-acute-positive' }, positive: true })
  t.same(
    result.alerts.map(({ id }) => id),
    ['positive'],
  )
  for (const questionnaire of questionnaires) {
    const id = String(questionnaire['id'])
    if (id === 'asq') continue
    const items = questionsOf(id).map(({ linkId }) => item(linkId, 'valueCoding', coding('refused')))
    const { scores, alerts } = scoreResponse(shipped(id), response(shipped(id).url, items), NOBODY)
    t.ok(scores.every(({ value }) => value === undefined) && alerts.length === 0, id)
    t.ok(
      scores.every(({ absentReason }) => absentReason !== undefined),
      id,
    )
  }
})

t.test('plain numbers and texts are answers where they can mean one thing only', async (t) => {
  const takesNumbers =
    'phq-9 phq-2 gad-7 gad-2 phq-4 pcl-5 who-5 psc-17 ciwa-ar asrs-v1.1-6 audit audit-c cows cage-aid pc-ptsd-5 c-ssrs-screener-recent'
  for (const id of takesNumbers.split(' '))
    t.same(
      numbered(id, () => 0).scores.map((it) => it.value),
      scored(id, leastOf(id)).scores.map((it) => it.value),
      id,
    )
  for (const questionnaire of questionnaires) {
    const id = String(questionnaire['id'])
    if (questionsOf(id).some(({ options }) => options.length === 0)) continue
    const texts = questionsOf(id).map(({ linkId }) => {
      const options = shipped(id).questions.get(linkId)?.options ?? []
      return item(linkId, 'valueString', ` ${String(options.at(-1)?.text).toUpperCase()} `)
    })
    const last = Object.fromEntries(
      questionsOf(id).map(({ name, options }) => [name, options.at(-1)?.code ?? '']),
    )
    t.same(
      scoreResponse(shipped(id), response(shipped(id).url, texts), NOBODY).scores.map((it) => it.value),
      scored(id, last).scores.map((it) => it.value),
      `${id} by text`,
    )
  }
})

t.test('answers of the years before the codes of PCL-5 were known are understood', async (t) => {
  const items = questionsOf('pcl-5').map(({ linkId }) => item(linkId, 'valueCoding', coding('LA13902-4')))
  t.equal(scoreResponse(shipped('pcl-5'), response('x', items), NOBODY).scores[0]?.value, 60)
  for (const code of ['LA13909-9', 'LA13914-9']) {
    const [one] = questionsOf('pcl-5')
    const sent = response('x', [item(one?.linkId ?? '', 'valueCoding', coding(code))])
    t.equal(scoreResponse(shipped('pcl-5'), sent, NOBODY).warnings.length, 1, `${code} is of another list`)
  }
})

t.test('a number of days that cannot be makes no score', async (t) => {
  for (const days of [-1, 31]) {
    const sent: Resource = response(
      shipped('bam').url,
      ['4', '5', '6'].map((it) => item(it, 'valueInteger', days)),
    )
    t.equal(valueOf(scoreResponse(shipped('bam'), sent, NOBODY), 'use'), undefined, String(days))
  }
})

/** All questions answered by plain numbers. */
function numbered(id: string, numberOf: (name: string) => number): ScoredResponse {
  const items = questionsOf(id).map(({ name, linkId }) => item(linkId, 'valueInteger', numberOf(name)))
  return scoreResponse(shipped(id), response(shipped(id).url, items), NOBODY)
}

/** The answers that weigh nothing; those that do not count are left out. */
function leastOf(id: string): Answers {
  return Object.fromEntries(
    questionsOf(id).flatMap(({ name, options }) => {
      const nothing = options.find(({ weight }) => weight === 0)
      return nothing === undefined ? [] : [[name, nothing.code]]
    }),
  )
}
