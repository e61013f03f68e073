// Values that stand together in one element (https://hl7.org/fhir/R4/search.html#composite).
import type { JsonObject, JsonValue } from '../../fhir/index.ts'
import type { CompositeEntry, IndexEntry } from '../../store/index.ts'
import type { RegisteredComponent } from '../registry.ts'
import { entryMaker, type AddEntry, type EntryMaker, type EntryMakerParts } from './entry-maker.ts'
import { linkProgram, type ValuePath } from './paths.ts'
import type { Scope } from './refers-to.ts'
import { createWalk, type Walk } from './walk.ts'

type ComponentEntry = CompositeEntry['components'][number]
type Read = (element: JsonObject, scope: Scope) => readonly ComponentEntry[]

/** Adds the composite entries of one element, one for every way to pick a value of each component. */
export type CompositeMaker = (element: JsonObject, scope: Scope, add: AddEntry) => void

/** `base`: the elements that the components are parts of. */
export function compositeEntryMaker(
  param: string,
  resourceType: string,
  base: ValuePath,
  components: readonly RegisteredComponent[],
  parts: EntryMakerParts,
): CompositeMaker {
  const reads = components.map((component, at) =>
    componentReader(component, at, base.type, resourceType, parts),
  )
  return (element, scope, add) => {
    const values: (readonly ComponentEntry[])[] = []
    // The last first, for that is the value, of this type or another, where the first is its code.
    for (let at = reads.length - 1; at >= 0; at -= 1) {
      const found = (reads[at] as Read)(element, scope)
      if (found.length === 0) return
      values[at] = found
    }
    const pick = (at: number, picked: readonly ComponentEntry[]): void => {
      const choices = values[at]
      if (choices === undefined) add({ kind: 'composite', param, components: picked })
      else for (const choice of choices) pick(at + 1, [...picked, choice])
    }
    pick(0, [])
  }
}

function componentReader(
  { definition, program }: RegisteredComponent,
  at: number,
  type: string,
  resourceType: string,
  parts: EntryMakerParts,
): Read {
  const own = { ...definition, code: String(at) }
  const made = linkProgram(parts.definitions, type, program, resourceType).flatMap((path) => {
    const leaf = entryMaker(own, path, parts)
    return leaf === undefined ? [] : [{ path, leaf }]
  })
  const walkOf = (fromRoot: boolean): Walk<EntryMaker> | undefined => {
    const paths = made.filter(({ path }) => path.fromRoot === fromRoot)
    return paths.length === 0 ? undefined : createWalk(paths, parts.baseUrl)
  }
  const [near, far] = [walkOf(false), walkOf(true)]
  return (element, scope) => {
    const found: ComponentEntry[] = []
    const add = (entry: IndexEntry): void => {
      if (entry.kind !== 'composite' && entry.kind !== 'position') found.push(entry)
    }
    const visit = (make: EntryMaker, value: JsonValue): void => make(value, add)
    near?.(element, scope, visit)
    far?.(scope.resource, scope, visit)
    return found
  }
}
