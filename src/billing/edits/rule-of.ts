// The rule of a line's code on its day.
import type { ServiceRule } from '../rules/index.ts'
import type { BilledLine } from './billed-line.ts'
import type { ClaimUnderCheck } from './claim-under-check.ts'

/** undefined where no rule in force bills it: that is told once, by the edit of codes in force. */
export function ruleOf(
  { rulesOn }: Pick<ClaimUnderCheck, 'rulesOn'>,
  { code, days }: BilledLine,
): ServiceRule | undefined {
  if (code === undefined || days === undefined) return undefined
  const rule = rulesOn(days.first).ofCode(code)
  return rule?.isBillable === true ? rule : undefined
}
