// The signed notes of a visit. Notes that the law keeps apart never count, and are never named.
import { labelsKeptApart } from '../../access/index.ts'
import type { Issue, Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import { and, localReferenceMatch, searchQuery } from '../../store/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { problem } from './problems.ts'
import { localKeyOf } from './references.ts'

const KEPT_APART = labelsKeptApart([])
const MOST_NOTES = 2000
const FINAL: ReadonlySet<unknown> = new Set(['final', 'amended'])
const SIGNING: ReadonlySet<unknown> = new Set(['professional', 'legal'])

export interface VisitNotes {
  /** Final and signed. */
  readonly notes: readonly KnownVersion[]
  /** Why there is none. */
  readonly refusals: readonly Issue[]
}

/** Of this visit and this patient: final DocumentReferences with an authenticator, final Compositions that are attested. */
export async function signedNotesOf(
  view: WorldView,
  encounterId: string,
  patient: string,
  baseUrl: string,
): Promise<VisitNotes> {
  const found = await Promise.all(
    ['DocumentReference', 'Composition'].map((type) => {
      const where = and([localReferenceMatch('encounter', ['Encounter'], encounterId)])
      return view.every(searchQuery({ type, where }), MOST_NOTES)
    }),
  )
  const counting = found
    .flat()
    .filter(
      ({ resource }) => counts(resource) && localKeyOf(objectAt(resource, 'subject'), baseUrl) === patient,
    )
  const final = counting.filter(({ resource }) => isFinal(resource))
  const notes = final.filter(({ resource }) => isSigned(resource))
  if (notes.length > 0) return { notes, refusals: [] }
  return { notes, refusals: [refusalOf(counting, final)] }
}

function refusalOf(counting: readonly KnownVersion[], final: readonly KnownVersion[]): Issue {
  if (final[0] !== undefined)
    return final[0].resource.resourceType === 'Composition'
      ? problem(
          'note-not-signed',
          'Composition.attester',
          'The note is final, and no professional or legal attester has signed it.',
        )
      : problem(
          'note-not-signed',
          'DocumentReference.authenticator',
          'The note is final, and names no authenticator who has signed it.',
        )
  if (counting[0] !== undefined)
    return counting[0].resource.resourceType === 'Composition'
      ? problem('note-not-final', 'Composition.status', 'The note must be final or amended.')
      : problem('note-not-final', 'DocumentReference.docStatus', 'The note must be final or amended.')
  return problem(
    'note-missing',
    'DocumentReference.context.encounter',
    'No note of this visit that counts for billing is there: a DocumentReference or Composition that names it.',
  )
}

/** Whether it is a note by which a visit can be billed, of whichever visit. */
export function isSignedNote(note: Resource): boolean {
  return counts(note) && isFinal(note) && isSigned(note)
}

function counts(note: Resource): boolean {
  return isStanding(note) && !isKeptApart(note)
}

function isStanding({ resourceType, status }: Resource): boolean {
  return resourceType === 'Composition' ? status !== 'entered-in-error' : status === 'current'
}

function isFinal({ resourceType, status, docStatus }: Resource): boolean {
  return FINAL.has(resourceType === 'Composition' ? status : docStatus)
}

function isSigned(note: Resource): boolean {
  if (note.resourceType !== 'Composition') return objectAt(note, 'authenticator') !== undefined
  return objectsAt(note, 'attester').some(({ mode }) => SIGNING.has(mode))
}

/** Psychotherapy notes, and what tells of them. */
export function isKeptApart(resource: Resource): boolean {
  return objectsAt(objectAt(resource, 'meta'), 'security').some((label) =>
    KEPT_APART.some(({ system, code }) => code === label['code'] && system === textAt(label, 'system')),
  )
}
