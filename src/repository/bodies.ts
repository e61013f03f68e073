// Second half of planning a write: patches applied, references resolved, resources checked and made ready to store.
import { FhirError, parseReference, type Issue, type Resource } from '../fhir/index.ts'
import { admits, labelLinks, loweredBy, takerOf, type LabelLink } from '../access/index.ts'
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type Delete,
  type Put,
  type ResourceIndex,
  type ResourceKey,
} from '../store/index.ts'
import { bodyTemplate, type SentText } from './body-template.ts'
import { breathe } from './breathe.ts'
import type { CriteriaResolver } from './criteria.ts'
import { draftOf } from './draft.ts'
import {
  isConditional,
  linkDraft,
  linkDrafts,
  placeOf,
  type Draft,
  type LinkedDraft,
} from './draft-references.ts'
import {
  areGoverned,
  domainChanges,
  domainIssues,
  governTargets,
  planFollowUps,
  type Governed,
  type GovernedChange,
} from './follow-ups.ts'
import { nameOf } from './labelling/label-graph.ts'
import type { LabelledDraft, LabelPlan } from './labelling/label-plan.ts'
import { loweredIssue } from './labelling/lowered.ts'
import { TooManyDependents } from './labelling/too-many-dependents.ts'
import { isBarredByUnseen } from './labelling/unseen-givers.ts'
import type { RepositoryParts } from './parts.ts'
import { entryIssues, inEntry } from './refusals.ts'
import type { PlannedTarget } from './targets.ts'
import { WrittenAlong } from './written-along.ts'

export interface PlannedWrite {
  readonly target: PlannedTarget
  /** undefined when nothing is written. */
  readonly write: Put | Delete | undefined
  /** What a put writes. */
  readonly resource: Resource | undefined
  readonly warnings: readonly Issue[]
}

export interface BodyContext {
  readonly parts: RepositoryParts
  readonly access: AccessFilter
  readonly criteria: CriteriaResolver
  /** Whether the writes came as a transaction: only there do references to entries and conditional references have a meaning. */
  readonly transaction: boolean
}

interface PlacedDraft extends LinkedDraft {
  /** Without the labels that were found. */
  readonly sent: Resource
  /** Along what it takes labels, or gives them. */
  readonly links: readonly LabelLink[]
}

interface SortedIssues {
  readonly errors: readonly Issue[]
  readonly warnings: readonly Issue[]
}

const NO_ISSUES: readonly Issue[] = Object.freeze([])
const NO_KEYS: readonly ResourceKey[] = Object.freeze([])
const NO_FAULTS: SortedIssues = Object.freeze({ errors: NO_ISSUES, warnings: NO_ISSUES })
const NOT_GOVERNED: Governed = new Map()

export interface PlannedBodies {
  /** In the order of the targets. */
  readonly writes: readonly PlannedWrite[]
  /** What labelling makes of them; undefined where nothing is labelled. */
  readonly labels: LabelPlan | undefined
}

/**
 * @throws FhirError with the faults of all entries
 * @throws TooManyDependents
 */
export async function planBodies(
  context: BodyContext,
  asked: readonly PlannedTarget[],
): Promise<PlannedBodies> {
  const { parts, transaction } = context
  const { targets, governed } = areGoverned(parts, asked)
    ? await governTargets(context, asked)
    : { targets: asked, governed: NOT_GOVERNED }
  const drafts: Draft[] = []
  for (const target of targets)
    if (target.resource !== undefined) {
      const resource = draftOf(context, target)
      drafts.push({ target, resource: resource instanceof Promise ? await resource : resource })
    }
  const linked = transaction
    ? await linkDrafts(context, targets, drafts)
    : drafts.map((draft) => linkDraft(context, draft))

  const faults: Issue[] = []
  const warnings = new Map<PlannedTarget, readonly Issue[]>()
  for (const [step, draft] of linked.entries()) {
    const pause = breathe(step, parts.servesOthers)
    if (pause !== undefined) await pause
    const found = check(context, draft)
    faults.push(...found.errors)
    if (found.warnings.length > 0) warnings.set(draft.target, found.warnings)
  }
  if (faults.length > 0) throw new FhirError('invalid', faults)
  const following = governed.size === 0 ? [] : await whatFollows(context, targets, linked, governed, warnings)
  const all = following.length === 0 ? linked : [...linked, ...following.map(linkedFollowUp)]

  const deleted = targets.filter(({ action }) => action === 'delete').map(({ type, id }) => ({ type, id }))
  const { labels, labelled } = await labelDrafts(context, all, deleted)
  const writes: PlannedWrite[] = []
  for (const [step, target] of [...targets, ...following].entries()) {
    const pause = breathe(step, parts.servesOthers)
    if (pause !== undefined) await pause
    const { type, id, expect } = target
    const draft = labelled.get(target)
    if (draft === undefined) {
      const write: Delete | undefined =
        target.action === 'delete' ? { kind: 'delete', type, id, expect } : undefined
      writes.push({ target, write, resource: undefined, warnings: warnings.get(target) ?? NO_ISSUES })
      continue
    }
    const { resource } = draft
    const write = putOf(context, draft)
    if (!target.byServer && !admits(context.access, type, write.index))
      await requireUnseen(context, { ...draft, resource: draft.sent }, write.index, all)
    writes.push({ target, write, resource, warnings: warnings.get(target) ?? NO_ISSUES })
  }
  return { writes, labels }
}

