// Pieces of JavaScript that the invariants' compiler puts together: values, and booleans of three values.

/** A collection. Where `many` is false it holds one item at most. */
export interface Value {
  readonly kind: 'value'
  readonly many: boolean
  /**
   * If many, an array or undefined; else the item, or undefined. A primitive that has only extensions
   * is null in an array, and undefined alone.
   */
  readonly js: string
  /** As `js`, but null for a lone primitive that has only extensions. */
  readonly item: string
  /** JavaScript that is true when the collection is not empty. */
  readonly exists: string
  /** FHIR type or backbone path; `string`, `integer`, `boolean` for computed values; `any` when unknown. */
  readonly type: string
  /** A value of a choice element is still of any of these. */
  readonly choice?: { readonly owner: string; readonly properties: ReadonlyMap<string, string> }
  readonly literal?: boolean
}

/** A boolean or empty: empty is neither `yes` nor `no`. */
export interface Bool {
  readonly kind: 'bool'
  readonly yes: string
  readonly no: string
  /** Never empty: `no` says just the opposite of `yes`. */
  readonly known: boolean
}

export type Code = Value | Bool

export function value(many: boolean, js: string, type: string, exists?: string): Value {
  return {
    kind: 'value',
    many,
    js,
    item: js,
    type,
    exists: exists ?? (many ? `size(${js}) > 0` : `${js} !== undefined`),
  }
}

export function literal(js: string, type: string): Value {
  return { kind: 'value', many: false, js, item: js, type, exists: 'true', literal: true }
}

export function known(js: string): Bool {
  return { kind: 'bool', yes: js, no: negate(js), known: true }
}

/** Of JavaScript that yields true, false or undefined. */
export function maybe(js: string): Bool {
  return { kind: 'bool', yes: `${js} === true`, no: `${js} === false`, known: false }
}

export function not(bool: Bool): Bool {
  return { ...bool, yes: bool.no, no: bool.yes }
}

export function and(a: Bool, b: Bool): Bool {
  return { kind: 'bool', yes: allOf(a.yes, b.yes), no: anyOf(a.no, b.no), known: a.known && b.known }
}

export function or(a: Bool, b: Bool): Bool {
  return not(and(not(a), not(b)))
}

export function implies(a: Bool, b: Bool): Bool {
  return or(not(a), b)
}

/** True when exactly one is; empty when either is empty. */
export function xor(a: Bool, b: Bool): Bool {
  if (a.known && b.known) {
    const [left, right] = [operand(a.yes), operand(b.yes)]
    return { kind: 'bool', yes: `${left} !== ${right}`, no: `${left} === ${right}`, known: true }
  }
  return {
    kind: 'bool',
    yes: anyOf(allOf(a.yes, b.no), allOf(a.no, b.yes)),
    no: anyOf(allOf(a.yes, b.yes), allOf(a.no, b.no)),
    known: false,
  }
}

/** A boolean as one item: true, false or undefined. */
export function boolItem(bool: Bool): string {
  return bool.known ? bool.yes : `(${bool.yes} ? true : ${wrap(bool.no)} ? false : undefined)`
}

export function allOf(...parts: readonly string[]): string {
  if (parts.includes('false')) return 'false'
  const left = [...new Set(parts.filter((part) => part !== 'true'))]
  return left.length === 0 ? 'true' : left.length === 1 ? (left[0] as string) : left.map(wrap).join(' && ')
}

export function anyOf(...parts: readonly string[]): string {
  if (parts.includes('true')) return 'true'
  const left = [...new Set(parts.filter((part) => part !== 'false'))]
  return left.length === 0 ? 'false' : left.length === 1 ? (left[0] as string) : left.map(wrap).join(' || ')
}

export function negate(js: string): string {
  if (js === 'true') return 'false'
  if (js === 'false') return 'true'
  const comparison = /^([\w.?]+|\([\w.?]+ \?\? [\w.?]+\)) (===|!==) ([\w.?]+|"[^"]*")$/.exec(js)
  if (comparison !== null)
    return `${comparison[1]} ${comparison[2] === '===' ? '!==' : '==='} ${comparison[3]}`
  if (/^!\w+\((?:[^()]|\([^()]*\))*\)$/.test(js)) return js.slice(1)
  return isCall(js) ? `!${js}` : `!(${js})`
}

/** In parentheses, unless it is a name, a call, or a comparison of such. */
export function wrap(js: string): string {
  return /^[\w.?]+ (?:===|!==|<=|>=|<|>) (?:[\w.]+|"[^"]*")$/.test(js) ||
    /^!?[\w.?]+$/.test(js) ||
    isCall(js.replace(/^!/, ''))
    ? js
    : `(${js})`
}

/** As an operand of `===`: in parentheses, unless it is a call. */
function operand(js: string): string {
  return isCall(js.replace(/^!/, '')) ? js : `(${js})`
}

/** Whether it is one call, `f(...)`, whose first parenthesis is closed by the last. */
function isCall(js: string): boolean {
  if (!/^[\w.?]+\(/.test(js) || !js.endsWith(')')) return false
  let depth = 0
  let quote = ''
  for (let at = 0; at < js.length; at += 1) {
    const character = js[at] as string
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === '"') quote = character
    else if (character === '(') depth += 1
    else if (character === ')') {
      depth -= 1
      if (depth === 0) return at === js.length - 1
    }
  }
  return false
}
