// Second half of planning a write: patches applied, references resolved, resources checked and made ready to store.
import {
  applyPatch,
  cloneJson,
  eachReference,
  FhirError,
  isJsonObject,
  mapReferences,
  parseReference,
  referencePlaces,
  type Definitions,
  type Issue,
  type Resource,
} from '../fhir/index.ts'
import { admits, type LabelLink } from '../access/index.ts'
import {
  SEE_EVERYTHING,
  type AccessFilter,
  type Delete,
  type Put,
  type ResourceIndex,
  type ResourceKey,
} from '../store/index.ts'
import { bodyTemplate } from './body-template.ts'
import { breathe } from './breathe.ts'
import type { CriteriaResolver } from './criteria.ts'
import type { LabelledDraft, LabelPlan } from './labelling/label-plan.ts'
import { loweredIssue } from './labelling/lowered.ts'
import { TooManyDependents } from './labelling/too-many-dependents.ts'
import { isBarredByUnseen } from './labelling/unseen-givers.ts'
import { PendingChanges } from './pending-changes.ts'
import type { RepositoryParts } from './parts.ts'
import { entryIssues, inEntry, severalMatches } from './refusals.ts'
import type { PlannedTarget } from './targets.ts'

export interface PlannedWrite {
  readonly target: PlannedTarget
  /** undefined when nothing is written. */
  readonly write: Put | Delete | undefined
  /** What a put writes. */
  readonly resource: Resource | undefined
  readonly warnings: readonly Issue[]
}

interface BodyContext {
  readonly parts: RepositoryParts
  readonly access: AccessFilter
  readonly criteria: CriteriaResolver
  /** Whether the writes came as a transaction: only there do references to entries and conditional references have a meaning. */
  readonly transaction: boolean
}

interface Draft {
  readonly target: PlannedTarget
  readonly resource: Resource
}

/** `references`: the text of each, found in one walk. */
interface LinkedDraft extends Draft {
  readonly references: readonly string[]
}

interface PlacedDraft extends LinkedDraft {
  /** Without the labels that were found. */
  readonly sent: Resource
  /** Along what it takes labels, or gives them. */
  readonly links: readonly LabelLink[]
}

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
  targets: readonly PlannedTarget[],
): Promise<PlannedBodies> {
  const drafts: Draft[] = []
  for (const target of targets)
    if (target.resource !== undefined) {
      const resource = await attempt(context, target, () => draftOf(context, target))
      drafts.push({ target, resource })
    }
  const linked = await linkDrafts(context, targets, drafts)

  const faults: Issue[] = []
  const warnings = new Map<PlannedTarget, readonly Issue[]>()
  for (const [step, [target, draft]] of [...linked].entries()) {
    await breathe(step, context.parts.servesOthers)
    const found = check(context, draft)
    faults.push(...found.errors)
    warnings.set(target, found.warnings)
  }
  if (faults.length > 0) throw new FhirError('invalid', faults)

  const deleted = targets.filter(({ action }) => action === 'delete').map(({ type, id }) => ({ type, id }))
  const { labels, labelled } = await labelDrafts(context, [...linked.values()], deleted)
  const written = namesOf(drafts)
  const writes: PlannedWrite[] = []
  for (const [step, target] of targets.entries()) {
    await breathe(step, context.parts.servesOthers)
    const { type, id, expect } = target
    const draft = labelled.get(target)
    if (draft === undefined) {
      const write: Delete | undefined =
        target.action === 'delete' ? { kind: 'delete', type, id, expect } : undefined
      writes.push({ target, write, resource: undefined, warnings: [] })
      continue
    }
    const { resource } = draft
    const write = await putOf(context, draft, written)
    writes.push({ target, write, resource, warnings: warnings.get(target) ?? [] })
  }
  return { writes, labels }
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
    const lowered = await loweredIssue(parts.store, access, draft.resource, planned)
    if (lowered !== undefined) {
      const error = new FhirError('business-rule', [lowered])
      throw transaction ? inEntry(error, draft.target.request.entry) : error
    }
    const { resource, links } = planned
    labelled.set(draft.target, { ...draft, resource, links, sent: draft.resource })
  }
  return { labels, labelled }
}

/** In a transaction, with the references resolved that only there have a meaning. */
async function linkDrafts(
  context: BodyContext,
  targets: readonly PlannedTarget[],
  drafts: readonly Draft[],
): Promise<ReadonlyMap<PlannedTarget, LinkedDraft>> {
  const { transaction } = context
  const places = transaction ? placesOf(targets) : new Map<string, string>()
  const linked = drafts.map(
    (draft): LinkedDraft => ({ ...draft, references: settle(context, draft, places) }),
  )
  const found = transaction
    ? await resolveConditionalReferences(context, targets, linked)
    : new Map<string, string>()
  return new Map(
    linked.map((draft) => [
      draft.target,
      found.size === 0
        ? draft
        : { ...draft, references: draft.references.map((text) => found.get(text) ?? text) },
    ]),
  )
}