/**
 * What rules of the domain have written along with what they look at.
 * @param warnings takes what they warn of
 * @throws FhirError `business-rule`
 */
async function whatFollows(
  context: BodyContext,
  targets: readonly PlannedTarget[],
  linked: readonly LinkedDraft[],
  governed: Governed,
  warnings: Map<PlannedTarget, readonly Issue[]>,
): Promise<readonly PlannedTarget[]> {
  const byTarget = new Map(linked.map((draft) => [draft.target, draft]))
  const changes = domainChanges(governed, byTarget)
  const along = writtenAlong(context, targets, byTarget, governed)
  const broken = await domainFaults(context, changes, along, warnings)
  if (broken.length > 0) throw new FhirError('business-rule', broken)
  return planFollowUps(context, changes, targets, along)
}

function writtenAlong(
  { parts }: BodyContext,
  targets: readonly PlannedTarget[],
  linked: ReadonlyMap<PlannedTarget, LinkedDraft>,
  governed: Governed,
): WrittenAlong {
  const along = new WrittenAlong((resource) => parts.search.extract(resource))
  for (const target of targets)
    if (target.action === 'put' || target.action === 'delete')
      along.add(target, linked.get(target)?.resource, governed.get(target))
  return along
}

/** What rules of the domain find, errors and all else apart; with ALCOVE_VALIDATION=warn as warnings. */
async function domainFaults(
  context: BodyContext,
  changes: readonly GovernedChange[],
  along: WrittenAlong,
  warnings: Map<PlannedTarget, readonly Issue[]>,
): Promise<readonly Issue[]> {
  const faults: Issue[] = []
  for (const { target, issues } of await domainIssues(context, changes, along)) {
    const found = sorted(context.parts, issues)
    faults.push(...found.errors)
    warnings.set(target, [...(warnings.get(target) ?? []), ...found.warnings])
  }
  return faults
}

/** What it refers to is what it follows from, or was read for it: nothing is left to settle. */
function linkedFollowUp(target: PlannedTarget): LinkedDraft {
  return { target, resource: target.resource as Resource, references: [] }
}

/** The drafts with their labels in them. */
async function labelDrafts(
  context: BodyContext,
  drafts: readonly LinkedDraft[],
  deleted: readonly ResourceKey[],
): Promise<{
  readonly labels: LabelPlan | undefined
  readonly labelled: ReadonlyMap<PlannedTarget, PlacedDraft>
}> {
  const { parts, access, transaction } = context
  const { labelling } = parts
  if (labelling === undefined)
    return {
      labels: undefined,
      labelled: new Map(drafts.map((draft) => [draft.target, { ...draft, links: [], sent: draft.resource }])),
    }
  const asked = drafts.map(({ target: { type, id, request }, resource }) => ({
    key: { type, id },
    resource,
    isNew: request.kind === 'create',
  }))
  const labels = await labelling.plan(asked, deleted).catch(async (error: unknown) => {
    if (error instanceof TooManyDependents) await requireAdmission(context, drafts)
    throw error
  })
  const labelled = new Map<PlannedTarget, PlacedDraft>()
  for (const [at, draft] of drafts.entries()) {
    const planned = labels.drafts[at] as LabelledDraft
    const lowered =
      draft.target.byServer || loweredBy(draft.resource, planned.labels) === undefined
        ? undefined
        : await loweredIssue(parts.store, access, draft.resource, planned)
    if (lowered !== undefined) {
      const error = new FhirError('business-rule', [lowered])
      throw transaction ? inEntry(error, draft.target.request.entry) : error
    }
    const { resource, links } = planned
    const { target, references } = draft
    labelled.set(target, { target, references, resource, links, sent: draft.resource })
  }
  return { labels, labelled }
}

/** What is wrong with a draft, and what is to be warned of. */
function check(
  { parts, transaction }: BodyContext,
  { target, resource, references }: LinkedDraft,
): SortedIssues {
  const unresolved = unresolvedIssues(parts, resource, references)
  const invalid = parts.validator.validate(resource)
  if (invalid.length === 0 && unresolved.length === 0) return NO_FAULTS
  const issues = [...invalid, ...unresolved]
  return sorted(parts, transaction ? entryIssues(issues, target.request.entry) : issues)
}

function sorted({ validation }: RepositoryParts, placed: readonly Issue[]): SortedIssues {
  const errors = placed.filter(({ severity }) => severity === 'error' || severity === 'fatal')
  const warnings = placed.filter(({ severity }) => severity === 'warning')
  if (validation === 'enforce' || errors.length === 0) return { errors, warnings }
  return {
    errors: [],
    warnings: [...errors.map((issue): Issue => ({ ...issue, severity: 'warning' })), ...warnings],
  }
}

