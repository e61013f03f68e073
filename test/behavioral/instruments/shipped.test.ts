// What ships in profiles/questionnaires/ and profiles/assessments/: valid, owned by somebody, and written in extensions that
// are defined; any form filler computes the same.
import fhirpath, { type Model } from 'fhirpath'
import r4 from 'fhirpath/fhir-context/r4'
import t from 'tap'
import { createValidator } from '../../../src/conformance/index.ts'
import { isJsonObject, type JsonObject, type JsonValue, loadDefinitions } from '../../../src/fhir/index.ts'
import { scoreResponse } from '../../../src/behavioral/index.ts'
import { answersTo, questionsOf } from './questions.ts'
import { answered, found, instrumentOf, patientOf, questionnaires, shipped, shippedIn } from './shipped.ts'

const OURS = 'https://alcove.health/fhir/'
const definitions = shippedIn('assessments')
const validator = createValidator(loadDefinitions())

t.test('all of it is valid R4, and has the url of its type and id', async (t) => {
  for (const resource of [...questionnaires, ...definitions]) {
    const { resourceType, id, url } = resource
    t.same(validator.validate(resource), [], String(id))
    t.equal(url, `${OURS}${resourceType}/${String(id)}`)
    t.match(resource, { version: '1.0.0', status: 'active', experimental: false, publisher: 'Alcove' })
  }
})

t.test('every questionnaire says whose it is, what it asks, and is coded', async (t) => {
  for (const questionnaire of questionnaires) {
    const { id, title, name, description, copyright, code } = questionnaire
    const whose = String(copyright).split('\n\n')
    t.ok(whose[0] !== undefined && whose[0].length > 20, String(id))
    const usesLoinc = JSON.stringify(questionnaire).includes('"system":"http://loinc.org"')
    t.equal(
      whose.some((it) => it.startsWith('This material contains content from LOINC')),
      usesLoinc,
      `${String(id)} carries LOINC's notice where it has LOINC's codes`,
    )
    t.match(name, /^[A-Z]\w*$/)
    t.ok(String(title).length > 5 && String(description).length > 60 && Array.isArray(code))
  }
})

t.test('one score of each is the one by which the course is shown', async (t) => {
  for (const { id } of questionnaires) {
    const primary = shipped(String(id)).scores.filter((it) => it.primary)
    t.equal(primary.length, 1, String(id))
    t.equal(primary[0], shipped(String(id)).scores[0], 'the first')
  }
})

t.test('bands of a number leave no gap, and none overlaps another, for whoever they are', async (t) => {
  for (const { id } of questionnaires)
    for (const { bands, lowest, highest, linkId } of shipped(String(id)).scores) {
      if (bands.length === 0 || bands.some((it) => it.when !== undefined)) continue
      if (bands.some((it) => it.code !== undefined)) continue
      let next = lowest
      for (const { low, high } of bands) {
        t.equal(low, next, `${String(id)} ${linkId}`)
        next = (high ?? Number.NaN) + 1
      }
      t.equal(next, (highest ?? Number.NaN) + 1)
    }
})

t.test('every extension of ours is defined, stands where it may, and holds what it must', async (t) => {
  const byUrl = new Map(definitions.map((it) => [it['url'], it]))
  let checked = 0
  for (const questionnaire of questionnaires) {
    const items = questionnaire['item'] as JsonObject[]
    const places: [string, JsonObject][] = [
      ['Questionnaire', questionnaire],
      ...items.map((it): [string, JsonObject] => ['Questionnaire.item', it]),
      ...items.flatMap((it) =>
        ((it['answerOption'] ?? []) as JsonObject[]).map((option): [string, JsonObject] => [
          'Questionnaire.item.answerOption',
          option,
        ]),
      ),
    ]
    for (const [place, element] of places)
      for (const extension of (element['extension'] ?? []) as JsonObject[]) {
        const url = String(extension['url'])
        if (!url.startsWith(OURS)) continue
        checked++
        const faults = faultsOf(extension, byUrl.get(url), place)
        if (faults.length > 0) t.fail(`${String(questionnaire['id'])} ${place}: ${faults.join('; ')}`)
      }
  }
  t.ok(checked > 200, `${checked} extensions`)
})

