// transaction: all entries or none (https://hl7.org/fhir/R4/http.html#transaction). The Repository decides order,
// references and conditions of the writes; GET entries are answered after them.
import { FhirError, isJsonObject, type Issue, type JsonValue } from '../fhir/index.ts'
import { inEntry, type TransactionRequest, type WriteRequest } from '../repository/index.ts'
import { bundleBytes, type BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import { createRequest } from './create.ts'
import { deleteRequest } from './delete.ts'
import { answeredEntry, performEntry } from './entry-answer.ts'
import { readEntry } from './entry-request.ts'
import type { EnvelopeFaults } from './envelope.ts'
import { patchRequest } from './patch.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { findRoute, type Route } from './route.ts'
import { checkSearch } from './search.ts'
import { updateRequest } from './update.ts'
import { answerView, answerWrite } from './written.ts'

interface PlannedEntry {
  readonly index: number
  readonly request: RestRequest
  readonly route: Route
  /** undefined for what only reads. */
  readonly write: TransactionRequest | undefined
}

/** @throws FhirError whose issues name `Bundle.entry[n]`; nothing has been written then */
export async function executeTransaction(
  exchange: Exchange,
  entries: readonly JsonValue[],
  envelopeFaults: EnvelopeFaults['ofEntry'],
): Promise<RestResponse> {
  const planned = planEntries(exchange, entries, envelopeFaults)
  const writes = planned.flatMap(({ write }) => (write === undefined ? [] : [write]))
  const reads = planned.filter(({ write }) => write === undefined)
  for (const read of reads) await requireAnswerable(exchange, read, writes)

  const outcomes = writes.length === 0 ? [] : await exchange.repository.transaction(writes)
  const answers: BundleEntry[] = []
  const answered = { bytes: 0 }
  const written = planned.filter(({ write }) => write !== undefined)
  written.forEach(({ index, request, route }, position) => {
    const outcome = outcomes[position]
    if (outcome !== undefined)
      answers[index] = answeredEntry(answerWrite({ ...exchange, request, route }, outcome))
  })
  for (const { index, request } of reads)
    answers[index] = await performEntry(exchange, request, index, answered)
  const body = bundleBytes({ type: 'transaction-response', timestamp: exchange.context.now() }, answers)
  return { status: 200, body, bodyKind: 'resource' }
}

function planEntries(
  { request, context }: Exchange,
  entries: readonly JsonValue[],
  envelopeFaults: EnvelopeFaults['ofEntry'],
): readonly PlannedEntry[] {
  const faults: Issue[] = []
  let code: FhirError['code'] = 'invalid'
  const planned: PlannedEntry[] = []
  entries.forEach((entry, index) => {
    try {
      const inner = readEntry(entry, index, { ...context, prefer: request.headers.prefer })
      const issues = envelopeFaults.get(index)
      if (issues !== undefined) throw new FhirError('invalid', issues)
      const route = findRoute(inner.method, inner.segments, context.definitions)
      const write = writeOf(inner, route)
      if (write !== undefined) answerView({ request: inner, route, context })
      const fullUrl = isJsonObject(entry) && typeof entry.fullUrl === 'string' ? entry.fullUrl : undefined
      planned.push({ index, request: inner, route, write: write && { ...write, entry: index, fullUrl } })
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
      const { issues } = inEntry(error, index)
      if (faults.length === 0) code = error.code
      faults.push(...issues)
    }
  })
  if (faults.length > 0) throw new FhirError(asEntryFault(code), faults)
  return planned
}

/** An entry's 404 or 405 says nothing about the URL that the Bundle was posted to: the Bundle is what is wrong. */
function asEntryFault(code: FhirError['code']): FhirError['code'] {
  return code === 'unknown-type' ||
    code === 'method-not-allowed' ||
    code === 'unsupported-media-type' ||
    code === 'not-found'
    ? 'invalid'
    : code
}

function writeOf(request: RestRequest, route: Route): WriteRequest | undefined {
  switch (route.name) {
    case 'create':
      return createRequest(request, route.type)
    case 'update':
    case 'conditional-update':
      return updateRequest(request, route)
    case 'patch':
    case 'conditional-patch':
      return patchRequest(request, route)
    case 'delete':
    case 'conditional-delete':
      return deleteRequest(request, route)
    case 'batch':
      throw new FhirError('invalid', 'An entry cannot be addressed to the base: transactions do not nest.')
    default:
      if (request.method === 'POST' && route.operation?.affectsState === true)
        throw new FhirError(
          'invalid',
          `$${route.operation.name} does more than write the entries of a transaction: ask for it on its own.`,
        )
      return undefined
  }
}

/** A read that cannot succeed fails the transaction, and must do so before anything is written. */
async function requireAnswerable(
  exchange: Exchange,
  { index, request, route }: PlannedEntry,
  writes: readonly TransactionRequest[],
): Promise<void> {
  try {
    if (route.name.startsWith('search-')) return await checkSearch({ ...exchange, request, route })
    const isHere = (write: TransactionRequest): boolean =>
      write.kind === 'update' && write.target.type === route.type && write.resource.id === route.id
    if ((route.name === 'read' || route.name === 'history-instance') && writes.some(isHere)) return
    const isGone = (write: TransactionRequest): boolean =>
      write.kind === 'delete' &&
      'id' in write.target &&
      write.target.type === route.type &&
      write.target.id === route.id
    if (route.name === 'read' && writes.some(isGone))
      throw new FhirError('invalid', 'The resource that this entry reads is deleted by another.')
    await exchange.dispatch(request)
  } catch (error) {
    throw error instanceof FhirError ? inEntry(error, index) : error
  }
}
