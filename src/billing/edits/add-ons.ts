// An add-on needs its base beside it.
import { isIn, type Primary } from '../rules/index.ts'
import type { BilledLine } from './billed-line.ts'
import { isNear } from './calendar.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import { ruleOf } from './rule-of.ts'
import { tellCodes } from './tell-codes.ts'

export const ADD_ONS: Edit = (context) =>
  context.lines.flatMap((line) => {
    const primaries = ruleOf(context, line)?.primaries ?? []
    if (primaries.length === 0 || primaries.some((primary) => isThere(context, line, primary))) return []
    const denial = primaries.find((it) => it.denial !== undefined)?.denial
    return [
      {
        edit: 'add-on-without-primary' as const,
        at: line.at,
        what: `${line.name} is an add-on, and none of ${primaries.map(tellCodes).join(', ')} is billed beside it`,
        ...(denial === undefined ? {} : { denial }),
      },
    ]
  })

function isThere({ lines, others }: ClaimUnderCheck, line: BilledLine, primary: Primary): boolean {
  const { days } = line
  if (days === undefined) return true
  return [...lines, ...others].some(
    (other) =>
      other !== line &&
      other.code !== undefined &&
      other.days !== undefined &&
      isIn(primary, other.code) &&
      isNear(primary.scope, days, other.days),
  )
}
