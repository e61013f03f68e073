// Labels in the write path: what is written, what depends on it, and what must be raised before it may be written.
import type { Definitions, Resource } from '../../fhir/index.ts'
import type { LabelRules, RuleFault } from '../../access/index.ts'
import type { Search } from '../../search/index.ts'
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type CommitResult,
  type Put,
  type ResourceKey,
  type SecurityLabel,
  type Store,
} from '../../store/index.ts'
import { bodyTemplate } from '../body-template.ts'
import { WriteEpochs } from '../write-epochs.ts'
import { DefinitionLabels } from './definition-labels.ts'
import { explainPosted, explainStored, type ExplainParts, type LabelExplanation } from './explain.ts'
import { lacking, nameOf } from './label-graph.ts'
import { referrersAlong } from './label-givers.ts'
import { LabelPlanner, type LabelDraft, type LabelPlan, type Relabelled } from './label-planner.ts'
import { TooManyDependents } from './too-many-dependents.ts'

/** The rules by which the server labels, as far as labelling looks at them. */
export interface RulesInForce {
  /** Resolves when there are some. */
  readonly ready: Promise<void>
  readonly rules: LabelRules
  /** What is wrong with those that are stored. */
  readonly faults: readonly RuleFault[]
  /** Whether a write of this may change them; `resource` undefined for a deletion. */
  concerns(type: string, resource: Resource | undefined, id: string): boolean
  /** Takes up what has been written. */
  committed(): Promise<void>
}

/** Work on all that depends on a resource, kept with the data so that it is done whatever happens to this process. */
export interface LabelsLater {
  /** Notes it: it is done when the next process starts, unless it is `settled` before. */
  note(keys: readonly ResourceKey[]): Promise<void>
  settled(keys: readonly ResourceKey[]): Promise<void>
  /** Notes it, and begins with it. */
  recompute(keys: readonly ResourceKey[]): Promise<void>
}

export interface LabellingParts {
  readonly store: Store
  readonly definitions: Definitions
  readonly search: Search
  readonly baseUrl: string
  readonly rules: RulesInForce
  /** Whether a reference to a resource of this server must find it. */
  readonly references: 'enforce' | 'off'
  readonly servesOthers?: boolean | undefined
  readonly later: LabelsLater
  /** Resources that one commit may relabel beside those that it is asked to write; 1,000 when not given. */
  readonly mostDependents?: number
}

/** A resource that has come to other labels. */
export interface LabelChange {
  readonly type: string
  readonly added: readonly SecurityLabel[]
  readonly removed: readonly SecurityLabel[]
}

const MOST_DEPENDENTS = 1000
const WALK_PAGE = 200
/** Rounds in which others were always faster. */
const MOST_ROUNDS = 500
/** For how long dependents stay raised for a write that has not come. */
const RAISED_FOR_MS = 10 * 60_000

const NOTHING: readonly SecurityLabel[] = Object.freeze([])

interface Raised {
  readonly labels: readonly SecurityLabel[]
  readonly done: Promise<void>
  readonly forget: NodeJS.Timeout
}

