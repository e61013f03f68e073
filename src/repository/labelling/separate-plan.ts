// The plan of a write that changes no labels but those of what it writes, as most: each draft has what its content says
// and what it takes from others, and nothing but other drafts takes anything else from it than before.
import {
  givesAlong,
  isFoundMark,
  sentOf,
  settledLabels,
  taken,
  takerOf,
  takesFromReferrers,
  withLabels,
  type LabelRules,
} from '../../access/index.ts'
import { isJsonObject } from '../../fhir/index.ts'
import {
  SEE_EVERYTHING,
  type LabelsFound,
  type ResourceKey,
  type SecurityLabel,
  type Store,
} from '../../store/index.ts'
import { lacking, nameOf, sameLabels } from './label-graph.ts'
import type { LabelDraft, LabelledDraft, LabelPlan } from './label-plan.ts'
import type { Spoken } from './spoken.ts'

interface SeparateParts {
  readonly store: Pick<Store, 'labelsOf' | 'atHand' | 'isUnnamed'>
  readonly rules: LabelRules
  /** Labels that a resource is about to get, while what depends on it is raised. */
  readonly coming: (name: string) => readonly SecurityLabel[]
  /** Whether something may be referred to before it is there. */
  readonly referencesMayDangle: boolean
}

const NOTHING: readonly SecurityLabel[] = Object.freeze([])

/** What the store has of a resource, as it stands and without the mark of the index. */
interface Stored {
  readonly key: ResourceKey
  readonly found: readonly SecurityLabel[] | undefined
  readonly labels: readonly SecurityLabel[] | undefined
}

const NONE_STORED: ReadonlyMap<string, Stored> = new Map()

/**
 * What LabelPlanner would come to; undefined where more must be looked at than the drafts, and the labels of what they
 * replace and refer to.
 * @param spoken what each draft says
 */
export function separatePlan(
  parts: SeparateParts,
  drafts: readonly LabelDraft[],
  spoken: readonly Spoken[],
): LabelPlan | undefined | Promise<LabelPlan | undefined> {
  const asked = new Map<string, ResourceKey>()
  for (const { key, isNew } of drafts) if (!isNew) asked.set(nameOf(key), key)
  const order = inOrder(drafts, spoken, asked)
  if (order === undefined) return undefined
  if (asked.size === 0) return planned(parts, drafts, spoken, order, NONE_STORED)
  const found = parts.store.labelsOf([...asked.values()])
  return found instanceof Promise
    ? found.then((labels) => planned(parts, drafts, spoken, order, storedLabels(asked, labels)))
    : planned(parts, drafts, spoken, order, storedLabels(asked, found))
}

function planned(
  parts: SeparateParts,
  drafts: readonly LabelDraft[],
  spoken: readonly Spoken[],
  order: readonly number[],
  stored: ReadonlyMap<string, Stored>,
): LabelPlan | undefined {
  const labelledDrafts: LabelledDraft[] = []
  const given = new Map<string, readonly SecurityLabel[]>()
  for (const at of order) {
    const draft = drafts[at] as LabelDraft
    const labelled = labelledBy(parts, draft, spoken[at] as Spoken, stored, given)
    if (labelled === undefined) return undefined
    labelledDrafts[at] = labelled
    given.set(nameOf(draft.key), labelled.labels)
  }
  return {
    drafts: labelledDrafts,
    relabelled: [],
    labels: [...stored.values()].map(({ key, found }) => ({ key, labels: found })),
    referrers: drafts.flatMap(({ key, isNew }, at) =>
      !isNew && mustBeUnnamed(parts, key, stored, labelledDrafts[at] as LabelledDraft)
        ? { key, referrers: [] }
        : [],
    ),
    lowered: [],
  }
}

/**
 * Places of the drafts, each behind those from which it takes; undefined where some take from each other in a circle, or
 * something takes from a draft that refers to it.
 * @param asked takes what the drafts refer to and the commit leaves alone
 */
