// The dates of a FHIR Claim: statement, onset, admission and discharge, as an 837 tells them.
import type { JsonObject, Resource } from '../../../fhir/index.ts'
import { unwritable } from '../fault.ts'
import { x12Time } from '../values.ts'
import type { ClaimContent, ClaimKind, Period } from './content.ts'
import { informationOf, objectAt, textAt } from '../../elements.ts'

export function datesOf(
  claim: Resource,
  kind: ClaimKind,
): Pick<ClaimContent, 'onset' | 'statement' | 'admission' | 'discharge'> {
  const stay = objectAt(informationOf(claim, 'admissionperiod')[0], 'timingPeriod')
  const [start, end] = [textAt(stay, 'start'), textAt(stay, 'end')]
  if (kind === 'professional') {
    const onset = textAt(informationOf(claim, 'onset')[0], 'timingDate')
    return {
      ...(onset === undefined ? {} : { onset: wholeDay(onset, 'Claim.supportingInfo') }),
      ...(start === undefined ? {} : { admission: wholeDay(start, 'Claim.supportingInfo') }),
      ...(end === undefined ? {} : { discharge: wholeDay(end, 'Claim.supportingInfo') }),
    }
  }
  const hour = end === undefined ? undefined : x12Time(end)
  return {
    statement: periodOf(objectAt(claim, 'billablePeriod'), 'Claim.billablePeriod'),
    ...(start === undefined ? {} : { admission: wallClock(start) }),
    ...(hour === undefined ? {} : { discharge: `${hour.slice(0, 2)}:${hour.slice(2)}` }),
  }
}

function wallClock(start: string): string {
  const [day, time] = [wholeDay(start, 'Claim.supportingInfo'), x12Time(start)]
  return time === undefined ? day : `${day}T${time.slice(0, 2)}:${time.slice(2)}`
}

/** `YYYY-MM-DD` of a date or dateTime, by itself; 422 without a whole day. */
export function wholeDay(text: string | undefined, expression: string): string {
  if (text === undefined || text.length < 10) throw unwritable(expression, 'must name a whole day')
  return text.slice(0, 10)
}

function periodOf(period: JsonObject | undefined, expression: string): Period {
  const [start, end] = [textAt(period, 'start'), textAt(period, 'end')]
  const read = { start: wholeDay(start, expression), end: wholeDay(end, expression) }
  if (read.end < read.start) throw unwritable(expression, 'ends before it starts')
  return read
}
