// Conditions that look at other resources, decided as they will stand once a transaction is done: what it writes
// counts as written, what it deletes or replaces no longer counts.
import { FhirError } from '../fhir/index.ts'
import { containedIn, matchesIndex, type Candidate } from '../search/index.ts'
import {
  and,
  chainMatch,
  containsMatch,
  hasMatch,
  idMatch,
  lastUpdatedMatch,
  localReferenceMatch,
  not,
  or,
  tokenMatch,
  typedCondition,
  uriMatch,
  urlReferenceMatch,
  type AccessFilter,
  type ChainMatch,
  type Expression,
  type HasMatch,
  type MatchAssertion,
  type ReferenceEntry,
  type Store,
  type TypedCondition,
} from '../store/index.ts'
import type { PendingChanges, PendingResource } from './pending-changes.ts'

export interface TransactionParts {
  readonly store: Store
  readonly access: AccessFilter
  readonly pending: PendingChanges
  /** Takes what the turn must find true again. */
  readonly assertions: MatchAssertion[]
}

/** Whether the condition looks at other resources than the one at hand. */
export function looksElsewhere(node: Expression): boolean {
  switch (node.kind) {
    case 'and':
      return node.all.some(looksElsewhere)
    case 'or':
      return node.any.some(looksElsewhere)
    case 'not':
      return looksElsewhere(node.node)
    case 'contains':
      return looksElsewhere(node.where)
    default:
      return node.kind === 'chain' || node.kind === 'has'
  }
}

/** A resource that will be written, or one contained in such a one. */
interface AtHand {
  readonly type: string
  readonly candidate: Candidate
  readonly root: PendingResource
}

/** Methods throw FhirError `invalid-search` for what cannot be decided before the transaction is done. */
export class TransactionWorld {
  readonly #parts: TransactionParts

  constructor(parts: TransactionParts) {
    this.#parts = parts
  }

  /** The condition by which the store, as it is now, finds what will meet `where`, among what the transaction leaves alone. */
  async forStored(type: string, where: Expression): Promise<Expression> {
    if (!looksElsewhere(where)) return where
    const each = (nodes: readonly Expression[]) => inTurn(nodes, async (node) => this.forStored(type, node))
    switch (where.kind) {
      case 'and':
        return and(await each(where.all))
      case 'or':
        return or(await each(where.any))
      case 'not':
        return not(await this.forStored(type, where.node))
      case 'contains':
        return containsMatch(where.type, await this.forStored(where.type, where.where))
      case 'chain':
        return this.#storedChain(where)
      case 'has':
        return this.#storedHas(type, where)
      default:
        return where
    }
  }

  /** Whether a resource that the transaction writes will meet the condition. */
  async meets(type: string, pending: PendingResource, where: Expression): Promise<boolean> {
    return this.#meets({ type, candidate: pending, root: pending }, where)
  }

  async #storedChain({ param, targets }: ChainMatch): Promise<Expression> {
    const stored = await inTurn(targets, async (target) => this.#untouched(target))
    const written: Expression[] = []
    for (const { type, where } of targets)
      for (const pending of this.#parts.pending.candidates(type, where)) {
        if (!(await this.meets(type, pending, where))) continue
        if (urlsOf(pending).length > 0) throw undecidable(param)
        written.push(localReferenceMatch(param, [type], pending.id))
      }
    return or([chainMatch(param, stored), ...written])
  }

