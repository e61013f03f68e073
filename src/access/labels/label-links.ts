// Along what labels reach from one resource to another: its references, read by who takes from whom.
import {
  type Definitions,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseReference,
  type Resource,
} from '../../fhir/index.ts'
import type { ResourceKey, SecurityLabel } from '../../store/index.ts'
import { elementPath, type Step } from './element-path.ts'
import { belongsBy, inheritsBy, isInheritedFrom, isMadeBy, isMarkable, isRecord } from './link-table.ts'
import { PROGRAM_TYPES } from './part2-program.ts'
import {
  ACT_CODE,
  CONFIDENTIALITY,
  confidentialityRank,
  isFoundMark,
  isProgramMark,
  labelKind,
  NORMAL,
  PART_2,
  PROGRAM_MARK,
  readLabel,
} from './vocabulary.ts'

export type LabelLinkKind =
  /** A record refers to a record, and takes its labels. */
  | 'inherits'
  /** A record names who made it or for whom: it takes 42CFRPart2 when that is a Part 2 program. */
  | 'program'
  /** A part of an organization names the whole, a Provenance its agents: it takes the mark of a program. */
  | 'belongs'
  /** Something names the Binary that is its attachment: the Binary takes its labels. */
  | 'attachment'
  /** A Provenance names what it tells of: that takes 42CFRPart2 when the Provenance is by a program. */
  | 'records'

export interface LabelLink {
  readonly kind: LabelLinkKind
  readonly target: ResourceKey
  /** FHIRPath of the Reference, or of the Attachment's url. */
  readonly path: string
}

/** Who takes: what the link leads to, or the resource that it stands in. */
export function takerOf(kind: LabelLinkKind): 'resource' | 'target' {
  return kind === 'attachment' || kind === 'records' ? 'target' : 'resource'
}

const NO_KINDS: readonly LabelLinkKind[] = Object.freeze([])
const NO_LINKS: readonly LabelLink[] = Object.freeze([])
const NO_LABELS: readonly SecurityLabel[] = Object.freeze([])

/** By which kinds of their own links others take from resources of this type. */
export function givesAlong(type: string): readonly LabelLinkKind[] {
  if (PROGRAM_TYPES.has(type)) return ['program', 'belongs']
  return isInheritedFrom(type) ? ['inherits'] : NO_KINDS
}

/** By which kinds of others' links resources of this type take from those that refer to them. */
export function takesFromReferrers(type: string): readonly LabelLinkKind[] {
  if (!isRecord(type) || isMarkable(type)) return NO_KINDS
  return type === 'Binary' ? ['attachment', 'records'] : ['records']
}

/** What the taker takes along such a link, in today's words, each label once. */
export function taken(kind: LabelLinkKind, giversLabels: readonly SecurityLabel[]): readonly SecurityLabel[] {
  if (giversLabels.length === 0) return NO_LABELS
  switch (kind) {
    case 'program':
    case 'records':
      return giversLabels.some(isProgramMark) ? [PART_2] : NO_LABELS
    case 'belongs':
      return giversLabels.some(isProgramMark) ? [PROGRAM_MARK] : NO_LABELS
    case 'inherits':
    case 'attachment': {
      const passed = new Map<string, SecurityLabel>()
      for (const label of giversLabels) {
        const read = readLabel({ system: label.system, code: label.code })
        if (read !== undefined && passesOn(read)) passed.set(`${read.system}|${read.code}`, read)
      }
      return [...passed.values()]
    }
  }
}

/** Codes for purposes of use and for what was done to a copy: they are about one record, or one use of it. */
const OF_ONE_RECORD: ReadonlySet<string> = new Set([
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
])

/** What is sensitive stays so wherever it is told again; what is to be done with a record is said of that record. */
function passesOn(label: SecurityLabel): boolean {
  if (label.system === CONFIDENTIALITY)
    return (confidentialityRank(label) ?? 0) > (confidentialityRank(NORMAL) ?? 0)
  if (isProgramMark(label) || isFoundMark(label) || OF_ONE_RECORD.has(label.system)) return false
  if (label.system !== ACT_CODE) return true
  const kind = labelKind(label)
  return kind === undefined || kind === 'sensitivity' || kind === 'policy'
}

/**
 * The links of a resource, contained ones' and extensions' too, to resources of this server; each kind and target once.
 * What stands within a Bundle or Parameters counts for those, unless it leads to another part of the same.
 */
export function labelLinks(
  resource: Resource,
  definitions: Definitions,
  baseUrl: string,
): readonly LabelLink[] {
  if (!isRecord(resource.resourceType)) return NO_LINKS
  const walk = new LinkWalk(resource, definitions, baseUrl)
  walk.object(resource, resource.resourceType, '')
  return walk.links
}

class Link implements LabelLink {
  readonly kind: LabelLinkKind
  readonly target: ResourceKey
  readonly #resource: Resource
  readonly #definitions: Definitions
  readonly #steps: readonly Step[]

