// First half of planning a write: which resource each request is about, and what must hold of it
// (https://hl7.org/fhir/R4/http.html#cond-update, #transaction for the order).
import { FhirError, ID_PATTERN, parseJson, type Resource } from '../fhir/index.ts'
import type { AccessFilter, Expectation, ResourceIndex, Store, StoredVersion } from '../store/index.ts'
import { breathe } from './breathe.ts'
import type { CriteriaResolver } from './criteria.ts'
import { PendingChanges } from './pending-changes.ts'
import {
  alreadyThere,
  inEntry,
  noSuchResource,
  resourceDeleted,
  severalMatches,
  versionMismatch,
} from './refusals.ts'
import type {
  DeleteRequest,
  IfMatch,
  PatchRequest,
  Target,
  TransactionRequest,
  UpdateRequest,
} from './requests.ts'

export interface PlannedTarget {
  readonly request: TransactionRequest
  readonly type: string
  readonly id: string
  /** `existing` and `absent` write nothing. */
  readonly action: 'put' | 'delete' | 'existing' | 'absent'
  readonly expect: Expectation
  /** What a put starts from: the resource sent, or for a patch the current version's. */
  readonly resource: Resource | undefined
  /** Written by the server because of what was asked for. */
  readonly byServer?: true
}

interface TargetContext {
  readonly store: Store
  readonly access: AccessFilter
  readonly criteria: CriteriaResolver
  /** The id of the resource that this request makes: the same in every round. */
  readonly newId: (request: TransactionRequest) => string
  readonly extract: (resource: Resource) => ResourceIndex
  /** See `RepositoryParts`. */
  readonly servesOthers: boolean | undefined
}

const ANY: Expectation = { kind: 'any' }
const ABSENT: Expectation = { kind: 'absent' }

const ORDER = { delete: 0, create: 1, update: 2, patch: 2 } as const

/**
 * Targets in the order in which R4 has them processed; at once for a single request for which nothing is looked up.
 * @throws FhirError for criteria that match several, versions that do not fit, and identities that overlap
 */
export function planTargets(
  context: TargetContext,
  requests: readonly TransactionRequest[],
  transaction: boolean,
): readonly PlannedTarget[] | Promise<readonly PlannedTarget[]> {
  if (requests.length > 1 || transaction) return planAll(context, requests, transaction)
  // Nothing comes before the one, or stands against it: as nearly always.
  const planned = planTarget(context, requests[0] as TransactionRequest, undefined)
  return planned instanceof Promise ? planned.then((target) => [target]) : [planned]
}

async function planAll(
  context: TargetContext,
  requests: readonly TransactionRequest[],
  transaction: boolean,
): Promise<readonly PlannedTarget[]> {
  const ordered = [...requests].sort((a, b) => ORDER[a.kind] - ORDER[b.kind])
  const targets: PlannedTarget[] = []
  const pending = new PendingChanges()
  const taken = new Map<string, number>()
  for (const [step, request] of ordered.entries()) {
    const pause = breathe(step, context.servesOthers)
    if (pause !== undefined) await pause
    try {
      const planned = planTarget(context, request, pending)
      const target = planned instanceof Promise ? await planned : planned
      claim(taken, target)
      remember(pending, context, target)
      targets.push(target)
    } catch (error) {
      throw error instanceof FhirError && transaction ? inEntry(error, request.entry) : error
    }
  }
  return targets
}

/** No two writes of one transaction may be about the same resource. */
function claim(taken: Map<string, number>, { action, type, id, request }: PlannedTarget): void {
  if (action === 'existing' || action === 'absent') return
  const key = `${type}/${id}`
  const earlier = taken.get(key)
  if (earlier !== undefined)
    throw new FhirError('invalid', [
      {
        severity: 'error',
        code: 'duplicate',
        diagnostics: `${key} is written by Bundle.entry[${earlier}] and Bundle.entry[${request.entry}]; a transaction may write a resource once.`,
      },
    ])
  taken.set(key, request.entry)
}

