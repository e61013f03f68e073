// The conditions that a resource must meet when it is indexed by these entries.
import {
  and,
  compositeMatch,
  dateMatch,
  localReferenceMatch,
  numberMatch,
  presenceMatch,
  quantityMatch,
  stringMatch,
  tokenMatch,
  uriMatch,
  urlReferenceMatch,
  type Expression,
  type IndexEntry,
} from '../store/index.ts'

/** Holds for a resource that has this entry; and for none without one that is much like it. */
export function foundBy(entry: IndexEntry): Expression {
  const { param } = entry
  switch (entry.kind) {
    case 'token':
      return tokenMatch(param, entry.system, entry.code)
    case 'string':
      return stringMatch(param, entry.exact, 'exact')
    case 'uri':
      return uriMatch(param, entry.value)
    case 'reference': {
      const { target } = entry
      if (target.kind === 'local') return localReferenceMatch(param, [target.type], target.id)
      if (target.kind === 'contained') return presenceMatch(param, 'reference')
      return urlReferenceMatch(
        param,
        target.version === undefined ? target.url : `${target.url}|${target.version}`,
      )
    }
    case 'date':
      return dateMatch(param, { comparator: 'eq', low: entry.low, high: entry.high })
    case 'number':
      return and([
        numberMatch(param, { comparator: 'ge', low: entry.low, high: entry.low }),
        numberMatch(param, { comparator: 'le', low: entry.high, high: entry.high }),
      ])
    case 'quantity': {
      // A quantity without a system is found by its code or unit alone.
      const system = entry.system === '' ? undefined : entry.system
      const code = entry.code === '' ? undefined : entry.code
      if (!Number.isFinite(entry.low) || !Number.isFinite(entry.high)) return presenceMatch(param, 'quantity')
      return and([
        quantityMatch(param, { comparator: 'ge', low: entry.low, high: entry.low }, system, code),
        quantityMatch(param, { comparator: 'le', low: entry.high, high: entry.high }, system, code),
      ])
    }
    case 'composite':
      return compositeMatch(param, entry.components.map(foundBy))
    case 'position':
      return presenceMatch(param, 'position')
  }
}
