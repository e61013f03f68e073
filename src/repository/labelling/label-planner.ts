// Plans the labels of what a commit writes, and of all that takes labels from it, so that both change at once.
import {
  givesAlong,
  isFoundMark,
  keeping,
  sentOf,
  taken,
  takerOf,
  takesFromReferrers,
  withLabels,
  type LabelLink,
} from '../../access/index.ts'
import { isJsonObject, parseJson, type JsonObject, type Resource } from '../../fhir/index.ts'
import {
  SEE_EVERYTHING,
  type ReferrerAssertion,
  type ResourceKey,
  type SecurityLabel,
  type Store,
  type StoredVersion,
} from '../../store/index.ts'
import { breathe } from '../breathe.ts'
import { referrersAlong } from './label-givers.ts'
import type { LabelDraft, LabelPlan, Relabelled } from './label-plan.ts'
import { givenBy, holds, saysLess, speak, type SpeakingParts, type Spoken } from './spoken.ts'
import { LabelGraph, lacking, nameOf, sameLabels, type Giver, type LabelNode } from './label-graph.ts'
import { storedMeta } from './stored-meta.ts'
import { TooManyDependents } from './too-many-dependents.ts'

export interface LabelPlannerParts extends SpeakingParts {
  readonly store: Store
  /** Labels that a resource is about to get, while what depends on it is raised. */
  readonly coming: (name: string) => readonly SecurityLabel[]
  /** Whether something may be referred to before it is there. */
  readonly referencesMayDangle: boolean
  /** Resources that one commit may relabel beside those that it is asked to write. */
  readonly mostDependents: number
  readonly servesOthers: boolean | undefined
}

/** Givers of givers that are looked at to find out whether labels hold each other up in a circle. */
const MOST_CLIMBED = 500

const NOTHING: readonly SecurityLabel[] = Object.freeze([])

/** For one plan. */
export class LabelPlanner {
  readonly #parts: LabelPlannerParts
  readonly #graph: LabelGraph
  /** As the store has them, by name. */
  readonly #stored = new Map<string, readonly SecurityLabel[] | undefined>()
  /** Resources with a label that was sent, or that may give some along their own links. */
  readonly #telling = new Set<string>()
  /** With the mark of the index, which a commit must find too. */
  readonly #found = new Map<
    string,
    { readonly key: ResourceKey; readonly labels: readonly SecurityLabel[] | undefined }
  >()
  readonly #referrers = new Map<string, ReferrerAssertion>()
  readonly #expanded = new Set<string>()
  readonly #lowered = new Map<string, ResourceKey>()
  /** Resources that were looked at and are no nodes. */
  readonly #read = new Map<
    string,
    { readonly version: StoredVersion; readonly resource: Resource } & Spoken
  >()
  /** Drafts in place of something labelled, that have not been compared with it. */
  readonly #replaced = new Map<
    string,
    { readonly key: ResourceKey; readonly spoken: Spoken; readonly mayGive: boolean }
  >()
  #drafts: readonly LabelDraft[] = []
  /** Drafts that nobody refers to yet. */
  readonly #made = new Set<string>()
  /** The versions of what drafts replace that told what had been sent: that may change where no label does. */
  readonly #heard = new Map<string, number>()
  /** Resources that the commit deletes. */
  readonly #gone = new Set<string>()
  #dependents = 0
  /** Whether something may have fewer labels than before. */
  #lowers = false

  constructor(parts: LabelPlannerParts) {
    this.#parts = parts
    this.#graph = new LabelGraph(parts.rules, (name) => this.#outside(name), parts.coming)
  }

