// Whether a stored version meets an expression or an access filter, said as plainly as possible: the oracle.
import {
  visitExpression,
  type AccessFilter,
  type Expression,
  type IndexEntry,
  type RangeComparison,
  type ResourceIndex,
} from '../../src/store/index.ts'

export interface Subject {
  readonly type: string
  readonly id: string
  /** Milliseconds since 1970. */
  readonly lastUpdated: number
  readonly index: ResourceIndex
}

export function naiveVisible(subject: Pick<Subject, 'type' | 'index'>, access: AccessFilter): boolean {
  const { patients, labels } = subject.index
  return access.anyOf.some(
    (rule) =>
      (rule.types === '*' || rule.types.includes(subject.type)) &&
      (rule.patients === '*' || rule.patients.some((patient) => patients.includes(patient))) &&
      !rule.withoutLabels.some((not) =>
        labels.some((has) => has.system === not.system && has.code === not.code),
      ),
  )
}

export function naiveMatch(subject: Subject, where: Expression): boolean {
  const entries = <Kind extends IndexEntry['kind']>(kind: Kind, param: string) =>
    subject.index.entries.filter(
      (entry): entry is Extract<IndexEntry, { kind: Kind }> => entry.kind === kind && entry.param === param,
    )

  return visitExpression<boolean>(where, {
    and: ({ all }) => all.every((part) => naiveMatch(subject, part)),
    or: ({ any }) => any.some((part) => naiveMatch(subject, part)),
    id: ({ id }) => subject.id === id,
    'last-updated': (node) => rangeHolds(node, subject.lastUpdated, subject.lastUpdated + 1),
    token: ({ param, system, code }) =>
      entries('token', param).some(
        (entry) =>
          (system === undefined || system === entry.system) && (code === undefined || code === entry.code),
      ),
    string: ({ param, prefix }) => entries('string', param).some((entry) => entry.folded.startsWith(prefix)),
    uri: ({ param, value }) => entries('uri', param).some((entry) => entry.value === value),
    date: (node) => entries('date', node.param).some(({ low, high }) => rangeHolds(node, low, high)),
    number: (node) => entries('number', node.param).some(({ low, high }) => valueHolds(node, low, high)),
    quantity: (node) =>
      entries('quantity', node.param).some(
        (entry) =>
          valueHolds(node, entry.low, entry.high) &&
          (node.system === undefined
            ? node.code === undefined || node.code === entry.code || node.code === entry.unit
            : node.system === entry.system && (node.code === undefined || node.code === entry.code)),
      ),
    reference: ({ param, target: asked }) =>
      entries('reference', param).some(({ target: has }) => {
        if (asked.kind === 'local')
          return has.kind === 'local' && asked.types.includes(has.type) && asked.id === has.id
        if (has.kind === 'local') return false
        return (
          asked.url === has.url || (has.version !== undefined && asked.url === `${has.url}|${has.version}`)
        )
      }),
  })
}

/** Two half-open ranges, as `RangeComparison` says. */
function rangeHolds({ comparator, low, high }: RangeComparison, from: number, to: number): boolean {
  const holds = {
    eq: from >= low && to <= high,
    gt: to > high,
    lt: from < low,
    sa: from >= high,
    eb: to <= low,
    ap: from < high && to > low,
  }
  switch (comparator) {
    case 'ne':
      return !holds.eq
    case 'ge':
      return holds.gt || holds.eq
    case 'le':
      return holds.lt || holds.eq
    default:
      return holds[comparator]
  }
}

/** One value as `NumberMatch` says; a stored Range as `RangeComparison` says. */
function valueHolds(comparison: RangeComparison, from: number, to: number): boolean {
  if (from !== to) return rangeHolds(comparison, from, to)
  const { comparator, low, high } = comparison
  const holds = {
    eq: from >= low && from < high,
    gt: from > low,
    lt: from < low,
    ge: from >= low,
    le: from <= low,
  }
  switch (comparator) {
    case 'ne':
      return !holds.eq
    case 'ap':
      return holds.eq
    case 'sa':
      return holds.gt
    case 'eb':
      return holds.lt
    default:
      return holds[comparator]
  }
}
