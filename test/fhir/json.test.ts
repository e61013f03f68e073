// Exact JSON: what is read is written again as it was, and what is no JSON is refused with its place.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import {
  cloneJson,
  copyValue,
  decimalText,
  equalJson,
  FhirError,
  type JsonObject,
  type JsonValue,
  parseJson,
  readJson,
  setDecimalText,
  spliceArray,
  writeJson,
} from '../../src/fhir/index.ts'
import { ExactParser } from '../../src/fhir/json/exact-parser.ts'

const parse = (text: string): JsonValue => parseJson(new TextEncoder().encode(text))
const parseObject = (text: string): JsonObject => parse(text) as JsonObject

/** A number as JSON may write it, within the range of a double. */
const numeral = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.bigInt({ min: 0n, max: 10n ** 20n }),
    fc.option(fc.stringMatching(/^[0-9]{1,20}$/)),
    fc.option(fc.stringMatching(/^[eE][+-]?[0-9]{1,2}$/)),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent ?? ''}`,
  )

/** Minified JSON text, numbers in any spelling, names unique. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      numeral,
      fc.string({ unit: 'grapheme' }).map((s) => JSON.stringify(s)),
      fc.constantFrom('true', 'false', 'null'),
    ),
    fc.array(tie('value')).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(
        fc.tuple(
          fc.string().filter((s) => s !== '__proto__'),
          tie('value'),
        ),
        { selector: ([name]) => name },
      )
      // Names that are indexes come first in any JavaScript object: the one order that is not kept.
      .map((pairs) => pairs.filter(([name]) => !/^(0|[1-9][0-9]*)$/.test(name)))
      .map((pairs) => `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
  ),
})).value
const containerText = jsonText.map((text) => `{"value":${text}}`)

t.test('minified text comes back as it was', async (t) => {
  fc.assert(fc.property(containerText, (text) => writeJson(parse(text)) === text))
  fc.assert(fc.property(containerText, (text) => writeJson(cloneJson(parse(text))) === text))
  fc.assert(fc.property(containerText, (text) => writeJson({ ...parseObject(text) }) === text))
  const spellings = '{"a":1.00,"b":[1e3,0.10,-0,12345678901234567890.123,2],"c":{"d":[[1.0]]}}'
  t.equal(writeJson(parse(spellings)), spellings)
})

t.test('pretty text comes back as it was, and means the same', async (t) => {
  fc.assert(
    fc.property(containerText, fc.constantFrom('  ', '    ', '\t'), (text, indent) => {
      const value = parse(text)
      const pretty = writeJson(value, { pretty: true })
      const other = JSON.stringify(JSON.parse(text), undefined, indent)
      return (
        equalJson(parse(pretty), value) &&
        writeJson(parse(`\ufeff${pretty}\r\n`), { pretty: true }) === pretty &&
        JSON.stringify(parse(other)) === JSON.stringify(JSON.parse(other))
      )
    }),
  )
  t.equal(
    writeJson(parse('{"a":[],"b":{},"c":[1.0]}'), { pretty: true }),
    '{\n  "a": [],\n  "b": {},\n  "c": [\n    1.0\n  ]\n}',
  )
})

t.test('reads what the engine reads, and refuses what it refuses', async () => {
  const mutated = fc
    .tuple(
      containerText,
      fc.nat(),
      fc.constantFrom(
        '',
        '"',
        '\\',
        ',',
        ':',
        '{',
        '}',
        '[',
        ']',
        '0',
        '1',
        '-',
        '.',
        'e',
        ' ',
        '\n',
        '\u0001',
        'x',
      ),
    )
    .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1))
    .map((text) => text.toWellFormed())
  fc.assert(
    fc.property(mutated, (text) => {
      let expected: string | undefined
      try {
        expected = JSON.stringify(JSON.parse(text))
      } catch {}
      try {
        return JSON.stringify(parse(text)) === expected
      } catch (error) {
        if (!(error instanceof FhirError) || error.code !== 'malformed') throw error
        return expected === undefined || /stands twice|too large/.test(error.message)
      }
    }),
    { numRuns: 1000 },
  )
})

