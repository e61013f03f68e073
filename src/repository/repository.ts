// The one door: every byte of patient data enters and leaves here, bound to a Principal.
import { accessFilterFor, type Principal } from '../access/index.ts'
import type { AccessFilter, HistoryPage, HistoryQuery, SearchPage, SearchQuery, StoredVersion } from '../store/index.ts'
import type { RepositoryParts } from './parts.ts'
import type { TransactionRequest, WriteOutcome, WriteRequest } from './requests.ts'

export class Repository {
  readonly principal: Principal
  readonly #access: AccessFilter
  readonly #parts: RepositoryParts

  constructor(parts: RepositoryParts, principal: Principal) {
    this.#parts = parts
    this.principal = principal
    this.#access = accessFilterFor(principal)
  }

  /**
   * The current version.
   * @throws FhirError `not-found`, `deleted`
   */
  read(type: string, id: string): Promise<StoredVersion> {
    throw new Error(`${type}/${id} ${this.#access} ${this.#parts}`)
  }

  /**
   * One version, a deletion included only as an error.
   * @throws FhirError `not-found`, `deleted`
   */
  readVersion(type: string, id: string, versionId: string): Promise<StoredVersion> {
    throw new Error(`${type}/${id}/${versionId}`)
  }

  /** Newest first. @throws FhirError `not-found` for an instance that never was */
  history(query: HistoryQuery): Promise<HistoryPage> {
    throw new Error(`${query}`)
  }

  search(query: SearchQuery): Promise<SearchPage> {
    throw new Error(`${query}`)
  }

  /**
   * One create, update, patch or delete, conditional or not.
   * @throws FhirError `invalid`, `invalid-search`, `business-rule`, `precondition-failed`, `multiple-matches`, `not-found`, `deleted`, `conflict`, ...
   */
  write(request: WriteRequest): Promise<WriteOutcome> {
    throw new Error(`${request}`)
  }

  /**
   * All of these or none, in R4's order (DELETE, POST, PUT and PATCH), references between them rewritten
   * (https://hl7.org/fhir/R4/http.html#transaction). Outcomes stand in the order of the requests.
   */
  transaction(requests: readonly TransactionRequest[]): Promise<readonly WriteOutcome[]> {
    throw new Error(`${requests}`)
  }
}
