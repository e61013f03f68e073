// Refuses what says of itself that it is less confidential than it is.
import { confidentialityRank, loweredBy } from '../../access/index.ts'
import type { Issue, Resource } from '../../fhir/index.ts'
import { SEE_EVERYTHING, type AccessFilter, type SecurityLabel, type Store } from '../../store/index.ts'
import type { LabelledDraft } from './label-plan.ts'

/**
 * What is wrong with the confidentiality that a write says; undefined when nothing is. What the writer may not see
 * counts for the labels, but is never a reason that could be told.
 */
export async function loweredIssue(
  store: Store,
  access: AccessFilter,
  resource: Resource,
  { labels, alone, givers }: LabelledDraft,
): Promise<Issue | undefined> {
  const at = loweredBy(resource, labels)
  if (at === undefined) return undefined
  const { resourceType } = resource
  const level = levelOf(labels)
  const byItself = levelOf(alone()) === level
  if (!byItself && access !== SEE_EVERYTHING)
    for (const giver of givers) if ((await store.read(giver, access)) === undefined) return undefined
  return {
    severity: 'error',
    code: 'business-rule',
    diagnostics: `This ${resourceType} is of confidentiality ${level}, by ${byItself ? 'what it holds' : 'what it refers to'}: ${resourceType}/$label tells why. What is sent may raise it, not lower it. Leave the code out, or send ${level}.`,
    expression: `${resourceType}.meta.security[${at}]`,
  }
}

function levelOf(labels: readonly SecurityLabel[]): string {
  return labels.find((label) => confidentialityRank(label) !== undefined)?.code ?? 'N'
}