  /**
   * @param spoken what each draft says
   * @param deleted resources that the commit deletes; what refers to one keeps what it has taken from it
   * @throws TooManyDependents
   */
  async plan(
    drafts: readonly LabelDraft[],
    spoken: readonly Spoken[],
    deleted: readonly ResourceKey[],
  ): Promise<LabelPlan> {
    this.#drafts = drafts
    for (const { key, isNew } of drafts) if (isNew) this.#made.add(nameOf(key))
    for (const key of deleted) this.#gone.add(nameOf(key))
    await this.#load([
      ...drafts.flatMap(({ key, isNew }) => (isNew ? [] : [key])),
      ...spoken.flatMap(({ links }) => links.map(({ target }) => target)),
    ])
    for (const [at, draft] of drafts.entries()) await this.#addDraft(draft, spoken[at] as Spoken)
    for (const key of deleted) await this.#takeBackFrom(key)
    await this.#settle()
    return this.#result()
  }

  /**
   * One stored resource by itself, for what has changed around it; undefined when it is not there.
   * @throws TooManyDependents
   */
  async replan(key: ResourceKey): Promise<LabelPlan | undefined> {
    const current = await this.#versionOf(key)
    if (current === undefined) return undefined
    this.#lowers = true
    await this.#load([key])
    await this.#addStored(key, current)
    await this.#settle()
    return this.#result()
  }

  async #addDraft({ key, resource, isNew }: LabelDraft, spoken: Spoken): Promise<void> {
    const name = nameOf(key)
    const before = isNew ? undefined : this.#stored.get(name)
    const isTelling = this.#telling.has(name)
    // What the request says of labels is told from what the server had found.
    const isRead = isTelling || (before !== undefined && metaOf(resource)?.['security'] !== undefined)
    const version = before === undefined ? undefined : await this.#parts.store.read(key, SEE_EVERYTHING)
    const isGone = version !== undefined && version.body === undefined
    const current = isRead ? version?.body : undefined
    if (version !== undefined && current !== undefined) this.#heard.set(name, version.versionId)
    this.#graph.add({
      key,
      resource,
      sent: sentOf(resource, current === undefined ? undefined : storedMeta(current)),
      ...spoken,
      before,
      versionId: undefined,
    })
    const mayGive = isTelling && (key.type === 'Provenance' || current?.includes('Binary/') === true)
    if (before !== undefined && before.length > 0) this.#replaced.set(name, { key, spoken, mayGive })
    // An attachment's address is no reference that must find something.
    const mayBeNamed = !isNew && (this.#parts.referencesMayDangle || key.type === 'Binary')
    // What was deleted may still be named, by what has come to give it something since.
    if (isGone || (before === undefined && mayBeNamed)) {
      await this.#holdReferrers(key)
      await this.#loadGivers(key)
    }
  }

  /** Who comes to name what is not there finds nothing to label: it must be planned anew if somebody does meanwhile. */
  async #holdReferrers(key: ResourceKey): Promise<void> {
    if (takesFromReferrers(key.type).length === 0) return
    const most = this.#parts.mostDependents
    const referrers = await this.#parts.store.referrers(key, most)
    if (referrers.length < most) this.#referrers.set(nameOf(key), { key, referrers })
  }

  /** Looks at what the drafts replace, as far as that may have held something up that is to fall. */
  async #compareReplaced(): Promise<void> {
    for (const [name, { key, spoken, mayGive }] of this.#replaced) {
      const node = this.#graph.node(name) as LabelNode
      // Else it says by itself all that it had, whatever it has taken.
      const hasTaken = lacking(node.before ?? NOTHING, this.#graph.alone(node)).length > 0
      // A program may say of itself that it is none any more.
      const isProgram = givesAlong(key.type).includes('belongs')
      if (!hasTaken && !isProgram && !mayGive) continue
      this.#replaced.delete(name)
      const there = await this.#versionOf(key)
      if (isProgram || there === undefined || saysLess(spoken, there)) this.#lowers = true
      if (there !== undefined)
        await this.#takeBack(
          key,
          there.links.filter((link) => !holds(spoken.links, link)),
        )
    }
  }

  /** Those that give something to nodes which would have less than before without. Whether there are any to be asked. */
  async #askGivers(): Promise<boolean> {
    let asked = false
    for (const node of Array.from(this.#graph.nodes)) {
      const name = nameOf(node.key)
      if (this.#graph.knowsGivers(name)) continue
      if (lacking(node.before ?? NOTHING, this.#graph.labelsOf(name)).length === 0) continue
      await this.#loadGivers(node.key)
      asked = true
    }
    return asked
  }

  /** What a resource gave to those that it refers to ends with it. */
  async #takeBackFrom(key: ResourceKey): Promise<void> {
    await this.#load([key])
    // Only what is labelled has given any.
    if ((this.#stored.get(nameOf(key)) ?? NOTHING).length === 0) return
    const there = await this.#versionOf(key)
    if (there !== undefined) await this.#takeBack(key, there.links)
  }

  /** What has taken something from it along these links takes it no more. */
  async #takeBack(from: ResourceKey, links: readonly LabelLink[]): Promise<void> {
    for (const { kind, target } of links) {
      if (takerOf(kind) !== 'target') continue
      const isNode = this.#graph.node(nameOf(target)) !== undefined
      if (isNode && kind !== 'attachment') continue
      const taker = await this.#versionOf(target)
      if (taker === undefined) continue
      this.#lowers = true
      await this.#load([target])
      if (!isNode) await this.#addStored(target, taker)
      if (kind === 'attachment') this.#keep(target, this.#stored.get(nameOf(from)) ?? NOTHING)
    }
  }

  /** What is in an attachment, nothing but the record that it came with could tell. */
  #keep(key: ResourceKey, giversLabels: readonly SecurityLabel[]): void {
    const node = this.#graph.node(nameOf(key))
    if (node !== undefined)
      this.#graph.add({ ...node, sent: keeping(node.sent, taken('attachment', giversLabels)) })
  }

  /** A node that is there already, and is written only if its labels change; what is deleted keeps those that it has. */
  async #addStored(key: ResourceKey, { version, resource, content, links }: Read): Promise<void> {
    if (this.#gone.has(nameOf(key))) return
    await this.#load(links.map(({ target }) => target))
    const before = this.#stored.get(nameOf(key))
    this.#graph.add({
      key,
      resource,
      sent: sentOf(resource, metaOf(resource)),
      content,
      links,
      before,
      versionId: version.versionId,
    })
  }

  /** Solves, and takes in whatever takes from what has changed, until nothing more does. */
  async #settle(): Promise<void> {
    for (;;) {
      this.#graph.solve()
      if (await this.#askGivers()) continue
      const size = this.#graph.size
      await this.#compareReplaced()
      if (this.#lowers) for (const node of Array.from(this.#graph.nodes)) await this.#climb(node)
      for (const node of Array.from(this.#graph.nodes))
        if (node.versionId === undefined && this.#graph.labelsOf(nameOf(node.key)).length > 0)
          await this.#takeTargets(node)
      if (this.#graph.size > size) continue
      const changed = [...this.#graph.nodes].filter(
        (node) => !this.#isExpanded(nameOf(node.key)) && this.#givesOtherwise(node),
      )
      if (changed.length === 0) return
      for (const node of changed) {
        this.#expanded.add(nameOf(node.key))
        await this.#expand(node)
      }
    }
  }

  /** Also one that nobody refers to: what takes from it along its own links is taken in already. */
  #isExpanded(name: string): boolean {
    return this.#expanded.has(name) || this.#made.has(name)
  }

  /** Whether others take something else from it than before. */
  #givesOtherwise({ key, before = NOTHING, links }: LabelNode): boolean {
    const after = this.#graph.labelsOf(nameOf(key))
    if (sameLabels(before, after)) return false
    const kinds = new Set([
      ...givesAlong(key.type),
      ...links.flatMap(({ kind }) => (takerOf(kind) === 'target' ? [kind] : [])),
    ])
    return [...kinds].some((kind) => !sameLabels(taken(kind, before), taken(kind, after)))
  }

  /** What takes from it along its own links: they may be new, though its labels are not. */
  async #takeTargets(node: LabelNode): Promise<void> {
    for (const { kind, target } of node.links) {
      if (takerOf(kind) === 'resource' || this.#graph.node(nameOf(target)) !== undefined) continue
      const there = await this.#versionOf(target)
      await (there === undefined ? this.#holdGone(target) : this.#load([target]))
      if (there !== undefined) await this.#addStored(target, there)
    }
  }

  /** What is deleted must still be: its labels do not tell that it has come back. */
  async #holdGone(key: ResourceKey): Promise<void> {
    const version = await this.#parts.store.read(key, SEE_EVERYTHING)
    if (version === undefined) return
    await this.#load([key])
    this.#heard.set(nameOf(key), version.versionId)
  }

  async #expand(node: LabelNode): Promise<void> {
    await this.#takeTargets(node)
    if (givesAlong(node.key.type).length === 0) return
    const { store, mostDependents, servesOthers } = this.#parts
    const most = mostDependents + this.#drafts.length + 1
    const referrers = await store.referrers(node.key, most)
    if (referrers.length === most) return this.#leave(node)
    const name = nameOf(node.key)
    if (!this.#referrers.has(name)) this.#referrers.set(name, { key: node.key, referrers })
    for (const [step, referrer] of referrers.entries()) {
      await breathe(step, servesOthers)
      if (this.#graph.node(nameOf(referrer)) !== undefined) continue
      const there = await this.#versionOf(referrer)
      const takes = there?.links.some(
        ({ kind, target }) => takerOf(kind) === 'resource' && nameOf(target) === nameOf(node.key),
      )
      if (there !== undefined && takes === true) await this.#take(node, referrer, there)
    }
  }

  async #take(from: LabelNode, key: ResourceKey, read: Read): Promise<void> {
    if (this.#dependents >= this.#parts.mostDependents) return this.#leave(from)
    this.#dependents++
    await this.#load([key])
    await this.#addStored(key, read)
  }

  /**
   * Too many take from it. What they lose they lose later, one after the other; what they gain they must have before.
   * @throws TooManyDependents
   */
  #leave({ key, before = NOTHING }: LabelNode): void {
    const name = nameOf(key)
    const after = this.#graph.labelsOf(name)
    const given = givenBy(key, after)
    if (lacking(given, [...before, ...this.#parts.coming(name)]).length > 0)
      throw new TooManyDependents(key, given)
    if (lacking(before, after).length > 0) this.#lowered.set(name, key)
  }

  /**
   * Labels that are to fall may be held up in a circle: what gives them has them from the node itself. So givers are
   * followed up to where they come back to a node, and are nodes then as well.
   */
  async #climb(node: LabelNode): Promise<void> {
    const { before = NOTHING } = node
    if (lacking(before, this.#graph.alone(node)).length === 0) return
    const seen = new Set<string>()
    for (const giver of await this.#giversOf(node.key, node)) await this.#reaches(giver, seen)
  }

  /** Whether what it takes leads back to a node; it is one then. */
  async #reaches(key: ResourceKey, seen: Set<string>): Promise<boolean> {
    const name = nameOf(key)
    if (this.#graph.node(name) !== undefined) return true
    if (seen.has(name) || this.#outside(name).length === 0 || seen.size >= MOST_CLIMBED) return false
    seen.add(name)
    const there = await this.#versionOf(key)
    if (there === undefined) return false
    await this.#load(there.links.map(({ target }) => target))
    let reaches = false
    for (const giver of await this.#giversOf(key, there))
      reaches = (await this.#reaches(giver, seen)) || reaches
    if (reaches && this.#graph.node(name) === undefined) await this.#addStored(key, there)
    return reaches
  }

  /** All from which it takes, along its own links and those of others to it. */
  async #giversOf(key: ResourceKey, { links }: Pick<Spoken, 'links'>): Promise<readonly ResourceKey[]> {
    const name = nameOf(key)
    if (!this.#graph.knowsGivers(name)) await this.#loadGivers(key)
    return [
      ...links.flatMap(({ kind, target }) => (takerOf(kind) === 'resource' ? [target] : [])),
      ...this.#graph.giversOf(name).map((giver) => giver.key),
    ]
  }

  /** Who refers to it and gives it something by that. */
  async #loadGivers(key: ResourceKey): Promise<void> {
    const givers: Giver[] = []
    for (const kind of takesFromReferrers(key.type)) {
      for (const referrer of await referrersAlong(this.#parts.store, kind, key)) {
        const there = await this.#versionOf(referrer)
        const gives = there?.links.some((link) => link.kind === kind && nameOf(link.target) === nameOf(key))
        if (gives === true && !this.#gone.has(nameOf(referrer))) givers.push({ key: referrer, kind })
      }
    }
    await this.#load(givers.map((giver) => giver.key))
    this.#graph.setGivers(nameOf(key), givers)
  }

  async #versionOf(key: ResourceKey): Promise<Read | undefined> {
    const name = nameOf(key)
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const version = await this.#parts.store.read(key, SEE_EVERYTHING)
    if (version?.body === undefined) return undefined
    const resource = parseJson(version.body) as Resource
    const read = { version, resource, ...(await speak(this.#parts, resource)) }
    this.#read.set(name, read)
    return read
  }

  async #load(keys: readonly ResourceKey[]): Promise<void> {
    const unknown = new Map<string, ResourceKey>()
    for (const key of keys) {
      const name = nameOf(key)
      if (!this.#found.has(name)) unknown.set(name, key)
    }
    if (unknown.size === 0) return
    const asked = [...unknown.values()]
    const found = await this.#parts.store.labelsOf(asked)
    asked.forEach((key, at) => {
      const name = nameOf(key)
      this.#found.set(name, { key, labels: found[at] })
      const labels = found[at]?.filter((label) => !isFoundMark(label))
      this.#stored.set(name, labels)
      if (labels !== undefined && labels.length > 0 && labels.length === found[at]?.length)
        this.#telling.add(name)
    })
  }

  #outside(name: string): readonly SecurityLabel[] {
    const stored = this.#stored.get(name) ?? NOTHING
    const coming = this.#parts.coming(name)
    return coming.length === 0 ? stored : [...stored, ...coming]
  }

  /** What is to fall falls by what others no longer say, so they must still say what they said. */
  #versionLookedAt(name: string): number | undefined {
    return this.#heard.get(name) ?? (this.#lowers ? this.#read.get(name)?.version.versionId : undefined)
  }

  #result(): LabelPlan {
    const relabelled: Relabelled[] = []
    for (const node of this.#graph.nodes) {
      const name = nameOf(node.key)
      if (node.versionId === undefined) continue
      const labels = this.#graph.labelsOf(name)
      const resource = withLabels(node.resource, node.sent, labels)
      if (resource === node.resource) continue
      relabelled.push({
        key: node.key,
        versionId: node.versionId,
        resource,
        before: node.before ?? NOTHING,
        labels,
      })
    }
    return {
      drafts: this.#drafts.map(({ key }) => {
        const name = nameOf(key)
        const node = this.#graph.node(name) as LabelNode
        const labels = this.#graph.labelsOf(name)
        const { resource, sent, links } = node
        return {
          key,
          resource: withLabels(resource, sent, labels),
          labels,
          alone: () => this.#graph.alone(node),
          sent,
          links,
          givers: links.flatMap(({ kind, target }) => (takerOf(kind) === 'resource' ? [target] : [])),
        }
      }),
      relabelled,
      labels: [...this.#found].flatMap(([name, { key, labels }]) =>
        this.#made.has(name) ? [] : [{ key, labels, versionId: this.#versionLookedAt(name) }],
      ),
      referrers: [...this.#referrers.values()],
      lowered: [...this.#lowered.values()],
    }
  }
}

type Read = { readonly version: StoredVersion; readonly resource: Resource } & Spoken

function metaOf({ meta }: Resource): JsonObject | undefined {
  return isJsonObject(meta) ? meta : undefined
}
