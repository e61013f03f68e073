// OperationOutcome: how a client is told what went wrong (https://hl7.org/fhir/R4/operationoutcome.html).
import type { Resource } from './resource.ts'
import { toXmlText } from './xml/characters.ts'

export type IssueSeverity = 'fatal' | 'error' | 'warning' | 'information'

/** The codes of http://hl7.org/fhir/issue-type that the server uses. */
export type IssueType =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'code-invalid'
  | 'extension'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'expired'
  | 'login'
  | 'forbidden'
  | 'security'
  | 'suppressed'
  | 'exception'
  | 'timeout'
  | 'throttled'
  | 'no-store'
  | 'transient'
  | 'incomplete'
  | 'informational'

export interface Issue {
  readonly severity: IssueSeverity
  readonly code: IssueType
  /** What is wrong, by which rule, and what would be right. Never patient data beyond the caller's own input. */
  readonly diagnostics: string
  /** FHIRPath of the element, such as `Patient.name[0].use`, or `http.if-match` for a header. */
  readonly expression?: string
  /** By what a program knows the fault, where the code of the issue does not say enough. */
  readonly details?: { readonly system: string; readonly code: string }
}

/** Issues of one answer: who sends thousands of faults need not hear of each. */
const MOST_ISSUES = 500
/** Characters of a message; a longer one quotes input that its sender has already. */
const MOST_TOLD = 2000

/** The OperationOutcome resource for these issues (at least one), in characters that XML can hold too. */
export function operationOutcome(issues: readonly Issue[]): Resource {
  return {
    resourceType: 'OperationOutcome',
    issue: withoutTooMany(issues).map(({ severity, code, details, diagnostics, expression }) => ({
      severity,
      code,
      ...(details === undefined
        ? {}
        : { details: { coding: [{ system: details.system, code: details.code }] } }),
      diagnostics: told(diagnostics),
      ...(expression === undefined ? {} : { expression: [told(expression)] }),
    })),
  }
}

function told(text: string): string {
  return toXmlText(text.length <= MOST_TOLD ? text : `${text.slice(0, MOST_TOLD)}...`)
}

function withoutTooMany(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MOST_ISSUES) return issues
  const more = issues.length - MOST_ISSUES
  const rest = {
    severity: 'information',
    code: 'incomplete',
    diagnostics: `${more} more are not told.`,
  } as const
  return [...issues.slice(0, MOST_ISSUES), rest]
}
