// The one error that leaves a layer: a code from a closed set, and the issues a client is told.
import type { Issue, IssueType } from './outcome.ts'

interface ErrorKind {
  /** HTTP status (https://hl7.org/fhir/R4/http.html). */
  readonly status: number
  /** `OperationOutcome.issue.code` used when an issue brings none of its own. */
  readonly issueType: IssueType
  readonly meaning: string
}

/** Every way a request can fail. `test/fhir/errors.test.ts` holds this table, `ig/errors.md` and the code together. */
export const ERRORS = {
  malformed: { status: 400, issueType: 'structure', meaning: 'The body or the URL cannot be read.' },
  invalid: { status: 400, issueType: 'invalid', meaning: 'The resource breaks the rules of base R4.' },
  'invalid-search': {
    status: 400,
    issueType: 'invalid',
    meaning: 'A search parameter, modifier or value is unknown or malformed.',
  },
  forbidden: { status: 403, issueType: 'forbidden', meaning: 'The caller may not do this.' },
  'not-found': {
    status: 404,
    issueType: 'not-found',
    meaning: 'There is no such resource, version or page for this caller.',
  },
  'unknown-type': { status: 404, issueType: 'not-supported', meaning: 'R4 has no such resource type.' },
  'method-not-allowed': {
    status: 405,
    issueType: 'not-supported',
    meaning: 'The interaction is not offered here.',
  },
  'not-acceptable': {
    status: 406,
    issueType: 'not-supported',
    meaning: 'The client accepts no format that the server speaks.',
  },
  'timed-out': { status: 408, issueType: 'timeout', meaning: 'The request took too long to arrive.' },
  conflict: {
    status: 409,
    issueType: 'conflict',
    meaning: 'The write collides with the state of the resource.',
  },
  deleted: { status: 410, issueType: 'deleted', meaning: 'The resource has been deleted.' },
  expired: {
    status: 410,
    issueType: 'expired',
    meaning: 'The moment that a page link shows cannot be shown any more.',
  },
  'precondition-failed': {
    status: 412,
    issueType: 'conflict',
    meaning: 'If-Match, If-None-Match or If-None-Exist does not hold.',
  },
  'multiple-matches': {
    status: 412,
    issueType: 'multiple-matches',
    meaning: 'The criteria of a conditional interaction match several resources.',
  },
  'too-large': { status: 413, issueType: 'too-long', meaning: 'The body is larger than the server accepts.' },
  'unsupported-media-type': {
    status: 415,
    issueType: 'not-supported',
    meaning: 'The format or encoding of the body is not one that the server reads.',
  },
  'business-rule': {
    status: 422,
    issueType: 'business-rule',
    meaning: 'The resource breaks a rule of this server, such as a reference to nothing.',
  },
  'too-costly': { status: 422, issueType: 'too-costly', meaning: 'The request would cost too much.' },
  internal: {
    status: 500,
    issueType: 'exception',
    meaning: 'The server failed. The log holds the request id.',
  },
  'not-implemented': { status: 501, issueType: 'not-supported', meaning: 'The server does not offer this.' },
  overloaded: {
    status: 503,
    issueType: 'throttled',
    meaning: 'The server is at its limit; try again after Retry-After seconds.',
  },
  'not-in-time': {
    status: 503,
    issueType: 'timeout',
    meaning: 'The server could not answer in time; what was asked for may be done or not.',
  },
  'storage-failed': {
    status: 503,
    issueType: 'no-store',
    meaning:
      'The store cannot take writes now; nothing was saved, unless the answer says that this is not known.',
  },
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export interface FhirErrorOptions {
  /** For the log only; never patient data. */
  readonly detail?: string
  readonly cause?: unknown
  readonly retryAfterSeconds?: number
}

/** An error with what the client is told (`issues`) apart from what the log is told (`detail`, `cause`). */
export class FhirError extends Error {
  override readonly name = 'FhirError'
  readonly code: ErrorCode
  readonly issues: readonly Issue[]
  readonly detail: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, issues: string | readonly Issue[], options: FhirErrorOptions = {}) {
    const list =
      typeof issues === 'string'
        ? [{ severity: 'error' as const, code: ERRORS[code].issueType, diagnostics: issues }]
        : issues
    super(list.map((issue) => issue.diagnostics).join('; '), { cause: options.cause })
    this.code = code
    this.issues = list
    this.detail = options.detail
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  get status(): number {
    return ERRORS[this.code].status
  }
}

/** What an error says, for the log; '' where it may quote what was being read, as JSON's parser does. */
export function messageForLog(error: unknown): string {
  if (error instanceof SyntaxError) return ''
  return error instanceof Error ? error.message : String(error)
}

/** Where an error arose: one line a call, the innermost first; none for what is no Error. No message. */
export function stackFrames(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return []
  return (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
}
