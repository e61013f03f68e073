// The codes of the assessments that ship: LOINC's have the right check digit, ours stand in our code system, and each
// question is known by its own.
import t from 'tap'
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/fhir/index.ts'
import { questionsOf } from './questions.ts'
import { LOINC, OWN_CODES, questionnaires, shipped, shippedIn } from './shipped.ts'
import { TABLES } from './tables.ts'

const [codeSystem] = shippedIn('assessments').filter(({ url }) => url === OWN_CODES)

t.test('every code of LOINC has the check digit that it must have', async (t) => {
  const codes = questionnaires.flatMap((it) => codingsIn(it)).filter(({ system }) => system === LOINC)
  t.ok(codes.length > 500, `${codes.length} codings`)
  for (const { code } of codes) if (!hasCheckDigit(String(code))) t.fail(String(code))
  // Two that public lists have for an assessment, and that never were codes of LOINC.
  t.notOk(hasCheckDigit('93243-5'))
  t.notOk(hasCheckDigit('89708-7'))
})

t.test('our own codes are those of our code system, all of them, as they are displayed there', async (t) => {
  const concepts = codeSystem?.['concept'] as { code: string; display: string }[]
  const displays = new Map(concepts.map(({ code, display }) => [code, display]))
  t.equal(displays.size, concepts.length, 'each once')
  const used = new Map<string, string>()
  for (const { system, code, display } of questionnaires.flatMap((it) => codingsIn(it)))
    if (system === OWN_CODES && display !== undefined) used.set(String(code), String(display))
  t.same(
    [...used].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [...displays].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
})

t.test('no coding is of another system', async (t) => {
  const systems = new Set(questionnaires.flatMap((it) => codingsIn(it)).map(({ system }) => system))
  t.same([...systems].toSorted(), ['http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext', LOINC, OWN_CODES])
})

for (const [id, { panel, scores }] of Object.entries(TABLES)) {
  t.test(`${id}: panel, questions, answers and scores are coded as published`, async (t) => {
    const instrument = shipped(id)
    t.same(
      instrument.codes.map(({ system, code }) => [system, code]),
      [panel === '' ? [OWN_CODES, id] : [LOINC, panel]],
    )
    for (const { name, loinc, linkId, options } of questionsOf(id)) {
      const question = instrument.questions.get(linkId)
      t.same(
        question?.codes.map(({ system, code }) => [system, code]),
        [loinc === '' ? [OWN_CODES, `${id}-${name}`] : [LOINC, loinc]],
        linkId,
      )
      t.equal(question?.type, options.length === 0 ? 'integer' : 'choice')
      t.ok((question?.text ?? '').length > 3)
      t.same(
        question?.options.map(({ value, weight }) => [(value as JsonObject)['code'], weight]),
        options.map(({ code, weight }) => [code, weight]),
        `${linkId}: answers, in the order of the form`,
      )
    }
    t.equal(instrument.questions.size, questionsOf(id).length)
    t.same(
      instrument.scores.map(({ linkId, codes }) => [linkId, codes[0]?.system, codes[0]?.code]),
      Object.entries(scores).map(([name, code]) =>
        code === ''
          ? [name, OWN_CODES, name.startsWith(`${id}-`) ? name : `${id}-${name}`]
          : [`/${code}`, LOINC, code],
      ),
    )
  })
}

function codingsIn(value: JsonValue): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((it) => codingsIn(it))
  if (!isJsonObject(value)) return []
  const own = typeof value['system'] === 'string' && typeof value['code'] === 'string' ? [value] : []
  // A Duration has a system and a code as well.
  if (value['value'] !== undefined) return []
  return [...own, ...Object.values(value).flatMap((it) => codingsIn(it as JsonValue))]
}

/** Luhn's, modulo 10; of an answer code over 149 and its digits. */
function hasCheckDigit(code: string): boolean {
  const [, prefix = '', digits = '', check] = /^(LA)?(\d+)-(\d)$/.exec(code) ?? []
  if (check === undefined) return false
  let sum = 0
  const all = [...(prefix === 'LA' ? `149${digits}` : digits)].toReversed().map(Number)
  for (const [place, digit] of all.entries()) {
    const counted = place % 2 === 0 ? digit * 2 : digit
    sum += counted > 9 ? counted - 9 : counted
  }
  return (10 - (sum % 10)) % 10 === Number(check)
}