function inOrder(
  drafts: readonly LabelDraft[],
  spoken: readonly Spoken[],
  asked: Map<string, ResourceKey>,
): readonly number[] | undefined {
  if (spoken.every(({ links }) => links.length === 0)) return [...drafts.keys()]
  const places = new Map(drafts.map(({ key }, at) => [nameOf(key), at]))
  /** Of each draft, those that take from it. */
  const takers: number[][] = drafts.map(() => [])
  /** Of each draft, from how many it takes that have no place yet. */
  const waitsFor = drafts.map(() => 0)
  for (const [at, { links }] of spoken.entries())
    for (const { kind, target } of links) {
      if (takerOf(kind) === 'target') return undefined
      const name = nameOf(target)
      const giver = places.get(name)
      if (giver === undefined) asked.set(name, target)
      else {
        waitsFor[at] = (waitsFor[at] as number) + 1
        takers[giver]?.push(at)
      }
    }
  const order = [...drafts.keys()].filter((at) => waitsFor[at] === 0)
  for (const at of order)
    for (const taker of takers[at] as readonly number[]) {
      waitsFor[taker] = (waitsFor[taker] as number) - 1
      if (waitsFor[taker] === 0) order.push(taker)
    }
  return order.length === drafts.length ? order : undefined
}

function storedLabels(
  asked: ReadonlyMap<string, ResourceKey>,
  found: LabelsFound,
): ReadonlyMap<string, Stored> {
  const stored = new Map<string, Stored>()
  for (const [name, key] of asked) {
    const labels = found[stored.size]
    const isMarked = labels?.some(isFoundMark) === true
    stored.set(name, {
      key,
      found: labels,
      labels: isMarked ? labels.filter((label) => !isFoundMark(label)) : labels,
    })
  }
  return stored
}

function labelledBy(
  parts: SeparateParts,
  { key, resource, isNew }: LabelDraft,
  { content, links }: Spoken,
  stored: ReadonlyMap<string, Stored>,
  given: ReadonlyMap<string, readonly SecurityLabel[]>,
): LabelledDraft | undefined {
  const { rules, coming } = parts
  const { meta } = resource
  // What is sent beside what was found before is told apart by the version that is replaced.
  if (!isNew && isJsonObject(meta) && meta['security'] !== undefined) return undefined
  const sent = sentOf(resource, undefined)
  const takes = links.flatMap(({ kind, target }) => {
    const name = nameOf(target)
    const labels = given.get(name) ?? [...(stored.get(name)?.labels ?? NOTHING), ...coming(name)]
    return labels.length === 0 ? NOTHING : taken(kind, labels)
  })
  const all = [...takes, ...coming(nameOf(key))]
  const labels = settledLabels(rules, resource, sent, content, all)
  const alone = (): readonly SecurityLabel[] => settledLabels(rules, resource, sent, content, NOTHING)
  if (!isNew) {
    const before = stored.get(nameOf(key)) as Stored
    const isMore =
      before.labels === undefined
        ? mayBeNamed(parts, key, labels)
        : changes(key, before, labels, alone) || mayHaveBeenAway(parts.store, key)
    if (isMore) return undefined
  }
  return {
    key,
    resource: withLabels(resource, sent, labels),
    labels,
    alone,
    sent,
    links,
    givers: links.map(({ target }) => target),
  }
}

/** Whether it may be deleted, and others have come to give it something since: nothing reached it then. */
function mayHaveBeenAway(store: SeparateParts['store'], key: ResourceKey): boolean {
  if (takesFromReferrers(key.type).length === 0) return false
  return store.atHand?.(key, undefined, SEE_EVERYTHING) === undefined
}

/**
 * Whether others may have referred to what was not there, and give it something by that, or are to take something from
 * it.
 */
function mayBeNamed(
  { store, referencesMayDangle }: SeparateParts,
  key: ResourceKey,
  labels: readonly SecurityLabel[],
): boolean {
  if (!referencesMayDangle && key.type !== 'Binary' && labels.length === 0) return false
  return store.isUnnamed?.(key) !== true
}

/** Whether others would take something from what was not there, or give it some: that none refers to it must hold. */
function mustBeUnnamed(
  { referencesMayDangle }: SeparateParts,
  key: ResourceKey,
  stored: ReadonlyMap<string, Stored>,
  { labels }: LabelledDraft,
): boolean {
  if (stored.get(nameOf(key))?.labels !== undefined) return false
  const takes = (referencesMayDangle || key.type === 'Binary') && takesFromReferrers(key.type).length > 0
  return takes || givesAlong(key.type).some((kind) => taken(kind, labels).length > 0)
}

/** Whether what is replaced had labels that its content alone does not say now, or others than it will have. */
function changes(
  { type }: ResourceKey,
  { found = NOTHING, labels = NOTHING }: Stored,
  after: readonly SecurityLabel[],
  alone: () => readonly SecurityLabel[],
): boolean {
  if (labels.length === 0) return after.length > 0
  // Without the mark, some were sent; and a program may say of itself that it is none any more.
  if (found.length === labels.length || givesAlong(type).includes('belongs')) return true
  return !sameLabels(labels, after) || lacking(labels, alone()).length > 0
}
