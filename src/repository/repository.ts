// The one door: every byte of patient data enters and leaves here, bound to a Principal.
import { accessFilterFor, type Principal, type RuleFault } from '../access/index.ts'
import { FhirError, parseJson, type Issue, type Resource } from '../fhir/index.ts'
import type { SearchLookup } from '../search/index.ts'
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type Asker,
  type HistoryPage,
  type HistoryQuery,
  type SearchPage,
  type SearchQuery,
  type SecurityLabel,
  type StoredVersion,
} from '../store/index.ts'
import { askedBy } from './asked-parts.ts'
import type { LabelExplanation } from './labelling/explain.ts'
import type { Labelling } from './labelling/labelling.ts'
import type { RepositoryParts } from './parts.ts'
import type { RelabelStatus } from './relabelling.ts'
import { noSuchResource, resourceDeleted } from './refusals.ts'
import type { TransactionRequest, WriteOutcome, WriteRequest } from './requests.ts'
import { createSearchLookup } from './search-lookup.ts'
import { executeWrites } from './write.ts'

const VERSION_ID = /^[1-9]\d{0,14}$/

export class Repository {
  readonly principal: Principal
  readonly #access: AccessFilter
  readonly #parts: RepositoryParts
  readonly #asker: Asker | undefined
  #asked: RepositoryParts | undefined
  #lookup: SearchLookup | undefined

  constructor(parts: RepositoryParts, principal: Principal, access?: AccessFilter, asker?: Asker) {
    this.#parts = parts
    this.principal = principal
    this.#access = access ?? accessFilterFor(principal)
    this.#asker = asker
  }