function remember(pending: PendingChanges, { extract }: TargetContext, target: PlannedTarget): void {
  const { action, type, id, request, resource } = target
  if (action === 'existing' || action === 'absent') return
  if (request.kind !== 'create') pending.replace(type, id)
  if (resource !== undefined) pending.write(type, id, { ...resource, id }, extract)
}

/**
 * At once where nothing has to be looked up.
 * @param pending what comes before it in the same transaction
 */
function planTarget(
  context: TargetContext,
  request: TransactionRequest,
  pending: PendingChanges | undefined,
): PlannedTarget | Promise<PlannedTarget> {
  switch (request.kind) {
    case 'create': {
      const { type, resource, ifNoneExist } = request
      const made = (): PlannedTarget => ({
        request,
        type,
        id: context.newId(request),
        action: 'put',
        expect: ABSENT,
        resource,
      })
      if (ifNoneExist === undefined) return made()
      return findOne(context, type, ifNoneExist, pending).then((id) =>
        id === undefined
          ? made()
          : { request, type, id, action: 'existing', expect: ANY, resource: undefined },
      )
    }
    case 'update':
      return planUpdate(context, request, pending)
    case 'patch':
      return planPatch(context, request, pending)
    case 'delete':
      return planDelete(context, request, pending)
  }
}

/** What is hidden is deleted with the same answer as what never was: there is nothing, and nothing is done. */
async function planDelete(
  context: TargetContext,
  request: TransactionRequest & DeleteRequest,
  pending: PendingChanges | undefined,
): Promise<PlannedTarget> {
  const { target, ifMatch } = request
  const { type } = target
  const id = 'id' in target ? target.id : await findOne(context, type, target.criteria, pending)
  const current = id === undefined ? undefined : await context.store.read({ type, id }, context.access)
  if (id !== undefined && current?.body !== undefined) {
    const expect = await expectMatch(context, type, id, ifMatch)
    return { request, type, id, action: 'delete', expect, resource: undefined }
  }
  if (ifMatch !== undefined) throw versionMismatch(type, id ?? '?', undefined)
  return { request, type, id: id ?? '', action: 'absent', expect: ANY, resource: undefined }
}

function planUpdate(
  context: TargetContext,
  request: TransactionRequest & UpdateRequest,
  pending: PendingChanges | undefined,
): PlannedTarget | Promise<PlannedTarget> {
  const { target, resource, ifMatch, ifNoneMatch } = request
  const sent = sentId(target.type, resource)
  if ('id' in target && ifMatch === undefined)
    return updateOf(request, target.id, ifNoneMatch === undefined ? ANY : ABSENT)
  return planLookedUp(context, request, sent, pending)
}

/** @param sent the id in the resource */
async function planLookedUp(
  context: TargetContext,
  request: TransactionRequest & UpdateRequest,
  sent: string | undefined,
  pending: PendingChanges | undefined,
): Promise<PlannedTarget> {
  const { target, ifMatch, ifNoneMatch } = request
  const { type } = target
  const put = (id: string, expect: Expectation): PlannedTarget => updateOf(request, id, expect)
  const expectationFor = async (id: string): Promise<Expectation> =>
    ifNoneMatch === undefined ? expectMatch(context, type, id, ifMatch) : ABSENT

  if ('id' in target) return put(target.id, await expectationFor(target.id))

  const found = await findOne(context, type, target.criteria, pending)
  if (found !== undefined) {
    if (sent !== undefined && sent !== found)
      throw new FhirError('invalid', [
        {
          severity: 'error',
          code: 'value',
          diagnostics: `The criteria match ${type}/${found}, but the resource says id ${sent}: leave the id out, or send that of the match.`,
          expression: `${type}.id`,
        },
      ])
    if (ifNoneMatch !== undefined) throw alreadyThere(type, found)
    return put(found, await expectationFor(found))
  }
  if (ifMatch !== undefined) throw versionMismatch(type, sent ?? '?', undefined)
  if (sent === undefined) return put(context.newId(request), ABSENT)
  const there = await context.store.read({ type, id: sent }, context.access)
  if (there?.body !== undefined)
    throw new FhirError('conflict', [
      {
        severity: 'error',
        code: 'conflict',
        diagnostics: `Nothing matches the criteria, but ${type}/${sent} exists already: update it by its id.`,
        expression: `${type}.id`,
      },
    ])
  return put(sent, ABSENT)
}

