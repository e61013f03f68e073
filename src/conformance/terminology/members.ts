// Sets of codes by code system, and what makes one of two.
import type { CodeSet } from '../../store/index.ts'
import { keyOf } from './code-system.ts'

/** The codes of one system, by key, as they are written; `all`: whatever it has. */
export interface SystemMembers {
  readonly caseSensitive: boolean
  readonly codes: ReadonlyMap<string, string> | 'all'
}

/** By the system's URL without version. */
export type Members = ReadonlyMap<string, SystemMembers>

/** What is in a value set cannot be told from what is here. `reason` is a whole sentence. */
export class Undecidable extends Error {}

export function membersOf(system: string, caseSensitive: boolean, codes: Iterable<string>): Members {
  return new Map([
    [system, { caseSensitive, codes: new Map([...codes].map((code) => [keyOf(caseSensitive, code), code])) }],
  ])
}

export function allOf(system: string): Members {
  return new Map([[system, { caseSensitive: true, codes: 'all' }]])
}

export function union(a: Members, b: Members): Members {
  const result = new Map(a)
  for (const [system, added] of b) {
    const known = result.get(system)
    result.set(system, known === undefined ? added : joined(known, added))
  }
  return result
}

function joined(a: SystemMembers, b: SystemMembers): SystemMembers {
  if (a.codes === 'all' || b.codes === 'all') return a.codes === 'all' ? a : b
  return { caseSensitive: a.caseSensitive && b.caseSensitive, codes: new Map([...a.codes, ...b.codes]) }
}

export function intersection(a: Members, b: Members): Members {
  const result = new Map<string, SystemMembers>()
  for (const [system, one] of a) {
    const other = b.get(system)
    if (other === undefined) continue
    if (one.codes === 'all') result.set(system, other)
    else if (other.codes === 'all') result.set(system, one)
    else {
      const { codes } = other
      const both = [...one.codes].filter(([key]) => codes.has(key))
      result.set(system, { caseSensitive: one.caseSensitive, codes: new Map(both) })
    }
  }
  return result
}

/** @throws Undecidable when some codes are taken from a system whose codes are not known */
export function difference(a: Members, b: Members): Members {
  const result = new Map(a)
  for (const [system, { codes: removed }] of b) {
    const known = result.get(system)
    if (known === undefined) continue
    if (removed === 'all') result.delete(system)
    else if (known.codes === 'all') {
      if (removed.size > 0)
        throw new Undecidable(`It leaves codes out of ${system}, whose other codes are not known here.`)
    } else {
      const left = [...known.codes].filter(([key]) => !removed.has(key))
      result.set(system, { caseSensitive: known.caseSensitive, codes: new Map(left) })
    }
  }
  return result
}

export function sizeOf(members: Members): number {
  let size = 0
  for (const { codes } of members.values()) size += codes === 'all' ? 1 : codes.size
  return size
}

/** As a store asks for them. */
export function codeSetsOf(members: Members): readonly CodeSet[] {
  return [...members].flatMap(([system, { caseSensitive, codes }]): CodeSet[] => {
    if (codes === 'all') return [{ system, codes }]
    return codes.size === 0 ? [] : [{ system, codes: spellings(caseSensitive, codes.values()) }]
  })
}

/**
 * How these codes may stand in resources. Stores compare by case, so where a code system does not, a code is looked
 * for as it is defined, in lower and in upper case.
 */
export function spellings(caseSensitive: boolean, codes: Iterable<string>): readonly string[] {
  if (caseSensitive) return [...codes]
  return [...new Set([...codes].flatMap((code) => [code, code.toLowerCase(), code.toUpperCase()]))]
}
