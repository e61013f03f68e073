// Quantities in UCUM's base units, and words by their sound.
import t from 'tap'
import { soundsOf, soundsOfWords } from '../../src/search/phonetic.ts'
import { quantityExpression } from '../../src/search/query-text/amounts.ts'
import { numberComparison } from '../../src/search/query-text/implied-range.ts'
import type { ValueTarget } from '../../src/search/query-text/reading.ts'
import { canonicalQuantity } from '../../src/search/ucum.ts'

t.test('equal amounts are equal whatever their unit', async (t) => {
  const equals: [value: number, code: string, value: number, code: string][] = [
    [5, 'mg/dL', 50, 'mg/L'],
    [98.6, '[degF]', 37, 'Cel'],
    [37, 'Cel', 310.15, 'K'],
    [0, '[degF]', 255.372222222222, 'K'],
    [1, 'h', 60, 'min'],
    [2, 'wk', 14, 'd'],
    [120, 'mm[Hg]', 15.99864, 'kPa'],
    [1, '[lb_av]', 453.59237, 'g'],
    [72, '/min', 1.2, 'Hz'],
    [5, '%', 0.05, '1'],
    [3, '{score}', 3, '1'],
    [4, '10*3/uL', 4, '10*9/L'],
    [7, 'mmol/L', 7000, 'umol/L'],
    [0.1, 'kg', 100, 'g'],
    [2, 'B[V]', 20, 'dB[V]'],
  ]
  for (const [value, code, other, otherCode] of equals) {
    const found = canonicalQuantity(value, code)
    t.ok(found, `${code} is known`)
    t.strictSame(found, canonicalQuantity(other, otherCode), `${value} ${code} is ${other} ${otherCode}`)
  }
})

t.test('base units', async (t) => {
  t.strictSame(canonicalQuantity(1, 'mm[Hg]'), { value: 133322, code: 'm-1.s-2.g' })
  t.strictSame(canonicalQuantity(-40, 'Cel'), { value: 233.15, code: 'K' })
  t.strictSame(canonicalQuantity(0.3, '1'), { value: 0.3, code: '1' })
  t.not(canonicalQuantity(1, 'mg')?.code, canonicalQuantity(1, 'mL')?.code)
})

t.test('what cannot be converted', async (t) => {
  const codes = [
    '',
    'milligram',
    'MG/DL',
    'mm Hg',
    '[iU]/L',
    '[pH]',
    '((',
    '{',
    'g'.repeat(200),
    'é',
    '\u0000',
  ]
  for (const code of codes) t.equal(canonicalQuantity(1, code), undefined, code)
  t.equal(canonicalQuantity(1, 'milligram'), undefined, 'asked again')
  t.equal(canonicalQuantity(1e308, 'kg'), undefined, 'beyond all numbers')
})

t.test('a number of more digits than a number holds is within its own precision', async (t) => {
  for (const text of ['66.89999999999999', '189.34136216482673', '-0.30000000000000004', '0', '5e-324']) {
    const range = numberComparison('eq', text)
    if (range === undefined) throw new Error(text)
    t.ok(range.low <= Number(text) && Number(text) < range.high, text)
  }
  const node = quantityExpression(
    { name: 'q', param: 'q' } as ValueTarget,
    '417.5306558462304|http://unitsofmeasure.org|fL',
  )
  const stored = canonicalQuantity(417.5306558462304, 'fL')?.value ?? Number.NaN
  if (node.kind !== 'quantity') throw new Error(node.kind)
  t.ok(node.low <= stored && stored < node.high, 'in base units too')
})

t.test('sounds', async (t) => {
  t.strictSame(soundsOf('Smith'), ['SM0', 'XMT'])
  t.ok(
    soundsOf('Schmidt').some((sound) => soundsOf('Smith').includes(sound)),
    'as it may be spoken',
  )
  t.strictSame(soundsOf("O'Brien"), soundsOf('OBrien'))
  t.strictSame(soundsOf('José'), soundsOf('jose'))
  t.strictSame(soundsOfWords('Smith-Jones, Ann').length, 3)
  t.strictSame(soundsOf('中文'), ['中文'])
  t.strictSame(soundsOf(' 123 -- '), [])
  t.strictSame(soundsOf('Ann ann'), soundsOf('Ann'))
})
