// batch: every entry on its own, through the same dispatch as a request over HTTP (https://hl7.org/fhir/R4/http.html#transaction).
import { FhirError, isJsonObject, type JsonObject, type JsonValue } from '../fhir/index.ts'
import { asResource } from './body.ts'
import { bundleBytes, type BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import { failedEntry, performEntry } from './entry-answer.ts'
import { envelopeFaults, type EnvelopeFaults } from './envelope.ts'
import { readEntry, requireKnown } from './entry-request.ts'
import { refuseUnknownParameters } from './result-parameters.ts'
import { readPairs } from './query-string.ts'
import type { RestRequest } from './request.ts'
import type { RestResponse } from './response.ts'
import { executeTransaction } from './transaction.ts'

/** Entries at work at the same time: their writes share commits. */
const CONCURRENCY = 16

/** The order of methods, the same as in a transaction. */
const PHASES = [['DELETE'], ['POST'], ['PUT', 'PATCH'], ['GET', 'HEAD']] as const

/** Takes the Bundle that was posted to the base. @throws FhirError `malformed`, `invalid`, ... */
export async function batch(exchange: Exchange): Promise<RestResponse> {
  refuseUnknownParameters(readPairs(exchange.request.query), exchange.request.headers.prefer)
  const { type, entries, faults } = readBundle(exchange)
  return type === 'transaction'
    ? executeTransaction(exchange, entries, faults)
    : executeBatch(exchange, entries, faults)
}

async function executeBatch(
  exchange: Exchange,
  entries: readonly JsonValue[],
  faults: EnvelopeFaults['ofEntry'],
): Promise<RestResponse> {
  const { context, request } = exchange
  const answers: BundleEntry[] = []
  const answered = { bytes: 0 }
  const work: { index: number; request: RestRequest }[] = []
  entries.forEach((entry, index) => {
    try {
      const inner = readEntry(entry, index, { ...context, prefer: request.headers.prefer })
      const issues = faults.get(index)
      if (issues !== undefined) throw new FhirError('invalid', issues)
      work.push({ index, request: inner })
    } catch (error) {
      answers[index] = failedEntry(exchange, error, index)
    }
  })
  for (const methods of PHASES) {
    const queue = work.filter((item) => (methods as readonly string[]).includes(item.request.method)).values()
    const worker = async (): Promise<void> => {
      for (const item of queue)
        answers[item.index] = await performEntry(exchange, item.request, item.index, answered)
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  }
  const body = bundleBytes({ type: 'batch-response', timestamp: context.now() }, answers)
  return { status: 200, body, bodyKind: 'resource' }
}

function readBundle({ request, repository, context }: Exchange): {
  readonly type: 'batch' | 'transaction'
  readonly entries: readonly JsonValue[]
  readonly faults: EnvelopeFaults['ofEntry']
} {
  const { body } = request
  if (body === undefined) throw new FhirError('malformed', 'The body is empty; a Bundle was expected.')
  if (body.kind !== 'json')
    throw new FhirError(
      'unsupported-media-type',
      'A Bundle is sent as application/fhir+json or application/fhir+xml.',
    )
  const bundle = asResource(body.value)
  if (bundle?.resourceType !== 'Bundle')
    throw fault(
      'Bundle',
      bundle === undefined
        ? 'The body must be one JSON object with "resourceType": "Bundle".'
        : 'Only Bundles are posted to the base; a resource is posted to the URL of its type, such as /Patient.',
    )
  const { type } = bundle as JsonObject
  if (type !== 'batch' && type !== 'transaction')
    throw fault('Bundle.type', 'A Bundle posted to the base must have the type batch or transaction.')
  requireKnown(bundle, 'Bundle', 'Bundle', context.definitions)
  const entries = bundle.entry ?? []
  if (!Array.isArray(entries) || (bundle.entry !== undefined && entries.length === 0))
    throw fault('Bundle.entry', 'entry must be an array of at least one entry, or be left out.')
  if (entries.length > context.mostEntries)
    throw new FhirError('too-costly', [
      {
        severity: 'error',
        code: 'too-costly',
        diagnostics: `The Bundle has ${entries.length} entries; this server takes ${context.mostEntries} at once. Send it in parts, or load it with the command alcove load.`,
        expression: 'Bundle.entry',
      },
    ])
  entries.forEach((entry, index) => {
    if (!isJsonObject(entry)) throw fault(`Bundle.entry[${index}]`, 'An entry is a JSON object.')
  })
  const { ofBundle, ofEntry } = envelopeFaults(bundle, type, entries, repository)
  if (ofBundle.length > 0) throw new FhirError('invalid', ofBundle)
  return { type, entries, faults: ofEntry }
}

function fault(expression: string, diagnostics: string): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code: 'structure', diagnostics, expression }])
}
