// A Questionnaire as a tree of its items, each found by its linkId (https://hl7.org/fhir/R4/questionnaire.html).
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { objectsOf, textOf } from './elements.ts'

export interface Form {
  readonly questionnaire: Resource
  readonly items: FormItems
  /** Of all levels; the first of a linkId that stands more than once. */
  readonly byLinkId: ReadonlyMap<string, FormItem>
}

/** The items of one level, by linkId and in the order of the Questionnaire. */
export type FormItems = ReadonlyMap<string, FormItem>

export interface FormItem {
  readonly linkId: string
  /** `Questionnaire.item.type`. */
  readonly type: string
  /** The item itself. */
  readonly item: JsonObject
  /** FHIRPath: `Questionnaire.item[0].item[2]`. */
  readonly place: string
  /** Its number among its siblings. */
  readonly position: number
  readonly parent: FormItem | undefined
  readonly children: FormItems
  readonly required: boolean
  readonly repeats: boolean
}

export function readForm(questionnaire: Resource): Form {
  const byLinkId = new Map<string, FormItem>()
  const read = (list: readonly JsonObject[], parent: FormItem | undefined, place: string): FormItems => {
    const items = new Map<string, FormItem>()
    for (const [position, item] of list.entries()) {
      const linkId = textOf(item.linkId)
      if (linkId === undefined || byLinkId.has(linkId)) continue
      const children = new Map<string, FormItem>()
      const own: FormItem = {
        linkId,
        type: textOf(item.type) ?? '',
        item,
        place: `${place}.item[${position}]`,
        position,
        parent,
        children,
        required: item.required === true,
        repeats: item.repeats === true,
      }
      items.set(linkId, own)
      byLinkId.set(linkId, own)
      for (const [id, child] of read(objectsOf(item.item), own, own.place)) children.set(id, child)
    }
    return items
  }
  return { questionnaire, items: read(objectsOf(questionnaire.item), undefined, 'Questionnaire'), byLinkId }
}

/** Whether it is a question, which has answers; groups and displays have none. */
export function isQuestion({ type }: FormItem): boolean {
  return type !== 'group' && type !== 'display'
}
