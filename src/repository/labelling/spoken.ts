// What a resource says before it takes anything from others, and what others take from it.
import {
  contentLabels,
  givesAlong,
  isProgramMark,
  labelLinks,
  taken,
  type LabelLink,
  type LabelRules,
} from '../../access/index.ts'
import type { Definitions, Resource } from '../../fhir/index.ts'
import type { ResourceKey, SecurityLabel } from '../../store/index.ts'
import type { DefinitionLabels } from './definition-labels.ts'
import { lacking } from './label-graph.ts'

/** What a resource says before it has taken anything. */
export interface Spoken {
  readonly content: readonly SecurityLabel[]
  readonly links: readonly LabelLink[]
}

export interface SpeakingParts {
  readonly rules: LabelRules
  readonly definitions: Definitions
  readonly baseUrl: string
  readonly definitionLabels: DefinitionLabels
}

/** At once, unless the resource follows a definition. */
export function speak(
  { rules, definitions, baseUrl, definitionLabels }: SpeakingParts,
  resource: Resource,
): Spoken | Promise<Spoken> {
  const content = contentLabels(rules, resource)
  const links = labelLinks(resource, definitions, baseUrl)
  const defined = definitionLabels.of(resource)
  return defined === undefined
    ? { content, links }
    : defined.then((labels) => ({ content: [...content, ...labels], links }))
}

/** Those of its labels that others take from it, and the mark by which they do. */
export function givenBy({ type }: ResourceKey, labels: readonly SecurityLabel[]): readonly SecurityLabel[] {
  const marks = labels.filter(isProgramMark)
  return givesAlong(type).includes('inherits') ? [...taken('inherits', labels), ...marks] : marks
}

/** Whether the one says something no more that the other says. */
export function saysLess(now: Spoken, before: Spoken): boolean {
  return (
    lacking(before.content, now.content).length > 0 || before.links.some((link) => !holds(now.links, link))
  )
}

/** Whether there is a link of this kind to this target among them. */
export function holds(links: readonly LabelLink[], { kind, target }: LabelLink): boolean {
  return links.some(
    (link) => link.kind === kind && link.target.id === target.id && link.target.type === target.type,
  )
}
