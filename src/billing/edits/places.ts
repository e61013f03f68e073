// Places of service that the rule of a code allows.
import { codesOf, isSameCode } from '../rules/index.ts'
import type { BilledLine } from './billed-line.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import { ruleOf } from './rule-of.ts'

export const PLACES: Edit = (context) =>
  context.lines.flatMap((line) => {
    const allowed = (ruleOf(context, line)?.places ?? [])
      .filter(({ when }) => when === undefined)
      .flatMap(({ codes }) => codes)
    const place = placeOfLine(context, line)
    if (allowed.length === 0 || place === undefined || allowed.some((one) => isSameCode(one, place)))
      return []
    return [
      {
        edit: 'place-not-allowed' as const,
        at: `${line.at}.locationCodeableConcept`,
        what: `${line.name} is billed with the place of service ${codesOf(allowed)} only, and has ${place.code}`,
      },
    ]
  })

/** A line without a place has that of its claim, which is its first line's. */
export function placeOfLine({ lines }: ClaimUnderCheck, line: BilledLine): BilledLine['place'] {
  return line.place ?? lines[0]?.place
}
