// The weeks of a program that is billed by the week: seven days each, one after the other, whenever it is asked.
import type { Weekday } from '../../rules/index.ts'
import { addDays, daysBetween, weekdayOf } from './calendar-days.ts'

export interface Week {
  /** The day of service. */
  readonly start: string
  readonly end: string
}

const WEEK = 7

/**
 * The weeks whose first day is from `first` to `last`.
 * @param begin the first day of the patient in the program
 * @param startsOn the day on which everybody's weeks begin; the first is then that which has `begin`
 */
export function weeksIn(
  begin: string,
  startsOn: Weekday | undefined,
  { first, last }: { readonly first: string; readonly last: string },
): readonly Week[] {
  const anchor = startsOn === undefined ? begin : lastOn(startsOn, begin)
  const skipped = Math.max(0, Math.ceil(daysBetween(anchor, first) / WEEK))
  const weeks: Week[] = []
  for (let start = addDays(anchor, skipped * WEEK); start <= last; start = addDays(start, WEEK))
    weeks.push({ start, end: addDays(start, WEEK - 1) })
  return weeks
}

function lastOn(weekday: Weekday, day: string): string {
  let found = day
  while (weekdayOf(found) !== weekday) found = addDays(found, -1)
  return found
}
