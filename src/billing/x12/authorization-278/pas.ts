// Extensions by which the Da Vinci guide for prior authorization (PAS) says in FHIR what a 278 says.
import type { JsonObject } from '../../../fhir/index.ts'
import { codeIn, objectAt, objectsAt, textAt } from '../../elements.ts'

const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition'

export const PAS_EXTENSIONS = {
  requestType: `${PAS}/extension-serviceItemRequestType`,
  certificationType: `${PAS}/extension-certificationType`,
  levelOfService: `${PAS}/extension-levelOfServiceCode`,
  traceNumber: `${PAS}/extension-itemTraceNumber`,
  authorizationNumber: `${PAS}/extension-authorizationNumber`,
  referenceNumber: `${PAS}/extension-administrationReferenceNumber`,
  issued: `${PAS}/extension-itemPreAuthIssueDate`,
  period: `${PAS}/extension-itemPreAuthPeriod`,
  authorized: `${PAS}/extension-itemAuthorizedDetail`,
  reviewAction: `${PAS}/extension-reviewAction`,
  reviewActionCode: `${PAS}/extension-reviewActionCode`,
  followUp: `${PAS}/extension-errorFollowupAction`,
  errorElement: `${PAS}/extension-errorElement`,
} as const

type Extension = keyof typeof PAS_EXTENSIONS

function extensionIn(holder: JsonObject, which: Extension): JsonObject | undefined {
  return objectsAt(holder, 'extension').find((one) => one.url === PAS_EXTENSIONS[which])
}

export function extensionCode(holder: JsonObject, which: Extension): string | undefined {
  return codeIn(objectAt(extensionIn(holder, which), 'valueCodeableConcept'))
}

export function extensionText(holder: JsonObject, which: Extension): string | undefined {
  return textAt(extensionIn(holder, which), 'valueString')
}

export function extensionIdentifier(holder: JsonObject, which: Extension): JsonObject | undefined {
  return objectAt(extensionIn(holder, which), 'valueIdentifier')
}
