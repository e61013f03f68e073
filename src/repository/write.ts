// The write path: plan against what is there, commit on condition that it still is, and plan anew when it is not.
import { FhirError, parseReference, referencePlaces, type Resource } from '../fhir/index.ts'
import type { SearchLookup } from '../search/index.ts'
import {
  stampBody,
  type AccessFilter,
  type Commit,
  type CommitResult,
  type Delete,
  type Put,
  type ResourceKey,
  type StoredVersion,
  type WriteResult,
} from '../store/index.ts'
import { over } from './asked-parts.ts'
import { planBodies, type BodyContext, type PlannedBodies, type PlannedWrite } from './bodies.ts'
import { CriteriaResolver } from './criteria.ts'
import { SEARCH_PARAMETER, type ParameterChange } from './custom-parameters.ts'
import { foreseenRefusal } from './foreseen-refusal.ts'
import type { LabelPlan } from './labelling/label-plan.ts'
import { TooManyDependents } from './labelling/too-many-dependents.ts'
import { linesOf, mayWait } from './lines-of.ts'
import type { RepositoryParts } from './parts.ts'
import { planOne } from './plan-one.ts'
import { alreadyThere, inEntry, missingReferences, noSuchResource, versionMismatch } from './refusals.ts'
import type { TransactionRequest, WriteOutcome } from './requests.ts'
import type { WritePlace } from './write-lines.ts'
import { planTargets, type PlannedTarget } from './targets.ts'

/** Rounds in which others were always faster. Far beyond what a hundred clients racing for one resource need. */
const MOST_ROUNDS = 500

interface Plan {
  readonly writes: readonly PlannedWrite[]
  readonly labels: LabelPlan | undefined
  /** First what was asked for, then what is labelled anew because of it. */
  readonly commit: Commit
}

/** What is to be written, and for whom. */
class Asked {
  readonly parts: RepositoryParts
  readonly access: AccessFilter
  readonly lookup: () => SearchLookup
  readonly requests: readonly TransactionRequest[]
  readonly transaction: boolean
  #ids: Map<TransactionRequest, string> | undefined

  constructor(
    parts: RepositoryParts,
    access: AccessFilter,
    lookup: () => SearchLookup,
    requests: readonly TransactionRequest[],
    transaction: boolean,
  ) {
    this.parts = parts
    this.access = access
    this.lookup = lookup
    this.requests = requests
    this.transaction = transaction
  }

  /** The same over all attempts, so that a retry does not make another resource. */
  idFor(request: TransactionRequest): string {
    const known = this.#ids?.get(request)
    if (known !== undefined) return known
    const id = this.parts.newId()
    this.#ids ??= new Map()
    this.#ids.set(request, id)
    return id
  }
}

/**
 * All of the requests or none. Outcomes stand in the order of the requests.
 * @throws FhirError as `Repository.write` says
 */
export async function executeWrites(
  parts: RepositoryParts,
  access: AccessFilter,
  lookup: () => SearchLookup,
  requests: readonly TransactionRequest[],
  transaction: boolean,
): Promise<readonly WriteOutcome[]> {
  const asked = new Asked(parts, access, lookup, requests, transaction)
  const { customParameters } = parts
  await parts.installed
  let raised: Set<string> | undefined
  let isDone = false
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const done = await (customParameters !== undefined && requests.some(isAboutParameter)
        ? customParameters.alone(() => attemptWrites(asked))
        : attemptWrites(asked))
      if (!(done instanceof TooManyDependents)) {
        isDone = true
        return done
      }
      await refuseBeforeRaising(asked)
      // Not within the write's own epoch, for it waits until all have ended that began before.
      raised ??= new Set()
      await parts.labelling?.raise(done, raised)
    }
  } finally {
    if (raised !== undefined) await parts.labelling?.release(raised, isDone)
  }
  throw othersWereFaster()
}

function isAboutParameter(request: TransactionRequest): boolean {
  return (request.kind === 'create' ? request : request.target).type === SEARCH_PARAMETER
}

/**
 * What will be refused raises nothing: whoever may not write it would leave traces on all that depends on it.
 * @throws FhirError
 */