function updateOf(
  request: TransactionRequest & UpdateRequest,
  id: string,
  expect: Expectation,
): PlannedTarget {
  const { target, resource } = request
  return { request, type: target.type, id, action: 'put', expect, resource }
}

/** An id becomes part of URLs, whatever validation may let through. */
function sentId(type: string, { id }: Resource): string | undefined {
  if (id === undefined || (typeof id === 'string' && ID_PATTERN.test(id))) return id
  throw new FhirError('invalid', [
    {
      severity: 'error',
      code: 'value',
      diagnostics: 'The id is not one: right would be 1 to 64 letters, digits, "-" and ".".',
      expression: `${type}.id`,
    },
  ])
}

async function planPatch(
  context: TargetContext,
  request: TransactionRequest & PatchRequest,
  pending: PendingChanges | undefined,
): Promise<PlannedTarget> {
  const { target, ifMatch } = request
  const { type } = target
  const id = 'id' in target ? target.id : await findOne(context, type, target.criteria, pending)
  if (id === undefined)
    throw new FhirError('not-found', `Nothing matches ${describe(target)}: there is nothing to patch.`)
  const current = await currentVersion(context, type, id)
  requireMatch(type, id, current, ifMatch)
  return {
    request,
    type,
    id,
    action: 'put',
    expect: { kind: 'version', versionId: current.versionId },
    resource: parseJson(current.body) as Resource,
  }
}

async function currentVersion(
  { store, access }: TargetContext,
  type: string,
  id: string,
): Promise<StoredVersion & { readonly body: Buffer }> {
  const current = await store.read({ type, id }, access)
  if (current === undefined) throw noSuchResource(type, id)
  if (current.body === undefined) throw resourceDeleted(type, id)
  return current as StoredVersion & { readonly body: Buffer }
}

async function findOne(
  { criteria }: TargetContext,
  type: string,
  text: string,
  pending: PendingChanges | undefined,
): Promise<string | undefined> {
  const ids = await criteria.resolve(type, text, pending ?? new PendingChanges())
  if (ids.length > 1) throw severalMatches(type, text)
  return ids[0]
}

/** A single version goes straight to the turn; a list or `*` is settled against the current version first. */
async function expectMatch(
  { store, access }: TargetContext,
  type: string,
  id: string,
  ifMatch: IfMatch | undefined,
): Promise<Expectation> {
  if (ifMatch === undefined) return ANY
  if (ifMatch !== '*' && ifMatch.versions.length === 1) {
    const versionId = asVersionNumber(ifMatch.versions[0] as string)
    if (versionId !== undefined) return { kind: 'version', versionId }
  }
  const current = await store.read({ type, id }, access)
  if (current?.body === undefined) throw versionMismatch(type, id, undefined)
  requireMatch(type, id, current, ifMatch)
  return { kind: 'version', versionId: current.versionId }
}

function requireMatch(type: string, id: string, current: StoredVersion, ifMatch: IfMatch | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return
  if (!ifMatch.versions.includes(String(current.versionId)))
    throw versionMismatch(type, id, current.versionId)
}

function asVersionNumber(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined
}

function describe(target: Target): string {
  return 'id' in target ? `${target.type}/${target.id}` : `${target.type}?${target.criteria}`
}
