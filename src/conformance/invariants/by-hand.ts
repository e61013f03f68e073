// Invariants written by hand, because what they ask is simpler, or must be cheaper, than what their FHIRPath says.
import { isJsonObject, type JsonObject, type JsonValue } from '../../fhir/index.ts'
import { URI_PROPERTIES } from './generated/uri-properties.ts'
import type { InvariantContext } from './invariant.ts'

type Check = (node: JsonValue, context: InvariantContext) => boolean

/** `contained.contained.empty()` */
export const containedIsFlat: Check = (node) =>
  containedIn(node).every((contained) => contained.contained === undefined)

/**
 * A contained resource must be referred to from elsewhere in its container, or refer to that itself: dom-3. The
 * rule asks for elements of the types Reference, canonical, uri and url; what stands in a property that has one of
 * these types anywhere in R4 is taken for one.
 */
export const containedIsReferenced: Check = (node) => {
  const contained = containedIn(node)
  if (contained.length === 0) return true
  const fragments = new Set<string>()
  collectFragments(node as JsonObject, fragments)
  return contained.every((resource) => {
    // Without an id there is nothing to compare; that it must have one is another rule.
    if (typeof resource.id !== 'string' || fragments.has(`#${resource.id}`)) return true
    const own = new Set<string>()
    collectFragments(resource, own)
    return own.has('#')
  })
}

/**
 * CareTeam.participant: `onBehalfOf.exists() implies (member.resolve().iif(empty(), true,
 * ofType(Practitioner).exists()))`. What a reference points to is told from what is contained, from `type`,
 * or from the URL; nothing is fetched, and what cannot be told is not held against it.
 */
export const onBehalfOfIsForPractitioners: Check = (node, context) => {
  if (!isJsonObject(node) || node.onBehalfOf === undefined || !isJsonObject(node.member)) return true
  const { reference, type } = node.member
  const target = typeof reference === 'string' ? targetType(reference, context) : undefined
  const known = target ?? type
  return known === undefined || known === 'Practitioner'
}

function targetType(reference: string, context: InvariantContext): JsonValue | undefined {
  if (reference.startsWith('#')) return context.containedById(reference.slice(1))?.resourceType
  return /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/.exec(
    reference,
  )?.[1]
}

function containedIn(node: JsonValue): JsonObject[] {
  return isJsonObject(node) && Array.isArray(node.contained) ? node.contained.filter(isJsonObject) : []
}

function collectFragments(root: JsonObject, into: Set<string>): void {
  // A stack of its own, because a hostile body may be deeper than the engine's.
  const open: (JsonObject | JsonValue[])[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) {
      for (const item of node) if (typeof item === 'object' && item !== null) open.push(item)
      continue
    }
    for (const name in node) {
      const held = node[name]
      if (typeof held === 'object' && held !== null) open.push(held)
      if (!URI_PROPERTIES.has(name)) continue
      for (const text of Array.isArray(held) ? held : [held]) {
        if (typeof text === 'string' && text.startsWith('#')) into.add(text)
      }
    }
  }
}
