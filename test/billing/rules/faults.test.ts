// What is wrong with a definition is told at its element, all of it at once, and no other definition suffers.
import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, Resource } from '../../../src/fhir/index.ts'
import { runs } from '../../runs.ts'
import { bill, bookOf, changed, definitionOf, definitions, done, shown, unit } from './services.ts'

function faultsOf(definition: Resource): readonly (string | undefined)[] {
  return bookOf([definition]).faulty.flatMap(({ issues }) => issues.map(({ expression }) => expression))
}

/** With these extensions alone, each of ours. */
function stating(...extension: readonly JsonObject[]): Resource {
  return {
    ...definitionOf('H2017'),
    extension: extension.map(({ url, ...rest }) => ({
      url: `https://alcove.health/fhir/StructureDefinition/service-${String(url)}`,
      ...rest,
    })),
  }
}

const hours = { url: 'unit', ...unit('hour') }
const code = { url: 'code', valueCoding: { system: 'urn:s', code: 'A1' } }
const at = (index: number, rest = '') => `ChargeItemDefinition.extension[${index}]${rest}`

t.test('each fault at its element', async (t) => {
  const cases: readonly (readonly [string, Resource, ...string[]])[] = [
    ['no unit', stating({ url: 'limit', extension: [] }), 'ChargeItemDefinition', at(0)],
    ['two units', stating(hours, hours), 'ChargeItemDefinition'],
    ['unknown extension', stating(hours, { url: 'unti', ...unit('hour') }), at(1, '.url')],
    ['unknown part', stating({ url: 'unit', ...unit('hour', { maxUnits: 2 }) }), at(0, '.extension[1]')],
    ['unknown basis', stating({ url: 'unit', ...unit('fortnight') }), at(0, '.extension[0].valueCode')],
    ['band without end', stating({ url: 'unit', ...unit('time-band', { minMinutes: 5 }) }), at(0)],
    [
      'band upside down',
      stating({ url: 'unit', ...unit('time-band', { minMinutes: 9, maxMinutes: 8 }) }),
      at(0),
    ],
    [
      'eight minutes of an hour',
      stating({ url: 'unit', ...unit('hour', { rounding: 'eight-minute' }) }),
      at(0),
    ],
    ['minutes of an hour', stating({ url: 'unit', ...unit('hour', { minutesPerUnit: 50 }) }), at(0)],
    ['minutes without a length', stating({ url: 'unit', ...unit('minutes') }), at(0)],
    [
      'additional to nothing',
      stating({ url: 'unit', ...unit('each-additional', { startsAt: 75, minutesPerUnit: 30 }) }),
      'ChargeItemDefinition',
    ],
    [
      'a census that nobody knows',
      stating(hours, { url: 'census', extension: [{ url: 'counts', valueCode: 'noon' }] }),
      at(1, '.extension[0].valueCode'),
    ],
    [
      'leave of who only comes by day',
      stating(hours, { url: 'census', extension: [{ ...code, url: 'leave' }] }),
      at(1),
    ],
    [
      'two censuses',
      stating(
        hours,
        { url: 'census', extension: [{ url: 'withinMonth', valueBoolean: true }] },
        { url: 'census', extension: [{ url: 'withinMonth', valueBoolean: true }] },
      ),
      at(2),
    ],
    ['a bill of no claim', stating(hours, { url: 'bill', extension: [] }), at(1)],
    [
      'an institutional bill without its class',
      stating(hours, { url: 'bill', extension: [{ url: 'claim', valueCode: 'institutional' }] }),
      at(1),
    ],
    [
      'a whole type of bill',
      stating(hours, {
        url: 'bill',
        extension: [
          { url: 'claim', valueCode: 'institutional' },
          { url: 'class', valueString: '0861' },
        ],
      }),
      at(1, '.extension[1].valueString'),
    ],
    ['a condition without a code', stating(hours, { url: 'condition', extension: [] }), at(1)],
    [
      'no drug',
      stating(hours, { url: 'drug', extension: [{ url: 'daysPerUnit', valuePositiveInt: 7 }] }),
      at(1),
    ],
    ['primary of nothing', stating(hours, { url: 'primary', extension: [] }), at(1)],
    ['half a range', stating(hours, { url: 'excludes', extension: [{ ...code, url: 'first' }] }), at(1)],
    [
      'range backwards',
      stating(hours, {
        url: 'excludes',
        extension: [
          { ...code, url: 'first' },
          { url: 'last', valueCoding: { system: 'urn:s', code: 'A0' } },
        ],
      }),
      at(1, '.extension[1].valueCoding'),
    ],
    [
      'scope',
      stating(hours, { url: 'excludes', extension: [code, { url: 'scope', valueCode: 'year' }] }),
      at(1, '.extension[1].valueCode'),
    ],
    ['authorization that says nothing', stating(hours, { url: 'authorization', extension: [] }), at(1)],
    [
      'days and months',
      stating({
        url: 'filing-limit',
        extension: [
          { url: 'days', valuePositiveInt: 90 },
          { url: 'months', valuePositiveInt: 3 },
        ],
      }),
      'ChargeItemDefinition',
      at(0),
    ],
    [
      'filing limit of one code',
      stating(hours, { url: 'filing-limit', extension: [{ url: 'days', valuePositiveInt: 90 }] }),
      'ChargeItemDefinition',
    ],
    ['modifier without one', stating(hours, { url: 'modifier', extension: [] }), at(1)],
    [
      'bad condition',
      stating(hours, {
        url: 'modifier',
        extension: [
          { ...code, url: 'modifier' },
          { url: 'when', valueExpression: { language: 'text/fhirpath', expression: '%service.(' } },
        ],
      }),
      at(1, '.extension[1].valueExpression.expression'),
    ],
    [
      'other language',
      stating(hours, {
        url: 'modifier',
        extension: [
          { ...code, url: 'modifier' },
          { url: 'when', valueExpression: { language: 'text/cql', expression: 'true' } },
        ],
      }),
      at(1, '.extension[1].valueExpression.language'),
    ],
    ['no place', stating(hours, { url: 'place', extension: [] }), at(1)],
    ['no taxonomy', stating(hours, { url: 'provider', valueString: 'anyone' }), at(1)],
    [
      'no evidence',
      stating(hours, { url: 'basis', extension: [{ url: 'evidence', valueCode: 'sure' }] }),
      at(1, '.extension[0].valueCode'),
    ],
    [
      'a use that is not understood',
      changed('H2017', { useContext: [{ code: { code: 'venue' } }] }),
      'ChargeItemDefinition.useContext[0].code',
    ],
    [
      'a payer without a name',
      changed('H2017', {
        useContext: [
          {
            code: { system: 'https://alcove.health/fhir/CodeSystem/billing-terms', code: 'payer' },
            valueReference: { display: 'Somebody' },
          },
        ],
      }),
      'ChargeItemDefinition.useContext[0].valueReference',
    ],
    [
      'a place of no code',
      changed('H2017', { jurisdiction: [{ text: 'Oregon' }] }),
      'ChargeItemDefinition.jurisdiction',
    ],
    [
      'a code without a system',
      changed('H2017', { code: { coding: [{ code: 'H2017' }] } }),
      'ChargeItemDefinition.code.coding[0]',
    ],
    [
      'no day',
      changed('H2017', { effectivePeriod: { start: '2026-13' } }),
      'ChargeItemDefinition.effectivePeriod.start',
    ],
    [
      'a price without an amount',
      changed('H2017', { propertyGroup: [{ priceComponent: [{ type: 'base' }] }] }),
      'ChargeItemDefinition.propertyGroup[0].priceComponent[0].amount',
    ],
    [
      'an applicability that cannot be read',
      changed('H2017', { applicability: [{ expression: 'a b' }] }),
      'ChargeItemDefinition.applicability[0].expression',
    ],
  ]
  for (const [name, definition, ...expected] of cases) t.strictSame(faultsOf(definition), expected, name)
})

