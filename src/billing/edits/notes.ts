// Notes that stand behind what is billed: there, final, and as they were when the claim was made.
import { textAt } from '../elements.ts'
import { addDays, lengthOf } from './calendar.ts'
import type { CheckedNote, CheckedVisit, ClaimUnderCheck, Edit, Source } from './claim-under-check.ts'
import type { Fault } from './finding.ts'
import { isBilledByDay } from './per-diems.ts'

/** Each visit that is billed has a final note, or a dose of a program; what is paid by the day has a note of each day. */
export const NOTES: Edit = (context) => {
  const faults: Fault[] = []
  const lost = lostNotes(context)
  const visitsTold = new Set<string>()
  for (const line of context.lines) {
    const isDaily = isBilledByDay(context, line)
    for (const [reference, visit] of visitsOf(context, line.visits)) {
      const final = visit.notes.filter(({ isFinal }) => isFinal)
      if (final.length === 0) {
        // That a note is not final any more is told of the note.
        if (visit.isDosing || visitsTold.has(reference) || lost.some((note) => mayBeOf(visit, note))) continue
        visitsTold.add(reference)
        faults.push({
          edit: 'note-missing',
          at: `${line.at}.encounter`,
          what: `no final, signed note of ${reference} is there`,
          about: [reference],
        })
      } else if (isDaily && !isOfOneDay(visit)) faults.push(...missingDays(line, reference, final))
    }
  }
  return faults
}

/** What the claim was made of has changed since. */
export const SOURCES: Edit = (context) => {
  const after = context.sent === undefined ? 'the claim was made' : 'the claim was sent'
  const unfinished = unfinishedVisits(context)
  return [
    ...lostNotes(context).map(({ reference, state }): Fault => {
      const isGone = state === 'gone'
      return {
        edit: 'note-not-final',
        at: 'Claim',
        what: `${reference}, of which the claim was made, is not ${isGone ? 'there' : 'final'} any more`,
        about: isGone ? [] : [reference],
      }
    }),
    ...context.sources
      .filter(({ reference, state, isNote, isFinal }) =>
        isNote ? state === 'changed' && isFinal : state === 'changed' && !unfinished.has(reference),
      )
      .map(
        ({ reference, isNote }): Fault => ({
          edit: isNote ? 'note-amended' : 'visit-changed',
          at: 'Claim',
          what: `${reference} was changed after ${after}`,
          about: [reference],
        }),
      ),
    ...[...unfinished].map(
      ([reference, status]): Fault => ({
        edit: 'visit-not-finished',
        at: 'Encounter.status',
        what: `${reference} is ${status}`,
        about: [reference],
      }),
    ),
  ]
}

/** By `Encounter/[id]` the status. A stay is billed while it goes on. */
function unfinishedVisits(context: ClaimUnderCheck): ReadonlyMap<string, string> {
  return new Map(
    [...context.visits].flatMap(([reference, { resource }]) => {
      const status = textAt(resource, 'status') ?? 'of no status'
      const stands = status === 'finished' || (GOING_ON.has(status) && isStay(context, reference))
      return stands ? [] : [[reference, status] as const]
    }),
  )
}

const GOING_ON: ReadonlySet<unknown> = new Set(['in-progress', 'onleave'])

function isStay(context: ClaimUnderCheck, visit: string): boolean {
  return context.lines.some((line) => line.visits.includes(visit) && isBilledByDay(context, line))
}

function lostNotes({ sources }: ClaimUnderCheck): readonly Source[] {
  return sources.filter(({ isNote, isFinal, state }) => isNote && (state === 'gone' || !isFinal))
}

/** Of which visit a note was that is gone nobody knows any more. */
function mayBeOf({ notes }: CheckedVisit, { reference, state }: Source): boolean {
  return state === 'gone' || notes.some((note) => note.reference === reference)
}

function visitsOf(
  { visits }: ClaimUnderCheck,
  references: readonly string[],
): readonly (readonly [string, CheckedVisit])[] {
  return references.flatMap((reference) => {
    const visit = visits.get(reference)
    return visit === undefined ? [] : [[reference, visit] as const]
  })
}

function isOfOneDay({ first, last }: CheckedVisit): boolean {
  return first !== undefined && first === last
}

/** Days that are named; of more their number. */
const MOST_NAMED = 7

function missingDays(
  { at, name, days, units }: ClaimUnderCheck['lines'][number],
  reference: string,
  notes: readonly CheckedNote[],
): readonly Fault[] {
  if (days === undefined) return []
  const { first, last } = days
  const noted = new Set(notes.flatMap((note) => note.days).filter((day) => first <= day && day <= last))
  const missing = lengthOf(days) - noted.size
  // Of a line of several days those that it does not bill, such as leave, need none.
  if (missing <= Math.max(0, lengthOf(days) - units)) return []
  const named: string[] = []
  for (let day = first; named.length < Math.min(missing, MOST_NAMED); day = addDays(day, 1))
    if (!noted.has(day)) named.push(day)
  const more = missing > named.length ? ` and ${missing - named.length} more days` : ''
  const shown = `${named.join(', ')}${more}`
  return [
    {
      edit: 'daily-note-missing',
      at: `${at}.encounter`,
      what: `${name} is paid by the day, and ${reference} has no final note of ${shown}`,
      about: [reference],
    },
  ]
}
