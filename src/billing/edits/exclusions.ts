// Codes that are not billed near each other, on one claim or on two.
import { isIn, keyOf, PERIODS, unitOf, type Exclusion } from '../rules/index.ts'
import type { BilledLine } from './billed-line.ts'
import { tellLine } from './billed-line.ts'
import { isNear } from './calendar.ts'
import type { ClaimUnderCheck, Edit } from './claim-under-check.ts'
import { ruleOf } from './rule-of.ts'

/** Each pair is told once: at the later line of the claim. */
export const EXCLUSIONS: Edit = (context) =>
  context.lines.flatMap((line, at) =>
    [...context.others, ...context.lines.slice(0, at)].flatMap((other) => {
      const exclusion = exclusionOf(context, line, other)
      if (exclusion === undefined || isSecondOfPeriod(context, line, other)) return []
      const { severity, scope, denial } = exclusion
      return [
        {
          edit: 'excluded-pair' as const,
          at: line.at,
          what: `${line.name} is not billed in one ${scope} with ${tellLine(other)}`,
          severity,
          ...(denial === undefined ? {} : { denial }),
          ...(other.claim === undefined ? {} : { about: [other.claim] }),
        },
      ]
    }),
  )

/** A second week or month of one code is told as too many units. */
function isSecondOfPeriod(
  context: Pick<ClaimUnderCheck, 'rulesOn'>,
  { code, days, ...line }: BilledLine,
  other: BilledLine,
): boolean {
  if (code === undefined || days === undefined || other.code === undefined) return false
  if (keyOf(code) !== keyOf(other.code)) return false
  const rule = ruleOf(context, { code, days, ...line })
  const { general } = context.rulesOn(days.first)
  return rule !== undefined && PERIODS[unitOf(rule, general).basis] !== undefined
}

/** What one of the two rules says against the other's line; of several, one that takes the line away. */
export function exclusionOf(
  context: Pick<ClaimUnderCheck, 'rulesOn'>,
  one: BilledLine,
  other: BilledLine,
): Exclusion | undefined {
  // No scope is wider: rules of days far off are not even looked for.
  if (one.code === undefined || other.code === undefined || !areNear(one, other)) return undefined
  const told = [...against(context, one, other), ...against(context, other, one)]
  return told.find(({ severity }) => severity === 'error') ?? told[0]
}

function areNear({ days: one }: BilledLine, { days: other }: BilledLine): boolean {
  if (one === undefined || other === undefined) return false
  return isNear('month', one, other) || isNear('week', one, other)
}

function against(
  context: Pick<ClaimUnderCheck, 'rulesOn'>,
  line: BilledLine,
  { code, days }: BilledLine,
): readonly Exclusion[] {
  const own = line.days
  if (code === undefined || days === undefined || own === undefined) return []
  return (ruleOf(context, line)?.exclusions ?? []).filter(
    (it) => isIn(it, code) && isNear(it.scope, own, days),
  )
}