async function draftOf(
  { parts, transaction }: BodyContext,
  { request, resource, type, id }: PlannedTarget,
): Promise<Resource> {
  const base = resource as Resource
  if (request.kind === 'patch') {
    const patched = await applyPatch(base, request.patch, parts.definitions)
    requireMeta(patched)
    return { ...patched, id }
  }
  if (base.resourceType !== type)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The resource is of type ${base.resourceType}, but was sent as ${type}.`,
        expression: 'Resource.resourceType',
      },
    ])
  if (request.kind === 'update' && 'id' in request.target && base.id !== request.target.id)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'value',
        diagnostics: `The resource must carry the id of the URL, ${request.target.id}${base.id === undefined ? '; it has none' : ''}.`,
        expression: `${type}.id`,
      },
    ])
  requireMeta(base)
  // References are rewritten in place, so a transaction works on a copy that a retry can make again.
  return { ...(transaction ? (cloneJson(base) as Resource) : base), id }
}

/** The server writes version and time into it, whatever validation may let through. */
function requireMeta({ resourceType, meta }: Resource): void {
  if (meta === undefined || isJsonObject(meta)) return
  throw new FhirError('invalid', [
    {
      severity: 'error',
      code: 'structure',
      diagnostics: 'meta must be an object (Meta).',
      expression: `${resourceType}.meta`,
    },
  ])
}

/** The resources that the entries make or find, by fullUrl. */
function placesOf(targets: readonly PlannedTarget[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const { request, action, type, id } of targets)
    if (request.fullUrl !== undefined && action !== 'delete' && action !== 'absent')
      places.set(request.fullUrl, `${type}/${id}`)
  return places
}

/**
 * References to the fullUrl of an entry become references to the resource that it makes or finds.
 * Returns the text of every Reference.reference then in the resource, contained ones included.
 */
function settle(
  { parts }: BodyContext,
  { target, resource }: Draft,
  places: ReadonlyMap<string, string>,
): readonly string[] {
  const texts: string[] = []
  const keep = CARRIERS.has(resource.resourceType) ? () => 0 : (text: string) => texts.push(text)
  if (places.size === 0) {
    eachReference(resource, (text, kind) => void (kind === 'reference' && keep(text)), parts.definitions)
    return texts
  }
  const base = restfulBase(target.request.fullUrl)
  const placeOfUrl = (url: string): string | undefined =>
    places.get(url) ?? (base === undefined ? undefined : places.get(base + url))
  const settled = (text: string): string => {
    const whole = placeOfUrl(text)
    if (whole !== undefined) return whole
    const end = text.search(/[#|]/)
    const place = end < 0 ? undefined : placeOfUrl(text.slice(0, end))
    return place === undefined ? text : place + text.slice(end)
  }
  mapReferences(
    resource,
    (text, kind) => {
      const now = settled(text)
      if (kind === 'reference') keep(now)
      return now
    },
    parts.definitions,
  )
  return texts
}

/** `https://other.example/fhir/` of `https://other.example/fhir/Patient/1`; relative references of the entry start there. */
function restfulBase(fullUrl: string | undefined): string | undefined {
  return fullUrl === undefined
    ? undefined
    : /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl)?.[1]
}

/**
 * `Patient?identifier=...` becomes a reference to the one resource that matches once the transaction is done.
 * Resolves to what each became.
 */