t.test('a definition of another practice, or one without extensions of ours, is no fault', async (t) => {
  const { extension: _extension, ...plain } = definitionOf('H2017')
  t.strictSame(faultsOf(plain as Resource), [])
  t.strictSame(shown(bill([done('H2017', 60)], {}, bookOf([plain as Resource]))), [])
})

t.test('a faulty definition is left out, and the others hold', async (t) => {
  const faulty = { ...stating({ url: 'unit', ...unit('hour', { rounding: 'eight-minute' }) }), version: '9' }
  const book = bookOf([...definitions, faulty])
  t.strictSame(
    book.faulty.map(({ definition }) => definition),
    ['https://alcove.health/fhir/ChargeItemDefinition/H2017|9'],
  )
  t.strictSame(shown(bill([done('H2017', 60)], {}, book)), ['H2017 x4'])
})

t.test('a condition that is neither true nor false is told with its element', async (t) => {
  const book = bookOf([changed('H2017', { applicability: [{ expression: '%service.minutes' }] })])
  t.throws(() => bill([done('H2017', 60)], {}, book), {
    code: 'business-rule',
    message: /applicability\[0\]/,
  })
})

/** Somewhere in a definition something else. */
function mutated(value: unknown, path: readonly number[], other: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null) return other
  const keys = Object.keys(value)
  if (keys.length === 0) return other
  const key = keys[step % keys.length] as string
  const inner = mutated((value as Record<string, unknown>)[key], rest, other)
  return Array.isArray(value)
    ? value.map((it, index) => (String(index) === key ? inner : it))
    : { ...value, [key]: inner }
}

t.test('random damage is read or refused, and throws nothing', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom('90836', '99494', 'H0004', 'G2067', 'H0018', 'all-services', '90863', 'G0552'),
      fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
      fc.oneof(
        fc.constantFrom(null, '', 0, -1, 1.5, 1e300, [], {}, [null], 'active', true),
        fc.string(),
        fc.jsonValue(),
      ),
      (name, path, other) => {
        const damaged = { ...(mutated(definitionOf(name), path, other) as Resource), status: 'active' }
        const book = bookOf([damaged])
        return book.faulty.every(({ issues }) =>
          issues.every(({ expression }) => expression?.startsWith('ChargeItemDefinition')),
        )
      },
    ),
    runs(2000),
  )
})
