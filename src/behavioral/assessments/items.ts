// The items of a Questionnaire, each with its place in it (https://hl7.org/fhir/R4/questionnaire.html).
import {
  type Faults,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'

export interface QuestionnaireItem {
  readonly linkId: string
  /** `Questionnaire.item.type`; '' when it has none. */
  readonly type: string
  readonly repeats: boolean
  readonly item: JsonObject
  /** FHIRPath: `Questionnaire.item[2].item[0]`. */
  readonly element: string
  readonly parent: QuestionnaireItem | undefined
}

/** All items by linkId, each before those within it. Without `faults`, of those with one linkId the first is told. */
export function itemsOf(questionnaire: Resource, faults?: Faults): ReadonlyMap<string, QuestionnaireItem> {
  const items = new Map<string, QuestionnaireItem>()
  const walk = (list: JsonValue | undefined, owner: string, parent: QuestionnaireItem | undefined): void => {
    if (!Array.isArray(list)) return
    for (const [index, item] of list.entries()) {
      if (!isJsonObject(item)) continue
      const element = `${owner}.item[${index}]`
      const { linkId, type, repeats } = item
      if (typeof linkId !== 'string' || linkId === '') {
        faults?.add(element, 'it needs a linkId', 'required')
        continue
      }
      const found = {
        linkId,
        type: typeof type === 'string' ? type : '',
        repeats: repeats === true,
        item,
        element,
        parent,
      }
      if (items.has(linkId))
        faults?.add(`${element}.linkId`, `another item has the linkId '${linkId}'`, 'duplicate')
      else items.set(linkId, found)
      walk(item['item'], element, found)
    }
  }
  walk(questionnaire['item'], 'Questionnaire', undefined)
  return items
}

/** Whether responses may hold the item more often than once, since it or a group around it repeats. */
export function isManifold(item: QuestionnaireItem): boolean {
  for (let at: QuestionnaireItem | undefined = item; at !== undefined; at = at.parent) {
    if (at.repeats) return true
  }
  return false
}
