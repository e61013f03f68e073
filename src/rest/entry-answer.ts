// What a batch or transaction answers for one entry (https://hl7.org/fhir/R4/bundle.html#transaction-response).
import { FhirError, operationOutcome } from '../fhir/index.ts'
import { inEntry } from '../repository/index.ts'
import type { BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import type { RestRequest } from './request.ts'
import { resourceBytes, type RestResponse } from './response.ts'

/** Bytes of bodies beyond which no more is read into one response: ten thousand searches would not fit into memory. */
const MOST_ANSWERED = 64 * 1024 * 1024

/** What the entries of one Bundle have been answered so far, in bytes. */
export interface Answered {
  bytes: number
}

/** One entry's answer; a failure is an answer too. */
export async function performEntry(
  exchange: Exchange,
  request: RestRequest,
  index: number,
  answered: Answered,
): Promise<BundleEntry> {
  try {
    if (request.method === 'GET' && answered.bytes > MOST_ANSWERED)
      throw new FhirError(
        'too-costly',
        'The answers to other entries fill the response already: ask for this one in another Bundle.',
      )
    if (request.segments.length === 0)
      throw new FhirError('invalid', 'An entry cannot be addressed to the base: batches do not nest.')
    const response = await exchange.dispatch(request)
    answered.bytes += response.body?.length ?? 0
    return answeredEntry(response)
  } catch (error) {
    return failedEntry(exchange, error, index)
  }
}

export function answeredEntry({
  status,
  etag,
  lastModified,
  location,
  body,
  bodyKind,
}: RestResponse): BundleEntry {
  const isOutcome = bodyKind === 'outcome'
  return {
    resource: isOutcome ? undefined : body,
    response: {
      status: String(status),
      ...(location === undefined ? {} : { location }),
      ...(etag === undefined ? {} : { etag }),
      lastModified,
      outcome: isOutcome ? body : undefined,
    },
  }
}

export function failedEntry({ context }: Exchange, error: unknown, index: number): BundleEntry {
  if (!(error instanceof FhirError)) context.reportFailure(error)
  const told =
    error instanceof FhirError
      ? inEntry(error, index)
      : new FhirError('internal', 'The server failed at this entry; its log says more.')
  return { response: { status: String(told.status), outcome: resourceBytes(operationOutcome(told.issues)) } }
}
