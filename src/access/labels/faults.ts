// What is wrong with a rule or a list of codes, said to whoever edited it.
import type { Resource } from '../../fhir/index.ts'

export interface RuleFault {
  /** `PlanDefinition/security-labels`, or the type alone for a resource without an id. */
  readonly resource: string
  /** FHIRPath of the element that is wrong. */
  readonly path: string
  readonly message: string
}

export type NoteFault = (resource: Resource, path: string, message: string) => void

export function faultList(): { readonly faults: RuleFault[]; readonly note: NoteFault } {
  const faults: RuleFault[] = []
  const note: NoteFault = ({ resourceType, id }, path, message) => {
    const resource = typeof id === 'string' ? `${resourceType}/${id}` : resourceType
    const isKnown = faults.some(
      (it) => it.resource === resource && it.path === path && it.message === message,
    )
    if (!isKnown) faults.push({ resource, path, message })
  }
  return { faults, note }
}
