// Labels of what a claim bills for that its own references do not bring to it.
import { taken } from '../../access/index.ts'
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'

/** `meta.security` as it stands. */
export function labelsOfResource(resource: Resource): readonly JsonObject[] {
  return objectsAt(objectAt(resource, 'meta'), 'security')
}

/**
 * Of notes, conditions and whatever else a claim is made of: what is sensitive, and by which law, each once. What `visits`
 * carry is left out, for the lines of the claim name those.
 */
export function labelsToCarry(
  sources: readonly Resource[],
  visits: readonly Resource[],
): readonly JsonObject[] {
  const carried = new Map<string, JsonObject>()
  for (const { system, code } of labelsPassedOn(sources)) carried.set(`${system}|${code}`, { system, code })
  for (const { system, code } of labelsPassedOn(visits)) carried.delete(`${system}|${code}`)
  return [...carried.values()]
}

function labelsPassedOn(resources: readonly Resource[]) {
  return taken(
    'inherits',
    resources.flatMap(labelsOfResource).flatMap((label) => {
      const [system, code] = [textAt(label, 'system'), textAt(label, 'code')]
      return system === undefined || code === undefined ? [] : [{ system, code }]
    }),
  )
}
