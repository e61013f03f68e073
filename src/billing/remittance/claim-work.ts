// The Task of a claim that was refused or denied, kept by the answers, and by those who work on it.
import { isDeepStrictEqual } from 'node:util'
import { type Resource } from '../../fhir/index.ts'
import { codeIn, objectAt, textAt } from '../elements.ts'
import { BILLING_TASKS, isOver, workTask, type WorkFinding, type WorkKind } from '../worklist/index.ts'
import { stateConcept, type ClaimState } from './claim-state.ts'
import { modifiedAt, writeTo, type MadePlace, type PlannedWrite } from './made-place.ts'

export interface ClaimWork {
  readonly kind: WorkKind
  /** As `madeName` makes it. */
  readonly name: string
  readonly claim: Resource
  readonly description: string
  /** All that there ever were. */
  readonly findings: readonly WorkFinding[]
  readonly isOpen: boolean
  /** How far the claim is: why the work is over, once it is. */
  readonly state: ClaimState | undefined
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * None where there is nothing to tell. A Task that answers have closed has a `businessStatus`; one that a person has
 * put away has none, and is opened again only for findings that are new.
 */
export function workWrite(place: MadePlace, work: ClaimWork): readonly PlannedWrite[] {
  const { claim, findings, isOpen, state, now, ...named } = work
  if (findings.length === 0) return []
  const patient = textAt(objectAt(claim, 'patient'), 'reference')
  const made = workTask({
    ...named,
    focus: `Claim/${String(claim['id'])}`,
    ...(patient === undefined ? {} : { patient }),
    findings,
    status: isOpen ? 'requested' : 'completed',
    now,
  })
  const closed = isOpen ? {} : { businessStatus: stateConcept(state) }
  const { stored } = place
  if (stored === undefined) return writeTo(place, { ...made, ...closed })
  const isNews = !isDeepStrictEqual(stored['input'], made['input'])
  const isOverByHand =
    isOver(stored) && codeIn(objectAt(stored, 'businessStatus'), BILLING_TASKS) === undefined
  if (isOverByHand && !isNews) return []
  const { businessStatus: _, ...kept } = stored
  const status = isOpen ? (isOver(stored) ? 'requested' : stored['status']) : 'completed'
  return writeTo(place, {
    ...kept,
    ...closed,
    status,
    input: made['input'],
    lastModified: modifiedAt(stored, now),
  } as Resource)
}
