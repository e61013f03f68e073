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
const NONE_FOUND: LabelsFound = Object.freeze([])

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
  const [draft, said] = [drafts[0], spoken[0]]
  if (draft !== undefined && said !== undefined && drafts.length === 1) return planOfOne(parts, draft, said)
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

/** The same for most writes: what they ask for is little, and is looked for without names. */
function planOfOne(
  parts: SeparateParts,
  draft: LabelDraft,
  spoken: Spoken,
): LabelPlan | undefined | Promise<LabelPlan | undefined> {
  const asked: ResourceKey[] = draft.isNew ? [] : [draft.key]
  for (const { kind, target } of spoken.links) {
    if (takerOf(kind) === 'target') return undefined
    if (!asked.some(({ type, id }) => id === target.id && type === target.type)) asked.push(target)
  }
  const found = asked.length === 0 ? NONE_FOUND : parts.store.labelsOf(asked)
  return found instanceof Promise
    ? found.then((labels) => plannedOne(parts, draft, spoken, asked, labels))
    : plannedOne(parts, draft, spoken, asked, found)
}

function plannedOne(
  parts: SeparateParts,
  draft: LabelDraft,
  spoken: Spoken,
  asked: readonly ResourceKey[],
  found: LabelsFound,
): LabelPlan | undefined {
  const stored = asked.map((key, at) => storedAs(key, found[at]))
  const before = draft.isNew ? undefined : stored[0]
  const labelled = labelledBy(parts, draft, spoken, before, (target) => {
    const giver = stored.find(({ key }) => key.id === target.id && key.type === target.type)
    return together(giver?.labels, parts.coming(nameOf(target)))
  })
  if (labelled === undefined) return undefined
  return {
    drafts: [labelled],
    relabelled: [],
    labels: stored.map(({ key, found: labels }) => ({ key, labels })),
    referrers: mustBeUnnamed(parts, before, labelled) ? [{ key: draft.key, referrers: [] }] : [],
    lowered: [],
  }
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
    const before = draft.isNew ? undefined : stored.get(nameOf(draft.key))
    const labelled = labelledBy(parts, draft, spoken[at] as Spoken, before, (target) => {
      const name = nameOf(target)
      return given.get(name) ?? together(stored.get(name)?.labels, parts.coming(name))
    })
    if (labelled === undefined) return undefined
    labelledDrafts[at] = labelled
    given.set(nameOf(draft.key), labelled.labels)
  }
  return {
    drafts: labelledDrafts,
    relabelled: [],
    labels: [...stored.values()].map(({ key, found }) => ({ key, labels: found })),
    referrers: drafts.flatMap(({ key, isNew }, at) =>
      mustBeUnnamed(parts, isNew ? undefined : stored.get(nameOf(key)), labelledDrafts[at] as LabelledDraft)
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
  for (const [name, key] of asked) stored.set(name, storedAs(key, found[stored.size]))
  return stored
}

function storedAs(key: ResourceKey, found: readonly SecurityLabel[] | undefined): Stored {
  const isMarked = found?.some(isFoundMark) === true
  return { key, found, labels: isMarked ? found.filter((label) => !isFoundMark(label)) : found }
}

/**
 * @param before what is stored of what it replaces; undefined for what is new
 * @param labelsOf those of what it refers to, and those that are coming to it
 */
function labelledBy(
  parts: SeparateParts,
  { key, resource }: LabelDraft,
  { content, links }: Spoken,
  before: Stored | undefined,
  labelsOf: (target: ResourceKey) => readonly SecurityLabel[],
): LabelledDraft | undefined {
  const { rules, coming } = parts
  const { meta } = resource
  // What is sent beside what was found before is told apart by the version that is replaced.
  if (before !== undefined && isJsonObject(meta) && meta['security'] !== undefined) return undefined
  const sent = sentOf(resource, undefined)
  const all: SecurityLabel[] = []
  for (const { kind, target } of links) all.push(...taken(kind, labelsOf(target)))
  all.push(...coming(nameOf(key)))
  const labels = settledLabels(rules, resource, sent, content, all)
  const alone = (): readonly SecurityLabel[] => settledLabels(rules, resource, sent, content, NOTHING)
  if (before !== undefined) {
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

function together(
  some: readonly SecurityLabel[] = NOTHING,
  others: readonly SecurityLabel[],
): readonly SecurityLabel[] {
  return others.length === 0 ? some : [...some, ...others]
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
  before: Stored | undefined,
  { key, labels }: LabelledDraft,
): boolean {
  if (before === undefined || before.labels !== undefined) return false
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
