// R4's compartments (https://hl7.org/fhir/R4/compartmentdefinition.html).
import { FhirError } from '../fhir/index.ts'
import type { CompartmentCode } from '../search/index.ts'

export const COMPARTMENTS: readonly CompartmentCode[] = [
  'Patient',
  'Encounter',
  'RelatedPerson',
  'Practitioner',
  'Device',
]

/** @throws FhirError `not-found` for a type that has no compartment */
export function compartmentOf(type: string): CompartmentCode {
  const code = COMPARTMENTS.find((known) => known === type)
  if (code === undefined)
    throw new FhirError(
      'not-found',
      `${type} has no compartment to search in; ${COMPARTMENTS.join(', ')} have one.`,
    )
  return code
}