async function resolveConditionalReferences(
  { parts, criteria }: BodyContext,
  targets: readonly PlannedTarget[],
  drafts: readonly LinkedDraft[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const firstUse = new Map<string, Draft>()
  for (const draft of drafts)
    for (const text of draft.references)
      if (isConditional(text) && !firstUse.has(text)) firstUse.set(text, draft)
  if (firstUse.size === 0) return found

  const pending = new PendingChanges()
  for (const { action, type, id, request } of targets)
    if ((action === 'put' && request.kind !== 'create') || action === 'delete') pending.replace(type, id)
  for (const { target, resource } of drafts)
    pending.write(target.type, target.id, resource, (written) => parts.search.extract(written))

  let step = 0
  for (const [text, { target, resource }] of firstUse) {
    await breathe(step++, parts.servesOthers)
    try {
      found.set(text, await resolveConditionalReference(parts, criteria, text, pending))
    } catch (error) {
      if (!(error instanceof FhirError)) throw error
      const expression = placeOf(resource, text, parts.definitions)
      const issues = error.issues.map((issue) => ({ ...issue, expression }))
      throw inEntry(new FhirError(error.code, issues, { cause: error }), target.request.entry)
    }
  }
  for (const { resource } of drafts)
    mapReferences(
      resource,
      (text, kind) => (kind === 'reference' ? (found.get(text) ?? text) : text),
      parts.definitions,
    )
  return found
}

function isConditional(reference: string): boolean {
  return reference.includes('?') && parseReference(reference).kind === 'conditional'
}

async function resolveConditionalReference(
  { definitions }: RepositoryParts,
  criteria: CriteriaResolver,
  text: string,
  pending: PendingChanges,
): Promise<string> {
  const [type = '', query = ''] = text.split(/\?(.*)/s)
  if (!definitions.isResourceType(type))
    throw new FhirError('invalid', `The conditional reference ${text} is to a type that R4 does not have.`)
  const ids = await criteria.resolve(type, query, pending)
  if (ids.length > 1) throw severalMatches(type, query)
  if (ids.length === 0)
    throw new FhirError('precondition-failed', [
      {
        severity: 'error',
        code: 'not-found',
        diagnostics: `The conditional reference ${text} matches nothing; it must match exactly one resource.`,
      },
    ])
  return `${type}/${ids[0]}`
}

function check(
  { parts, transaction }: BodyContext,
  { target, resource, references }: LinkedDraft,
): { readonly errors: readonly Issue[]; readonly warnings: readonly Issue[] } {
  const issues = [...parts.validator.validate(resource), ...unresolvedIssues(parts, resource, references)]
  const placed = transaction ? entryIssues(issues, target.request.entry) : issues
  const errors = placed.filter(({ severity }) => severity === 'error' || severity === 'fatal')
  const warnings = placed.filter(({ severity }) => severity === 'warning')
  if (parts.validation === 'enforce' || errors.length === 0) return { errors, warnings }
  return {
    errors: [],
    warnings: [...errors.map((issue): Issue => ({ ...issue, severity: 'warning' })), ...warnings],
  }
}

/** References that only a transaction could have resolved, and that none did. */
function unresolvedIssues(
  { references: mode, definitions }: RepositoryParts,
  resource: Resource,
  references: readonly string[],
): readonly Issue[] {
  if (mode === 'off') return []
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

function placeOf(resource: Resource, text: string, definitions: Definitions): string {
  return referencePlaces(resource, (it) => it === text, definitions)[0] ?? resource.resourceType
}

/** What the labels would be is asked of each by itself: planning them together has stopped. @throws FhirError `forbidden` */
async function requireAdmission(context: BodyContext, drafts: readonly LinkedDraft[]): Promise<void> {
  const { parts, access } = context
  if (access === SEE_EVERYTHING) return
  const written = namesOf(drafts)
  for (const draft of drafts) {
    const { resource } = draft
    const explained = await parts.labelling?.explainPosted(resource, SEE_EVERYTHING)
    const labels = (explained?.labels ?? []).map(({ label }) => label)
    const index = { patients: parts.search.extract(resource).patients, labels }
    if (!admits(access, resource.resourceType, index)) await requireUnseen(context, draft, index, written)
  }
}

/**
 * For a write that leads to what the writer may not see: the store is to say that it refers to nothing, where it does.
 * @param written what the commit writes, by `Type/id`
 * @throws FhirError `forbidden` when it is not for that
 */
async function requireUnseen(
  { parts, access, transaction }: BodyContext,
  { target, resource, references }: LinkedDraft,
  index: Pick<ResourceIndex, 'patients'>,
  written: ReadonlySet<string>,
): Promise<void> {
  const others = mustExistOf(parts, references).filter(({ type, id }) => !written.has(`${type}/${id}`))
  if (await isBarredByUnseen(parts, access, resource, index, others)) return
  const error = new FhirError('forbidden', `You may not write a ${target.type} with this content.`)
  throw transaction ? inEntry(error, target.request.entry) : error
}

function namesOf(drafts: readonly Draft[]): ReadonlySet<string> {
  return new Set(drafts.map(({ target: { type, id } }) => `${type}/${id}`))
}

function mustExistOf(
  { references: mode, baseUrl }: RepositoryParts,
  references: readonly string[],
): readonly ResourceKey[] {
  return mode === 'enforce' ? localTargets(references, baseUrl) : []
}

/** @param written what the commit writes, by `Type/id` */
async function putOf(
  context: BodyContext,
  { target, resource, references, sent, links }: PlacedDraft,
  written: ReadonlySet<string>,
): Promise<Put> {
  const { parts, access } = context
  const { type, id, expect } = target
  const { kind } = target.request
  const index = parts.labelling?.indexOf(resource, links) ?? parts.search.extract(resource)
  const mustExist = mustExistOf(parts, references)
  if (!admits(access, type, index))
    await requireUnseen(context, { target, resource: sent, references }, index, written)
  return {
    kind: 'put',
    type,
    id,
    expect,
    method: kind === 'create' ? 'POST' : kind === 'patch' ? 'PATCH' : 'PUT',
    body: bodyTemplate(resource, id),
    index,
    mustExist,
  }
}

function localTargets(references: readonly string[], baseUrl: string): readonly ResourceKey[] {
  const targets = new Map<string, ResourceKey>()
  for (const text of references) {
    const reference = parseReference(text, baseUrl)
    if (reference.kind === 'local')
      targets.set(`${reference.type}/${reference.id}`, { type: reference.type, id: reference.id })
  }
  return [...targets.values()]
}

/** Types that carry other resources, whose references are resolved within the carrier (https://hl7.org/fhir/R4/bundle.html#references). */
const CARRIERS: ReadonlySet<string> = new Set(['Bundle', 'Parameters'])

async function attempt<Result>(
  { transaction }: BodyContext,
  { request }: PlannedTarget,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof FhirError && transaction ? inEntry(error, request.entry) : error
  }
}
