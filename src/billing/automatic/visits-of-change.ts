// Which visits a change concerns.
import type { Resource } from '../../fhir/index.ts'
import type { DomainChange } from '../../repository/index.ts'
import { localIdOf } from '../claims/index.ts'
import { objectAt, objectsAt } from '../elements.ts'

/** Types of what decides whether a visit can be billed, at the moment when the last of it comes. */
export const VISIT_TYPES: ReadonlySet<string> = new Set(['Encounter', 'DocumentReference', 'Composition'])

/** Ids of Encounters, each once: those that it named before too. */
export function visitsOfChange(
  { type, id, before, after }: DomainChange,
  baseUrl: string,
): readonly string[] {
  if (type === 'Encounter') return [id]
  const named = [before, after].flatMap((note) => (note === undefined ? [] : visitsOfNote(note, baseUrl)))
  return [...new Set(named)]
}

function visitsOfNote(note: Resource, baseUrl: string): readonly string[] {
  const references =
    note.resourceType === 'Composition'
      ? [objectAt(note, 'encounter')]
      : objectsAt(objectAt(note, 'context'), 'encounter')
  return references.flatMap((reference) => localIdOf(reference, 'Encounter', baseUrl) ?? [])
}
