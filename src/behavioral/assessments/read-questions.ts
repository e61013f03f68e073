// The questions of an instrument, and every name by which responses may call an item.
import {
  extensionsOf,
  extensionValueOf,
  type Faults,
  type JsonObject,
  oneOfCodes,
  type Resource,
} from '../../fhir/index.ts'
import { codingsOf } from './coding.ts'
import type { Question } from './instrument.ts'
import { isManifold, type QuestionnaireItem } from './items.ts'
import { readOptions } from './read-options.ts'
import { type Acceptance, recogniser } from './recognise.ts'
import { ACCEPTS, ITEM_ALIAS, LOINC } from './urls.ts'

/** Options of all questions together: far more than any instrument has. */
const MOST_OPTIONS = 50_000

const NOT_ANSWERED: ReadonlySet<string> = new Set(['group', 'display'])

/** All items that can be answered, those aside that `isScore` names, by linkId. */
export function readQuestions(
  items: ReadonlyMap<string, QuestionnaireItem>,
  isScore: (linkId: string) => boolean,
  questionnaire: Resource,
  faults: Faults,
): ReadonlyMap<string, Question> {
  const everywhere = acceptance(questionnaire, 'Questionnaire', faults)
  const questions = new Map<string, Question>()
  let options = 0
  for (const found of items.values()) {
    const { linkId, type, item, element } = found
    if (NOT_ANSWERED.has(type) || isScore(linkId)) continue
    const meanings = readOptions(found, questionnaire, faults)
    options += meanings.length
    if (options > MOST_OPTIONS) {
      faults.add(
        element,
        `up to here there are more than ${MOST_OPTIONS} answers to choose from`,
        'too-costly',
      )
      return questions
    }
    const here = acceptance(item, element, faults)
    const accepts = { number: here.number || everywhere.number, text: here.text || everywhere.text }
    questions.set(linkId, {
      linkId,
      type,
      text: typeof item['text'] === 'string' ? item['text'] : undefined,
      codes: codingsOf(item['code']),
      repeats: isManifold(found),
      options: meanings.map(({ option }) => option),
      aliases: aliasesOf(found, faults),
      item,
      recognise: recogniser(type, meanings, accepts),
    })
  }
  return questions
}

/**
 * Items by what responses may call them: the linkId, else an alias, else a LOINC code that one item alone has, as
 * `/44250-9` or `44250-9`. A name that would mean two items is a fault when it is an alias.
 */
export function namesOf(
  items: ReadonlyMap<string, QuestionnaireItem>,
  faults: Faults,
): ReadonlyMap<string, QuestionnaireItem> {
  const byName = new Map(items)
  for (const found of items.values()) {
    for (const alias of aliasesOf(found)) {
      const other = byName.get(alias)
      if (other !== undefined && other !== found)
        faults.add(
          found.element,
          `'${alias.slice(0, 100)}' is a name of item '${other.linkId}' too`,
          'duplicate',
        )
      byName.set(alias, found)
    }
  }
  const byCode = new Map<string, QuestionnaireItem | undefined>()
  for (const found of items.values()) {
    for (const { system, code } of codingsOf(found.item['code']))
      if (system === LOINC && code !== undefined) byCode.set(code, byCode.has(code) ? undefined : found)
  }
  for (const [code, found] of byCode) {
    if (found === undefined) continue
    for (const name of [code, `/${code}`]) if (!byName.has(name)) byName.set(name, found)
  }
  return byName
}

function aliasesOf({ item, element }: QuestionnaireItem, faults?: Faults): readonly string[] {
  return extensionsOf(item, element, ITEM_ALIAS).flatMap((it) => {
    const { valueString } = it.value
    if (typeof valueString === 'string' && valueString !== '') return [valueString]
    faults?.add(it.element, 'it needs a valueString', 'required')
    return []
  })
}

function acceptance(owner: JsonObject, element: string, faults: Faults): Acceptance {
  const accepted = extensionsOf(owner, element, ACCEPTS).map((it) =>
    oneOfCodes(extensionValueOf(it, 'code', faults), ['number', 'text'], faults),
  )
  return { number: accepted.includes('number'), text: accepted.includes('text') }
}
