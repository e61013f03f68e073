// What is only being written has no labels yet: here it is seen with those that it is going to have.
import type { Resource } from '../../fhir/index.ts'
import type { KnownVersion, WorldView } from '../../repository/index.ts'
import type { SecurityLabel } from '../../store/index.ts'
import { objectAt, objectsAt } from '../elements.ts'

/** The labels that a resource is given when it is written. */
export type LabelsOf = (resource: Resource) => Promise<readonly SecurityLabel[]>

/** Else a psychotherapy note would count as any other until it is stored. */
export function labelledView(view: WorldView, labelsOf: LabelsOf): WorldView {
  const labelled = async (version: KnownVersion): Promise<KnownVersion> => {
    if (version.versionId > 0) return version
    const { resource, becomes } = version
    const meta = objectAt(resource, 'meta') ?? {}
    const security = [
      ...objectsAt(meta, 'security'),
      ...(await labelsOf(resource)).map((label) => ({ ...label })),
    ]
    return { ...version, becomes, resource: { ...resource, meta: { ...meta, security } } }
  }
  const each = (versions: readonly KnownVersion[]) => Promise.all(versions.map(labelled))
  return {
    async read(type, id) {
      const version = await view.read(type, id)
      return version && labelled(version)
    },
    search: async (query) => each(await view.search(query)),
    every: async (query, most) => each(await view.every(query, most)),
    earlier: (type, id) => view.earlier(type, id),
    stateOf: (type) => view.stateOf?.(type),
  }
}
