// SQL text and its parameters kept together, so that neither can be put anywhere without the other.
import { beginning } from './sql-text.ts'

export type Value = number | string | Uint8Array | null

export interface Fragment {
  readonly text: string
  /** One for each `?` of the text, in its order. */
  readonly params: readonly Value[]
}

/** What stands in `${}` becomes a parameter, unless it is a fragment: that is put in with its own parameters. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Fragment | Value)[]): Fragment {
  let written = beginning(texts)
  const params: Value[] = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]!
    if (isFragment(part)) {
      written = written.followedBy(part.text, texts[at + 1]!)
      for (const param of part.params) params.push(param)
    } else {
      written = written.withParameter(texts[at + 1]!)
      params.push(part)
    }
  }
  return { text: written.text, params }
}

/**
 * `LIMIT` by a parameter. The sum keeps SQLite from looking at the parameter's value when it plans: a statement whose
 * plan has looked at a value is prepared anew each time that one is bound (sqlite3ExprIsInteger in SQLite 3.53), which takes
 * longer than most statements do.
 */
export function atMost(rows: number): Fragment {
  return sql`LIMIT ${rows} + 0`
}

/** Text of the program's own, such as a table's name; never anything from outside. */
export function raw(text: string): Fragment {
  return { text, params: [] }
}

export function joined(parts: readonly Fragment[], between: string): Fragment {
  return {
    text: parts.map((part) => part.text).join(between),
    params: parts.flatMap((part) => part.params),
  }
}

export const TRUE = raw('1')
export const FALSE = raw('0')

/** All must hold; none at all is true. */
export function allOf(conditions: readonly Fragment[]): Fragment {
  const open = conditions.filter((condition) => condition !== TRUE)
  if (open.includes(FALSE)) return FALSE
  return open.length === 0 ? TRUE : balanced(open, both)
}

/** One must hold; none at all is false. */
export function anyOf(conditions: readonly Fragment[]): Fragment {
  const open = conditions.filter((condition) => condition !== FALSE)
  if (open.includes(TRUE)) return TRUE
  return open.length === 0 ? FALSE : balanced(open, either)
}

const both = (left: Fragment, right: Fragment) => sql`(${left} AND ${right})`
const either = (left: Fragment, right: Fragment) => sql`(${left} OR ${right})`

/** Parenthesised in halves: SQLite bounds the depth of an expression, not its length. */
function balanced(parts: readonly Fragment[], pair: typeof both): Fragment {
  if (parts.length === 1) return parts[0]!
  const middle = parts.length >> 1
  return pair(balanced(parts.slice(0, middle), pair), balanced(parts.slice(middle), pair))
}

/** `= ?` for one value; a list of any length is one parameter, so that the text stays the same for all. */
export function isIn(values: readonly (number | string)[]): Fragment {
  return values.length === 1
    ? sql`= ${values[0]!}`
    : sql`IN (SELECT value FROM json_each(${JSON.stringify(values)}))`
}

function isFragment(part: Fragment | Value): part is Fragment {
  return typeof part === 'object' && part !== null && 'text' in part
}
