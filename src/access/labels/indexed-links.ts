// What the search index keeps so that whoever refers to a resource is found when its labels change.
import type { Definitions, Resource } from '../../fhir/index.ts'
import type { Search } from '../../search/index.ts'
import type { IndexEntry, ResourceIndex } from '../../store/index.ts'
import { labelLinks, takerOf, type LabelLink } from './label-links.ts'
import { hasFoundAll } from './labelling.ts'
import { ALL_FOUND, isFoundMark } from './vocabulary.ts'

/** The name of links that no search parameter follows; no parameter's code has a colon. */
export const LABEL_SOURCE = '_security:source'

/** To be raised with every change of which links there are, and of what is marked. */
const LINKS = 2

export interface LinkedSearch extends Search {
  /** The index of a resource of which the links are known. */
  extractLinked(resource: Resource, links: readonly LabelLink[]): ResourceIndex
}

/** The same search, whose index also has those links of a resource that its own parameters do not. */
export function withLabelLinks(search: Search, definitions: Definitions, baseUrl: string): LinkedSearch {
  const extractLinked: LinkedSearch['extractLinked'] = (resource, links) =>
    withMark(withLinks(search.extract(resource), links), resource, links)
  return {
    ...search,
    extractLinked,
    extract: (resource) => extractLinked(resource, labelLinks(resource, definitions, baseUrl)),
    indexVersion: `${search.indexVersion}-${LINKS}`,
  }
}

function withMark(index: ResourceIndex, resource: Resource, links: readonly LabelLink[]): ResourceIndex {
  if (index.labels.length === 0) return index
  const isMarked = hasFoundAll(resource) && links.every(({ kind }) => takerOf(kind) === 'resource')
  // Nobody marks a resource by sending the mark.
  const labels = index.labels.some(isFoundMark)
    ? index.labels.filter((label) => !isFoundMark(label))
    : index.labels
  return { ...index, labels: isMarked ? [...labels, ALL_FOUND] : labels }
}

function withLinks(index: ResourceIndex, links: readonly LabelLink[]): ResourceIndex {
  if (links.length === 0) return index
  const missing = new Map<string, IndexEntry>()
  for (const { target } of links) {
    const isThere = index.entries.some(
      (entry) =>
        entry.kind === 'reference' &&
        entry.target.kind === 'local' &&
        entry.target.id === target.id &&
        entry.target.type === target.type,
    )
    if (isThere) continue
    const key = `${target.type}/${target.id}`
    missing.set(key, { kind: 'reference', param: LABEL_SOURCE, target: { kind: 'local', ...target } })
  }
  return missing.size === 0 ? index : { ...index, entries: [...index.entries, ...missing.values()] }
}
