// Codes by system, and for each the rules that it is a match for.
import type { SecurityLabel } from '../../store/index.ts'
import { isAlways, type Span } from './clinical-span.ts'
import { codeKey, systemKey } from './code-systems.ts'
import { isExcepted, type Term } from './term.ts'

/** One rule as it is applied, what it matches aside. */
export interface Rule {
  /** `PlanDefinition.action.id`, by which findings name it. */
  readonly name: string
  readonly title: string
  /** Why, in words that a privacy officer reads. */
  readonly description: string
  /** What it adds, in today's words. */
  readonly labels: readonly SecurityLabel[]
}

export interface Match {
  readonly rule: Rule
  /** The type of resource that it is for; `Resource` for every one that tells of somebody. */
  readonly type: string
}

interface Entry extends Match {
  readonly term: Term
}

interface Codes {
  readonly exact: Map<string, Entry[]>
  readonly below: Map<string, Entry[]>
  /** How long the keys of `below` are. */
  readonly lengths: Set<number>
  readonly all: Entry[]
}

interface Named {
  /** As `systemKey` has it. */
  readonly key: string
  /** undefined for a system that no rule is about. */
  readonly codes: Codes | undefined
}

const NONE: readonly Match[] = Object.freeze([])

/** Names of systems that are remembered at a time, and how long they may be; anybody may make up more and longer ones. */
const MOST_NAMES = 2000
const LONGEST_NAME = 200

export class RuleTable {
  readonly #systems = new Map<string, Codes>()
  /** By a system's name as it was written. */
  readonly #names = new Map<string, Named>()

  get isEmpty(): boolean {
    return this.#systems.size === 0
  }

  add(term: Term, match: Match): void {
    const codes = this.#codesOf(term.system)
    const entry = { ...match, term }
    if (term.reach === 'all') codes.all.push(entry)
    else if (term.reach === 'code') push(codes.exact, term.code, entry)
    else {
      push(codes.below, term.code, entry)
      codes.lengths.add(term.code.length)
    }
  }

  /**
   * What a code (or the value of an identifier) is a match for, types of resources aside. `when` tells the time from
   * which to which the code is told of, undefined when nothing tells; it is asked for codes that count for a time only.
   */
  matches(system: string, code: string, when: () => Span | undefined): readonly Match[] {
    const { key: ofSystem, codes } = this.#named(system)
    if (codes === undefined) return NONE
    const key = codeKey(ofSystem, code)
    const exact = codes.exact.get(key)
    if (exact === undefined && codes.lengths.size === 0 && codes.all.length === 0) return NONE
    const found = [...(exact ?? []), ...codes.all]
    for (const length of codes.lengths) {
      if (length <= key.length) found.push(...(codes.below.get(key.slice(0, length)) ?? []))
    }
    return found.filter(({ term }) => !isExcepted(term, key) && isInTime(term.span, when))
  }

  /** As `systemKey` tells it, remembered. */
  keyOf(system: string): string {
    return this.#named(system).key
  }

  #named(system: string): Named {
    const known = this.#names.get(system)
    if (known !== undefined) return known
    const key = systemKey(system)
    const named = { key, codes: this.#systems.get(key) }
    if (system.length > LONGEST_NAME) return named
    if (this.#names.size >= MOST_NAMES) this.#names.clear()
    // A copy, for a string just parsed is a part of the text that it was in, and would keep all of that.
    this.#names.set(Buffer.from(system).toString(), named)
    return named
  }

  #codesOf(system: string): Codes {
    let codes = this.#systems.get(system)
    if (codes === undefined) {
      codes = { exact: new Map(), below: new Map(), lengths: new Set(), all: [] }
      this.#systems.set(system, codes)
    }
    return codes
  }
}

/** A code counts when nothing says that it was told of at another time. */
function isInTime(time: Span, when: () => Span | undefined): boolean {
  if (isAlways(time)) return true
  const span = when()
  return span === undefined || (span.low < time.high && time.low < span.high)
}

function push(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const entries = map.get(key)
  if (entries === undefined) map.set(key, [entry])
  else entries.push(entry)
}