async function refuseBeforeRaising(asked: Asked): Promise<void> {
  const { parts, access, transaction } = asked
  const unlabelled = over(parts, { labelling: undefined })
  const plan = await planCommit(asked, unlabelled)
  const result = await foreseenRefusal(parts.store, access, plan.commit.writes)
  if (result === undefined) return
  const write = plan.commit.writes[result.write]
  const planned = plan.writes.find((candidate) => candidate.write === write)
  const error = planned === undefined ? undefined : refusalOf(parts, planned, result)
  if (planned !== undefined && error !== undefined)
    throw transaction ? inEntry(error, planned.target.request.entry) : error
}

/** By one set of rules: these change between writes, or when all have ended that began before. */
async function attemptWrites(asked: Asked): Promise<readonly WriteOutcome[] | TooManyDependents> {
  const { parts, access, transaction } = asked
  const parameterEpoch = parts.customParameters?.enter()
  const labelEpoch = parts.labelling?.enter()
  let place: WritePlace | undefined
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const planning = planCommit(asked, parts)
      const plan = planning instanceof Promise ? await planning : planning
      // Those in line have lost already: who comes now and goes ahead of them makes them lose again.
      if (!parts.lines.areEmpty) {
        place ??= parts.lines.place()
        if (place.isBehind(linesOf(plan)) && (await mayWait(parts.store, access, plan))) {
          await place.take(linesOf(plan))
          continue
        }
      }
      const isAboutParameters = plan.commit.writes.some(({ type }) => type === SEARCH_PARAMETER)
      const parameters = isAboutParameters ? await checkParameters(parts, plan, transaction) : NO_CHANGES
      const result = await commitPlan(parts, plan)
      if (result.kind === 'committed') {
        place?.leave()
        takeParameters(parts, plan, parameters, result)
        parts.typeChanges?.committed(plan.commit.writes)
        const taken = takeLabels(parts, plan)
        if (taken !== undefined) await taken
        const outcomes = outcomesOf(asked, plan, result)
        return outcomes instanceof Promise ? await outcomes : outcomes
      }
      const refusal = refusalOfPlan(parts, plan, result, transaction)
      if (refusal !== undefined) throw refusal
      if (await mayWait(parts.store, access, plan)) {
        place ??= parts.lines.place()
        await place.take(linesOf(plan))
      }
    }
  } catch (error) {
    if (error instanceof TooManyDependents) return error
    throw error
  } finally {
    place?.leave()
    parameterEpoch?.leave()
    labelEpoch?.leave()
  }
  throw othersWereFaster()
}

/** undefined: it was planned on what is no longer so. */
function refusalOfPlan(
  parts: RepositoryParts,
  plan: Plan,
  result: Exclude<CommitResult, { kind: 'committed' }>,
  transaction: boolean,
): FhirError | undefined {
  if (result.kind === 'matches-changed' || result.kind === 'labels-changed') return undefined
  const write = plan.commit.writes[result.write]
  const planned = plan.writes.find((candidate) => candidate.write === write)
  // Else what was to be labelled anew has changed meanwhile.
  if (planned === undefined) return undefined
  const error = refusalOf(parts, planned, result)
  return error !== undefined && transaction ? inEntry(error, planned.target.request.entry) : error
}

function othersWereFaster(): FhirError {
  return new FhirError('overloaded', 'Too many others are changing the same resources; try again.', {
    retryAfterSeconds: 1,
  })
}

/** At once where nothing has to be waited for. `parts`: those of what is asked, or without some. */
function planCommit(asked: Asked, parts: RepositoryParts): Plan | Promise<Plan> {
  const { access, transaction } = asked
  const criteria = new CriteriaResolver(parts.store, parts.search, access, asked.lookup)
  const context: BodyContext = { parts, access, criteria, transaction }
  const targets = planTargets(
    {
      store: parts.store,
      access,
      criteria,
      extract: (resource) => parts.search.extract(resource),
      servesOthers: parts.servesOthers,
      newId: (request) => asked.idFor(request),
    },
    asked.requests,
    transaction,
  )
  return targets instanceof Promise
    ? targets.then((planned) => planFor(context, planned))
    : planFor(context, targets)
}

