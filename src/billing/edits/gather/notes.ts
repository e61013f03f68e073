// Notes as they count for billing: final, signed, and of which day.
import type { Resource } from '../../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'

const FINAL: ReadonlySet<unknown> = new Set(['final', 'amended'])
const SIGNED: ReadonlySet<unknown> = new Set(['professional', 'legal'])

export function isNote({ resourceType }: Resource): boolean {
  return resourceType === 'DocumentReference' || resourceType === 'Composition'
}

/** Final and signed, as a DocumentReference or a Composition says it. */
export function isFinalNote(note: Resource): boolean {
  if (note.resourceType === 'Composition')
    return FINAL.has(note['status']) && objectsAt(note, 'attester').some(({ mode }) => SIGNED.has(mode))
  return (
    note['status'] === 'current' &&
    FINAL.has(note['docStatus']) &&
    objectAt(note, 'authenticator') !== undefined
  )
}

/** The day, `YYYY-MM-DD`, that a note tells of: when its period begins, else that on which it was written. */
export function dayOfNote(note: Resource): string | undefined {
  const period =
    note.resourceType === 'Composition'
      ? objectAt(objectsAt(note, 'event')[0], 'period')
      : objectAt(objectAt(note, 'context'), 'period')
  const day = (textAt(period, 'start') ?? textAt(note, 'date'))?.slice(0, 10)
  return day?.length === 10 ? day : undefined
}
