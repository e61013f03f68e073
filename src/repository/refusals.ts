// Why a write was not done, in the client's words; one place, so that all write verbs say the same.
import { FhirError, type Issue } from '../fhir/index.ts'
import type { ResourceKey } from '../store/index.ts'

export function noSuchResource(type: string, id: string): FhirError {
  return new FhirError('not-found', `${type}/${id} is not known.`)
}

export function resourceDeleted(type: string, id: string): FhirError {
  return new FhirError('deleted', `${type}/${id} has been deleted.`)
}

export function severalMatches(type: string, criteria: string): FhirError {
  return new FhirError(
    'multiple-matches',
    `The criteria ${type}?${criteria} match several resources; a conditional interaction needs one at most.`,
  )
}

/** `current` is the version there now; undefined when there is none. */
export function versionMismatch(type: string, id: string, current: number | undefined): FhirError {
  const found = current === undefined ? 'there is no current version' : `the current version is ${current}`
  return new FhirError('precondition-failed', [
    {
      severity: 'error',
      code: 'conflict',
      diagnostics: `If-Match does not hold for ${type}/${id}: ${found}. Read it again and repeat the change on that version.`,
      expression: 'http.if-match',
    },
  ])
}

export function alreadyThere(type: string, id: string): FhirError {
  return new FhirError('precondition-failed', [
    {
      severity: 'error',
      code: 'conflict',
      diagnostics: `If-None-Match: * does not hold: ${type}/${id} exists.`,
      expression: 'http.if-none-match',
    },
  ])
}

/** `placeOf` tells the FHIRPath of the reference. */
export function missingReferences(
  missing: readonly ResourceKey[],
  placeOf: (key: ResourceKey) => string,
): FhirError {
  return new FhirError(
    'business-rule',
    missing.map((key) => ({
      severity: 'error',
      code: 'business-rule',
      diagnostics: `The reference ${key.type}/${key.id} points at nothing on this server: create it first, or in the same transaction.`,
      expression: placeOf(key),
    })),
  )
}

/** The same error, with every issue placed inside `Bundle.entry[n]`. */
export function inEntry(error: FhirError, entry: number): FhirError {
  return new FhirError(error.code, entryIssues(error.issues, entry), {
    cause: error,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  })
}

export function entryIssues(issues: readonly Issue[], entry: number): readonly Issue[] {
  const place = `Bundle.entry[${entry}]`
  return issues.map((issue) => ({ ...issue, expression: placed(issue.expression, place) }))
}

function placed(expression: string | undefined, place: string): string {
  if (expression === undefined) return place
  if (expression.startsWith(place)) return expression
  if (expression.startsWith('http.')) {
    const header = expression
      .slice('http.'.length)
      .replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    return `${place}.request.${header}`
  }
  const dot = expression.indexOf('.')
  return dot < 0 ? `${place}.resource` : `${place}.resource${expression.slice(dot)}`
}
