// The plan of a write in which labels have no part, as in most: told without working out who takes what from whom.
import { isFoundMark, isMarkable, NOTHING_SENT, takerOf } from '../../access/index.ts'
import { isJsonObject } from '../../fhir/index.ts'
import type { ResourceKey, SecurityLabel, Store } from '../../store/index.ts'
import { nameOf } from './label-graph.ts'
import type { LabelDraft, LabelledDraft, LabelPlan } from './label-plan.ts'
import type { Spoken } from './spoken.ts'

interface UnlabelledParts {
  readonly store: Pick<Store, 'labelsOf'>
  /** Labels that a resource is about to get, while what depends on it is raised. */
  readonly coming: (name: string) => readonly SecurityLabel[]
  /** Whether something may be referred to before it is there. */
  readonly referencesMayDangle: boolean
}

const NOTHING: readonly SecurityLabel[] = Object.freeze([])

/**
 * What LabelPlanner would come to; undefined where some draft has a label, or had one, or might take one from what it
 * refers to or what refers to it.
 * @param spoken what each draft says
 */
export async function unlabelledPlan(
  { store, coming, referencesMayDangle }: UnlabelledParts,
  drafts: readonly LabelDraft[],
  spoken: readonly Spoken[],
): Promise<LabelPlan | undefined> {
  const made = new Set<string>()
  const asked = new Map<string, ResourceKey>()
  for (const [at, { key, resource, isNew }] of drafts.entries()) {
    const { meta } = resource
    if ((spoken[at] as Spoken).content.length > 0 || isMarkable(key.type)) return undefined
    if (isJsonObject(meta) && meta['security'] !== undefined) return undefined
    if (isNew) made.add(nameOf(key))
    else asked.set(nameOf(key), key)
  }
  const replaced = asked.size
  for (const { links } of spoken)
    for (const { target } of links) {
      const name = nameOf(target)
      if (!made.has(name)) asked.set(name, target)
    }
  const keys = [...asked.values()]
  const found = keys.length === 0 ? [] : await store.labelsOf(keys)
  for (const names of [made, asked.keys()])
    for (const name of names) if (coming(name).length > 0) return undefined
  for (const [at, labels] of found.entries()) {
    if (labels?.some((label) => !isFoundMark(label)) === true) return undefined
    // Others may have referred to it before it was there, and give it something by that.
    const mayBeNamed = at < replaced && (referencesMayDangle || keys[at]?.type === 'Binary')
    if (labels === undefined && mayBeNamed) return undefined
  }
  return {
    drafts: drafts.map((draft, at) => unlabelled(draft, spoken[at] as Spoken)),
    relabelled: [],
    labels: keys.map((key, at) => ({ key, labels: found[at] })),
    referrers: [],
    lowered: [],
  }
}

function unlabelled({ key, resource }: LabelDraft, { links }: Spoken): LabelledDraft {
  return {
    key,
    resource,
    labels: NOTHING,
    alone: () => NOTHING,
    sent: NOTHING_SENT,
    links,
    givers: links.flatMap(({ kind, target }) => (takerOf(kind) === 'resource' ? [target] : [])),
  }
}
