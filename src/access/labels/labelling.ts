// What a resource's labels are, from what its content says, what was sent, and what it takes from others; and how they
// stand in it.
import { isJsonObject, type JsonObject, type JsonValue, type Resource } from '../../fhir/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import type { LabelRules } from './label-rules.ts'
import { labelsOf } from './labels-of.ts'
import { isMarkable } from './link-table.ts'
import { ownLabelsAlone } from './own-labels.ts'
import { isPart2Program, part2Flag } from './part2-program.ts'
import { confidentialityRank, isProgramMark, NORMAL, PART_2, PROGRAM_MARK, readLabel } from './vocabulary.ts'

/** Labels that somebody has put on a resource. */
export interface Sent {
  /** As they were sent. */
  readonly codings: readonly JsonObject[]
}

const NOTHING: readonly SecurityLabel[] = Object.freeze([])
const NOTHING_SENT: Sent = Object.freeze({ codings: Object.freeze([]) })

/**
 * The codings of `meta.security` that count as sent: those of the request but for what it repeats of the server's own,
 * and those that were sent before.
 * @param currentMeta of the version that is current; undefined when there is none
 */
export function sentOf(resource: Resource, currentMeta: JsonObject | undefined): Sent {
  const now = securityOf(resource.meta)
  const before = securityOf(currentMeta)
  if (now.length === 0 && before.length === 0) return NOTHING_SENT
  const computed = new Set(before.filter(isComputed).map(rawKey))
  const codings = new Map<string, JsonObject>()
  for (const coding of now) {
    if (isComputed(coding) && computed.has(rawKey(coding))) continue
    // Who says so of its own accord chose it.
    const { userSelected, ...rest } = coding
    const sent = userSelected === false ? rest : coding
    if (!codings.has(rawKey(sent))) codings.set(rawKey(sent), sent)
  }
  for (const coding of before)
    if (!isComputed(coding) && !codings.has(rawKey(coding))) codings.set(rawKey(coding), coding)
  return codings.size === 0 ? NOTHING_SENT : { codings: [...codings.values()] }
}

/** Marks, on a coding of `meta.security`, a label that is kept though what it was taken from gives it no more. */
export const KEPT_LABEL = 'https://alcove.health/fhir/StructureDefinition/kept-label'

/** With these labels as well, to be kept like those that were sent. */
export function keeping(sent: Sent, labels: readonly SecurityLabel[]): Sent {
  const known = new Set(sent.codings.map((coding) => rawKey({ ...readLabel(coding) })))
  const kept = labels.filter((label) => !known.has(rawKey({ ...label })))
  if (kept.length === 0) return sent
  const extension = [{ url: KEPT_LABEL, valueBoolean: true }]
  return { codings: [...sent.codings, ...kept.map(({ system, code }) => ({ extension, system, code }))] }
}

export function isKept(coding: JsonValue): boolean {
  const extension = isJsonObject(coding) ? coding['extension'] : undefined
  return (
    Array.isArray(extension) &&
    extension.some((it) => isJsonObject(it) && it['url'] === KEPT_LABEL && it['valueBoolean'] === true)
  )
}

/** The labels that the content alone brings: by the rules, and those of resources inside it. */
export function contentLabels(rules: LabelRules, resource: Resource): readonly SecurityLabel[] {
  const found = ownLabelsAlone(rules, resource)
  const parts = partLabels(resource)
  if (found.length === 0) return parts
  return distinct(parts.length === 0 ? found : [...found, ...parts])
}

/**
 * All that the labels come to. N stands for a confidentiality that nothing says otherwise, but only where something
 * else is said by the server: a resource without labels is normal too.
 */
export function settledLabels(
  rules: LabelRules,
  resource: Resource,
  sent: Sent,
  content: readonly SecurityLabel[],
  taken: readonly SecurityLabel[],
): readonly SecurityLabel[] {
  if (
    content.length === 0 &&
    taken.length === 0 &&
    sent.codings.length === 0 &&
    !isMarkable(resource.resourceType)
  )
    return NOTHING
  const given = [...content, ...taken]
  for (const coding of sent.codings) {
    const label = readLabel(coding)
    if (label !== undefined) given.push(label)
  }
  const marked = isMarkable(resource.resourceType) ? markedAs(resource, given) : given
  if (marked.length === 0) return NOTHING
  const labels = labelsOf(rules, marked)
  const isSilent = !labels.some((label) => confidentialityRank(label) !== undefined)
  const isComputed = content.length > 0 || taken.some((label) => !isProgramMark(label))
  return isSilent && isComputed ? [NORMAL, ...labels] : labels
}

