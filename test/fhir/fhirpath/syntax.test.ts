// The FHIRPath parser: trees, precedence as the fhirpath library has it, and errors that name their place.
import fc from 'fast-check'
import fhirpath from 'fhirpath'
import t from 'tap'
import { readBundleResources, readStructures } from '../../../scripts/build-definitions/sources.ts'
import { FhirError, type FhirPathNode, parseFhirPath } from '../../../src/fhir/index.ts'

/** An expression of the same meaning in which each operation stands in parentheses. */
function written(node: FhirPathNode): string {
  switch (node.kind) {
    case 'empty':
      return '{}'
    case 'boolean':
      return String(node.value)
    case 'string':
      return `'${node.value.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`
    case 'number':
      return node.text
    case 'date':
    case 'dateTime':
    case 'time':
      return `@${node.text}`
    case 'quantity':
      return node.calendar ? `${node.text} ${node.unit}` : `${node.text} '${node.unit}'`
    case 'this':
    case 'index':
    case 'total':
      return `$${node.kind}`
    case 'environment':
      return `%\`${node.name}\``
    case 'member':
      return `${before(node.input)}\`${node.name}\``
    case 'call':
      return `${before(node.input)}${node.name}(${node.args.map(written).join(', ')})`
    case 'indexer':
      return `${written(node.input)}[${written(node.index)}]`
    case 'unary':
      return `(${node.operator}${written(node.operand)})`
    case 'binary':
      return `(${written(node.left)} ${node.operator} ${written(node.right)})`
    case 'type':
      return node.operator === 'ofType'
        ? `${before(node.input)}ofType(${node.type})`
        : `(${node.input === undefined ? '$this' : written(node.input)} ${node.operator} ${node.type})`
  }
}

function before(input: FhirPathNode | undefined): string {
  return input === undefined ? '' : `${written(input)}.`
}

t.test('what an expression says', (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ['Patient.name.given', '`Patient`.`name`.`given`'],
    ["name.where(use = 'official').first()", "`name`.where((`use` = 'official')).first()"],
    ['name[0].given[1 + 1]', '`name`[0].`given`[(1 + 1)]'],
    ['a or b and c', '(`a` or (`b` and `c`))'],
    ['a implies b or c xor d', '(`a` implies ((`b` or `c`) xor `d`))'],
    ['a implies b implies c', '((`a` implies `b`) implies `c`)'],
    ['a = b in c', '((`a` = `b`) in `c`)'],
    ['a | b = c', '((`a` | `b`) = `c`)'],
    ['a < b = c', '((`a` < `b`) = `c`)'],
    ['1 - 2 - 3 * 4 div 5', '((1 - 2) - ((3 * 4) div 5))'],
    ['a & b + c', '((`a` & `b`) + `c`)'],
    ['-a.b', '(-`a`.`b`)'],
    ['- -1 * 2', '((-(-1)) * 2)'],
    ['value is Quantity and x', '((`value` is Quantity) and `x`)'],
    ['a + b is FHIR.Quantity', '((`a` + `b`) is FHIR.Quantity)'],
    ['(value as Quantity).unit', '(`value` as Quantity).`unit`'],
    ['value.as(Quantity).unit', '(`value` as Quantity).`unit`'],
    ['is(Patient)', '($this is Patient)'],
    ['value.ofType(System.String)', '`value`.ofType(System.String)'],
    ['a is B | c', '((`a` is B) | `c`)'],
    ["%resource.x | %'ext-a' | %`b c`", '((%`resource`.`x` | %`ext-a`) | %`b c`)'],
    ['$this.a', '$this.`a`'],
    ['a.$this', '`a`'],
    ['text.`div`.exists()', '`text`.`div`.exists()'],
    ['expansion.contains.code contains x', '(`expansion`.`contains`.`code` contains `x`)'],
    ['contains(x)', 'contains(`x`)'],
    ['as', '`as`'],
    ["4 days + 1.50 'mg'", "(4 day + 1.50 'mg')"],
    [
      '@2015-02 | @T14:30 | @2015-02-04T14:34:28.5+09:00 | @2015T',
      '(((@2015-02 | @T14:30) | @2015-02-04T14:34:28.5+09:00) | @2015T)',
    ],
    ['{} | true | false', '(({} | true) | false)'],
    ["'a\\'b\\\\c\\u0041\\n\\p'", "'a\\'b\\\\cA\\np'"],
    ['a // comment\n/* another */ . b', '`a`.`b`'],
    ['iif(a, b).c($index, $total)', 'iif(`a`, `b`).c($index, $total)'],
  ]
  for (const [text, expected] of cases) t.equal(written(parseFhirPath(text)), expected, text)
  t.end()
})

