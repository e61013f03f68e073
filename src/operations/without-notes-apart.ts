// What claims are made from: all that the caller may see but the notes that the law keeps apart.
import { labelsKeptApart } from '../access/index.ts'
import { FhirError } from '../fhir/index.ts'
import type { BillingParts } from '../billing/index.ts'
import type { WorldView } from '../repository/index.ts'
import { callerView } from './caller-view.ts'
import type { OperationCall } from './operation.ts'

/**
 * The rules of services are read as the caller sees them, notes or not, so that they are read anew only when one changes.
 * @throws FhirError `not-implemented`
 */
export function withoutNotesApart({ repository, billing }: Pick<OperationCall, 'repository' | 'billing'>): {
  readonly view: WorldView
  readonly parts: BillingParts
} {
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const whole = callerView(repository)
  return {
    view: callerView(repository.leavingOut(labelsKeptApart([]))),
    parts: { ...billing, books: { of: () => billing.books.of(whole) } },
  }
}
