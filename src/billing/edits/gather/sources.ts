// Of which versions of notes and visits a claim was made, against what is stored now.
import { parseReference, writeJson, type Resource } from '../../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../../repository/index.ts'
import { and, localReferenceMatch, searchQuery, tokenMatch } from '../../../store/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../../elements.ts'
import { BILLING_TASKS } from '../../worklist/index.ts'
import type { Source } from '../claim-under-check.ts'
import { isFinalNote, isNote } from './notes.ts'

const MOST_FOUND = 100

/** As the last Provenance has it that names sources. Notes that may not be seen are gone, for who looks. */
export async function sourcesOf(
  view: WorldView,
  claimId: string,
  baseUrl: string,
): Promise<readonly Source[]> {
  const where = localReferenceMatch('target', ['Claim'], claimId)
  const found = await view.search(searchQuery({ type: 'Provenance', where: and([where]), count: MOST_FOUND }))
  const [last] = found
    .map(({ resource }) => resource)
    .filter((one) => namedBy(one, baseUrl).length > 0)
    .toSorted((one, other) => Date.parse(String(other['recorded'])) - Date.parse(String(one['recorded'])))
  return last === undefined ? [] : Promise.all(namedBy(last, baseUrl).map((named) => sourceOf(view, named)))
}

interface Named {
  readonly type: string
  readonly id: string
  readonly versionId: string
}

const SOURCE_TYPES: ReadonlySet<string> = new Set(['DocumentReference', 'Composition', 'Encounter'])

function namedBy(provenance: Resource, baseUrl: string): readonly Named[] {
  return objectsAt(provenance, 'entity').flatMap((entity) => {
    const parsed = parseReference(textAt(objectAt(entity, 'what'), 'reference') ?? '', baseUrl)
    if (entity['role'] !== 'source' || parsed.kind !== 'local' || parsed.versionId === undefined) return []
    const { type, id, versionId } = parsed
    return SOURCE_TYPES.has(type) ? [{ type, id, versionId }] : []
  })
}

async function sourceOf(view: WorldView, { type, id, versionId }: Named): Promise<Source> {
  const now = await view.read(type, id)
  const told = { reference: `${type}/${id}`, isNote: type !== 'Encounter' }
  if (now === undefined) return { ...told, state: 'gone', isFinal: false }
  const isFinal = isNote(now.resource) && isFinalNote(now.resource)
  if (String(now.versionId) === versionId) return { ...told, state: 'same', isFinal }
  const then = (await view.earlier(type, id)).find((one) => String(one.versionId) === versionId)
  return { ...told, state: then !== undefined && saysTheSame(then, now) ? 'same' : 'changed', isFinal }
}

function saysTheSame(then: KnownVersion, now: KnownVersion): boolean {
  const [one, other] = [then, now].map(({ resource }) => {
    const { meta: _, ...rest } = resource
    return writeJson(rest)
  })
  return one === other
}

/** The day on which it was handed to the transport first, `YYYY-MM-DD`; undefined before. */
export async function daySent(view: WorldView, claimId: string): Promise<string | undefined> {
  const where = and([
    localReferenceMatch('focus', ['Claim'], claimId),
    tokenMatch('code', BILLING_TASKS, 'claim-submission'),
  ])
  const found = await view.search(searchQuery({ type: 'Task', where, count: MOST_FOUND }))
  return found
    .filter(({ resource }) => SENT.some((code) => hasCode(objectAt(resource, 'businessStatus'), code)))
    .flatMap(({ resource }) => textAt(resource, 'authoredOn')?.slice(0, 10) ?? [])
    .toSorted()[0]
}

/** `Task.businessStatus` of what has come as far as the payer, or is on its way. */
const SENT = ['sent', 'acknowledged', 'accepted', 'paid', 'partly-paid', 'denied']
