// What FHIRPath and SDC say themselves, told case by case, and what an expression may not do.
import t from 'tap'
import { compileFhirPath, type JsonObject, type JsonValue } from '../../../../src/fhir/index.ts'
import { environment, patient, questionnaire, response } from './samples.ts'

function values(expression: string, focus: JsonObject = {}, variables = environment): readonly JsonValue[] {
  const compiled = compileFhirPath(expression)
  if (compiled === undefined) throw new Error(`${expression} is not compiled`)
  return compiled(focus, variables)
}

t.test('three-valued logic (https://hl7.org/fhirpath/N1/#boolean-logic)', async (t) => {
  const table: Readonly<Record<string, string>> = {
    and: 'tf? fff ?f?',
    or: 'ttt tf? t??',
    xor: 'ft? tf? ???',
    implies: 'tf? ttt t??',
  }
  const sides = ['true', 'false', '{}']
  for (const [operator, rows] of Object.entries(table)) {
    const told = sides
      .map((left) => sides.map((right) => letter(values(`${left} ${operator} ${right}`))).join(''))
      .join(' ')
    t.equal(told, rows, operator)
  }
})

function letter(found: readonly JsonValue[]): string {
  return found.length === 0 ? '?' : found[0] === true ? 't' : 'f'
}

t.test('decimals show no noise of binary fractions', async (t) => {
  t.same(values('0.1 + 0.2'), [0.3])
  t.same(values('1.1 * 3'), [3.3])
  t.same(values('0.3 - 0.1'), [0.2])
  t.same(values('0.3 div 0.1'), [3])
  t.same(values('0.3 mod 0.1'), [0])
  t.same(values('100.1 - 100'), [0.1])
  t.same(values('5.5 mod 0.7'), [0.6])
  t.same(values('(1.005 * 1000).ceiling()'), [1005])
  t.same(values('1.005.round(2)'), [1.01])
  t.same(values('item.item.answer.value.ofType(decimal).sum()', response), [7.55])
  t.same(values('(%half | 0.1 | 0.2).sum()'), [0.8])
  t.same(values('1 / 0'), [])
})

t.test('weights are those of the answers, else of the options (SDC)', async (t) => {
  const own = "('/1' | '/2' | '/5' | '/6' | '/7')"
  t.same(values(`repeat(item).where(linkId in ${own}).answer.value.weight()`, response), [0, 1, 1, 30, 7])
  t.same(values(`repeat(item).where(linkId in ${own}).answer.weight()`, response), [0, 1, 1, 30, 7])
  t.same(values("item.where(linkId = '/3').answer.value.ofType(Coding).weight()", response), [2])
  t.same(values('%questionnaire.repeat(item).answerOption.weight()'), [1, 2.5, 30, 7])
  t.same(values("item.where(linkId = '/1').answer.value.weight() = 0", response), [true])
  const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/itemWeight', valueDecimal: 1 }]
  const no: JsonObject = {
    resourceType: 'QuestionnaireResponse',
    item: [{ linkId: 'no', answer: [{ valueBoolean: false, _valueBoolean: { extension } }] }],
  }
  t.same(values('item.answer.value.weight()', no, { questionnaire }), [1], 'of an answer that is false, too')
})

t.test('what the prototype of objects has is no element', async (t) => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__', 'length']) {
    t.same(values(`name.\`${name}\``, patient), [], name)
    t.same(values(`name.given.\`${name}\``, patient), [], name)
    t.same(values(`%coding.\`${name}\``), [], name)
    t.throws(() => values(`%\`${name}\``), { code: 'invalid' }, name)
  }
})

t.test('each choice type is found by the name of the choice, in extensions, too', async (t) => {
  t.same(values('extension.value', patient), ['text', { text: 'concept' }])
  t.same(values('extension.extension.value', patient), [4])
  t.same(values('deceased | multipleBirth', patient), [false, 2])
  t.same(values('%patient.contained.value.value'), [1])
  t.same(values('extension.first().is(Extension)', patient), [true])
  t.same(values('extension.ofType(Element).count()', patient), [3])
  t.same(values('%patient.is(Resource)'), [true])
})

t.test('a variable is known where it is defined, and no further', async (t) => {
  t.same(values("(1 | 2).defineVariable('kept').where($this = %kept.count())"), [2])
  t.same(values("(1 | 2 | 3).select(defineVariable('each').select(%each + 1))"), [2, 3, 4])
  t.throws(() => values("(1).defineVariable('kept') | %kept"), { code: 'invalid' })
  t.throws(() => values("(1 | 2).defineVariable('one')"), { code: 'invalid' }, 'it hides none')
  t.throws(() => values("(1).defineVariable('a').defineVariable('a')"), { code: 'invalid' })
})

t.test('days are counted by the calendar', async (t) => {
  t.same(values('@2024-01-31 + 1 month'), ['2024-02-29'])
  t.same(values('@2024-02-29 + 1 year'), ['2025-02-28'])
  t.same(values('@2024-03-01 - 1 day'), ['2024-02-29'])
  t.same(values('@2024-12-31 + 2 weeks - 14 months'), ['2023-11-14'])
  t.same(values('(%patient.birthDate + 18 years).toString()'), ['1998-05-01'])
  t.same(values('%visit.toDate() < @2024-03-01'), [true])
  t.same(values("'2023-02-29'.toDate()"), [])
})

t.test('what would not end, or take all memory, is stopped', async (t) => {
  const item = Array.from({ length: 2000 }, (_, at) => ({ linkId: String(at), text: 'x'.repeat(50) }))
  const large: JsonObject = { resourceType: 'QuestionnaireResponse', item }
  for (const expression of [
    '%one.repeat($this + 1)',
    "item.aggregate($total + $total, 'ab')",
    "item.aggregate($total & $total, 'ab')",
    'item.aggregate($total.combine($total), 1)',
    'item.aggregate($total | $total.select($this + 1), 1 | 2)',
    'item.select(%resource.item.select(%resource.item))',
    'item.where(%resource.item.exists(linkId = %resource.item.count().toString()))',
    "item.select(%resource.item.text.join('')).join('')",
    `item.select(%resource.item.text.first()${'.lower()'.repeat(300)})`,
  ]) {
    t.throws(() => values(expression, large), { code: 'too-costly' }, expression)
  }
  t.same(values('repeat($this).count()', large), [1], 'what repeats itself ends')
  t.same(values('item.where(linkId.toInteger() mod 2 = 0).count()', large), [1000])
})

t.test('an expression is made once and looks at nothing of another evaluation', async (t) => {
  const compiled = compileFhirPath("name.where(use = %use).given.last() | iif(%more, 'more')")
  t.same(compiled?.(patient, { use: 'nickname', more: false }), ['Bo'])
  t.same(compiled?.(patient, { use: 'official', more: true }), ['Ann', 'more'])
  t.same(compiled?.({ resourceType: 'Patient' }, { use: 'official', more: [] }), [])
  t.throws(() => compiled?.(patient, {}), { code: 'invalid', message: /%use/ })
})

t.test('an expression that is nested too deeply is refused', async (t) => {
  const nested = (depth: number) => {
    let expression = 'a'
    for (let level = 0; level < depth; level++) expression = `(${expression}${'.b'.repeat(480)})`
    return expression
  }
  t.same(values(nested(2)), [])
  t.throws(() => values(nested(10)), { code: 'malformed' })
})
