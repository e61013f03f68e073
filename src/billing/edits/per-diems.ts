// Two services that are each paid for the whole day, on one day.
import { keyOf, unitOf } from '../rules/index.ts'
import { tellLine, type BilledLine } from './billed-line.ts'
import { isNear, lengthOf } from './calendar.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import { exclusionOf } from './exclusions.ts'
import { ruleOf } from './rule-of.ts'

/** Of one code twice the edit of units tells, of what a rule excludes that of excluded pairs. */
export const PER_DIEMS: Edit = (context) => {
  const own = context.lines.filter((line) => isBilledByDay(context, line))
  return own.flatMap((line, at) =>
    [...context.others, ...own.slice(0, at)]
      .filter(
        (other) =>
          overlap(line, other) &&
          isBilledByDay(context, other) &&
          exclusionOf(context, line, other) === undefined,
      )
      .map((other) => ({
        edit: 'per-diem-overlap' as const,
        at: line.at,
        what: `${line.name} is paid by the day, and so is ${tellLine(other)} of the same day`,
        ...(other.claim === undefined ? {} : { about: [other.claim] }),
      })),
  )
}

/** Whether its unit is a day. */
export function isBilledByDay(context: ClaimUnderCheck, line: BilledLine): boolean {
  const rule = ruleOf(context, line)
  if (rule === undefined || line.days === undefined) return false
  return unitOf(rule, context.rulesOn(line.days.first).general).basis === 'day'
}

/** Whether there are more days billed than days: lines of several days may leave some out. */
function overlap(one: BilledLine, other: BilledLine): boolean {
  if (one.code === undefined || other.code === undefined || keyOf(one.code) === keyOf(other.code))
    return false
  if (one.days === undefined || other.days === undefined || !isNear('day', one.days, other.days)) return false
  const first = one.days.first < other.days.first ? one.days.first : other.days.first
  const last = one.days.last > other.days.last ? one.days.last : other.days.last
  return one.units + other.units > lengthOf({ first, last })
}
