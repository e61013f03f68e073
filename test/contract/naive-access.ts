// Whether an access filter lets a version pass, said as plainly as possible: the oracle.
import type { AccessFilter, ResourceIndex } from '../../src/store/index.ts'

export function naiveVisible(
  subject: { readonly type: string; readonly index: ResourceIndex },
  access: AccessFilter,
): boolean {
  const { patients, labels } = subject.index
  return access.anyOf.some(
    (rule) =>
      (rule.types === '*' || rule.types.includes(subject.type)) &&
      (rule.patients === '*' || rule.patients.some((patient) => patients.includes(patient))) &&
      !rule.withoutLabels.some((not) =>
        labels.some((has) => has.system === not.system && has.code === not.code),
      ),
  )
}
