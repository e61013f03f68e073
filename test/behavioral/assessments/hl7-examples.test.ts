// HL7's example responses to US Core's Questionnaires (US Behavioral Health Profiles, CC0), by what they answer.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type ScoredResponse, scoreResponse } from '../../../src/behavioral/index.ts'
import { parseJson, type Resource } from '../../../src/fhir/index.ts'
import { instrumentOf } from './building.ts'

const US_CORE = 'http://hl7.org/fhir/us/core/Questionnaire/'

/** By the instrument that ships with this id; answers are LOINC codes, or the total that the response claims. */
function scored(
  id: string,
  canonical: string,
  answers: Readonly<Record<string, string | number>>,
): ScoredResponse {
  const file = new URL(`../../../profiles/questionnaires/${id}.json`, import.meta.url)
  const instrument = instrumentOf(parseJson(readFileSync(file)) as Resource)
  if (!instrument.aliases.includes(US_CORE + canonical)) throw new Error(`${id} does not read ${canonical}.`)
  const item = Object.entries(answers).map(([linkId, answer]) => ({
    linkId,
    answer: [
      typeof answer === 'number'
        ? { valueDecimal: answer }
        : { valueCoding: { system: 'http://loinc.org', code: answer } },
    ],
  }))
  const response = {
    resourceType: 'QuestionnaireResponse',
    questionnaire: US_CORE + canonical,
    status: 'completed',
    item,
  }
  return scoreResponse(instrument, response, { patient: undefined })
}

t.test('PHQ-9: 12, as it says itself, is moderate', async (t) => {
  const { scores, alerts, warnings, answers } = scored('phq-9', 'phq-9-example', {
    '/44250-9': 'LA6570-1',
    '/44255-8': 'LA6570-1',
    '/44259-0': 'LA6570-1',
    '/44254-1': 'LA6570-1',
    '/44251-7': 'LA6569-3',
    '/44258-2': 'LA6569-3',
    '/44252-5': 'LA6570-1',
    '/44253-3': 'LA6568-5',
    '/44260-8': 'LA6568-5',
    '/69722-7': 'LA6573-5',
    '/44261-6': 12,
  })
  t.equal(scores[0]?.value, 12)
  t.equal(scores[0]?.positive, true)
  t.equal(scores[0]?.band?.severity, 'moderate')
  t.equal(answers.size, 10)
  t.strictSame(alerts, [])
  t.strictSame(warnings, [])
})

t.test('C-SSRS: all is denied, so the low risk that it claims is none', async (t) => {
  const questions = ['/93246-7', '/93247-5', '/93248-3', '/93249-1', '/93250-9', '/93267-3', '/93269-9']
  const { scores, alerts, warnings } = scored('c-ssrs-screener-recent', 'c-ssrs-example', {
    ...Object.fromEntries(questions.map((it) => [it, 'LA32-8'])),
    '/93374-7': 'LA9194-7',
  })
  t.match(scores[0], { value: { code: 'c-ssrs-screener-recent-no-risk' }, positive: false })
  t.strictSame(alerts, [])
  t.strictSame(
    warnings.map(({ expression }) => expression),
    ['QuestionnaireResponse.item[7].answer[0]'],
  )
})

t.test('AUDIT-C: it answers another question in place of the first, so there is no score', async (t) => {
  const { scores, alerts, warnings } = scored('audit-c', 'AUDIT-C', {
    '/68517-2': 'LA15695-2',
    '/68519-8': 'LA15695-2',
    '/68520-6': 'LA18876-5',
    '/76504-0': 3,
  })
  t.equal(scores[0]?.value, undefined)
  t.equal(scores[0]?.absentReason, 'unknown')
  t.strictSame(scores[0]?.missing, ['/68518-0'])
  t.strictSame(alerts, [])
  t.match(warnings[0], { expression: 'QuestionnaireResponse.item[0]', diagnostics: /no item '\/68517-2'/ })
})

t.test('AUDIT-C: an answer of another list is none', async (t) => {
  const { scores, warnings } = scored('audit-c', 'AUDIT-C', {
    '/68518-0': 'LA15695-2',
    '/68519-8': 'LA15695-2',
    '/68520-6': 'LA18876-5',
  })
  t.equal(scores[0]?.value, undefined)
  t.strictSame(scores[0]?.missing, ['/68518-0'])
  t.match(warnings[0]?.diagnostics, /'\/68518-0'.*LA6270-8 \(Never\)/)
})
