// Checks a claim as payers and those between will, before it is sent.
import { FhirError, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { objectsAt } from '../elements.ts'
import type { BillingParts } from '../parts.ts'
import { MOST_LINES } from '../x12/index.ts'
import type { ClaimUnderCheck } from './claim-under-check.ts'
import { EDITS, EDITS_OF_VOIDS } from './edits.ts'
import { CLAIM_EDITS, type Fault, type Finding } from './finding.ts'
import { gatherClaim } from './gather/gather-claim.ts'
import { isVoid } from '../claims/index.ts'
import { remediesIn, type Remedy } from './remedies.ts'
import { WRITABLE } from './writable.ts'

/**
 * All that is wrong with a claim, by what `view` shows; nothing when it may be sent. An `error` stands against that.
 * @param claim stored, or not yet
 * @param now milliseconds since 1970
 * @throws FhirError `business-rule` for a Claim that asks for no payment, or a condition of a rule that is neither true
 *   nor false; `too-costly`
 */
export async function checkClaim(
  view: WorldView,
  parts: Pick<BillingParts, 'baseUrl' | 'books' | 'diagnoses'>,
  claim: Resource,
  now: number,
): Promise<readonly Finding[]> {
  if (claim['use'] !== 'claim')
    throw new FhirError('business-rule', [
      {
        severity: 'error',
        code: 'business-rule',
        diagnostics: 'Only a Claim that asks for payment is checked: its use must be claim.',
        expression: 'Claim.use',
      },
    ])
  if (objectsAt(claim, 'item').length > MOST_LINES.institutional)
    throw new FhirError('too-costly', [
      {
        severity: 'error',
        code: 'too-costly',
        diagnostics: `A claim of more than ${MOST_LINES.institutional} lines is not checked: no payer takes it.`,
        expression: 'Claim.item',
      },
    ])
  const context = await gatherClaim(view, parts, claim, now)
  const remedyOf = await remediesIn(view)
  return faultsIn(context).map((fault) => findingOf(fault, remedyOf(fault.edit)))
}

/** What the edits say of what was gathered. */
export function faultsIn(context: ClaimUnderCheck): readonly Fault[] {
  const edits = isVoid(context.claim) ? EDITS_OF_VOIDS : EDITS
  const faults = edits.flatMap((edit) => edit(context))
  // An 837 cannot be written of most faulty claims; that is told of what nothing else is told of.
  const more = WRITABLE(context).filter(({ at }) => !faults.some((fault) => isWithin(fault.at, at)))
  return [...faults, ...more]
}

/** Whether one is an element of the other. */
function isWithin(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  return long === short || long.startsWith(`${short}.`) || long.startsWith(`${short}[`)
}

function findingOf(fault: Fault, remedy: Remedy): Finding {
  const { edit, at, what, about = [] } = fault
  const denial = fault.denial ?? remedy.denial
  const likely = denial === undefined ? '' : ` Likely denial: ${denial}.`
  const sentence = `${what.slice(0, 1).toUpperCase()}${what.slice(1)}.`
  return {
    severity: fault.severity ?? remedy.severity,
    code: 'business-rule',
    details: { system: CLAIM_EDITS, code: edit },
    diagnostics: `${sentence} ${remedy.mend}${likely}`,
    expression: at,
    edit,
    ...(denial === undefined ? {} : { denial }),
    mend: remedy.mend,
    about,
  }
}