t.test('whichever parser reads it, it says the same, and its text is what would be written', (t) => {
  const said = (read: () => JsonValue): unknown => {
    try {
      const value = read()
      return [writeJson(value), JSON.stringify(value)]
    } catch (error) {
      return (error as Error).message
    }
  }
  const part = fc.constantFrom(
    '__proto__',
    '"a":1,',
    '"a":',
    '1.0',
    '\\u005f',
    '\\/',
    ' ',
    '"1":1,',
    '-0',
    '1e3',
  )
  const mixed = fc.oneof(
    containerText,
    fc
      .tuple(containerText, fc.array(fc.tuple(fc.nat(), part), { maxLength: 3 }))
      .map(([text, parts]) =>
        parts.reduce(
          (all, [at, put]) => all.slice(0, at % all.length) + put + all.slice(at % all.length),
          text,
        ),
      )
      .map((text) => text.toWellFormed()),
  )
  let plain = 0
  fc.assert(
    fc.property(mixed, (text) => {
      const bytes = Buffer.from(text)
      const read = said(() => parseJson(bytes))
      if (
        !isDeepStrictEqual(
          read,
          said(() => new ExactParser(text, 200).parse()),
        )
      )
        return false
      if (typeof read === 'string') return true
      const { value, text: kept } = readJson(bytes)
      if (kept === undefined) return true
      plain++
      return kept === text && writeJson(value) === text
    }),
    { numRuns: 1000 },
  )
  t.ok(plain > 100, `${plain} were read by the engine's parser`)
  const deep = (levels: number): Buffer => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)
  t.doesNotThrow(() => parseJson(deep(199)))
  t.throws(() => parseJson(deep(200)), { message: /more than 200 levels/ })
  t.doesNotThrow(
    () => parseJson(Buffer.from(`{"a":[${'[],'.repeat(300)}[]]}`)),
    'many beside one another are not deep',
  )
  t.end()
})