function planFor(context: BodyContext, targets: readonly PlannedTarget[]): Plan | Promise<Plan> {
  const one = planOne(context, targets)
  return one === undefined
    ? planBodies(context, targets).then((bodies) => planOf(context, bodies))
    : planOf(context, one)
}

function planOf({ parts, access, criteria }: BodyContext, { writes, labels }: PlannedBodies): Plan {
  const all: (Put | Delete)[] = []
  for (const { write } of writes) if (write !== undefined) all.push(write)
  if (labels !== undefined && labels.relabelled.length > 0)
    all.push(...(parts.labelling?.putsOf(labels) ?? []))
  return {
    writes,
    labels,
    commit: {
      access,
      assertions: criteria.assertions,
      labels: labels?.labels ?? [],
      referrers: labels?.referrers ?? [],
      writes: all,
    },
  }
}

const NO_CHANGES: readonly ParameterChange[] = Object.freeze([])

/** What the plan makes of the search parameters. @throws FhirError `business-rule` */
async function checkParameters(
  { customParameters }: RepositoryParts,
  { writes }: Plan,
  transaction: boolean,
): Promise<readonly ParameterChange[]> {
  if (customParameters === undefined) return []
  return customParameters.check(
    writes.flatMap(({ target, write, resource }) =>
      write?.type === SEARCH_PARAMETER
        ? {
            id: target.id,
            resource,
            told: (error) => (transaction ? inEntry(error, target.request.entry) : error),
          }
        : [],
    ),
  )
}

function takeParameters(
  { customParameters }: RepositoryParts,
  { commit }: Plan,
  changes: readonly ParameterChange[],
  { results }: Extract<CommitResult, { kind: 'committed' }>,
): void {
  if (changes.length === 0) return
  const versionIds = commit.writes.flatMap(({ type, id }, place) =>
    type === SEARCH_PARAMETER ? [[id, (results[place] as (typeof results)[number]).versionId] as const] : [],
  )
  customParameters?.committed(changes, new Map(versionIds))
}

/** undefined where labelling has nothing to do with what was written. */
function takeLabels({ labelling }: RepositoryParts, { writes, labels }: Plan): Promise<void> | undefined {
  if (labelling === undefined || labels === undefined) return undefined
  const isConcerned = writes.some(
    ({ target, write, resource }) =>
      write !== undefined && labelling.concerns(target.type, resource, target.id),
  )
  if (!isConcerned && labels.lowered.length === 0) return undefined
  const written = writes.flatMap(({ target: { type, id }, write, resource }) =>
    write === undefined ? [] : [{ type, id, resource }],
  )
  return labelling.committed(labels).then(() => labelling.rulesWritten(written))
}

/** A plan that writes nothing needs no turn: what it found is committed already. */
function commitPlan({ store }: RepositoryParts, { commit }: Plan): Promise<CommitResult> {
  return commit.writes.length === 0
    ? Promise.resolve({ kind: 'committed', results: [] })
    : store.commit(commit)
}

/** undefined: the plan was made on what is no longer so, and nothing the client asked for stands against another. */
function refusalOf(
  parts: RepositoryParts,
  { target, write, resource }: PlannedWrite,
  result: Exclude<CommitResult, { kind: 'committed' | 'matches-changed' }>,
): FhirError | undefined {
  const { type, id, request } = target
  switch (result.kind) {
    case 'hidden':
      // A delete was planned on what could be seen, which it no longer can: planned anew, there is nothing.
      if (request.kind === 'delete') return undefined
      if ('ifMatch' in request && request.ifMatch !== undefined) return versionMismatch(type, id, undefined)
      return noSuchResource(type, id)
    case 'missing-references':
      return missingReferences(result.missing, (key) => placeOf(parts, resource as Resource, key))
    case 'unexpected-version': {
      if (request.kind === 'update' && request.ifNoneMatch !== undefined) return alreadyThere(type, id)
      if ('ifMatch' in request && request.ifMatch !== undefined && request.ifMatch !== '*')
        return versionMismatch(type, id, result.current)
      return write?.expect.kind === 'any'
        ? new FhirError('internal', 'The write could not be done.')
        : undefined
    }
  }
}

