// What every interaction is handed beside the request and the Repository.
import type { Assessments, Instruments } from '../behavioral/index.ts'
import type { BillingParts } from '../billing/index.ts'
import type { Definitions } from '../fhir/index.ts'
import type { Repository } from '../repository/index.ts'
import type { Search } from '../search/index.ts'
import type { PageLinks } from './page-links.ts'
import type { Route } from './route.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'

export interface RestContext {
  /** The FHIR base without a slash at its end, such as `http://127.0.0.1:8080/fhir`. */
  readonly baseUrl: string
  readonly definitions: Definitions
  readonly search: Search
  /** undefined: nothing is billed. */
  readonly billing?: BillingParts | undefined
  /** undefined: responses are not scored. */
  readonly assessments?: Assessments | undefined
  /** undefined: it is not known what Questionnaires score. */
  readonly instruments?: Instruments | undefined
  readonly pageLinks: PageLinks
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The CapabilityStatement in JSON. */
  readonly capabilityStatement: () => Buffer
  /** Told of an unexpected failure within a batch, whose other entries go on. */
  readonly reportFailure: (error: unknown) => void
  /** Entries that a batch or transaction may have: one is worked on as a whole, and in memory. */
  readonly mostEntries: number
}

/** One request on its way through its interaction. */
export interface Exchange {
  readonly request: RestRequest
  readonly route: Route
  readonly repository: Repository
  readonly context: RestContext
  /** Performs another request for the same caller: the entries of a batch. */
  readonly dispatch: (request: RestRequest) => RestResponse | Promise<RestResponse>
}