  async #storedHas(type: string, { param, source }: HasMatch): Promise<Expression> {
    const referred: Expression[] = []
    for (const pending of this.#parts.pending.candidates(source.type, source.where)) {
      if (!(await this.meets(source.type, pending, source.where))) continue
      if (pending.unresolved) throw undecidable(`_has:${source.type}:${param}`)
      for (const { target } of referencesOf(pending, param)) {
        if (target.kind === 'url') referred.push(hasUrl(target))
        else if (target.kind === 'local' && target.type === type) referred.push(storedId(target.id))
      }
    }
    return or([hasMatch(await this.#untouched(source), param), ...referred])
  }

  /** The same condition on what the transaction does not write. */
  async #untouched({ type, where }: TypedCondition): Promise<TypedCondition> {
    const prefix = `${type}/`
    const gone = [...this.#parts.pending.replaced]
      .filter((key) => key.startsWith(prefix))
      .map((key) => storedId(key.slice(prefix.length)))
    const then = await this.forStored(type, where)
    return typedCondition(type, gone.length === 0 ? then : and([then, not(or(gone))]))
  }

  async #meets(at: AtHand, where: Expression): Promise<boolean> {
    if (!looksElsewhere(where)) return matchesIndex(where, at.candidate)
    switch (where.kind) {
      case 'and': {
        for (const part of plainFirst(where.all)) if (!(await this.#meets(at, part))) return false
        return true
      }
      case 'or': {
        for (const part of plainFirst(where.any)) if (await this.#meets(at, part)) return true
        return false
      }
      case 'not':
        return !(await this.#meets(at, where.node))
      case 'contains': {
        for (const contained of containedIn(at.candidate.index, where.type))
          if (await this.#meets({ ...at, type: where.type, candidate: contained }, where.where)) return true
        return false
      }
      case 'chain': {
        for (const reference of referencesOf(at.candidate, where.param))
          for (const target of where.targets) if (await this.#leads(at, reference, target)) return true
        if (at.root.unresolved) throw undecidable(where.param)
        return false
      }
      case 'has':
        return (await this.#referredByWritten(at, where)) || this.#referredByStored(at, where)
      default:
        return matchesIndex(where, at.candidate)
    }
  }

  async #leads(at: AtHand, { target }: ReferenceEntry, { type, where }: TypedCondition): Promise<boolean> {
    const { pending } = this.#parts
    switch (target.kind) {
      case 'contained': {
        for (const contained of containedIn(at.root.index, type))
          if (contained.id === target.id && (await this.#meets({ ...at, type, candidate: contained }, where)))
            return true
        return false
      }
      case 'local': {
        if (target.type !== type) return false
        const written = pending.written(type, target.id)
        if (written !== undefined) return this.meets(type, written, where)
        return this.#asksStored(typedCondition(type, and([idMatch(target.id), where])))
      }
      case 'url': {
        const named = and([hasUrl(target), where])
        for (const written of pending.candidates(type, named))
          if (await this.meets(type, written, named)) return true
        return this.#asksStored(typedCondition(type, named))
      }
    }
  }

  async #referredByWritten({ type, candidate, root }: AtHand, { source, param }: HasMatch): Promise<boolean> {
    let later = false
    for (const written of this.#parts.pending.candidates(source.type, source.where)) {
      const refers = referencesOf(written, param).some(({ target }) => {
        if (candidate !== root)
          return target.kind === 'contained' && written === root && target.id === candidate.id
        if (target.kind === 'local') return target.type === type && target.id === candidate.id
        return target.kind === 'url' && matchesIndex(hasUrl(target), candidate)
      })
      if (!refers && !written.unresolved) continue
      if (!(await this.meets(source.type, written, source.where))) continue
      if (refers) return true
      later ||= candidate === root
    }
    if (later) throw undecidable(`_has:${source.type}:${param}`)
    return false
  }

  async #referredByStored({ type, candidate, root }: AtHand, { source, param }: HasMatch): Promise<boolean> {
    if (candidate !== root) return false
    const refers = (how: Expression) =>
      this.#asksStored(typedCondition(source.type, and([how, source.where])))
    if (await refers(localReferenceMatch(param, [type], candidate.id))) return true
    for (const url of urlsOf(candidate))
      if (await refers(urlReferenceMatch(param, url))) throw undecidable(`_has:${source.type}:${param}`)
    return false
  }

  /** Whether some resource that the transaction does not write meets the condition; the turn will see that it still does. */
  async #asksStored(condition: TypedCondition): Promise<boolean> {
    const { store, access, assertions } = this.#parts
    const { type, where } = await this.#untouched(condition)
    const [id] = await store.matches(type, where, 1, access)
    assertions.push(
      id === undefined ? { type, where, ids: [] } : { type, where: and([idMatch(id), where]), ids: [id] },
    )
    return id !== undefined
  }
}

/** One after the other, as each may ask the store. */
async function inTurn<Item, Result>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await ask(item))
  return results
}

/** What can be told at once comes before what others must be asked for. */
function plainFirst(nodes: readonly Expression[]): Expression[] {
  return [...nodes.filter((node) => !looksElsewhere(node)), ...nodes.filter(looksElsewhere)]
}

function referencesOf({ index }: Candidate, param: string): ReferenceEntry[] {
  return index.entries.filter((entry) => entry.kind === 'reference').filter((entry) => entry.param === param)
}

function urlsOf({ index }: Candidate): string[] {
  return index.entries
    .filter((entry) => entry.kind === 'uri')
    .filter(({ param }) => param === 'url')
    .map(({ value }) => value)
}

/** See `ChainMatch`: what a canonical leads to. */
function hasUrl({ url, version }: Extract<ReferenceEntry['target'], { kind: 'url' }>): Expression {
  const named = uriMatch('url', url)
  return version === undefined ? named : and([named, tokenMatch('version', '', version)])
}

/** A stored resource with this id: a contained one, which may have the same, was never written at a time. */
function storedId(id: string): Expression {
  return and([idMatch(id), lastUpdatedMatch({ comparator: 'ge', low: 0, high: 1 })])
}

function undecidable(what: string): FhirError {
  return new FhirError(
    'invalid-search',
    `${what} depends on references that are settled only when this transaction is done: name the resource by its id, or by its own values.`,
  )
}
