// What rules of the domain make of the writes of one plan: their faults, and what is written along.
import { FhirError, parseJson, type Issue, type Resource } from '../fhir/index.ts'
import {
  and,
  lastUpdatedMatch,
  SEE_EVERYTHING,
  searchQuery,
  type AccessFilter,
  type Expectation,
  type MatchAssertion,
  type StoredVersion,
} from '../store/index.ts'
import { breathe } from './breathe.ts'
import { everyMatch } from './every-match.ts'
import type { RepositoryParts } from './parts.ts'
import { entryIssues, inEntry } from './refusals.ts'
import type { PlannedTarget } from './targets.ts'
import { knownVersion, lastVersions } from './known-version.ts'
import type { DomainChange, FollowUp, World, WorldView } from './write-rules.ts'
import type { WrittenAlong } from './written-along.ts'

/** A change that rules look at, and where it comes from. */
export interface GovernedChange {
  readonly target: PlannedTarget
  readonly change: DomainChange
}

interface RulesContext {
  readonly parts: RepositoryParts
  readonly access: AccessFilter
  /** Takes what the turn must find true again. */
  readonly criteria: { readonly assertions: MatchAssertion[] }
  readonly transaction: boolean
}

/** Targets that rules look at, with the version that each replaces as the caller may see it. */
export type Governed = ReadonlyMap<PlannedTarget, Replaced>

export interface Replaced {
  /** undefined where there is no current version. */
  readonly resource: Resource | undefined
  /** Of a deletion too; 0 where there never was one. */
  readonly versionId: number
}

/** Whether rules look at any of the targets. */
export function areGoverned({ writeRules }: RepositoryParts, targets: readonly PlannedTarget[]): boolean {
  return writeRules !== undefined && targets.some(({ type }) => writeRules.types.has(type))
}

/**
 * The targets, and which of them rules look at. What rules look at stays as they saw it: a target that might be at any
 * version is held to the one that was read.
 */
export async function governTargets(
  { parts, access }: RulesContext,
  targets: readonly PlannedTarget[],
): Promise<{ readonly targets: readonly PlannedTarget[]; readonly governed: Governed }> {
  const { writeRules, store } = parts
  const governed = new Map<PlannedTarget, Replaced>()
  if (writeRules === undefined) return { targets, governed }
  const held: PlannedTarget[] = []
  for (const target of targets) {
    const { action, type, id, request, expect } = target
    if ((action !== 'put' && action !== 'delete') || !writeRules.types.has(type)) {
      held.push(target)
      continue
    }
    const before = request.kind === 'create' ? undefined : await store.read({ type, id }, access)
    const known = { ...target, expect: expect.kind === 'any' ? expectationOf(before) : expect }
    held.push(known)
    governed.set(known, {
      resource: before?.body === undefined ? undefined : (parseJson(before.body) as Resource),
      versionId: before?.versionId ?? 0,
    })
  }
  return { targets: held, governed }
}

/** @param written what each target puts */
export function domainChanges(
  governed: Governed,
  written: ReadonlyMap<PlannedTarget, { readonly resource: Resource }>,
): readonly GovernedChange[] {
  return [...governed].map(([target, before]) => ({
    target,
    change: {
      type: target.type,
      id: target.id,
      before: before.resource,
      after: written.get(target)?.resource,
      isNew: target.request.kind === 'create',
      isAsked: 'follows' in target.request && target.request.follows === true,
    },
  }))
}

/** Faults that the rules find, as they are told of their entries. */
export async function domainIssues(
  context: RulesContext,
  governed: readonly GovernedChange[],
  along: WrittenAlong,
): Promise<readonly { readonly target: PlannedTarget; readonly issues: readonly Issue[] }[]> {
  const { parts, transaction } = context
  const { writeRules, servesOthers } = parts
  if (writeRules === undefined || governed.length === 0) return []
  const world = worldOf(context, along)
  const found: { readonly target: PlannedTarget; readonly issues: readonly Issue[] }[] = []
  for (const [step, { target, change }] of governed.entries()) {
    await breathe(step, servesOthers)
    const { entry } = target.request
    const issues = await writeRules.check(change, world).catch((error: unknown) => {
      throw transaction && error instanceof FhirError ? inEntry(error, entry) : error
    })
    found.push({ target, issues: transaction ? entryIssues(issues, entry) : issues })
  }
  return found
}

