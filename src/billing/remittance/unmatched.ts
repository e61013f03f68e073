// The Task of an answer that names a claim which is not known here, or more than one: nobody guesses which is meant.
import { madeName } from '../made.ts'
import { workTask, type WorkFinding } from '../worklist/index.ts'
import { madePlace, modifiedAt, writePlanned, writeTo } from './made-place.ts'
import type { Settling } from './settle-claim.ts'

export interface Unmatched {
  /** Of the answer. */
  readonly answer: string
  /** `Type/id` of what is stored of it, if anything is. */
  readonly focus?: string
  readonly description: string
  readonly findings: readonly WorkFinding[]
}

/** Makes it once; a Task that a person has put away stays so. */
export async function keepUnmatched(
  { repository, view, now }: Settling,
  unmatched: Unmatched,
): Promise<void> {
  const { answer, focus, description, findings } = unmatched
  const name = madeName('unmatched', answer)
  await writePlanned(repository, async () => {
    const place = await madePlace(view, 'Task', name)
    if (place.stored !== undefined) return []
    return writeTo(
      place,
      workTask({
        kind: 'unmatched-answer',
        name,
        ...(focus === undefined ? {} : { focus }),
        description,
        findings,
        now,
      }),
    )
  })
}

/** The claim has become known since. */
export async function closeUnmatched({ repository, view, now }: Settling, answer: string): Promise<void> {
  const name = madeName('unmatched', answer)
  await writePlanned(repository, async () => {
    const place = await madePlace(view, 'Task', name)
    const { stored } = place
    if (stored === undefined || stored['status'] !== 'requested') return []
    return writeTo(place, { ...stored, status: 'completed', lastModified: modifiedAt(stored, now) })
  })
}
