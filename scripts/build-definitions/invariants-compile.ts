// Compiles a FHIRPath invariant to JavaScript that walks a resource's JSON by direct property access.
import { type BinaryOperator, type FhirPathNode, parseFhirPath } from '../../src/fhir/fhirpath/syntax.ts'
import {
  and,
  anyOf,
  allOf,
  type Bool,
  boolItem,
  type Code,
  implies,
  known,
  literal,
  maybe,
  not,
  or,
  type Value,
  value,
  wrap,
  xor,
} from './invariants-code.ts'
import type { Types } from './invariants-types.ts'

/** Gives a constant's JavaScript a name that stands for it in the generated file. */
export type Hoist = (prefix: string, js: string) => string

interface Scope {
  /** `$this` */
  readonly focus: Value
  /** The node that the invariant stands on; `%context`. */
  readonly root: Value
  readonly depth: number
}

const DATES = new Set(['date', 'dateTime', 'instant'])
const UCUM = 'http://unitsofmeasure.org'

/** The body of a check: what is the same for all items of a collection comes first, as `k1`, `k2`, evaluated when first asked for. */
export interface CompiledInvariant {
  readonly constants: readonly string[]
  readonly js: string
}

/**
 * JavaScript that is true when the invariant holds for the node `n` (with `c.resource`, `c.rootResource`):
 * when the expression is true or, if `holdsWhenEmpty`, not false. `type` is that of the node, `resourceType` of the resource around it,
 * or undefined when it may be any.
 */