/** With the mark of a program, or without, as it says of itself; what it belongs to tells where it says nothing. */
function markedAs(resource: Resource, labels: readonly SecurityLabel[]): readonly SecurityLabel[] {
  const flag = part2Flag(resource)
  if (flag === undefined) return labels
  const others = labels.filter((label) => !isProgramMark(label))
  return flag ? [...others, PROGRAM_MARK] : others
}

/** The resource with these labels in `meta.security`; itself when they stand there as they are to. */
export function withLabels(resource: Resource, sent: Sent, labels: readonly SecurityLabel[]): Resource {
  const { meta } = resource
  const now = securityOf(meta)
  if (labels.length === 0 && sent.codings.length === 0 && now.length === 0) return resource
  const highest = labels.find((label) => confidentialityRank(label) !== undefined)
  const codings = sent.codings.filter((coding) => {
    const label = readLabel(coding)
    return label === undefined || confidentialityRank(label) === undefined || label.code === highest?.code
  })
  const security: JsonObject[] = [...codings]
  const known = codings.length === 0 ? undefined : new Set(codings.map(rawKey))
  for (const { system, code } of labels)
    if (known?.has(rawKey({ system, code })) !== true) security.push({ system, code, userSelected: false })
  if (now.length > 0 && sameCodings(security, now)) return resource
  if (meta === undefined && security.length > 0) return { ...resource, meta: { security } } as Resource
  const { security: _security, ...rest } = isJsonObject(meta) ? meta : {}
  const written: JsonObject = security.length === 0 ? rest : { ...rest, security }
  if (Object.keys(written).length > 0) return { ...resource, meta: written } as Resource
  const { meta: _meta, ...others } = resource
  return others as Resource
}

/**
 * The place in the request's `meta.security` of a confidentiality that is lower than what the resource comes to, when
 * nothing that was sent comes to that; what the server itself had put there is none of the request's words.
 */
export function loweredBy(resource: Resource, labels: readonly SecurityLabel[]): number | undefined {
  const security = isJsonObject(resource.meta) ? resource.meta['security'] : undefined
  if (!Array.isArray(security)) return undefined
  const ranks = security.map((coding) => (isComputed(coding) ? undefined : rankOf(coding)))
  const told = ranks.filter((rank) => rank !== undefined)
  if (told.length === 0) return undefined
  const sent = Math.max(...told)
  const reached = labels.some((label) => (confidentialityRank(label) ?? 0) > sent)
  return reached ? ranks.indexOf(sent) : undefined
}

function rankOf(coding: JsonValue): number | undefined {
  const label = readLabel(coding)
  return label === undefined ? undefined : confidentialityRank(label)
}

/** Whether none of its labels was sent, or is kept. */
export function hasFoundAll({ meta }: Resource): boolean {
  return securityOf(meta).every(isComputed)
}

function isComputed(coding: JsonValue): boolean {
  return isJsonObject(coding) && coding['userSelected'] === false
}

function securityOf(meta: JsonValue | undefined): readonly JsonObject[] {
  const security = isJsonObject(meta) ? meta['security'] : undefined
  return Array.isArray(security) ? security.filter(isJsonObject) : []
}

function rawKey({ system, code }: JsonObject): string {
  return `${typeof system === 'string' ? system : ''}|${typeof code === 'string' ? code : ''}`
}

function sameCodings(some: readonly JsonObject[], others: readonly JsonObject[]): boolean {
  return some.length === others.length && JSON.stringify(some) === JSON.stringify(others)
}

function distinct(labels: readonly SecurityLabel[]): readonly SecurityLabel[] {
  if (labels.length < 2) return labels
  const all = new Map(labels.map((label) => [`${label.system}|${label.code}`, label]))
  return all.size === labels.length ? labels : [...all.values()]
}

/**
 * `meta.security` of all resources inside this one, and what a program inside it says of itself: whoever holds a part
 * holds what makes it sensitive.
 */
function partLabels(resource: Resource): readonly SecurityLabel[] {
  const { contained, resourceType, entry, parameter } = resource
  const holds = contained ?? (resourceType === 'Bundle' ? entry : undefined) ?? parameter
  if (holds === undefined) return NOTHING
  const labels: SecurityLabel[] = []
  for (const name of Object.keys(resource)) if (name !== 'meta') addPartLabels(resource[name], labels)
  return distinct(labels)
}

function addPartLabels(value: JsonValue | undefined, labels: SecurityLabel[]): void {
  if (Array.isArray(value)) for (const item of value) addPartLabels(item, labels)
  if (!isJsonObject(value)) return
  if (typeof value['resourceType'] === 'string') {
    if (isPart2Program(value as Resource)) labels.push(PART_2)
    for (const coding of securityOf(value['meta'])) {
      const label = readLabel(coding)
      if (label !== undefined) labels.push(label)
    }
  }
  for (const name in value) {
    const child = value[name]
    if (typeof child === 'object') addPartLabels(child, labels)
  }
}
