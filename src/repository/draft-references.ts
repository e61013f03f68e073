// References of a transaction's resources: those to entries and to criteria become references to what is written or found.
import {
  eachReference,
  FhirError,
  mapReferences,
  parseReference,
  referencePlaces,
  type Definitions,
  type Resource,
} from '../fhir/index.ts'
import { SEE_EVERYTHING, type AccessFilter } from '../store/index.ts'
import { breathe } from './breathe.ts'
import type { CriteriaResolver } from './criteria.ts'
import type { RepositoryParts } from './parts.ts'
import { PendingChanges } from './pending-changes.ts'
import { inEntry, severalMatches } from './refusals.ts'
import type { PlannedTarget } from './targets.ts'

export interface Draft {
  readonly target: PlannedTarget
  readonly resource: Resource
}

/** `references`: the text of each, found in one walk. */
export interface LinkedDraft extends Draft {
  readonly references: readonly string[]
}

/** Whether anything is asked of what the resource refers to: else a caller who sees everything may refer to anything. */
export function areReferencesAsked(
  { parts, access }: { readonly parts: RepositoryParts; readonly access: AccessFilter },
  { resourceType }: Resource,
): boolean {
  return !CARRIERS.has(resourceType) && (parts.references === 'enforce' || access !== SEE_EVERYTHING)
}

interface LinkContext {
  readonly parts: RepositoryParts
  readonly criteria: CriteriaResolver
}

/** Those of a transaction, in the same order, with the references resolved that only there have a meaning. */
export async function linkDrafts(
  context: LinkContext,
  targets: readonly PlannedTarget[],
  drafts: readonly Draft[],
): Promise<readonly LinkedDraft[]> {
  const places = placesOf(targets)
  const linked = drafts.map((draft) => linkedBy(context, draft, places))
  const found = await resolveConditionalReferences(context, targets, linked)
  return found.size === 0
    ? linked
    : linked.map((draft) => ({
        ...draft,
        references: draft.references.map((text) => found.get(text) ?? text),
      }))
}

/** Outside of a transaction: its references are as they are. */
export function linkDraft(context: LinkContext, draft: Draft): LinkedDraft {
  return linkedBy(context, draft, NO_PLACES)
}

function linkedBy(context: LinkContext, draft: Draft, places: ReadonlyMap<string, string>): LinkedDraft {
  const { target, resource } = draft
  return { target, resource, references: settle(context, draft, places) }
}

const NO_PLACES: ReadonlyMap<string, string> = new Map()

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
  { parts }: LinkContext,
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
  { parts, criteria }: LinkContext,
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

export function isConditional(reference: string): boolean {
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

/** The first element with this reference. */
export function placeOf(resource: Resource, text: string, definitions: Definitions): string {
  return referencePlaces(resource, (it) => it === text, definitions)[0] ?? resource.resourceType
}

/** Types that carry other resources, whose references are resolved within the carrier (https://hl7.org/fhir/R4/bundle.html#references). */
const CARRIERS: ReadonlySet<string> = new Set(['Bundle', 'Parameters'])
