// Labels in the write path: what is written, what depends on it, and what must be raised before it may be written.
import type { Definitions, Resource } from '../../fhir/index.ts'
import type { LabelLink, LabelRules, LinkedSearch, RuleFault } from '../../access/index.ts'
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type CommitResult,
  type Put,
  type ResourceIndex,
  type ResourceKey,
  type SecurityLabel,
  type Store,
} from '../../store/index.ts'
import { bodyTemplate } from '../body-template.ts'
import { breathe } from '../breathe.ts'
import { WriteEpochs, type Epoch } from '../write-epochs.ts'
import { DefinitionLabels, isDefinition } from './definition-labels.ts'
import { explainPosted, explainStored, type ExplainParts, type LabelExplanation } from './explain.ts'
import { lacking, nameOf } from './label-graph.ts'
import { referrersAlong } from './label-givers.ts'
import type { LabelDraft, LabelPlan, Relabelled } from './label-plan.ts'
import { LabelPlanner, type LabelPlannerParts } from './label-planner.ts'
import { Raising, type LabelsLater } from './raising.ts'
import { separatePlan } from './separate-plan.ts'
import { speak, type Spoken } from './spoken.ts'
import { TooManyDependents } from './too-many-dependents.ts'

/** The rules by which the server labels, as far as labelling looks at them. */
export interface RulesInForce {
  /** Resolves when there are some. */
  readonly ready: Promise<void>
  /** Whether there are some by now. */
  readonly isReady: boolean
  readonly rules: LabelRules
  /** What is wrong with those that are stored. */
  readonly faults: readonly RuleFault[]
  /** Whether a write of this may change them; `resource` undefined for a deletion. */
  concerns(type: string, resource: Resource | undefined, id: string): boolean
  /** Takes up what has been written. */
  committed(): Promise<void>
}

export interface LabellingParts {
  readonly store: Store
  readonly definitions: Definitions
  readonly search: LinkedSearch
  readonly baseUrl: string
  readonly rules: RulesInForce
  /** Whether a reference to a resource of this server must find it. */
  readonly references: 'enforce' | 'off'
  readonly servesOthers?: boolean | undefined
  readonly later: LabelsLater
  /** Resources that one commit may relabel beside those that it is asked to write; 1,000 when not given. */
  readonly mostDependents?: number
}

/** `resource` is undefined for a deletion. */
interface WrittenResource extends ResourceKey {
  readonly resource: Resource | undefined
}

/** A resource that has come to other labels. */
export interface LabelChange {
  readonly type: string
  readonly added: readonly SecurityLabel[]
  readonly removed: readonly SecurityLabel[]
}

const MOST_DEPENDENTS = 1000
/** Records that follow a definition, of which each is noted to be labelled anew; beyond them all are. */
const MOST_FOLLOWERS = 1000
/** Rounds in which others were always faster. */
const MOST_ROUNDS = 500

export class Labelling {
  readonly #parts: LabellingParts
  readonly #epochs = new WriteEpochs()
  readonly #definitionLabels: DefinitionLabels
  readonly #raising: Raising
  #partsByRules: LabelPlannerParts | undefined
  #turn: Promise<unknown> = Promise.resolve()
  /** Those that have yet to find what followed a definition while that was written. */
  readonly #looking = new Set<Promise<unknown>>()

