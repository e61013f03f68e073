// What is written along with a response: what its score makes, or takes back.
import { FhirError, isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { DomainChange, FollowUp, KnownVersion, World, WorldView } from '../../repository/index.ts'
import { searchQuery, tokenMatch } from '../../store/index.ts'
import { raisedBy } from './alerts.ts'
import { amended } from './amendment.ts'
import {
  idOf,
  partNameOf,
  RESPONSE_IDENTIFIER,
  type MadeType,
  type Making,
  type Part,
  type WantedPart,
  withId,
} from './made-from.ts'
import { labelsGivenBy } from './labels-given.ts'
import { isDone, sourceOf } from './response-source.ts'
import { resultsOf } from './results.ts'
import type { ScoredResponse } from './scored.ts'
import { broughtBack, withdrawn } from './withdrawal.ts'

const TYPES: readonly MadeType[] = ['Observation', 'Flag', 'Task']

/** How many ids are tried for one resource: others may have taken some. */
const MOST_ATTEMPTS = 32
/** More than a response makes. */
const MOST_KNOWN = 2000

export interface Scoring {
  /** undefined when nothing is known of how the response is scored. */
  score(response: Resource): Promise<ScoredResponse | undefined>
  /** Who is to act on what the response tells: a Reference. */
  owner(response: Resource): Promise<Making['owner']>
}

/** @throws FhirError `conflict` when no id is left for what is to be made */
export async function followResponse(
  { id, before, after, isNew }: DomainChange,
  world: World,
  scoring: Scoring,
  known: readonly KnownVersion[],
): Promise<readonly FollowUp[]> {
  const done = isDone(after) ? after : undefined
  const scored = done === undefined ? undefined : await scoring.score(done)
  const wanted = done === undefined || scored === undefined ? [] : wantedParts(scored, done, id)
  const subjects = new Set([subjectOf(before), subjectOf(after), undefined])
  const stored = new Map<string, KnownVersion>()
  for (const version of known) {
    const name = partNameOf(version.resource, id)
    if (name !== undefined && subjects.has(subjectOf(version.resource)))
      stored.set(`${version.resource.resourceType}/${name}`, version)
  }
  const places = new Map<string, Place>()
  for (const { part } of wanted)
    places.set(keyOf(part), stored.get(keyOf(part)) ?? (await placeFor(part, subjects, isNew, world)))
  const made = done === undefined ? [] : await madeAt(wanted, places, done, scoring)
  const rest = [...stored].filter(([key]) => !places.has(key)).map(([, version]) => version)
  return [...made, ...rest.flatMap((version) => takenBack(version, done))]
}

/** What a response makes when nothing of it is stored, by ids that nothing else has. */
export function wantedParts(scored: ScoredResponse, response: Resource, id: string): readonly WantedPart[] {
  const source = sourceOf(response, id)
  const wanted = [...resultsOf(scored, source), ...raisedBy(scored.alerts, source)]
  const labels = labelsGivenBy(scored.instrument.questionnaire)
  if (labels.length === 0) return wanted
  // Who may not see the Questionnaire would else see what it asks, and what it makes of the answers.
  const security = labels.map(({ system, code }) => ({ system, code }))
  return wanted.map(({ part, build }) => ({
    part,
    build: (making) => labelledWith(security, build(making)),
  }))
}

function labelledWith(security: JsonObject[], resource: Resource): Resource {
  return { ...resource, meta: { ...(isJsonObject(resource.meta) ? resource.meta : {}), security } }
}

/** What was made from the response before, whatever has become of it. */
export async function knownFrom(responseId: string, view: WorldView): Promise<readonly KnownVersion[]> {
  const where = tokenMatch('identifier', RESPONSE_IDENTIFIER, responseId)
  const found: KnownVersion[] = []
  for (const type of TYPES)
    found.push(...(await view.search(searchQuery({ type, where, count: MOST_KNOWN }))))
  return found
}

/** Of what is stored there; without a version, where nothing is. */
type Place = KnownVersion | { readonly id: string; readonly resource?: undefined }

/** As `partNameOf` tells it. */
function keyOf(part: Part): string {
  return `${part.type}/${part.name}`
}

async function placeFor(
  part: Part,
  subjects: ReadonlySet<string | undefined>,
  isNew: boolean,
  { read }: World,
): Promise<Place> {
  if (isNew) return { id: part.name }
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const id = idOf(part, attempt)
    const there = await read(part.type, id)
    if (there === undefined) return { id }
    const { resource } = there
    if (partNameOf(resource, part.responseId) === part.name && subjects.has(subjectOf(resource))) return there
  }
  throw new FhirError(
    'conflict',
    `Every id for what follows from QuestionnaireResponse/${part.responseId} is taken.`,
  )
}

async function madeAt(
  wanted: readonly WantedPart[],
  places: ReadonlyMap<string, Place>,
  response: Resource,
  scoring: Scoring,
): Promise<readonly FollowUp[]> {
  const placeOf = (part: Part): Place => places.get(keyOf(part)) as Place
  const isBuilt = wanted.some(({ part }) => {
    if (part.type !== 'Task') return false
    const { resource } = placeOf(part)
    return resource === undefined || subjectOf(resource) !== subjectOf(response)
  })
  const making: Making = {
    idOf: (part) => placeOf(part).id,
    owner: isBuilt ? await scoring.owner(response) : undefined,
  }
  const followUps: FollowUp[] = []
  for (const { part, build } of wanted) {
    const place = placeOf(part)
    const { type } = part
    const { id } = place
    const made = withId(build(making), id)
    if (place.resource === undefined) {
      followUps.push({ type, id, resource: made, expect: { kind: 'absent' } })
      continue
    }
    const resource = changed(place.resource, made)
    if (resource !== undefined) followUps.push(replacing(place, resource))
  }
  return followUps
}

/** What is stored as it is to be now; undefined when it stays as it is. */
function changed(stored: Resource, made: Resource): Resource | undefined {
  if (made.resourceType === 'Observation') return amended(stored, made)
  // It was about somebody else: what has been done about it then is not done for this one.
  if (subjectOf(stored) !== subjectOf(made)) return { ...made, meta: stored['meta'] }
  return broughtBack(stored)
}

/** A danger that has been seen stays, or comes back, though other answers do not tell of it: people are to say that it is none. */
function takenBack(version: KnownVersion, response: Resource | undefined): readonly FollowUp[] {
  const { resource } = version
  const isAlert = resource.resourceType !== 'Observation'
  const stays = isAlert && response !== undefined && !isOfAnother(resource, response)
  const next = stays ? broughtBack(resource) : withdrawn(resource)
  return next === undefined ? [] : [replacing(version, next)]
}

function replacing({ id, resource: stored, versionId }: KnownVersion, resource: Resource): FollowUp {
  return {
    type: stored.resourceType,
    id,
    resource,
    expect: { kind: 'version', versionId },
  }
}

/** Whether a Flag or Task is about somebody else than this, where it says about whom. */
function isOfAnother(stored: Resource, now: Resource): boolean {
  const subject = subjectOf(stored)
  return subject !== undefined && subject !== subjectOf(now)
}

/** The text of the reference to whom the resource is about. */
function subjectOf(resource: Resource | undefined): string | undefined {
  const subject: JsonValue | undefined = resource?.['subject'] ?? resource?.['for']
  const reference = isJsonObject(subject) ? subject['reference'] : undefined
  return typeof reference === 'string' ? reference : undefined
}