  constructor(
    kind: LabelLinkKind,
    target: ResourceKey,
    { resource, definitions }: Pick<LinkWalk, 'resource' | 'definitions'>,
    steps: readonly Step[],
  ) {
    this.kind = kind
    this.target = target
    this.#resource = resource
    this.#definitions = definitions
    this.#steps = steps
  }

  get path(): string {
    return elementPath(this.#definitions, this.#resource, this.#steps)
  }
}

class LinkWalk {
  readonly resource: Resource
  readonly definitions: Definitions
  readonly #baseUrl: string
  readonly #steps: Step[] = []
  #links: LabelLink[] | undefined
  #inside: ReadonlySet<string> | undefined

  constructor(resource: Resource, definitions: Definitions, baseUrl: string) {
    this.resource = resource
    this.definitions = definitions
    this.#baseUrl = baseUrl
  }

  get links(): readonly LabelLink[] {
    return this.#links ?? NO_LINKS
  }

  /** @param type of the resource that it stands in; @param element the name of the element that it is */
  object(value: JsonObject, type: string, element: string): void {
    const { resourceType, reference, url } = value
    const within = typeof resourceType === 'string' ? resourceType : type
    if (typeof reference === 'string') this.#reference(reference, within, element)
    if (typeof url === 'string' && url.includes('Binary/')) this.#attachment(url)
    for (const key in value) {
      const child = value[key]
      if (typeof child !== 'object' || child === null) continue
      this.#steps.push(key)
      // An extension's value is no element of the record's own.
      this.#child(child, within, key === 'extension' || element === 'extension' ? 'extension' : key)
      this.#steps.pop()
    }
  }

  #child(child: JsonObject | JsonValue[], type: string, element: string): void {
    if (!Array.isArray(child)) return this.object(child, type, element)
    for (let at = 0; at < child.length; at++) {
      const item = child[at]
      if (!isJsonObject(item)) continue
      this.#steps.push(at)
      this.object(item, type, element)
      this.#steps.pop()
    }
  }

  #reference(text: string, type: string, element: string): void {
    const target = this.#targetOf(text)
    if (target === undefined) return
    if (type === 'Provenance' && element === 'target') this.#add('records', target)
    if (PROGRAM_TYPES.has(target.type)) {
      // What a contained role or place belongs to is as good as named by what contains it.
      if (isMarkable(this.resource.resourceType)) {
        if (belongsBy(this.resource.resourceType, this.#steps[0])) this.#add('belongs', target)
      } else if (isMarkable(type) || isMadeBy(type, element)) this.#add('program', target)
    } else if (isInheritedFrom(target.type) && !this.#isActor() && inheritsBy(type, element))
      this.#add('inherits', target)
  }

  /** Who or where: what they refer to says nothing of them. */
  #isActor(): boolean {
    return PROGRAM_TYPES.has(this.resource.resourceType)
  }

  #attachment(url: string): void {
    const target = this.#targetOf(url)
    if (target?.type === 'Binary') this.#add('attachment', target)
  }

  #targetOf(text: string): ResourceKey | undefined {
    const parsed = parseReference(text, this.#baseUrl)
    if (parsed.kind !== 'local') return undefined
    const { type, id } = parsed
    return this.#parts().has(`${type}/${id}`) || !this.definitions.isResourceType(type)
      ? undefined
      : { type, id }
  }

  /** Resources that a Bundle or Parameters holds, by `Type/id`. */
  #parts(): ReadonlySet<string> {
    return (this.#inside ??= partsOf(this.resource))
  }

  #add(kind: LabelLinkKind, target: ResourceKey): void {
    const { id, resourceType } = this.resource
    if (target.id === id && target.type === resourceType) return
    const links = (this.#links ??= [])
    for (const link of links)
      if (link.kind === kind && link.target.id === target.id && link.target.type === target.type) return
    links.push(new Link(kind, target, this, [...this.#steps]))
  }
}

const NO_PARTS: ReadonlySet<string> = new Set()

function partsOf(resource: Resource): ReadonlySet<string> {
  const held =
    resource.resourceType === 'Bundle'
      ? resource['entry']
      : resource.resourceType === 'Parameters'
        ? resource['parameter']
        : undefined
  if (!Array.isArray(held)) return NO_PARTS
  const parts = new Set<string>()
  for (const item of held) {
    const part = isJsonObject(item) ? item['resource'] : undefined
    if (isJsonObject(part) && typeof part['resourceType'] === 'string' && typeof part['id'] === 'string')
      parts.add(`${part['resourceType']}/${part['id']}`)
  }
  return parts
}

/** Canonical URLs of definitions that tell what the record is about: the questionnaire that was answered, the protocol that is followed. */
export function canonicalSources(resource: Resource): readonly string[] {
  const { questionnaire, instantiatesCanonical, resourceType } = resource
  if (questionnaire === undefined && instantiatesCanonical === undefined) return NO_CANONICALS
  if (!isRecord(resourceType)) return NO_CANONICALS
  const all = Array.isArray(instantiatesCanonical) ? instantiatesCanonical : [instantiatesCanonical]
  return [questionnaire, ...all].filter((it) => typeof it === 'string')
}

const NO_CANONICALS: readonly string[] = Object.freeze([])
