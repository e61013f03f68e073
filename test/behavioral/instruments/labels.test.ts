// What the answers to the assessments that ship, and the scores made of them, are labelled as.
import { readFileSync } from 'node:fs'
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { ownLabels } from '../../../src/access/labels/index.ts'
import { found, shippedRules } from '../../access/labels/rules.ts'
import { questionnaires, shipped } from './shipped.ts'

const SUBSTANCE_USE: Readonly<Record<string, readonly string[]>> = {
  audit: ['SUD'],
  'audit-c': ['ETHUD', 'SUD'],
  bam: ['SUD'],
  'cage-aid': ['SUD'],
  'ciwa-ar': ['SUD'],
  cows: ['SUD'],
  'crafft-2.1': ['SUD'],
  'dast-10': ['SUD'],
  'substance-single-item': ['SUD'],
  'taps-1': ['SUD'],
}

const labelsOf = (id: string): readonly string[] => SUBSTANCE_USE[id] ?? ['BH']

/** As its responses have them: what the rules find in it, were it a record. */
function givenBy(questionnaire: Resource): readonly string[] {
  const labels = ownLabels(shippedRules, {
    resourceType: 'QuestionnaireResponse',
    contained: [questionnaire],
  } as Resource)
  return [...new Set(labels.map(({ label }) => label.code))].toSorted()
}

const observation = (code: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [code] },
})

t.test('a questionnaire gives its responses the labels of what it asks about', async (t) => {
  for (const questionnaire of questionnaires)
    t.same(givenBy(questionnaire), labelsOf(String(questionnaire['id'])), String(questionnaire['id']))
})

t.test('its panel and each of its scores are labelled by themselves', async (t) => {
  for (const { id } of questionnaires) {
    const { codes, scores } = shipped(String(id))
    const [general] = labelsOf(String(id)).toReversed()
    for (const code of [...codes, ...scores.flatMap((it) => it.codes)])
      t.ok(
        found(shippedRules, observation(code)).includes(String(general)),
        `${String(id)}: ${String(code.code)} is ${String(general)}`,
      )
  }
})

t.test('a question that only we have a code for is labelled by itself', async (t) => {
  let count = 0
  for (const { id } of questionnaires)
    for (const { codes } of shipped(String(id)).questions.values())
      for (const code of codes) {
        if (code.system === 'http://loinc.org') continue
        count++
        t.same(found(shippedRules, observation(code)), labelsOf(String(id)), String(code.code))
      }
  t.ok(count > 80, `${count} questions`)
})

t.test(
  'a question with a code of LOINC is labelled by itself too, but for the one about tobacco',
  async (t) => {
    const TOBACCO = '96842-0'
    let count = 0
    for (const { id } of questionnaires)
      for (const { codes } of shipped(String(id)).questions.values())
        for (const code of codes) {
          if (code.system !== 'http://loinc.org') continue
          count++
          const [general] = labelsOf(String(id)).toReversed()
          t.same(
            found(shippedRules, observation(code)),
            code.code === TOBACCO ? [] : [general],
            `${String(id)}: ${String(code.code)}`,
          )
        }
    t.ok(count > 100, `${count} questions`)
  },
)

t.test('the page for practices says so', async (t) => {
  const page = readFileSync(new URL('../../../ig/assessments.md', import.meta.url), 'utf8')
  for (const { id, title } of questionnaires) {
    const labels = labelsOf(String(id)).toReversed().join(', ')
    const row = page.split('\n').find((line) => line.startsWith(`| \`${String(id)}\` |`))
    t.ok(row?.includes(String(title)) && row.endsWith(`| ${labels} |`), `${String(id)}: ${row}`)
  }
})
