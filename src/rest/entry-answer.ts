// What a batch or transaction answers for one entry (https://hl7.org/fhir/R4/bundle.html#transaction-response).
import { FhirError, operationOutcome } from '../fhir/index.ts'
import { inEntry } from '../repository/index.ts'
import type { BundleEntry } from './bundle.ts'
import type { Exchange } from './context.ts'
import type { RestRequest } from './request.ts'
import { resourceBytes, type RestResponse } from './response.ts'

/** One entry's answer; a failure is an answer too. */
export async function performEntry(
  exchange: Exchange,
  request: RestRequest,
  index: number,
): Promise<BundleEntry> {
  try {
    if (request.segments.length === 0)
      throw new FhirError('invalid', 'An entry cannot be addressed to the base: batches do not nest.')
    return answeredEntry(await exchange.dispatch(request))
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