/** References that only a transaction could have resolved, and that none did. */
export function unresolvedIssues(
  { references: mode, definitions }: RepositoryParts,
  resource: Resource,
  references: readonly string[],
): readonly Issue[] {
  if (mode === 'off' || references.length === 0) return NO_ISSUES
  const issues: Issue[] = []
  for (const text of references) {
    let diagnostics: string | undefined
    if (text.startsWith('urn:uuid:'))
      diagnostics = `The reference ${text} is the fullUrl of no entry of this transaction.`
    else if (isConditional(text))
      diagnostics = `The conditional reference ${text} is resolved only within a transaction Bundle.`
    if (diagnostics !== undefined)
      issues.push({
        severity: 'error',
        code: 'value',
        diagnostics,
        expression: placeOf(resource, text, definitions),
      })
  }
  return issues
}

/** What the labels would be is asked of each by itself: planning them together has stopped. @throws FhirError `forbidden` */
async function requireAdmission(context: BodyContext, drafts: readonly LinkedDraft[]): Promise<void> {
  const { parts, access } = context
  if (access === SEE_EVERYTHING) return
  for (const draft of drafts) {
    const { resource } = draft
    const explained = await parts.labelling?.explainPosted(resource, SEE_EVERYTHING)
    const labels = (explained?.labels ?? []).map(({ label }) => label)
    const index = { patients: parts.search.extract(resource).patients, labels }
    if (!admits(access, resource.resourceType, index)) await requireUnseen(context, draft, index, drafts)
  }
}

/**
 * For a write that leads to what the writer may not see: the store is to say that it refers to nothing, where it does.
 * @param all that the commit writes
 * @throws FhirError `forbidden` when it is not for that
 */
async function requireUnseen(
  { parts, access, transaction }: BodyContext,
  { target, resource, references }: LinkedDraft,
  index: Pick<ResourceIndex, 'patients'>,
  all: readonly Draft[],
): Promise<void> {
  const written = new Set(all.map((draft) => `${draft.target.type}/${draft.target.id}`))
  const mustExist = mustExistOf(parts, access, resource, references)
  const others = mustExist.filter(({ type, id }) => !written.has(`${type}/${id}`))
  if (await isBarredByUnseen(parts, access, resource, index, others)) return
  const error = new FhirError('forbidden', `You may not write a ${target.type} with this content.`)
  throw transaction ? inEntry(error, target.request.entry) : error
}

/**
 * Where references may lead to nothing, a caller from whom something is hidden must still see whatever labels are taken
 * from: to be refused only where it is there would tell that it is.
 */
function mustExistOf(
  { references: mode, baseUrl, definitions, labelling }: RepositoryParts,
  access: AccessFilter,
  resource: Resource,
  references: readonly string[],
): readonly ResourceKey[] {
  if (mode === 'enforce') return localTargets(references, baseUrl)
  if (access === SEE_EVERYTHING || labelling === undefined) return NO_KEYS
  const givers = labelLinks(resource, definitions, baseUrl).filter(({ kind }) => takerOf(kind) === 'resource')
  const names = new Set(givers.map((link) => nameOf(link.target)))
  return localTargets(references, baseUrl).filter((key) => names.has(nameOf(key)))
}

/** The write of a draft that is labelled. */
export function putOf(
  { parts, access, transaction }: BodyContext,
  { target, resource, references, links }: PlacedDraft,
): Put {
  const { type, id, expect } = target
  const { kind } = target.request
  const index = parts.labelling?.indexOf(resource, links) ?? parts.search.extract(resource)
  const body = bodyTemplate(resource, id, transaction ? undefined : sentTextOf(target))
  if (target.byServer)
    return { kind: 'put', type, id, expect, method: 'PUT', body, index, mustExist: [], byServer: true }
  return {
    kind: 'put',
    type,
    id,
    expect,
    method: kind === 'create' ? 'POST' : kind === 'patch' ? 'PATCH' : 'PUT',
    body,
    index,
    mustExist: mustExistOf(parts, access, resource, references),
  }
}

/** Of a transaction's resources the references may have been rewritten. */
function sentTextOf({ request }: PlannedTarget): SentText | undefined {
  if (request.kind !== 'create' && request.kind !== 'update') return undefined
  const { resource, text } = request
  return text === undefined ? undefined : { resource, text }
}

function localTargets(references: readonly string[], baseUrl: string): readonly ResourceKey[] {
  if (references.length === 0) return NO_KEYS
  const targets = new Map<string, ResourceKey>()
  for (const text of references) {
    const reference = parseReference(text, baseUrl)
    if (reference.kind === 'local')
      targets.set(`${reference.type}/${reference.id}`, { type: reference.type, id: reference.id })
  }
  return [...targets.values()]
}