/**
 * Targets for what follows from the changes.
 * @throws FhirError `business-rule` when it is not valid, or the caller writes the same resource
 */
export async function planFollowUps(
  context: RulesContext,
  governed: readonly GovernedChange[],
  targets: readonly PlannedTarget[],
  along: WrittenAlong,
): Promise<readonly PlannedTarget[]> {
  const { parts, transaction } = context
  const { writeRules, servesOthers } = parts
  if (writeRules === undefined || governed.length === 0) return []
  const world = worldOf(context, along)
  const written = new Set(targets.map(({ type, id }) => `${type}/${id}`))
  const followed = new Set<string>()
  const planned: PlannedTarget[] = []
  for (const [step, { target, change }] of governed.entries()) {
    await breathe(step, servesOthers)
    for (const followUp of await writeRules.follow(change, world)) {
      const key = `${followUp.type}/${followUp.id}`
      // What several changes make of the same is written once.
      if (followed.has(key)) continue
      const fault = written.has(key) ? writtenTwice(key, change) : invalidFollowUp(parts, followUp)
      if (fault !== undefined) throw transaction ? inEntry(fault, target.request.entry) : fault
      followed.add(key)
      planned.push(targetOf(followUp, target.request.entry))
    }
  }
  return planned
}

function targetOf({ type, id, resource, expect }: FollowUp, entry: number): PlannedTarget {
  return {
    request: { kind: 'update', target: { type, id }, resource, entry },
    type,
    id,
    action: 'put',
    expect,
    resource: { ...resource, id },
    byServer: true,
  }
}

function expectationOf(version: StoredVersion | undefined): Expectation {
  return version?.body === undefined ? { kind: 'absent' } : { kind: 'version', versionId: version.versionId }
}

function writtenTwice(key: string, { type, id }: DomainChange): FhirError {
  return new FhirError('business-rule', [
    {
      severity: 'error',
      code: 'business-rule',
      diagnostics: `${key} is written by this server because of ${type}/${id}; it cannot be written in the same transaction.`,
    },
  ])
}

function invalidFollowUp(
  { validator, validation }: RepositoryParts,
  { type, resource, expect }: FollowUp,
): FhirError | undefined {
  // What has been stored invalid, by whomever, does not keep others from what they write, nor is it told to them.
  if (validation === 'warn' || expect.kind === 'version') return undefined
  const errors = validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
  if (errors.length === 0) return undefined
  return new FhirError(
    'business-rule',
    errors.map((issue) => ({
      ...issue,
      diagnostics: `The ${type} that follows from this write would not be valid: ${issue.diagnostics}`,
    })),
  )
}

function worldOf({ parts, access, criteria }: RulesContext, along: WrittenAlong): World {
  return {
    ...viewOf(parts, SEE_EVERYTHING, along),
    visible: viewOf(parts, access, along),
    async hold(type, where) {
      const newestFirst = searchQuery({
        type,
        where,
        sort: [{ by: 'lastUpdated', descending: true }],
        count: 1,
      })
      const { matches } = await parts.store.search(newestFirst, access)
      const [newest] = matches
      // Later than the newest one that there is, or any at all.
      const later = (last: number) => lastUpdatedMatch({ comparator: 'gt', low: last, high: last + 1 })
      const unseen = newest === undefined ? where : and([where, later(newest.lastUpdated)])
      criteria.assertions.push({ type, where: unseen, ids: [] })
    },
  }
}

function viewOf(
  { store, typeChanges }: RepositoryParts,
  access: AccessFilter,
  along: WrittenAlong,
): WorldView {
  return {
    stateOf(type) {
      return access !== SEE_EVERYTHING || along.hasType(type) ? undefined : typeChanges?.of(type)
    },
    async read(type, id) {
      if (along.has(type, id)) return along.read(type, id)
      const version = await store.read({ type, id }, access)
      return version === undefined ? undefined : knownVersion(version)
    },
    async search(query) {
      const { matches } = await store.search(query, access)
      return along.among(
        query,
        matches.flatMap((version) => knownVersion(version) ?? []),
      )
    },
    async every(query, most) {
      return along.among(query, await everyMatch(query, most, (page) => store.search(page, access)))
    },
    async earlier(type, id) {
      const { versions } = await store.history(lastVersions(type, id), access)
      return versions.flatMap((version) => knownVersion(version) ?? [])
    },
  }
}
