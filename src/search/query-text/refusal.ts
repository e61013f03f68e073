// How a search is told what is wrong with it: which parameter, by which rule, and what would be right.
import { FhirError, type Issue } from '../../fhir/index.ts'

/** One fault of one parameter; `parseSearch` gathers them. */
export class SearchFault extends Error {
  readonly issue: Issue

  /** `code`: `not-supported` for a parameter or modifier that the server lacks, `value` for what it cannot read. */
  constructor(parameter: string, code: 'not-supported' | 'value', text: string) {
    const diagnostics = `Search parameter ${quoted(parameter)}: ${text}`
    super(diagnostics)
    // https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.location
    this.issue = { severity: 'error', code, diagnostics, expression: `http.${shortened(parameter)}` }
  }
}

/** More faults than this help nobody, and would make the answer many times as long as the question. */
const MOST_TOLD = 100

export function refusedSearch(faults: readonly SearchFault[]): FhirError {
  return new FhirError(
    'invalid-search',
    faults.slice(0, MOST_TOLD).map((fault) => fault.issue),
  )
}

/** What the lookup tells may repeat what the caller wrote. */
const LONGEST_MESSAGE = 1000

/** What is looked up for a parameter's value; that it cannot be is a fault of the parameter. */
export async function lookedUp<Found>(parameter: string, lookup: Promise<Found>): Promise<Found> {
  try {
    return await lookup
  } catch (error) {
    if (!(error instanceof FhirError) || error.code !== 'invalid-search') throw error
    throw new SearchFault(parameter, 'value', shortened(error.message, LONGEST_MESSAGE))
  }
}

/** What the caller wrote, in quotes, and not at any length. */
export function quoted(text: string): string {
  return `'${shortened(text)}'`
}

function shortened(text: string, most = 100): string {
  return text.length > most ? `${text.slice(0, most)}...` : text
}
