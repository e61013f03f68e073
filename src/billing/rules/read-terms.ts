// Reads what a payer's contract asks beside the service itself: an authorization, and claims in time.
import { extensionPartsOf, type Faults, type FoundElement, type JsonObject } from '../../fhir/index.ts'
import { type PrepareExpression, readCondition } from './conditions.ts'
import type { AuthorizationRule, Condition, FilingLimit } from './service-rule.ts'

export function readAuthorization(
  found: FoundElement<JsonObject>,
  prepare: PrepareExpression,
  faults: Faults,
): readonly AuthorizationRule[] {
  const parts = extensionPartsOf(found, { required: 'boolean', when: 'Expression' }, faults)
  const isRequired = parts.one('required')?.value
  if (isRequired !== undefined) return [{ isRequired, ...whenOf(parts.one('when'), prepare, faults) }]
  faults.add(found.element, `'required' is needed`, 'required')
  return []
}

export function readFilingLimit(
  found: FoundElement<JsonObject>,
  prepare: PrepareExpression,
  faults: Faults,
): readonly FilingLimit[] {
  const parts = extensionPartsOf(
    found,
    { days: 'positiveInt', months: 'positiveInt', when: 'Expression' },
    faults,
  )
  const days = parts.one('days')?.value
  const months = parts.one('months')?.value
  const when = whenOf(parts.one('when'), prepare, faults)
  if (days !== undefined && months === undefined) return [{ days, ...when }]
  if (months !== undefined && days === undefined) return [{ months, ...when }]
  faults.add(found.element, `either 'days' or 'months' is needed`, 'required')
  return []
}

function whenOf(
  found: FoundElement<JsonObject> | undefined,
  prepare: PrepareExpression,
  faults: Faults,
): { readonly when?: Condition } {
  const when = found && readCondition(found, prepare, faults)
  return when === undefined ? {} : { when }
}
