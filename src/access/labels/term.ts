// One line of a list of codes as it is matched: a code, a code and all below it, or every code of a system.
import { codeKey } from './code-systems.ts'
import { ALWAYS, isEmpty, overlap, type Span } from './clinical-span.ts'

export interface Term {
  /** As `systemKey` has it. */
  readonly system: string
  /** `code`: this one; `below`: this and those whose spelling goes on from it; `all`: every code of the system. */
  readonly reach: 'code' | 'below' | 'all'
  /** As `codeKey` has it; '' for `all`. */
  readonly code: string
  /** The time in which it counts. */
  readonly span: Span
  /** Codes that do not count though they are in reach. */
  readonly except: readonly Term[]
}

export function term(system: string, reach: Term['reach'], code: string, span: Span = ALWAYS): Term {
  return { system, reach, code: reach === 'all' ? '' : codeKey(system, code), span, except: [] }
}

/** Whether the code is in reach, exceptions and time aside. */
function reaches({ system, reach, code }: Term, ofSystem: string, key: string): boolean {
  if (system !== ofSystem) return false
  return reach === 'all' || code === key || (reach === 'below' && key.startsWith(code))
}

export function isExcepted({ except, system }: Term, key: string): boolean {
  return except.some((it) => reaches(it, system, key) && !isExcepted(it, key))
}

/** Codes that two lists have in common. */
export function intersection(a: readonly Term[], b: readonly Term[]): readonly Term[] {
  const single = Map.groupBy(
    b.filter(({ reach }) => reach === 'code'),
    ({ code }) => code,
  )
  const wide = b.filter(({ reach }) => reach !== 'code')
  return a.flatMap((x) => {
    const candidates = x.reach === 'code' ? [...(single.get(x.code) ?? []), ...wide] : b
    return candidates.flatMap((y) => common(x, y) ?? [])
  })
}

function common(x: Term, y: Term): Term | undefined {
  const span = overlap(x.span, y.span)
  const narrower = isWithin(x, y) ? x : isWithin(y, x) ? y : undefined
  if (narrower === undefined || isEmpty(span)) return undefined
  return { ...narrower, span, except: [...x.except, ...y.except] }
}

/** Whether all that x reaches is reached by y. */
function isWithin(x: Term, y: Term): boolean {
  if (x.system !== y.system) return false
  if (y.reach === 'all') return true
  if (x.reach === 'all') return false
  if (y.reach === 'code') return x.reach === 'code' && x.code === y.code
  return x.code.startsWith(y.code)
}