t.test('what is not FHIRPath is told with its place', (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['', 1],
    ['a.', 3],
    ['a b', 3],
    ['a..b', 3],
    ['a[', 3],
    ['a[0', 4],
    ['(a', 3],
    ['a)', 2],
    ['f(a,)', 5],
    ["a = 'b", 5],
    ['a # b', 3],
    ['@x', 1],
    ['%', 1],
    ['$that', 1],
    ['a and', 6],
    ['and a', 1],
    ['a is 1', 6],
    ['a.is()', 6],
    ['{a}', 2],
  ]
  for (const [text, place] of cases) {
    try {
      parseFhirPath(text)
      t.fail(text)
    } catch (error) {
      t.ok(error instanceof FhirError && error.code === 'malformed', text)
      t.match((error as Error).message, `character ${place}:`, text)
    }
  }
  for (const hostile of [
    '('.repeat(100_000),
    '-'.repeat(100_000),
    'a.where('.repeat(50_000),
    `a${'[a'.repeat(50_000)}`,
  ]) {
    t.throws(() => parseFhirPath(hostile), { code: 'malformed' }, hostile.slice(0, 10))
    t.throws(() => parseFhirPath(hostile), { message: /^.{1,300}$/ }, 'the message is short')
  }
  t.end()
})

t.test('every expression of R4 is read, and written again means the same', (t) => {
  const expressions = new Set<string>()
  for (const { snapshot } of readStructures()) {
    for (const element of snapshot.element) {
      for (const { expression } of element.constraint ?? [])
        if (expression !== undefined) expressions.add(expression)
    }
  }
  for (const parameter of readBundleResources('medplum', 'search-parameters.json', 'SearchParameter')) {
    const { expression } = parameter as { expression?: string }
    if (expression !== undefined) expressions.add(expression)
  }
  t.ok(expressions.size > 1000, `${expressions.size} expressions`)
  const failures: string[] = []
  for (const expression of expressions) {
    const node = parseFhirPath(expression)
    if (written(parseFhirPath(written(node))) !== written(node)) failures.push(expression)
  }
  t.same(failures, [])
  t.end()
})

t.test('operators bind as in the fhirpath library', (t) => {
  const operators = '* / div mod + - & | < <= > >= = ~ != !~ in contains and or xor implies'.split(' ')
  const operand = fc.constantFrom(
    '1',
    '2',
    '3.5',
    'true',
    'false',
    "'a'",
    '{}',
    '(1 | 2)',
    '-1',
    "'a'.length()",
  )
  const terms = fc.array(fc.tuple(fc.constantFrom(...operators), operand), { minLength: 1, maxLength: 4 })
  let answered = 0
  fc.assert(
    fc.property(operand, terms, (first, rest) => {
      const text = first + rest.map(([operator, right]) => ` ${operator} ${right}`).join('')
      const answer = evaluated(text)
      if (answer !== undefined) answered += 1
      return JSON.stringify(evaluated(written(parseFhirPath(text)))) === JSON.stringify(answer)
    }),
    { seed: 11, numRuns: 1500 },
  )
  t.ok(answered > 300, `${answered} expressions that have an answer`)
  t.end()
})

function evaluated(text: string): unknown[] | undefined {
  try {
    return fhirpath.evaluate({}, text, undefined, undefined, { async: false })
  } catch {
    return undefined
  }
}
