// Whether a search is for what refers to something that nothing has ever named: then no index row needs to be read.
import type { Expression } from '../query/expression.ts'
import type { Dictionary } from './dictionary.ts'

/** Whether nothing can match. */
export function leadsNowhere(where: Expression, dictionary: Dictionary): boolean {
  switch (where.kind) {
    case 'and':
      return where.all.some((one) => leadsNowhere(one, dictionary))
    case 'reference': {
      const { target } = where
      return (
        target.kind === 'local' &&
        target.types.every((type) => dictionary.keys(dictionary.type(type), target.id).length === 0)
      )
    }
    default:
      return false
  }
}
