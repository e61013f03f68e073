// The entries of a resource as if every parameter had those of its own, none of them shared with another.
import type { Registry } from '../../src/search/registry.ts'
import type { CompositeEntry, IndexEntry } from '../../src/store/index.ts'

type ComponentEntry = CompositeEntry['components'][number]

/** With the entries that are there, those of parameters that are asked of others' names. */
export function asIfOwn(type: string, entries: readonly IndexEntry[], registry: Registry): IndexEntry[] {
  const kept = registry.kept(type)
  const parameters = [...registry.of(type).values()].filter(({ extracted }) => extracted)
  const names = new Set(parameters.flatMap(({ definition }) => kept.names(definition.code)))
  const read = entries.map((entry) => {
    const { param } = entry
    const name = names.has(param) ? param : param.slice(0, Math.max(0, param.lastIndexOf(':')))
    return { entry, name, suffix: param.slice(name.length) }
  })
  const under = (some: readonly string[], param: string): IndexEntry[] =>
    read
      .filter(({ name }) => some.includes(name))
      .map(({ entry, suffix }) => ({ ...entry, param: param + suffix }))
  const own = new Map<string, IndexEntry>()
  for (const { definition, components } of parameters) {
    const { code } = definition
    const mine =
      definition.type === 'composite'
        ? entries.filter(({ param }) => param === code)
        : under(kept.names(code), code)
    const hasEntry = mine.some(({ param }) => param === code)
    for (const entry of mine)
      if (!hasEntry || entry.param !== `${code}:valueless`) own.set(JSON.stringify(entry), entry)
    const places = kept
      .ofResource(code)
      ?.map((some, place) =>
        under(some, String(place)).filter(
          ({ kind, param }) => kind === components[place]?.definition.type && /^\d+(:ucum)?$/.test(param),
        ),
      )
    const together = (places ?? []).reduce<ComponentEntry[][]>(
      (ways, choices) => ways.flatMap((way) => choices.map((choice) => [...way, choice as ComponentEntry])),
      [[]],
    )
    if (places === undefined) continue
    for (const way of together) {
      const entry: IndexEntry = { kind: 'composite', param: code, components: way }
      own.set(JSON.stringify(entry), entry)
    }
  }
  return [...own.values()]
}
