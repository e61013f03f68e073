// Why a resource is labelled as it is: rule by rule, code by code, reference by reference.
import {
  contentLabels,
  implications,
  isKept,
  labelLinks,
  ownLabels,
  readLabel,
  sentOf,
  sentLabels,
  settledLabels,
  taken,
  takerOf,
  takesFromReferrers,
  type LabelLinkKind,
  type LabelRules,
} from '../../access/index.ts'
import { isJsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { AccessFilter, ResourceKey, SecurityLabel, Store } from '../../store/index.ts'
import type { DefinitionLabels } from './definition-labels.ts'
import { nameOf } from './label-graph.ts'

export type LabelOrigin =
  | {
      readonly kind: 'rule'
      readonly rule: string
      readonly title: string
      /** FHIRPath. */
      readonly path: string
      readonly coding?: { readonly system: string; readonly code: string }
      readonly ingredient?: string
    }
  | { readonly kind: 'sent'; readonly path: string }
  /** A resource inside it carries the label. */
  | { readonly kind: 'part'; readonly path: string }
  /** What the record follows, such as the questionnaire that was answered. */
  | { readonly kind: 'definition'; readonly canonical: string }
  /** `reference`: `Type/id`, when the caller may see it. */
  | {
      readonly kind: 'reference'
      readonly path: string
      readonly reference: string | undefined
      readonly link: LabelLinkKind
    }
  | { readonly kind: 'implied'; readonly by: SecurityLabel; readonly rule?: string; readonly title?: string }
  /**
   * Taken from a record whose attachment it is no more, and kept; or nothing at hand says why, and it stays until what
   * depends on each other has been gone through again.
   */
  | { readonly kind: 'kept' }

export interface LabelExplanation {
  readonly labels: readonly { readonly label: SecurityLabel; readonly origins: readonly LabelOrigin[] }[]
}

export interface ExplainParts {
  readonly store: Store
  readonly access: AccessFilter
  readonly rules: LabelRules
  readonly definitions: Parameters<typeof labelLinks>[1]
  readonly baseUrl: string
  readonly definitionLabels: DefinitionLabels
  /** Those that refer to it and may give it something; none for a resource that is not stored. */
  readonly referrers: (kind: LabelLinkKind, key: ResourceKey) => Promise<readonly ResourceKey[]>
}

/** Of a stored resource, whose labels stand in it. */
export async function explainStored(
  parts: ExplainParts,
  resource: Resource,
  key: ResourceKey,
): Promise<LabelExplanation> {
  const labels = sentLabels(resource)
  return explain(parts, resource, labels, await giftsTo(parts, resource, key))
}

/** Of a resource as if it were written now: what it refers to counts as far as the caller may see it. */
export async function explainPosted(parts: ExplainParts, resource: Resource): Promise<LabelExplanation> {
  const gifts = (await giftsTo(parts, resource, undefined)).filter(({ isSeen }) => isSeen)
  const defined = await parts.definitionLabels.of(resource)
  const labels = settledLabels(
    parts.rules,
    resource,
    sentOf(resource, undefined),
    [...contentLabels(parts.rules, resource), ...(defined ?? [])],
    gifts.flatMap((gift) => gift.labels),
  )
  return explain(parts, resource, labels, gifts)
}

async function explain(
  { rules, definitionLabels }: ExplainParts,
  resource: Resource,
  labels: readonly SecurityLabel[],
  gifts: readonly Gift[],
): Promise<LabelExplanation> {
  const origins = new Origins(labels)
  const titles = new Map(rules.rules.map(({ name, title }) => [name, title]))
  for (const { label, rule, path, coding, ingredient } of ownLabels(rules, resource))
    origins.add(label, {
      kind: 'rule',
      rule,
      title: titles.get(rule) ?? rule,
      path,
      ...(coding === undefined ? {} : { coding }),
      ...(ingredient === undefined ? {} : { ingredient }),
    })
  for (const { label, path, kind } of labelsWithin(resource))
    origins.add(label, kind === 'kept' ? { kind } : { kind, path })
  for (const { canonical, labels: defined } of await definitionLabels.each(resource))
    for (const label of defined) origins.add(label, { kind: 'definition', canonical })
  for (const { giver, link, path, isSeen, labels: given } of gifts)
    for (const label of given)
      origins.add(label, { kind: 'reference', path, reference: isSeen ? nameOf(giver) : undefined, link })
  for (const { label, because, rule } of implications(rules, labels)) {
    if (label.system === because.system && label.code === because.code) continue
    origins.add(label, {
      kind: 'implied',
      by: because,
      ...(rule === undefined ? {} : { rule, title: titles.get(rule) ?? rule }),
    })
  }
  return { labels: origins.all() }
}

/** What a resource takes from another. */
interface Gift {
  readonly giver: ResourceKey
  readonly link: LabelLinkKind
  readonly path: string
  readonly isSeen: boolean
  readonly labels: readonly SecurityLabel[]
}

/** @param key of a stored one, to which others may refer */
async function giftsTo(
  { store, access, definitions, baseUrl, referrers }: ExplainParts,
  resource: Resource,
  key: ResourceKey | undefined,
): Promise<readonly Gift[]> {
  const givers: Pick<Gift, 'giver' | 'link' | 'path'>[] = []
  for (const { kind, target, path } of labelLinks(resource, definitions, baseUrl))
    if (takerOf(kind) === 'resource') givers.push({ giver: target, link: kind, path })
  if (key !== undefined)
    for (const link of takesFromReferrers(key.type))
      for (const giver of await referrers(link, key))
        givers.push({ giver, link, path: resource.resourceType })
  const labels = await store.labelsOf(givers.map(({ giver }) => giver))
  const gifts: Gift[] = []
  for (const [at, found] of givers.entries()) {
    const given = taken(found.link, labels[at] ?? [])
    if (given.length === 0) continue
    const isSeen = (await store.read(found.giver, access))?.body !== undefined
    gifts.push({ ...found, isSeen, labels: given })
  }
  return gifts
}

/** The origins of each label that the resource has. */
class Origins {
  readonly #labels: readonly SecurityLabel[]
  readonly #origins = new Map<string, LabelOrigin[]>()

  constructor(labels: readonly SecurityLabel[]) {
    this.#labels = labels
    for (const label of labels) this.#origins.set(keyOf(label), [])
  }

  add(label: SecurityLabel, origin: LabelOrigin): void {
    const known = this.#origins.get(keyOf(label))
    const text = JSON.stringify(origin)
    if (known !== undefined && !known.some((other) => JSON.stringify(other) === text)) known.push(origin)
  }

  all(): LabelExplanation['labels'] {
    return this.#labels.map((label) => {
      const origins = this.#origins.get(keyOf(label)) ?? []
      return { label, origins: origins.length === 0 ? [{ kind: 'kept' }] : origins }
    })
  }
}