  /** The same door for the same principal, at which this one waits. */
  askedBy(asker: Asker): Repository {
    return new Repository(this.#parts, this.principal, this.#access, asker)
  }

  /** Whether anybody waits for what is asked here; else long work is to end. */
  get isAwaited(): boolean {
    return this.#asker?.gone !== true
  }

  /** Whether nothing is hidden here: else what is not found may be there all the same. */
  get seesEverything(): boolean {
    return this.#access === SEE_EVERYTHING
  }

  /**
   * A door for the same principal through which nothing is seen that carries one of these labels: it is left out of
   * matches, includes, chains, totals and pages alike, as what the principal may not see is.
   */
  leavingOut(labels: readonly SecurityLabel[]): Repository {
    if (labels.length === 0) return this
    const anyOf = this.#access.anyOf.map((rule) => ({
      ...rule,
      withoutLabels: [...rule.withoutLabels, ...labels],
    }))
    return new Repository(this.#parts, this.principal, { anyOf }, this.#asker)
  }

  /** What reading this principal's searches looks up. */
  get lookup(): SearchLookup {
    return (this.#lookup ??= createSearchLookup(this.#asking(), this.#access))
  }

  /** Made when they are needed: reads by id do without. */
  #asking(): RepositoryParts {
    return (this.#asked ??= this.#asker === undefined ? this.#parts : askedBy(this.#parts, this.#asker))
  }

  /**
   * What `read` would resolve to, or with a version id `readVersion`, where that is known without waiting; undefined
   * otherwise.
   */
  atHand(type: string, id: string, versionId?: string): StoredVersion | undefined {
    if (versionId !== undefined && !VERSION_ID.test(versionId)) return undefined
    const number = versionId === undefined ? undefined : Number(versionId)
    return this.#parts.store.atHand?.({ type, id }, number, this.#access)
  }

  /**
   * The current version.
   * @throws FhirError `not-found`, `deleted`
   */
  async read(type: string, id: string): Promise<StoredVersion> {
    const version = await this.#parts.store.read({ type, id }, this.#access)
    if (version === undefined) throw noSuchResource(type, id)
    if (version.body === undefined) throw resourceDeleted(type, id)
    return version
  }

  /**
   * One version; that of a deletion is an error.
   * @throws FhirError `not-found`, `deleted`
   */
  async readVersion(type: string, id: string, versionId: string): Promise<StoredVersion> {
    const known = VERSION_ID.test(versionId)
      ? await this.#parts.store.readVersion({ type, id }, Number(versionId), this.#access)
      : undefined
    if (known === undefined) throw noSuchResource(type, `${id}/_history/${versionId}`)
    if (known.body === undefined) throw resourceDeleted(type, `${id}/_history/${versionId}`)
    return known
  }

  /**
   * Newest first.
   * @throws FhirError `not-found` for an instance that never was, `invalid-search` for a broken `after`
   */
  async history(query: HistoryQuery): Promise<HistoryPage> {
    const { scope } = query
    const page = await this.#parts.store.history(query, this.#access, this.#asker)
    if (scope.kind === 'instance' && page.versions.length === 0) {
      // None within the limits asked for; or none at all.
      const known = await this.#parts.store.read(scope, this.#access)
      if (known === undefined) throw noSuchResource(scope.type, scope.id)
    }
    return page
  }

  /** @throws FhirError `invalid-search` for a broken `after` */
  search(query: SearchQuery): Promise<SearchPage> {
    return this.#parts.store.search(query, this.#access, this.#asker)
  }

  /** As `WorldView.stateOf` tells it. */
  stateOf(type: string): number | undefined {
    return this.#access === SEE_EVERYTHING ? this.#parts.typeChanges?.of(type) : undefined
  }

  /** What base validation finds in a resource, as a write of it would be told. Nothing is read or written. */
  check(resource: Resource): readonly Issue[] {
    return this.#parts.validator.validate(resource)
  }

  /**
   * Why a stored resource is labelled as it is.
   * @throws FhirError as `read`
   */
  async explainLabels(type: string, id: string): Promise<LabelExplanation> {
    const { body } = await this.read(type, id)
    const resource = parseJson(body as Buffer) as Resource
    return this.#labelling().explainStored({ type, id }, resource, this.#access)
  }

  /**
   * How a resource would be labelled if it were written now, and why; what the caller may not see counts for nothing.
   * @throws FhirError `invalid` when a write of it would be refused as not valid
   */
  async explainLabelsOf(resource: Resource): Promise<LabelExplanation> {
    const errors = this.check(resource).filter(({ severity }) => severity === 'error' || severity === 'fatal')
    if (this.#parts.validation === 'enforce' && errors.length > 0) throw new FhirError('invalid', errors)
    return this.#labelling().explainPosted(resource, this.#access)
  }

  /** How far the labels of what is stored are brought up to the rules. */
  relabelStatus(): RelabelStatus {
    return required(this.#parts.relabelling).status
  }

  /** Brings the labels of everything up to the rules, unless that is under way. */
  async startRelabel(): Promise<RelabelStatus> {
    await this.#parts.installed
    return required(this.#parts.relabelling).request()
  }

  /** What is wrong with the rules of labelling that are stored; all else of them is in force. */
  get labelRuleFaults(): readonly RuleFault[] {
    return this.#labelling().ruleFaults
  }

  #labelling(): Labelling {
    return required(this.#parts.labelling)
  }

  /**
   * One create, update, patch or delete, conditional or not.
   * @throws FhirError `invalid`, `invalid-search`, `business-rule`, `precondition-failed`, `multiple-matches`,
   *   `not-found`, `deleted`, `conflict`, `overloaded`, `storage-failed`
   */
  write(request: WriteRequest): Promise<WriteOutcome> {
    return this.#execute([{ ...request, entry: 0 }], false).then(([outcome]) => outcome as WriteOutcome)
  }

  /**
   * All of these or none, in R4's order (DELETE, POST, PUT and PATCH), references between them rewritten
   * (https://hl7.org/fhir/R4/http.html#transaction). Outcomes stand in the order of the requests.
   * @throws FhirError as `write`; its issues name `Bundle.entry[n]`
   */
  transaction(requests: readonly TransactionRequest[]): Promise<readonly WriteOutcome[]> {
    return this.#execute(requests, true)
  }

  #execute(requests: readonly TransactionRequest[], transaction: boolean): Promise<readonly WriteOutcome[]> {
    return executeWrites(this.#asking(), this.#access, () => this.lookup, requests, transaction)
  }
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new FhirError('internal', 'This server does not label.')
  return part
}