export function compileInvariant(
  expression: string,
  type: string,
  resourceType: string | undefined,
  types: Types,
  hoist: Hoist,
  holdsWhenEmpty: boolean,
): CompiledInvariant {
  const constants: string[] = []
  const root: Value = { kind: 'value', many: false, js: 'n', item: 'n', exists: 'true', type }
  const code = asBool(compile(parseFhirPath(expression), { focus: root, root, depth: 1 }))
  return { constants, js: code.known || !holdsWhenEmpty ? code.yes : negated(code.no) }

  /** Moves out of a loop what does not depend on its item, so that a check's cost stays linear. */
  function lift(js: string, scope: Scope): string {
    const bound = [...js.matchAll(/\bi(\d+)\b/g)].some(([, depth]) => Number(depth) < scope.depth)
    if (scope.depth === 1 || bound || /^[\w."]+$/.test(js)) return js
    if (!constants.includes(js)) constants.push(js)
    return `k${constants.indexOf(js) + 1}()`
  }

  function negated(js: string): string {
    return js === 'false' ? 'true' : not(known(js)).yes
  }

  function compile(node: FhirPathNode, scope: Scope): Code {
    switch (node.kind) {
      case 'empty':
        return value(false, 'undefined', 'any', 'false')
      case 'boolean':
        return known(String(node.value))
      case 'string':
        return literal(JSON.stringify(node.value), 'string')
      case 'number':
        return literal(node.text, 'decimal')
      case 'this':
        return scope.focus
      case 'environment':
        return environment(node.name, scope)
      case 'member':
        return member(node, scope)
      case 'type':
        return typed(node, scope)
      case 'call':
        return call(node, scope)
      case 'binary':
        return binary(node.operator, node.left, node.right, scope)
      default:
        throw new Error(`${expression}: no code for ${node.kind}`)
    }
  }

  function compileValue(node: FhirPathNode | undefined, scope: Scope): Value {
    const code = node === undefined ? scope.focus : compile(node, scope)
    if (code.kind === 'value') return code
    return value(false, boolItem(code), 'boolean', code.known ? 'true' : anyOf(code.yes, code.no))
  }

  function compileBool(node: FhirPathNode, scope: Scope): Bool {
    return asBool(compile(node, scope))
  }

  function environment(name: string, scope: Scope): Value {
    if (name === 'ucum') return literal(JSON.stringify(UCUM), 'string')
    if (name === 'context') return scope.root
    if (name === 'resource') return value(false, 'c.resource', resourceType ?? 'any', 'true')
    if (name === 'rootResource') return value(false, 'c.rootResource', 'any', 'true')
    throw new Error(`${expression}: no code for %${name}`)
  }

  function member(node: FhirPathNode & { kind: 'member' }, scope: Scope): Value {
    if (node.input === undefined && scope.focus === scope.root && node.name === type) return scope.root
    const input = compileValue(node.input, scope)
    if (input.many) return flat(input, scope, (item) => step(item, node.name))
    return step(input, node.name)
  }

  function step(owner: Value, name: string): Value {
    const element = types.element(owner.type, name)
    if (element === undefined) {
      if (owner.type !== 'any') throw new Error(`${expression}: ${owner.type} has no ${name}`)
      return value(true, `children(${owner.js}, ${JSON.stringify(name)})`, 'any')
    }
    // An item of a malformed array may be null.
    const dot = owner.js === 'n' || /^c\.\w+$/.test(owner.js) ? '.' : '?.'
    const js = `${owner.js}${dot}${name}`
    const sibling = `${owner.js}${dot}_${name}`
    if (element.choices.length > 0) {
      const names = element.choices.flatMap((it) =>
        it.primitive ? [it.property, `_${it.property}`] : [it.property],
      )
      const list = hoist('CHOICE', JSON.stringify(names))
      return {
        ...value(false, `chosen(${owner.js}, ${list})`, 'any', `hasAny(${owner.js}, ${list})`),
        choice: {
          owner: `${owner.js}${dot}`,
          properties: new Map(element.choices.map((it) => [it.type, it.property])),
        },
      }
    }
    if (element.many) {
      return element.primitive
        ? value(true, `values(${js}, ${sibling})`, element.type, `size(${js} ?? ${sibling}) > 0`)
        : value(true, js, element.type)
    }
    if (!element.primitive) return value(false, js, element.type)
    return {
      ...value(false, js, element.type, `(${js} ?? ${sibling}) !== undefined`),
      item: `value(${js}, ${sibling})`,
    }
  }

  /** What `body` makes of each item, in one collection. */
  function flat(input: Value, scope: Scope, body: (item: Value, inner: Scope) => Value): Value {
    const { item, inner } = each(input, scope)
    const result = body(item, inner)
    const js = result.many ? result.js : result.item
    if (js === item.js) return input
    return {
      ...value(true, `flat(${input.js}, (${item.js}) => ${js})`, result.type),
      exists: `some(${input.js}, (${item.js}) => ${result.exists})`,
    }
  }

  function each(input: Value, scope: Scope): { readonly item: Value; readonly inner: Scope } {
    const name = `i${scope.depth}`
    const item: Value = { kind: 'value', many: false, js: name, item: name, exists: 'true', type: input.type }
    return { item, inner: { ...scope, focus: item, depth: scope.depth + 1 } }
  }

  function typed(node: FhirPathNode & { kind: 'type' }, scope: Scope): Code {
    const input = compileValue(node.input, scope)
    if (input.choice !== undefined) {
      const property = input.choice.properties.get(node.type)
      if (property === undefined) throw new Error(`${expression}: never of type ${node.type}`)
      const { owner } = input.choice
      const one: Value = types.isPrimitive(node.type)
        ? {
            ...value(
              false,
              owner + property,
              node.type,
              `(${owner}${property} ?? ${owner}_${property}) !== undefined`,
            ),
            item: `value(${owner}${property}, ${owner}_${property})`,
          }
        : value(false, owner + property, node.type)
      if (node.operator !== 'is') return one
      return {
        kind: 'bool',
        yes: one.exists,
        no: allOf(input.exists, not(known(one.exists)).yes),
        known: false,
      }
    }
    if (!types.isResource(node.type) || input.many)
      throw new Error(`${expression}: no code for the type test`)
    const name = JSON.stringify(node.type)
    const is = `${input.js}?.resourceType === ${name}`
    if (node.operator === 'is') {
      return { kind: 'bool', yes: is, no: allOf(input.exists, not(known(is)).yes), known: false }
    }
    return value(false, `(${is} ? ${input.js} : undefined)`, node.type)
  }

  function call(node: FhirPathNode & { kind: 'call' }, scope: Scope): Code {
    const [first, second, third] = node.args
    if (node.name === 'not') return not(compileBool(node.input as FhirPathNode, scope))
    const input = compileValue(node.input, scope)
    const argument = () => compileValue(first, scope)
    switch (node.name) {
      case 'trace':
        return input
      case 'exists':
        return known(first === undefined ? input.exists : where(input, first, scope).exists)
      case 'empty':
        return not(known(input.exists))
      case 'count':
        return value(false, countOf(input), 'integer', 'true')
      case 'hasValue':
        return known(`${input.js} !== undefined`)
      case 'where':
        return where(input, first as FhirPathNode, scope)
      case 'all': {
        const { item, inner } = each(input, scope)
        const yes = compileBool(first as FhirPathNode, inner).yes
        return known(`every(${listOf(input)}, (${item.js}) => ${yes})`)
      }
      case 'select':
        if (!input.many) return compileValue(first, { ...scope, focus: input })
        return flat(input, scope, (_, inner) => compileValue(first, inner))
      case 'first':
        return input.many ? value(false, `first(${input.js})`, input.type) : input
      case 'tail':
        return value(true, `tail(${listOf(input)})`, input.type)
      case 'isDistinct':
        return input.many ? known(`distinct(${input.js})`) : known('true')
      case 'combine':
        return value(true, `combine(${listOf(input)}, ${listOf(argument())})`, input.type)
      case 'intersect': {
        const both = `${listOf(input)}, ${lift(`setOf(${listOf(argument())})`, scope)}`
        return value(true, `intersect(${both})`, input.type, `meet(${both})`)
      }
      case 'children':
      case 'descendants':
        return value(true, `${node.name === 'children' ? 'children' : 'descendants'}(${input.js})`, 'any')
      case 'startsWith':
      case 'contains':
        return maybe(`${node.name}(${one(input)}, ${one(argument())})`)
      case 'matches':
        return maybe(`matches(${one(input)}, ${regex(first)})`)
      case 'replaceMatches': {
        const replacement = one(compileValue(second, scope))
        const js = `replaceMatches(${one(input)}, ${regex(first)}, ${replacement})`
        return value(false, lift(js, scope), 'string')
      }
      case 'toInteger':
        return value(false, `toInteger(${one(input)})`, 'integer')
      case 'toString':
        return value(false, `toText(${one(input)})`, 'string')
      case 'iif': {
        const inner = node.input === undefined ? scope : { ...scope, focus: input }
        const test = compileBool(first as FhirPathNode, inner).yes
        const then = compileBool(second as FhirPathNode, inner)
        if (third !== undefined) throw new Error(`${expression}: no code for the otherwise of iif()`)
        return { kind: 'bool', yes: allOf(test, then.yes), no: allOf(test, then.no), known: false }
      }
      default:
        throw new Error(`${expression}: no code for ${node.name}()`)
    }
  }

  function where(input: Value, criteria: FhirPathNode, scope: Scope): Value {
    if (!input.many) {
      const { yes } = compileBool(criteria, { ...scope, focus: input })
      return { ...input, js: `(${yes} ? ${input.js} : undefined)`, exists: allOf(input.exists, yes) }
    }
    const { item, inner } = each(input, scope)
    const test = `${input.js}, (${item.js}) => ${compileBool(criteria, inner).yes}`
    return value(true, `filter(${test})`, input.type, `some(${test})`)
  }

  /** A regular expression as FHIRPath means it: dot matches all, and Unicode where its escapes allow that. */
  function regex(node: FhirPathNode | undefined): string {
    if (node?.kind !== 'string') throw new Error(`${expression}: a regular expression must be a literal`)
    let flags = 'su'
    try {
      new RegExp(node.value, flags)
    } catch {
      flags = 's'
    }
    return hoist('PATTERN', `new RegExp(${JSON.stringify(node.value)}, ${JSON.stringify(flags)})`)
  }

  function countOf(input: Value): string {
    return input.many ? `size(${input.js})` : input.exists === 'true' ? '1' : `Number(${input.exists})`
  }

  function listOf(input: Value): string {
    return input.many ? input.js : `listOf(${input.item})`
  }

  function one(input: Value): string {
    if (!input.many) return input.js
    if (input.type === 'any') return `first(${input.js})`
    throw new Error(`${expression}: a single item is needed`)
  }

  function binary(operator: BinaryOperator, left: FhirPathNode, right: FhirPathNode, scope: Scope): Code {
    switch (operator) {
      case 'and':
        return and(compileBool(left, scope), compileBool(right, scope))
      case 'or':
        return or(compileBool(left, scope), compileBool(right, scope))
      case 'xor':
        return xor(compileBool(left, scope), compileBool(right, scope))
      case 'implies':
        return implies(compileBool(left, scope), compileBool(right, scope))
      case '=':
        return equal(compile(left, scope), compile(right, scope))
      case '!=':
        return not(equal(compile(left, scope), compile(right, scope)))
      case '<':
      case '<=':
      case '>':
      case '>=':
        return ordered(operator, compileValue(left, scope), compileValue(right, scope))
      case '+': {
        const terms = [compileValue(left, scope), compileValue(right, scope)]
        if (terms.some((it) => it.exists !== 'true')) throw new Error(`${expression}: + of what may be empty`)
        return value(false, terms.map((it) => it.js).join(' + '), 'integer', 'true')
      }
      case '&': {
        const terms = [compileValue(left, scope), compileValue(right, scope)]
        const js = terms.map((it) => (it.literal ? it.js : `text(${one(it)})`)).join(' + ')
        return value(false, lift(js, scope), 'string', 'true')
      }
      case '|':
        return union(compileValue(left, scope), compileValue(right, scope))
      case 'in':
        return contains(right, left, scope)
      case 'contains':
        return contains(left, right, scope)
      default:
        throw new Error(`${expression}: no code for ${operator}`)
    }
  }

  function union(left: Value, right: Value): Value {
    return value(
      true,
      `union(${listOf(left)}, ${listOf(right)})`,
      left.type === right.type ? left.type : common(left.type, right.type),
      anyOf(left.exists, right.exists),
    )
  }

  /** Two backbones that hold the same kind of element (`snapshot | differential`) may be read as the first. */
  function common(left: string, right: string): string {
    return left.includes('.') && right.includes('.') ? left : 'any'
  }

  /** Comparing what has no value says false, as the reference implementations do. */
  function equal(left: Code, right: Code): Bool {
    if (left.kind === 'bool' && right.kind === 'bool') return not(xor(left, right))
    if (left.kind === 'bool' || right.kind === 'bool') {
      const [bool, other] = left.kind === 'bool' ? [left, right as Value] : [right as Bool, left]
      if (!bool.known || (bool.yes !== 'true' && bool.yes !== 'false')) {
        throw new Error(`${expression}: no code for this comparison`)
      }
      return sameAs(other, literal(bool.yes, 'boolean'))
    }
    if (left.many || right.many) throw new Error(`${expression}: single items are needed`)
    if (right.exists === 'true') return sameAs(left, right)
    const yes = allOf(`${left.js} !== undefined`, `${left.js} === ${right.js}`)
    return {
      kind: 'bool',
      yes,
      no: allOf(left.exists, right.exists, `${left.js} !== ${right.js}`),
      known: false,
    }
  }

  function sameAs(left: Value, right: Value): Bool {
    if (left.many) throw new Error(`${expression}: a single item is needed`)
    const yes = `${/^[\w.?]+$/.test(left.js) ? left.js : wrap(left.js)} === ${right.js}`
    if (left.exists === 'true') return known(yes)
    return { kind: 'bool', yes, no: allOf(left.exists, not(known(yes)).yes), known: false }
  }

  function ordered(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): Bool {
    const opposite = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' }[operator]
    if (left.exists === 'true' && right.exists === 'true') {
      return {
        kind: 'bool',
        yes: `${left.js} ${operator} ${right.js}`,
        no: `${left.js} ${opposite} ${right.js}`,
        known: true,
      }
    }
    const compare = DATES.has(left.type)
      ? 'compareTimes'
      : ['Quantity', 'SimpleQuantity'].includes(left.type)
        ? 'compareQuantities'
        : 'compareNumbers'
    const order = `${compare}(${one(left)}, ${one(right)})`
    return { kind: 'bool', yes: `${order} ${operator} 0`, no: `${order} ${opposite} 0`, known: false }
  }

  function contains(list: FhirPathNode, item: FhirPathNode, scope: Scope): Bool {
    const sought = compileValue(item, scope)
    const texts = literals(list)
    if (texts !== undefined) {
      const yes = anyOf(...texts.map((text) => `${one(sought)} === ${JSON.stringify(text)}`))
      return {
        kind: 'bool',
        yes,
        no: allOf(sought.exists, not(known(yes)).yes),
        known: sought.exists === 'true',
      }
    }
    const set = lift(`setOf(${listOf(compileValue(list, scope))})`, scope)
    const yes = `includes(${set}, ${one(sought)})`
    return {
      kind: 'bool',
      yes: allOf(sought.exists, yes),
      no: allOf(sought.exists, not(known(yes)).yes),
      known: sought.exists === 'true',
    }
  }

  function asBool(code: Code): Bool {
    if (code.kind === 'bool') return code
    if (code.type === 'boolean') {
      return { kind: 'bool', yes: `${one(code)} === true`, no: `${one(code)} === false`, known: false }
    }
    return { kind: 'bool', yes: code.exists, no: 'false', known: false }
  }
}

/** The texts of `('a' | 'b')`. */
function literals(node: FhirPathNode): readonly string[] | undefined {
  if (node.kind === 'string') return [node.value]
  if (node.kind !== 'binary' || node.operator !== '|') return undefined
  const left = literals(node.left)
  const right = literals(node.right)
  return left === undefined || right === undefined ? undefined : [...left, ...right]
}