/** What a conditional create found; when others have deleted it since, the version that they deleted. */
async function matched(
  { store }: RepositoryParts,
  access: AccessFilter,
  key: ResourceKey,
): Promise<StoredVersion | undefined> {
  const current = await store.read(key, access)
  return current?.change === 'delete' ? store.readVersion(key, current.versionId - 1, access) : current
}

/** Where the resource refers to this one. */
function placeOf(
  { definitions, baseUrl }: RepositoryParts,
  resource: Resource,
  { type, id }: ResourceKey,
): string {
  const isIt = (text: string): boolean => {
    const reference = parseReference(text, baseUrl)
    return reference.kind === 'local' && reference.type === type && reference.id === id
  }
  return referencePlaces(resource, isIt, definitions)[0] ?? resource.resourceType
}

/** At once, unless something is to be answered that was there already. */
function outcomesOf(
  { parts, access, requests }: Asked,
  { writes }: Plan,
  { results }: Extract<CommitResult, { kind: 'committed' }>,
): readonly WriteOutcome[] | Promise<readonly WriteOutcome[]> {
  const [only] = writes
  if (only !== undefined && writes.length === 1) {
    const outcome = outcomeOf(parts, access, only, results[0])
    return outcome instanceof Promise ? outcome.then((known) => [known]) : [outcome]
  }
  const byRequest = new Map<TransactionRequest, WriteOutcome | Promise<WriteOutcome>>()
  let written = 0
  for (const planned of writes) {
    // Results stand in the order of the writes.
    const result = planned.write === undefined ? undefined : results[written++]
    byRequest.set(planned.target.request, outcomeOf(parts, access, planned, result))
  }
  const outcomes = requests.map((request) => byRequest.get(request) as WriteOutcome | Promise<WriteOutcome>)
  return outcomes.some((outcome) => outcome instanceof Promise)
    ? Promise.all(outcomes)
    : (outcomes as readonly WriteOutcome[])
}

/** @param result undefined where nothing was to be written */
function outcomeOf(
  parts: RepositoryParts,
  access: AccessFilter,
  { target, write, warnings }: PlannedWrite,
  result: WriteResult | undefined,
): WriteOutcome | Promise<WriteOutcome> {
  const { type, id, action } = target
  if (write === undefined || result === undefined)
    return action === 'existing'
      ? matched(parts, access, { type, id }).then((version) => ({
          outcome: version === undefined ? 'absent' : 'existing',
          version,
          warnings,
        }))
      : { outcome: 'absent', version: undefined, warnings }
  const { outcome, versionId } = result
  if (outcome === 'absent') return { outcome, version: undefined, warnings }
  if (outcome === 'unchanged')
    return parts.store
      .readVersion({ type, id }, versionId, access)
      .then((version) => ({ outcome, version, warnings }))
  return { outcome, version: new WrittenVersion(write, outcome, result), warnings }
}

const CHANGES = { created: 'create', updated: 'update', deleted: 'delete' } as const

class WrittenVersion implements StoredVersion {
  readonly type: string
  readonly id: string
  readonly versionId: number
  readonly lastUpdated: number
  readonly change: StoredVersion['change']
  readonly method: StoredVersion['method']
  readonly #write: Put | Delete
  #body: Buffer | undefined

  constructor(write: Put | Delete, outcome: keyof typeof CHANGES, { versionId, lastUpdated }: WriteResult) {
    this.type = write.type
    this.id = write.id
    this.versionId = versionId
    this.lastUpdated = lastUpdated
    this.change = CHANGES[outcome]
    this.method = write.kind === 'put' ? write.method : 'DELETE'
    this.#write = write
  }

  /** Made when it is asked for: most answers to transactions leave it out. */
  get body(): Buffer | undefined {
    const write = this.#write
    if (write.kind === 'put') this.#body ??= stampBody(write.body, this.versionId, this.lastUpdated)
    return this.#body
  }
}
