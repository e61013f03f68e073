// Where the items of a response stand, and which occurrence of a question is meant from where.
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'

export interface ResponsePlaces {
  /**
   * The occurrence of a question that is nearest to an occurrence of `of`: around it, else before it, else after it
   * (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen.question). Which occurrence of
   * `of`: the one that `at` is or stands in; else one that is not there, and would come last in `at`, or in the response.
   */
  nearest(question: string, of: string, at: JsonObject | undefined): JsonObject | undefined
}

interface Place {
  readonly item: JsonObject
  readonly parent: Place | undefined
  /** Position in document order. */
  readonly start: number
  /** Position of the last item within. */
  end: number
}

export function placesOf(response: Resource): ResponsePlaces {
  const byItem = new Map<JsonObject, Place>()
  const byLinkId = new Map<string, Place[]>()
  let position = 0

  function walk(list: JsonValue | undefined, parent: Place | undefined): void {
    if (!Array.isArray(list)) return
    for (const item of list) {
      if (!isJsonObject(item)) continue
      const place: Place = { item, parent, start: position, end: position }
      position += 1
      byItem.set(item, place)
      const { linkId } = item
      if (typeof linkId === 'string') {
        const others = byLinkId.get(linkId)
        if (others === undefined) byLinkId.set(linkId, [place])
        else others.push(place)
      }
      walk(item['item'], place)
      for (const answer of Array.isArray(item['answer']) ? item['answer'] : [])
        if (isJsonObject(answer)) walk(answer['item'], place)
      place.end = position - 1
    }
  }
  walk(response['item'], undefined)

  return {
    nearest(question, of, at) {
      const places = byLinkId.get(question)
      if (places === undefined) return undefined
      const holder = at === undefined ? undefined : byItem.get(at)
      if (places.length === 1 || holder === undefined) return places.at(-1)?.item
      const own = around(holder, of)
      const near = around(own ?? holder, question) ?? lastUpTo(places, own?.start ?? holder.end) ?? places[0]
      return near?.item
    },
  }
}

/** The place itself, or the nearest around it, that has the linkId. */
function around(place: Place, linkId: string): Place | undefined {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent)
    if (at.item['linkId'] === linkId) return at
  return undefined
}

/** The last that starts at `position` or before; they are in document order. */
function lastUpTo(places: readonly Place[], position: number): Place | undefined {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle] as Place).start <= position) low = middle + 1
    else high = middle
  }
  return places[low - 1]
}
