// Compiled expressions against the library, on written ones: combinations of every operator, and those that we ship.
import { globSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { compileFhirPath, isJsonObject, type JsonValue } from '../../../../src/fhir/index.ts'
import { agree, byLibrary, byUs, type Outcome } from './oracle.ts'
import { environment, resources } from './samples.ts'

const OPERANDS = [
  '{}', 'true', 'false', '0', '1', '0.3', "'a'", "'A'", "'12'", '%weights', '%answers', '%coding', 'item.answer.value',
  '@2024-01-31', 'birthDate', 'name.given', 'active', 'component.value', 'id', '%half + 0.1', 'name.given.extension',
] // biome-ignore format: a list

const OPERATORS = [
  '=', '!=', '~', '!~', '<', '<=', '>', '>=', '+', '-', '*', '/', 'div', 'mod', '&', '|', 'in', 'contains', 'and', 'or',
  'xor', 'implies',
] // biome-ignore format: a list

const INPUTS = [
  '{}', 'true', '3', '2.5', "'text'", '%weights', '%answers', '%word', 'item', 'repeat(item).answer.value', 'name',
  'name.given', 'birthDate', 'extension', 'component.value', '%coding', 'active', 'item.answer.value.first()', 'authored',
] // biome-ignore format: a list

const CALLS = [
  'empty()', 'not()', 'exists()', 'count()', 'first()', 'last()', 'tail()', 'single()', 'distinct()', 'isDistinct()',
  'skip(1)', 'take(2)', 'sum()', 'min()', 'max()', 'avg()', 'weight()', 'ordinal()', 'hasValue()', "extension('urn:a')",
  'where($this = 1)', 'where($index > 0)', 'select($index)', 'select($this | $this)', 'all($this = 1)', 'exists($index = 1)',
  'aggregate($total + $this, 0)', 'aggregate($total | $this)', 'iif($this.exists(), 1, 2)', 'iif(false, 1)',
  "defineVariable('v').select(%v.count())", "defineVariable('v', count()).select($this.toString() & %v.toString())",
  "combine('a' | 1)", "union('a' | 1)", "intersect('a' | 1 | 2)", "exclude('a' | 1 | 2)", 'subsetOf(%weights)',
  'supersetOf(%weights)', 'allTrue()', 'anyTrue()', 'allFalse()', 'anyFalse()', 'upper()', 'lower()', 'trim()', 'length()',
  "startsWith('t')", "endsWith('t')", "contains('ex')", "indexOf('x')", 'substring(1)', 'substring(1, 2)', "join('-')",
  'join()', 'abs()', 'ceiling()', 'floor()', 'truncate()', 'sqrt()', 'round()', 'round(1)', 'toInteger()', 'toDecimal()',
  'toString()', 'toBoolean()', 'toDate()', 'is(Coding)', 'as(string)', 'ofType(Coding)', 'ofType(integer)', "trace('t')",
  'is(System.Integer)', 'ofType(Integer)', 'ofType(String)', 'repeat(item | answer)', 'repeat($this)',
] // biome-ignore format: a list

const STEPS = ['answer', 'answer.value', 'given', 'resourceType', '`use`', '[0]', '[5]'] // biome-ignore format: a list

/** The library says that a number may equal a date, but not that a date may equal a number. */
const WRONG_THERE = /^\((?:0|1|0\.3|%half \+ 0\.1)\) !?= \((?:@2024-01-31|birthDate)\)$/

t.test('operators, on every pair of operands', async (t) => {
  compare(
    t,
    OPERANDS.flatMap((left) =>
      OPERANDS.flatMap((right) => OPERATORS.map((operator) => `(${left}) ${operator} (${right})`)),
    ),
    0.8,
  )
})

t.test('functions and steps, on every input', async (t) => {
  compare(
    t,
    INPUTS.flatMap((input) => [
      ...CALLS.map((call) => `(${input}).${call}`),
      ...STEPS.map((step) => (step.startsWith('[') ? `(${input})${step}` : `(${input}).${step}`)),
    ]),
    0.8,
  )
})

t.test('the expressions that we ship are all compiled, and select what the library selects', async (t) => {
  const expressions = new Set<string>()
  for (const file of globSync('profiles/{questionnaires,measures,assessments}/**/*.json')) {
    collect(JSON.parse(readFileSync(file, 'utf8')) as JsonValue, expressions)
  }
  t.ok(expressions.size > 50, `${expressions.size} expressions`)
  for (const expression of expressions) t.ok(compileFhirPath(expression), expression)
  compare(t, [...expressions], 0.8)
})

function compare(t: Test, expressions: readonly string[], least: number): void {
  let compiled = 0
  for (const expression of expressions) {
    const theirs = byLibrary(expression, resources, environment)
    for (const [at, resource] of resources.entries()) {
      const ours = byUs(expression, resource, environment)
      if (ours === undefined || WRONG_THERE.test(expression)) continue
      compiled += 1
      const expected = theirs[at] as Outcome
      if (!agree(ours, expected))
        t.same(ours, expected, `${expression} on ${String(resource['resourceType'])}`)
    }
  }
  const all = expressions.length * resources.length
  t.ok(compiled > least * all, `${compiled} of ${all} compiled`)
}

/** What stands in FHIR's Expressions. */
function collect(value: JsonValue | undefined, into: Set<string>): void {
  if (Array.isArray(value)) for (const each of value) collect(each, into)
  else if (isJsonObject(value)) {
    const { language, expression } = value
    if (language === 'text/fhirpath' && typeof expression === 'string') into.add(expression)
    for (const each of Object.values(value)) collect(each, into)
  }
}
