// `_sort` (https://hl7.org/fhir/R4/search.html#sort).
import { nearestName } from '../../fhir/index.ts'
import type { SortableEntry, SortKey } from '../../store/index.ts'
import type { Registry } from '../registry.ts'
import { quoted, SearchFault } from './refusal.ts'

/** Keys after which nothing is left to order for any reader. */
const MOST_KEYS = 10

/**
 * Search parameters between commas, each perhaps behind `-`. All types searched must have each, of the same kind.
 * @throws SearchFault
 */
export function readSort(value: string, types: readonly string[], registry: Registry): readonly SortKey[] {
  const names = value.split(',')
  if (names.length > MOST_KEYS) throw fault('value', `it has more than ${MOST_KEYS} keys.`)
  const seen = new Set<string>()
  return names.map((name) => {
    const descending = name.startsWith('-')
    const code = descending ? name.slice(1) : name
    if (code === '') throw fault('value', 'a key between its commas is empty.')
    if (seen.has(code)) throw fault('value', `${quoted(code)} stands more than once.`)
    seen.add(code)
    return sortKey(code, descending, types, registry)
  })
}

function sortKey(code: string, descending: boolean, types: readonly string[], registry: Registry): SortKey {
  if (code === '_id') return { by: 'id', descending }
  if (code === '_lastUpdated') return { by: 'lastUpdated', descending }
  const kinds = new Set(types.map((type) => registry.offered(type).get(code)?.type))
  const [kind] = kinds
  if (kinds.size > 1) {
    throw fault('not-supported', `not every type that is searched has ${quoted(code)}, of the same kind.`)
  }
  if (kind === undefined) throw unknown(code, types, registry)
  if (kind === 'composite' || kind === 'special' || code === '_text' || code === '_content')
    throw fault('not-supported', `${quoted(code)} has no order: it is no single value.`)
  const entry = kind satisfies SortableEntry
  const clinical = entry === 'date' && types.every((type) => registry.isClinicalDate(type, code))
  const key = { by: 'entry', entry, param: code, descending, ...(clinical && { clinical }) } as const
  const kept = types
    .map((type) => [type, registry.kept(type).names(code)] as const)
    .filter(([, names]) => names.length > 1 || names[0] !== code)
  return kept.length === 0 ? key : { ...key, kept: Object.fromEntries(kept) }
}

function unknown(code: string, types: readonly string[], registry: Registry): SearchFault {
  if (code === '_score') return fault('not-supported', 'results have no score here by which to sort them.')
  if (/[.:]/.test(code)) {
    return fault(
      'not-supported',
      `${quoted(code)} is a chain or has a modifier. Right would be search parameters of the type itself, such as -date.`,
    )
  }
  const [type = ''] = types
  const status = types.map((it) => registry.statusOf(it, code)).find((it) => it !== undefined)
  if (status !== undefined) return fault('not-supported', `${quoted(code)} ${status}.`)
  const near = nearestName(code, ['_id', ...registry.offered(type).keys()])
  const hint = near === undefined ? '' : ` Did you mean ${quoted(near)}?`
  return fault('not-supported', `${type} has no parameter ${quoted(code)} to sort by.${hint}`)
}

function fault(code: 'not-supported' | 'value', text: string): SearchFault {
  return new SearchFault('_sort', code, text)
}
