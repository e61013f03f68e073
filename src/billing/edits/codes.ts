// Codes that a rule bills on the day, for the payer.
import type { Edit } from './claim-under-check.ts'

export const CODES: Edit = ({ lines, rulesOn }) =>
  lines.flatMap(({ at, code, days }) => {
    if (code === undefined || days === undefined) return []
    for (const day of new Set([days.first, days.last])) {
      const rules = rulesOn(day)
      const rule = rules.ofCode(code)
      if (rule?.isBillable === true) continue
      const [edit, what] =
        rule !== undefined
          ? (['code-not-billable', `the rule in force takes ${code.code} away for this payer`] as const)
          : rules.isKnown(code)
            ? (['code-not-in-force', `no rule bills ${code.code} on ${day}`] as const)
            : ([
                'code-unknown',
                `no rule knows ${code.code}, so that nothing else is checked of the line`,
              ] as const)
      return [{ edit, at: `${at}.productOrService`, what }]
    }
    return []
  })