t.test('a check of extensions that finds nothing wrong would find it', async (t) => {
  const alert = definitions.find(({ id }) => id === 'assessment-alert')
  const url = `${OURS}StructureDefinition/assessment-alert`
  t.match(faultsOf({ url, extension: [] }, alert, 'Questionnaire').join(), /id: 0/)
  t.match(faultsOf({ url, extension: [{ url: 'x' }] }, alert, 'Questionnaire').join(), /x is not defined/)
  t.match(
    faultsOf({ url, extension: [{ url: 'level', valueCode: 'odd' }] }, alert, 'Questionnaire').join(),
    /odd is no code/,
  )
  t.match(faultsOf({ url, extension: [] }, alert, 'Questionnaire.item').join(), /not here/)
})

t.test('the FHIRPath engine finds what the compiled expressions find', async (t) => {
  for (const questionnaire of questionnaires) {
    const id = String(questionnaire['id'])
    const byEngine = instrumentOf(questionnaire, (expression) => {
      const evaluate = fhirpath.compile(expression, r4 as Model)
      return (focus, environment) => evaluate(focus, environment) as JsonValue[]
    })
    for (const [nth, sex] of (['female', 'male', undefined, 'other'] as const).entries()) {
      const answers = Object.fromEntries(
        questionsOf(id).map((question, at) => {
          const choices = answersTo(question)
          return [question.name, choices[(at * nth + nth) % choices.length] ?? '']
        }),
      )
      const context = { patient: patientOf(sex) }
      t.same(
        found(id, scoreResponse(byEngine, answered(id, answers), context)),
        found(id, scoreResponse(shipped(id), answered(id, answers), context)),
        `${id} ${nth}`,
      )
    }
  }
})

/** What is wrong with an extension, by its StructureDefinition. */
function faultsOf(extension: JsonObject, definition: JsonObject | undefined, place: string): string[] {
  if (definition === undefined) return [`${String(extension['url'])} is not defined`]
  const contexts = definition['context'] as { expression: string }[]
  const faults = contexts.some(({ expression }) => expression === place) ? [] : ['not here']
  const elements = (definition['differential'] as { element: JsonObject[] }).element
  const slices = elements.filter((it) => it['sliceName'] !== undefined)
  if (slices.length === 0) return [...faults, ...valueFaults(extension, elements, 'Extension.value[x]')]
  const parts = extension['extension'] as JsonObject[]
  for (const { sliceName, min, max } of slices) {
    const count = parts.filter(({ url }) => url === sliceName).length
    const most = max === '*' ? Number.POSITIVE_INFINITY : Number(max)
    if (count < Number(min) || count > most) faults.push(`${String(sliceName)}: ${count}`)
  }
  for (const part of parts) {
    const name = String(part['url'])
    if (!slices.some(({ sliceName }) => sliceName === name)) faults.push(`${name} is not defined`)
    else faults.push(...valueFaults(part, elements, `Extension.extension:${name}.value[x]`))
  }
  return faults
}

function valueFaults(holder: JsonObject, elements: readonly JsonObject[], id: string): string[] {
  const element = elements.find((it) => it['id'] === id)
  const types = (element?.['type'] ?? []) as { code: string }[]
  const keys = Object.keys(holder).filter((key) => key.startsWith('value'))
  const allowed = types.map(({ code }) => `value${code.charAt(0).toUpperCase()}${code.slice(1)}`)
  if (keys.length !== 1 || !allowed.includes(String(keys[0]))) return [`${id}: ${keys.join()}`]
  const { binding } = element ?? {}
  const valueSet = isJsonObject(binding) ? String(binding['valueSet']) : ''
  if (!valueSet.startsWith(OURS)) return []
  const set = definitions.find(({ url }) => url === valueSet)
  const code = String(holder[String(keys[0])])
  return JSON.stringify(set).includes(`"code":"${code}"`) ? [] : [`${code} is no code of ${valueSet}`]
}
