// Rules of several domains as one.
import type { DomainChange, World, WriteRules } from './write-rules.ts'

/** Each is asked about the types that it looks at, in this order. */
export function combinedRules(all: readonly WriteRules[]): WriteRules {
  const concerned = ({ type }: DomainChange): readonly WriteRules[] =>
    all.filter(({ types }) => types.has(type))
  const gathered = async <Found>(
    change: DomainChange,
    ask: (rules: WriteRules) => Promise<readonly Found[]>,
  ): Promise<readonly Found[]> => {
    const found: Found[] = []
    for (const rules of concerned(change)) found.push(...(await ask(rules)))
    return found
  }
  return {
    types: new Set(all.flatMap(({ types }) => [...types])),
    check: (change: DomainChange, world: World) => gathered(change, (rules) => rules.check(change, world)),
    follow: (change: DomainChange, world: World) => gathered(change, (rules) => rules.follow(change, world)),
  }
}