export class Labelling {
  readonly #parts: LabellingParts
  readonly #epochs = new WriteEpochs()
  readonly #definitionLabels: DefinitionLabels
  /** What resources are about to be labelled with, by name: whatever depends on them is labelled so already. */
  readonly #raised = new Map<string, Raised>()
  #walk: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(parts: LabellingParts) {
    this.#parts = parts
    this.#definitionLabels = new DefinitionLabels(parts.store, () => parts.rules.rules)
  }

  /** A write begins; the function is called when it has ended. */
  enter(): () => void {
    return this.#epochs.enter()
  }

  /** Resolves when all writes have ended that had begun when it was called. */
  past(): Promise<void> {
    return this.#inTurn(() => this.#epochs.past())
  }

  /** @throws TooManyDependents */
  async plan(drafts: readonly LabelDraft[]): Promise<LabelPlan> {
    await this.#parts.rules.ready
    return this.#planner().plan(drafts)
  }

  /** What a commit writes beside what it was asked to. */
  putsOf({ relabelled }: LabelPlan): readonly Put[] {
    return relabelled.map((one) => this.#putOf(one))
  }

  /** To be told of a plan that has been committed, before anyone else is. */
  async committed({ drafts, relabelled, lowered }: LabelPlan): Promise<void> {
    const { later } = this.#parts
    if (this.#raised.size > 0)
      for (const { key, labels } of [...drafts, ...relabelled]) {
        const name = nameOf(key)
        const raised = this.#raised.get(name)
        // Else it was another write, and the one that they are raised for is still to come.
        if (raised === undefined || lacking(raised.labels, labels).length > 0) continue
        this.#forget(name)
        if (!lowered.some((other) => nameOf(other) === name)) await later.settled([key])
      }
    if (lowered.length > 0) await later.recompute(lowered)
  }

  /** To be told of what was written, `resource` undefined for a deletion: new rules hold when it resolves. */
  async rulesWritten(
    writes: readonly {
      readonly type: string
      readonly id: string
      readonly resource: Resource | undefined
    }[],
  ): Promise<void> {
    const { rules } = this.#parts
    for (const { type } of writes) this.#definitionLabels.written(type)
    if (writes.some(({ type, id, resource }) => rules.concerns(type, resource, id))) await rules.committed()
  }

  /** Labels everything that depends on a resource as it will have to be once that is written. */
  async raise({ key, added }: TooManyDependents): Promise<void> {
    const name = nameOf(key)
    const known = this.#raised.get(name)
    if (known !== undefined && lacking(added, known.labels).length === 0) return known.done
    if (known !== undefined) clearTimeout(known.forget)
    const labels = known === undefined ? added : [...known.labels, ...lacking(added, known.labels)]
    // Should this process end before the write has come, the labels fall again.
    const done = this.#parts.later.note([key]).then(() => this.#raiseDependents(key))
    const forget = setTimeout(() => {
      if (this.#forget(name)) this.#parts.later.recompute([key]).catch(() => {})
    }, RAISED_FOR_MS).unref()
    this.#raised.set(name, { labels, done, forget })
    done.catch(() => this.#forget(name))
    return done
  }

  /**
   * Brings one stored resource, and all that depends on it, to the labels that it is to have now. Where too many depend
   * on it they are raised before, and lowered after.
   * @returns all that has changed
   */
  async relabel(key: ResourceKey): Promise<readonly LabelChange[]> {
    await this.#parts.rules.ready
    for (let round = 0; round < MOST_ROUNDS; round++) {
      let plan: LabelPlan | undefined
      try {
        plan = await this.#planner().replan(key)
      } catch (error) {
        if (!(error instanceof TooManyDependents)) throw error
        await this.raise(error)
        continue
      }
      const result = plan === undefined ? undefined : await this.#commit(plan)
      if (plan === undefined || result?.kind === 'committed') return changesOf(plan)
    }
    throw new Error('labels could not be brought up to date: others were always faster')
  }

  /** What is wrong with the rules that are stored. */
  get ruleFaults(): readonly RuleFault[] {
    return this.#parts.rules.faults
  }

  /** Why a stored resource is labelled as it is. */
  async explainStored(key: ResourceKey, resource: Resource, access: AccessFilter): Promise<LabelExplanation> {
    await this.#parts.rules.ready
    return explainStored(this.#explainParts(access), resource, key)
  }

  /** How a resource would be labelled, and why. Nothing is written. */
  async explainPosted(resource: Resource, access: AccessFilter): Promise<LabelExplanation> {
    await this.#parts.rules.ready
    return explainPosted(this.#explainParts(access), resource)
  }

  /** Leaves off raising where it stands: what was raised falls again when the next process starts. */
  close(): void {
    this.#closed = true
    for (const { forget } of this.#raised.values()) clearTimeout(forget)
  }

  async #commit(plan: LabelPlan): Promise<CommitResult> {
    if (plan.relabelled.length === 0) return { kind: 'committed', results: [] }
    const result = await this.#parts.store.commit({
      access: SEE_EVERYTHING,
      assertions: [],
      labels: plan.labels,
      referrers: plan.referrers,
      writes: this.putsOf(plan),
    })
    if (result.kind === 'committed') await this.committed(plan)
    return result
  }

  #explainParts(access: AccessFilter): ExplainParts {
    const { store, definitions, baseUrl, rules } = this.#parts
    return {
      store,
      access,
      rules: rules.rules,
      definitions,
      baseUrl,
      definitionLabels: this.#definitionLabels,
      referrers: (kind, key) => referrersAlong(store, kind, key),
    }
  }

  #planner(): LabelPlanner {
    const { store, definitions, baseUrl, rules, references, servesOthers, mostDependents } = this.#parts
    return new LabelPlanner({
      store,
      definitions,
      baseUrl,
      rules: rules.rules,
      definitionLabels: this.#definitionLabels,
      coming: (name) => this.#raised.get(name)?.labels ?? NOTHING,
      referencesMayDangle: references === 'off',
      mostDependents: mostDependents ?? MOST_DEPENDENTS,
      servesOthers,
    })
  }

  #putOf({ key: { type, id }, versionId, resource }: Relabelled): Put {
    return {
      kind: 'put',
      type,
      id,
      expect: { kind: 'version', versionId },
      method: 'PUT',
      body: bodyTemplate(resource, id),
      index: this.#parts.search.extract(resource),
      mustExist: [],
      relabels: true,
    }
  }

  async #raiseDependents(key: ResourceKey): Promise<void> {
    // Writes that began before may not know yet what is coming, and are done when the walk comes to them.
    await this.past()
    let behind: ResourceKey | undefined
    for (;;) {
      const page = await this.#parts.store.referrers(key, WALK_PAGE, behind)
      for (const referrer of page) {
        if (this.#closed) throw new Error('closing')
        await this.relabel(referrer)
      }
      behind = page.at(-1)
      if (page.length < WALK_PAGE) return
    }
  }

  /** Whether it was about to be raised. */
  #forget(name: string): boolean {
    const raised = this.#raised.get(name)
    if (raised !== undefined) clearTimeout(raised.forget)
    return this.#raised.delete(name)
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const turn = this.#walk.then(run, run)
    this.#walk = turn.catch(() => {})
    return turn
  }
}

function changesOf(plan: LabelPlan | undefined): readonly LabelChange[] {
  return (plan?.relabelled ?? []).map(({ key: { type }, before, labels }) => ({
    type,
    added: lacking(labels, before),
    removed: lacking(before, labels),
  }))
}
