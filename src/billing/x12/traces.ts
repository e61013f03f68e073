// Trace numbers, TRN: the sender's own number of an inquiry or request, which the answer gives back.
import type { JsonObject, Resource } from '../../fhir/index.ts'
import { FhirError } from '../../fhir/index.ts'
import { identifierIn, objectsAt, textAt } from '../elements.ts'
import { SYSTEMS } from '../systems.ts'
import { x12Code } from './characters.ts'
import { unwritable } from './fault.ts'
import type { SetReader } from './loops.ts'
import type { WrittenSegment } from './segments.ts'

export interface Trace {
  readonly number: string
  /** TRN03, ten characters: who gave the number, as `1` and an EIN, or `9` and a number of one's own. */
  readonly origin: string
}

/** In an answer: whether it is the number of what is answered (TRN01 is 2), or the answer's own. */
export interface AnsweredTrace {
  readonly referenced: boolean
  readonly number: string
  readonly origin?: string
}

/** The system of an identifier whose assigner is known by a TRN03, as the Da Vinci guide for authorizations has it. */
const BY_ORIGIN = 'urn:trnorg:'

/**
 * The trace number of the identifier: its assigner is in its system, `urn:trnorg:` and ten characters, else it is the
 * provider by EIN, or by the NPI less its check digit. 422 when there is neither.
 */
export function traceOf(identifier: JsonObject, provider: Resource, expression: string): Trace {
  const number = x12Code(textAt(identifier, 'value') ?? '', 50, `${expression}.value`)
  const system = textAt(identifier, 'system')
  if (system?.startsWith(BY_ORIGIN) === true)
    return { number, origin: x12Code(system.slice(BY_ORIGIN.length), 10, `${expression}.system`, 10) }
  const ein = identifierIn(provider, SYSTEMS.ein)?.replace('-', '')
  if (/^\d{9}$/.test(ein ?? '')) return { number, origin: `1${ein}` }
  const npi = identifierIn(provider, SYSTEMS.npi)
  if (/^\d{10}$/.test(npi ?? '')) return { number, origin: `9${npi?.slice(0, 9)}` }
  throw unwritable(`${provider.resourceType}.identifier`, 'must have an EIN or NPI')
}

/** An identifier of which `traceOf` makes this trace number again. */
export function traceIdentifier({ number, origin }: Trace): JsonObject {
  return { system: `${BY_ORIGIN}${origin}`, value: number }
}

export function traceSegments(trace: Trace | undefined): WrittenSegment[] {
  return trace === undefined ? [] : [['TRN', '1', trace.number, trace.origin]]
}

/** Of what was sent; undefined when there is none. */
export function readTrace(reader: SetReader): Trace | undefined {
  const segment = reader.take('TRN', ['1'])
  if (segment === undefined) return undefined
  const origin = segment.need(3)
  if (origin.length !== 10) throw segment.fault(3, undefined, 'must have ten characters')
  return { number: segment.need(2), origin }
}

/** Of an answer. */
export function readAnsweredTraces(reader: SetReader): readonly AnsweredTrace[] {
  return reader.takeAll('TRN').map((segment) => ({
    referenced: segment.oneOf(1, ['1', '2']) === '2',
    number: segment.need(2),
    ...(segment.at(3) === '' ? {} : { origin: segment.at(3) }),
  }))
}

/** 422 when the answer names what it answers, and that is none of the request's identifiers. */
export function refuseAnswerToAnother(traces: readonly AnsweredTrace[], request: Resource): void {
  const named = traces.filter((one) => one.referenced)
  const own = new Set(objectsAt(request, 'identifier').map((one) => one.value))
  if (named.length > 0 && own.size > 0 && !named.some((one) => own.has(one.number)))
    throw new FhirError(
      'business-rule',
      `The answer names another ${request.resourceType} by its trace number.`,
    )
}
