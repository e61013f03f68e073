// Collects the faults of one resource; a path costs nothing until there is one to tell.
import type { Issue, IssueSeverity, IssueType } from '../../fhir/index.ts'

/** More than anyone reads; keeps a hostile body from making an answer many times its size. */
const MAX_ISSUES = 250

export class Report {
  readonly issues: Issue[] = []
  readonly #root: string
  readonly #steps: (string | number)[] = []

  constructor(root: string) {
    this.#root = root
  }

  /** Goes into a child: its name, or its index within a repeating element. */
  enter(step: string | number): void {
    this.#steps.push(step)
  }

  leave(): void {
    this.#steps.pop()
  }

  /** Whether nothing more will be told. */
  get isFull(): boolean {
    return this.issues.length > MAX_ISSUES
  }

  /** Notes an issue at the current element, or at `child` of it. */
  add(severity: IssueSeverity, code: IssueType, diagnostics: string, child?: string): void {
    if (this.isFull) return
    if (this.issues.length === MAX_ISSUES) {
      this.issues.push({
        severity: 'error',
        code: 'incomplete',
        diagnostics: `There are more than ${MAX_ISSUES} faults; the rest are not listed.`,
        expression: this.#root,
      })
      return
    }
    const here = this.#path()
    this.issues.push({
      severity,
      code,
      diagnostics,
      expression: child === undefined ? here : `${here}.${child}`,
    })
  }

  #path(): string {
    let path = this.#root
    for (const step of this.#steps) path += typeof step === 'number' ? `[${step}]` : `.${step}`
    return path
  }
}
