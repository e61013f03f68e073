// Collects what is wrong with a ChargeItemDefinition, each fault at its element, so that its author hears of all at once.
import type { Issue, IssueType } from '../../fhir/index.ts'

/** Nobody mends more at a time. */
const MOST_FAULTS = 100

export class RuleFaults {
  readonly issues: Issue[] = []

  /** `element`: FHIRPath of the element; `problem`: what is wrong and what would be right. */
  add(element: string, problem: string, code: IssueType = 'value'): void {
    if (this.issues.length < MOST_FAULTS)
      this.issues.push({
        severity: 'error',
        code,
        diagnostics: `${element}: ${problem}`,
        expression: element,
      })
  }
}