t.test('says what is wrong and where', async (t) => {
  const cases: [text: string, message: RegExp][] = [
    ['', /empty/],
    [' \n', /empty/],
    ['{"a":1,"a":2}', /^Line 1, column 8: the property 'a' stands twice/],
    ['{\n  "a": {"b": 1, "\\u0062": 1}\n}', /^Line 2, column 17: the property 'b' stands twice/],
    ['{"Jane Doe":1,"Jane Doe":2}', /^Line 1, column 15: the property stands twice/],
    ['{"__proto__":{"a":1}}', /^Line 1, column 2: no property may have this name/],
    ['{"a":[{"\\u005f_proto__":1}]}', /^Line 1, column 8: no property may have this name/],
    ['{"a":1,}', /^Line 1, column 8: found '}', expected a property name/],
    ['{"a" 1}', /^Line 1, column 6: found '1', expected ':'/],
    ['[1 2]', /^Line 1, column 4: found '2', expected ',' or ']'/],
    ['{"a":tru}', /^Line 1, column 6: found 't', expected a value/],
    ['{"a":NaN}', /^Line 1, column 6: found 'N', expected a value/],
    ['{"a":01}', /^Line 1, column 7: found '1', expected ',' or '}'/],
    ['{"a":.5}', /^Line 1, column 6: found '\.', expected a value/],
    ['{"a":1e400}', /^Line 1, column 6: the number is too large/],
    ['{"a":"b', /^Line 1, column 8: found the end of the text/],
    ['{"a":"\t"}', /^Line 1, column 7: found the character U\+0009, expected the closing/],
    ['{"a":"\\x"}', /^Line 1, column 7: this is no escape/],
    ['{}\r\n\r\n{}', /^Line 3, column 1: found '{', expected nothing more/],
    ["{'a':1}", /^Line 1, column 2: found ''', expected a property name/],
    ['['.repeat(201), /more than 200 levels/],
    [`${'['.repeat(201)}${']'.repeat(201)}`, /^Line 1, column 201: .* more than 200 levels/],
    ['{"a":'.repeat(100_000), /more than 200 levels/],
  ]
  for (const [text, message] of cases) {
    t.throws(() => parse(text), { code: 'malformed', message }, text.slice(0, 40))
  }
  t.doesNotThrow(() => parse(`${'['.repeat(200)}${']'.repeat(200)}`))
  const bad =
    (...bytes: number[]) =>
    () =>
      parseJson(Uint8Array.from(bytes))
  t.throws(bad(0x22, 0xe2, 0x82, 0xac, 0xff, 0x22), {
    code: 'malformed',
    message: /^Line 1, column 3: the byte 0xff is not UTF-8/,
  })
  t.throws(bad(0x22, 0xef, 0xbf, 0xbd, 0x0a, 0xc3), {
    code: 'malformed',
    message: /^Line 2, column 1: the byte 0xc3/,
  })
  t.throws(
    bad(0x22, 0xed, 0xa0, 0x80, 0x22),
    { code: 'malformed', message: /byte 0xed/ },
    'a surrogate is no UTF-8',
  )
})

t.test('a name from the prototype is a name like any other', async (t) => {
  const value = parseObject('{"constructor":1,"toString":{"hasOwnProperty":1.0}}')
  t.equal(writeJson(value), '{"constructor":1,"toString":{"hasOwnProperty":1.0}}')
  t.throws(() => parse('{"valueOf":1.0,"valueOf":1}'), { code: 'malformed' })
})

t.test('the written form follows its number', async (t) => {
  const object = parseObject('{"value":1.50,"other":[2.0,3,4.00]}')
  const other = object.other as JsonValue[]
  t.equal(decimalText(object, 'value'), '1.50')
  t.equal(decimalText(other, 1), undefined)

  const changed: JsonObject = { ...object, value: 7 }
  t.equal(writeJson(changed), '{"value":7,"other":[2.0,3,4.00]}', 'a new number has not the old form')
  setDecimalText(changed, 'value', '7.0')
  t.equal(writeJson(changed), '{"value":7.0,"other":[2.0,3,4.00]}')
  t.equal(decimalText(object, 'value'), '1.50', 'nor does the copy change the original')
  setDecimalText(changed, 'value', undefined)
  t.equal(decimalText(changed, 'value'), undefined)

  const target: JsonObject = parseObject('{"value":1.500}')
  copyValue(object, 'value', target, 'value')
  copyValue(object, 'other', target, 'list')
  t.equal(writeJson(target), '{"value":1.50,"list":[2.0,3,4.00]}')
  t.not(target.list, object.other, 'a copy')

  const removed = spliceArray(other, 0, 1, 9, 2)
  t.equal(writeJson(object), '{"value":1.50,"other":[9,2,3,4.00]}')
  t.equal(writeJson(removed), '[2.0]')
})

t.test('equality', async (t) => {
  const equal = (a: string, b: string, numbers?: 'value') => equalJson(parse(a), parse(b), numbers)
  t.ok(equal('{"a":1,"b":[1.0,{"c":null}]}', '{"b":[1.0,{"c":null}],"a":1}'))
  t.notOk(equal('{"a":1.0}', '{"a":1.00}'))
  t.notOk(equal('{"a":1.0}', '{"a":1}'))
  t.ok(equal('{"a":[1.0]}', '{"a":[1]}', 'value'))
  t.notOk(equal('{"a":1}', '{"a":2}', 'value'))
  t.notOk(equal('{"a":1}', '{"a":1,"b":1}'))
  t.notOk(equal('{"a":1,"b":1}', '{"a":1}'))
  t.notOk(equal('{"toString":1}', '{"a":1}'))
  t.notOk(equal('[1]', '{"0":1}'))
  t.notOk(equal('[1,2]', '[2,1]'))
  t.notOk(equal('{"a":null}', '{"a":{}}'))
  t.ok(equalJson({ a: 1, b: undefined }, { a: 1 }))
  const reversed = (value: JsonValue): JsonValue => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value
    const copy: JsonObject = {}
    for (const key of Object.keys(value).toReversed()) {
      copyValue(value, key, copy, key)
      if (typeof value[key] === 'object') copy[key] = reversed(value[key])
    }
    return copy
  }
  fc.assert(fc.property(containerText, (text) => equalJson(parse(text), reversed(parse(text)))))
})

const examples = new URL('../../../shared/data/r4-examples/', import.meta.url)
t.test(
  'every R4 example',
  { skip: existsSync(examples) ? false : 'the examples are not beside this checkout' },
  async (t) => {
    const files = readdirSync(examples).filter((name) => name.endsWith('.json'))
    t.ok(files.length > 0)
    for (const file of files) {
      const bytes = readFileSync(new URL(file, examples))
      const value = parseJson(bytes)
      const minified = writeJson(value)
      // Space outside of strings is all that may differ.
      const withoutSpace = bytes.toString('utf8').replace(/("(?:[^"\\]|\\.)*")|[\s\ufeff]+/g, '$1')
      const unescaped = withoutSpace.replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
        JSON.stringify(JSON.parse(string)),
      )
      if (minified !== unescaped || !equalJson(parse(minified), value)) t.fail(file)
    }
  },
)
