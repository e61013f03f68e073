// Whether what is about to be written lies within what the writer may see; the store asks the same of what is there.
import type { AccessFilter, ResourceIndex } from '../store/index.ts'

/** True when one rule of the filter lets a resource of this type, with these compartments and labels, pass. */
export function admits(
  { anyOf }: AccessFilter,
  type: string,
  { patients, labels }: Pick<ResourceIndex, 'patients' | 'labels'>,
): boolean {
  return anyOf.some(
    (rule) =>
      (rule.types === '*' || rule.types.includes(type)) &&
      (rule.patients === '*' || patients.some((patient) => rule.patients.includes(patient))) &&
      !rule.withoutLabels.some((hidden) =>
        labels.some(({ system, code }) => system === hidden.system && code === hidden.code),
      ),
  )
}
