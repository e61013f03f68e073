// Holds what a response says of its own scores against what its answers say.
import { isJsonObject, type Issue } from '../../fhir/index.ts'
import type { Score } from './scored.ts'
import type { Claim } from './understood.ts'

/** A warning when they differ; none when they agree. */
export function compareClaim(claim: Claim, { rule, value, missing }: Score): readonly Issue[] {
  const claimed = isJsonObject(claim.value) ? (claim.value['code'] ?? claim.value['value']) : claim.value
  const scored = isJsonObject(value) ? value.code : value
  if (scored !== undefined && claimed === scored) return []
  const why =
    scored !== undefined
      ? `by the answers it is ${String(scored)}`
      : missing.length > 0
        ? `answers are missing that it is computed from: ${missing.join(', ')}`
        : 'by the answers there is none'
  return [
    {
      severity: 'warning',
      code: 'business-rule',
      diagnostics: `What the response says of item '${rule.linkId}' is not taken over: ${why}.`,
      expression: claim.element,
    },
  ]
}
