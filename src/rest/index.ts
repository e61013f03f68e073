// The face of the FHIR interactions.
export { dispatch, perform } from './dispatch.ts'
export {
  INTERACTIONS,
  type Interaction,
  type InteractionCode,
  type InteractionName,
  type Method,
} from './interactions.ts'
export { allowedMethods, findRoute, type Route } from './route.ts'
export { capabilityBytes, capabilityStatement, type CapabilityParts, type Software } from './capability.ts'
export { createPageLinks, type PageLinks } from './page-links.ts'
export { readPairs, type Pair } from './query-string.ts'
export type { RestContext } from './context.ts'
export type { RestBody, RestHeaders, RestRequest } from './request.ts'
export { resourceBytes, type RestResponse } from './response.ts'
