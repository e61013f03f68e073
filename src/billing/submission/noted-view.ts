// A view that remembers what was read through it, so that a file can be made again of the very same versions.
import type { WorldView } from '../../repository/index.ts'

export interface NotedView {
  readonly view: Pick<WorldView, 'read'>
  /** `Type/[id]/_history/[version]` of all that was read. */
  versions(): readonly string[]
}

export function notedView(view: Pick<WorldView, 'read'>): NotedView {
  const read = new Map<string, number>()
  return {
    view: {
      async read(type, id) {
        const version = await view.read(type, id)
        if (version !== undefined) read.set(`${type}/${id}`, version.versionId)
        return version
      },
    },
    versions: () => [...read].map(([key, version]) => `${key}/_history/${version}`),
  }
}