function keyOf({ system, code }: SecurityLabel): string {
  return `${system}|${code}`
}

interface LabelWithin {
  readonly label: SecurityLabel
  readonly path: string
  readonly kind: 'sent' | 'part' | 'kept'
}

/** Labels that were sent with the resource or are kept, and those of resources inside it. */
function* labelsWithin(resource: Resource): Generator<LabelWithin> {
  yield* walk(resource, resource.resourceType, false)
}

function* walk(value: JsonValue | undefined, path: string, isPart: boolean): Generator<LabelWithin> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield* walk(item, `${path}[${at}]`, isPart)
    return
  }
  if (!isJsonObject(value)) return
  const { meta } = value
  const security =
    isJsonObject(meta) && typeof value['resourceType'] === 'string' ? meta['security'] : undefined
  if (Array.isArray(security))
    for (const [at, coding] of security.entries()) {
      const label = readLabel(coding)
      const isComputed = !isPart && isJsonObject(coding) && coding['userSelected'] === false
      const kind = isPart ? 'part' : isKept(coding) ? 'kept' : 'sent'
      if (label !== undefined && !isComputed) yield { label, path: `${path}.meta.security[${at}]`, kind }
    }
  for (const name of Object.keys(value))
    if (name !== 'meta') yield* walk(value[name], `${path}.${name}`, true)
}