  constructor(parts: LabellingParts) {
    this.#parts = parts
    this.#definitionLabels = new DefinitionLabels(parts.store, () => parts.rules.rules)
    this.#raising = new Raising({
      store: parts.store,
      later: parts.later,
      past: () => this.past(),
      relabel: (key) => this.relabel(key),
    })
  }

  /** A write begins; it is to leave the epoch when it has ended. */
  enter(): Epoch {
    return this.#epochs.enter()
  }

  /** Resolves when all writes have ended that had begun when it was called. */
  past(): Promise<void> {
    return this.#inTurn(() => this.#epochs.past())
  }

  /** @throws TooManyDependents */
  async plan(drafts: readonly LabelDraft[], deleted: readonly ResourceKey[]): Promise<LabelPlan> {
    await this.#parts.rules.ready
    const parts = this.#plannerParts()
    const spoken: Spoken[] = []
    for (const [step, { resource }] of drafts.entries()) {
      const pause = breathe(step, parts.servesOthers)
      if (pause !== undefined) await pause
      const said = speak(parts, resource)
      spoken.push(said instanceof Promise ? await said : said)
    }
    const plan = deleted.length === 0 ? await separatePlan(parts, drafts, spoken) : undefined
    return plan ?? new LabelPlanner(parts).plan(drafts, spoken, deleted)
  }

  /** What `plan` comes to for one resource, where nothing has to be waited for; undefined otherwise. */
  planAtOnce(draft: LabelDraft): LabelPlan | undefined {
    if (!this.#parts.rules.isReady) return undefined
    const parts = this.#plannerParts()
    const said = speak(parts, draft.resource)
    const plan = said instanceof Promise ? undefined : separatePlan(parts, [draft], [said])
    return plan instanceof Promise ? undefined : plan
  }

  /** By what the store finds a resource of which the links are known. */
  indexOf(resource: Resource, links: readonly LabelLink[]): ResourceIndex {
    return this.#parts.search.extractLinked(resource, links)
  }

  /** What a commit writes beside what it was asked to. */
  putsOf({ relabelled }: LabelPlan): readonly Put[] {
    return relabelled.map((one) => this.#putOf(one))
  }

  /** Whether `rulesWritten` has anything to do with a write; `resource` undefined for a deletion. */
  concerns(type: string, resource: Resource | undefined, id: string): boolean {
    return isDefinition(type) || this.#parts.rules.concerns(type, resource, id)
  }

  /** To be told of a plan that has been committed. */
  async committed({ lowered }: LabelPlan): Promise<void> {
    if (lowered.length > 0) await this.#parts.later.recompute(lowered)
  }

  /** To be told of what was written: new rules hold when it resolves. */
  async rulesWritten(writes: readonly WrittenResource[]): Promise<void> {
    const { rules } = this.#parts
    const definitions = writes.filter(({ type }) => isDefinition(type))
    if (definitions.length > 0) {
      const known = await this.#relabelFollowers(definitions, new Set())
      // Writes that began before may have gone by what is no more, and be there only when they have ended.
      if (known !== undefined) this.#look(() => this.#relabelFollowers(definitions, known))
    }
    if (writes.some(({ type, id, resource }) => rules.concerns(type, resource, id))) await rules.committed()
  }

  /** When all writes have ended that have begun. */
  #look(find: () => Promise<unknown>): void {
    const looking = this.past().then(find)
    this.#looking.add(looking)
    void looking.then(() => this.#looking.delete(looking))
  }

  /**
   * Has those labelled anew that follow what was written.
   * @param but names of those that are labelled anew already
   * @returns the names of all; undefined when it could not be told, or there are too many, and all is gone through
   */
  async #relabelFollowers(
    definitions: readonly { readonly type: string; readonly resource: Resource | undefined }[],
    but: ReadonlySet<string>,
  ): Promise<ReadonlySet<string> | undefined> {
    const { later } = this.#parts
    // They are written already: when it cannot be told what follows them, all is gone through.
    const followers = await this.#followersOf(definitions).catch(() => undefined)
    if (followers === undefined || followers.length > MOST_FOLLOWERS) {
      await later.everything()
      return undefined
    }
    const others = followers.filter((key) => !but.has(nameOf(key)))
    if (others.length > 0) await later.recompute(others)
    return new Set(followers.map(nameOf))
  }

  /** Records that follow the definitions among them. */
  async #followersOf(
    writes: readonly { readonly type: string; readonly resource: Resource | undefined }[],
  ): Promise<readonly ResourceKey[]> {
    const followers: ResourceKey[] = []
    for (const { type, resource } of writes)
      followers.push(...(await this.#definitionLabels.written(type, resource, MOST_FOLLOWERS + 1)))
    return followers
  }

  /**
   * Labels everything that depends on a resource as it will have to be once that is written; `release` must follow.
   * @param held names that this write has raised already
   */
  raise(tooMany: TooManyDependents, held: Set<string>): Promise<void> {
    return this.#raising.raise(tooMany, held)
  }

  /** The write that something was raised for is done, or will not be. */
  release(held: ReadonlySet<string>, isDone: boolean): Promise<void> {
    return this.#raising.release(held, isDone)
  }

  /**
   * Brings one stored resource, and all that depends on it, to the labels that it is to have now. Where too many depend
   * on it they are raised before, and lowered after.
   * @returns all that has changed
   */
  async relabel(key: ResourceKey): Promise<readonly LabelChange[]> {
    await this.#parts.rules.ready
    const held = new Set<string>()
    try {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const done = await this.#attempt(key)
        if (done === 'changed meanwhile') continue
        if (done instanceof TooManyDependents) {
          await this.raise(done, held)
          continue
        }
        await this.release(held, true)
        return done
      }
    } catch (error) {
      await this.release(held, false)
      throw error
    }
    await this.release(held, false)
    throw new Error('labels could not be brought up to date: others were always faster')
  }

  async #attempt(
    key: ResourceKey,
  ): Promise<readonly LabelChange[] | TooManyDependents | 'changed meanwhile'> {
    const epoch = this.enter()
    try {
      const plan = await new LabelPlanner(this.#plannerParts()).replan(key)
      if (plan === undefined) return []
      const { kind } = await this.#commit(plan)
      return kind === 'committed' ? changesOf(plan) : 'changed meanwhile'
    } catch (error) {
      if (error instanceof TooManyDependents) return error
      throw error
    } finally {
      epoch.leave()
    }
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

  /**
   * Leaves off raising where it stands: what was raised falls again when the next process starts. Resolves when all is
   * noted that is to be labelled anew because of what was written.
   */
  async close(): Promise<void> {
    this.#raising.close()
    await Promise.all(this.#looking)
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

  /** One plan goes by the same rules to its end. */
  #plannerParts(): LabelPlannerParts {
    const { rules } = this.#parts.rules
    if (this.#partsByRules?.rules !== rules) this.#partsByRules = this.#plannerPartsBy(rules)
    return this.#partsByRules
  }

  #plannerPartsBy(rules: LabelRules): LabelPlannerParts {
    const { store, definitions, baseUrl, references, servesOthers, mostDependents } = this.#parts
    return {
      store,
      definitions,
      baseUrl,
      rules,
      definitionLabels: this.#definitionLabels,
      coming: (name) => this.#raising.coming(name),
      referencesMayDangle: references === 'off',
      mostDependents: mostDependents ?? MOST_DEPENDENTS,
      servesOthers,
    }
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
      byServer: true,
    }
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(run, run)
    this.#turn = turn.catch(() => {})
    return turn
  }
}

function changesOf({ relabelled }: LabelPlan): readonly LabelChange[] {
  return relabelled.map(({ key: { type }, before, labels }) => ({
    type,
    added: lacking(labels, before),
    removed: lacking(before, labels),
  }))
}
