// Whether an access filter lets a version pass, said as plainly as possible: the oracle.
import type { AccessFilter, ResourceIndex, ResourceKey } from '../../src/store/index.ts'
import { indexOf, type Content } from './world.ts'

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

/** Whether one of these writes puts something that the filter hides. */
export function putsHidden(
  access: AccessFilter,
  writes: readonly { readonly key: ResourceKey; readonly content: Content | undefined }[],
): boolean {
  return writes.some(
    ({ key: { type }, content }) =>
      content !== undefined && !naiveVisible({ type, index: indexOf(content) }, access),
  )
}
