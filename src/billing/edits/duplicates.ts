// The same service billed twice: on one claim, or on two that are both in force.
import { keyOf } from '../rules/index.ts'
import { tellLine, type BilledLine } from './billed-line.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'

export const DUPLICATES: Edit = (context) =>
  duplicatesOf(context).map(({ line, of, isOfOneVisit }) => ({
    edit: 'duplicate' as const,
    at: line.at,
    what: `${line.name} of the same day, with the same modifiers, is billed already: ${tellLine(of)}`,
    // Who came twice a day may have been treated twice; whether the payer believes it is another matter.
    severity: isOfOneVisit ? ('error' as const) : ('warning' as const),
    ...(of.claim === undefined ? {} : { about: [of.claim] }),
  }))

interface Duplicate {
  readonly line: BilledLine
  readonly of: BilledLine
  /** Whether both bill one visit, as far as they name any. */
  readonly isOfOneVisit: boolean
}

/** Each line of the claim that has one before it, on another claim or earlier on its own; one of the same visit first. */
function duplicatesOf({ lines, others }: ClaimUnderCheck): readonly Duplicate[] {
  const before = new Map<string, BilledLine[]>()
  const remember = (line: BilledLine): void => {
    const key = sameness(line)
    if (key === undefined) return
    const those = before.get(key)
    if (those === undefined) before.set(key, [line])
    else those.push(line)
  }
  others.forEach(remember)
  return lines.flatMap((line) => {
    const those = before.get(sameness(line) ?? '') ?? []
    const ofVisit = those.find((other) => shareVisit(line, other))
    remember(line)
    const [first] = those
    if (first === undefined) return []
    return [{ line, of: ofVisit ?? first, isOfOneVisit: ofVisit !== undefined }]
  })
}

/** Of lines that bill the same service of one visit only the first. */
export function withoutRepeats(lines: readonly BilledLine[]): readonly BilledLine[] {
  const kept = new Map<string, BilledLine[]>()
  return lines.filter((line) => {
    const key = sameness(line)
    if (key === undefined) return true
    const those = kept.get(key) ?? []
    if (those.some((other) => shareVisit(line, other))) return false
    kept.set(key, [...those, line])
    return true
  })
}

function sameness({ code, days, modifiers, name }: BilledLine): string | undefined {
  if (days === undefined) return undefined
  const told = modifiers.map((it) => it.code).toSorted()
  return [code === undefined ? name : keyOf(code), days.first, days.last, ...told].join('\n')
}

function shareVisit(one: BilledLine, other: BilledLine): boolean {
  if (one.visits.length === 0 || other.visits.length === 0) return true
  return one.visits.some((visit) => other.visits.includes(visit))
}
