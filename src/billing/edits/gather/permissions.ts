// Whether the payer may be told of what a claim bills, as the consents on file stand now.
import type { Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { keyOfResource, localKeyOf } from '../../claims/index.ts'
import { consentRefusals } from '../../claims/payment-consent.ts'
import { objectAt, objectsAt } from '../../elements.ts'
import type { BilledLine } from '../billed-line.ts'
import type { CheckedVisit } from '../claim-under-check.ts'
import type { Fault } from '../finding.ts'

export interface PermissionAsked {
  readonly claim: Resource
  readonly payer: Resource | undefined
  readonly lines: readonly BilledLine[]
  readonly visits: ReadonlyMap<string, CheckedVisit>
  readonly baseUrl: string
  readonly now: number
}

/** Of each visit that is billed; of a claim that names none, of itself. Each fault once. */
export async function permissionFaults(view: WorldView, asked: PermissionAsked): Promise<readonly Fault[]> {
  const { claim, payer, lines, visits, baseUrl, now } = asked
  const patient = localKeyOf(objectAt(claim, 'patient'), baseUrl)
  const days = lines.flatMap((line) => (line.days === undefined ? [] : [line.days])).toSorted(byFirst)
  const [first] = days
  const last = days
    .map((one) => one.last)
    .toSorted()
    .at(-1)
  if (patient === undefined || payer === undefined || first === undefined || last === undefined) return []
  const records = visits.size === 0 ? [claim] : [...visits.values()].map(({ resource }) => resource)
  const faults = new Map<string, Fault>()
  for (const record of records) {
    const labels = [claim, record].flatMap((one) => objectsAt(objectAt(one, 'meta'), 'security'))
    const told = {
      patient,
      encounter: record,
      payer,
      days: [first.first, last] as const,
      labels,
      baseUrl,
      now,
    }
    for (const { details, diagnostics } of await consentRefusals(view, told)) {
      const edit = details?.code === 'self-pay' ? 'self-pay-restriction' : 'payment-consent-missing'
      if (faults.has(edit)) continue
      const about = record === claim ? [] : [keyOfResource(record)]
      faults.set(edit, { edit, at: 'Consent.provision', what: diagnostics.replace(/\.$/, ''), about })
    }
  }
  return [...faults.values()]
}

function byFirst(one: { readonly first: string }, other: { readonly first: string }): number {
  return one.first < other.first ? -1 : 1
}
