// Collects what is wrong with a definition, each fault at its element, so that its author hears of all at once.
import { FhirError } from './errors.ts'
import type { Issue, IssueType } from './outcome.ts'

/** Nobody mends more at a time. */
const MOST_FAULTS = 100

export interface Faults {
  /** `element`: FHIRPath of the element; `problem`: what is wrong and what would be right. */
  add(element: string, problem: string, code?: IssueType): void
  readonly issues: readonly Issue[]
  /** Throws FhirError('invalid') that names all of them; returns when there are none. */
  throwIfAny(): void
}

export function collectFaults(): Faults {
  const issues: Issue[] = []
  return {
    issues,
    add(element, problem, code = 'value') {
      if (issues.length < MOST_FAULTS)
        issues.push({ severity: 'error', code, diagnostics: `${element}: ${problem}`, expression: element })
    },
    throwIfAny() {
      if (issues.length > 0) throw new FhirError('invalid', issues)
    },
  }
}
