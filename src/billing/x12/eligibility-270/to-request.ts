// From what a 270 asks to a CoverageEligibilityRequest and the resources around it.
import type { JsonObject } from '../../../fhir/index.ts'
import { SYSTEMS } from '../../systems.ts'
import { providerResource } from '../claim-837/resources-of.ts'
import { modifierConcept, serviceConcept } from '../claim-837/to-bundle.ts'
import { X12_CODES } from '../code-systems.ts'
import { insuredResources } from '../insured.ts'
import { traceIdentifier } from '../traces.ts'
import { RELATIONSHIPS_270, type Asked, type EligibilityBundle, type Inquiry } from './inquiry.ts'

/**
 * The request with ids of its own for the resources around it, made on the day `created`. A 270 does not tell a purpose: it is
 * `benefits`. `inquiryOf` of it is `inquiry` again.
 */
export function eligibilityBundleOf(inquiry: Inquiry, created: string): EligibilityBundle {
  const { provider, trace, serviced, asked } = inquiry
  return {
    ...insuredResources(inquiry, RELATIONSHIPS_270),
    provider: providerResource('provider', provider),
    request: {
      resourceType: 'CoverageEligibilityRequest',
      id: 'request',
      ...(trace === undefined
        ? {}
        : {
            identifier: [
              {
                type: { coding: [{ system: SYSTEMS.identifierType, code: 'PLAC' }] },
                ...traceIdentifier(trace),
              },
            ],
          }),
      status: 'active',
      purpose: ['benefits'],
      patient: { reference: 'Patient/patient' },
      ...(serviced === undefined ? {} : servicedElement(serviced.start, serviced.end)),
      created,
      provider: { reference: `${provider.person ? 'Practitioner' : 'Organization'}/provider` },
      insurer: { reference: 'Organization/payer' },
      insurance: [{ focal: true, coverage: { reference: 'Coverage/coverage' } }],
      item: asked.map(itemElement),
    },
  }
}

function servicedElement(start: string, end: string): JsonObject {
  return start === end ? { servicedDate: start } : { servicedPeriod: { start, end } }
}

function itemElement(asked: Asked): JsonObject {
  if ('serviceType' in asked)
    return { category: { coding: [{ system: X12_CODES.serviceType, code: asked.serviceType }] } }
  return {
    productOrService: serviceConcept(asked.code),
    ...(asked.modifiers.length === 0 ? {} : { modifier: asked.modifiers.map(modifierConcept) }),
  }
}
