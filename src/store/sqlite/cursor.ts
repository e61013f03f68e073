// Where a page of a search or history begins, as the text that its neighbours carry.
import { FhirError } from '../../fhir/errors.ts'

/**
 * Of JSON's values. As long for small numbers as for large ones, so that what is sealed tells nothing by its length.
 * @param kind what it is good for; without `"` and `\`
 */
export function writeCursor(kind: string, place: readonly unknown[]): string {
  return `["${kind}"${place.map((value) => `,${ofOneWidth(value)}`).join('')}]`
}

/** @throws FhirError `invalid-search` for anything that was not written for this kind */
export function readCursor(kind: string, text: string): unknown[] {
  if (text.startsWith(`["${kind}"`) && text.endsWith(']')) {
    try {
      return (JSON.parse(text) as unknown[]).slice(1)
    } catch {
      // What is not JSON is refused as what is of another kind.
    }
  }
  throw new FhirError('invalid-search', 'The page link is not one that this server gave for this search.')
}

/** Of a double in JSON. */
const WIDEST_NUMBER = 24

function ofOneWidth(value: unknown): string {
  const text = JSON.stringify(value)
  return typeof value === 'number' ? text.padEnd(WIDEST_NUMBER) : text
}
