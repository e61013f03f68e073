// Money is exact: against fractions of whole numbers, for random decimals, and refuses what it cannot hold.
import fc from 'fast-check'
import t from 'tap'
import {
  addMoney,
  compareMoney,
  fhirMoney,
  moneyAt,
  NO_MONEY,
  printMoney,
  printShortest,
  quantityTimes,
  quantityTimesToTheCent,
  readMoney,
  roundToTheCent,
  subtractMoney,
  sumMoney,
} from '../../../src/billing/index.ts'
import { parseJson, writeJson, type JsonObject } from '../../../src/fhir/index.ts'

const SEED = 8001
const units = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })
/** A second way of writing whole numbers of 1/10000. */
const written = (n: bigint) => {
  const digits = String(n < 0n ? -n : n).padStart(5, '0')
  return `${n < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`
}

t.test('an amount is read and printed without loss, and sums are those of whole numbers', async (t) => {
  fc.assert(
    fc.property(units, units, (a, b) => {
      const [x, y] = [readMoney(written(a), 'x'), readMoney(written(b), 'y')]
      t.equal(readMoney(printMoney(x), 'x'), x)
      t.equal(readMoney(printShortest(x), 'x'), x)
      t.match(printMoney(x), /^-?\d+\.\d{2,4}$/)
      t.notMatch(printShortest(x), /\.\d*0$|\.$/)
      t.equal(addMoney(x, y), readMoney(written(a + b), 'sum'))
      t.equal(subtractMoney(x, y), readMoney(written(a - b), 'difference'))
      t.equal(compareMoney(x, y), a === b ? 0 : a < b ? -1 : 1)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

t.test('the sum of ten dimes is a dollar', async (t) => {
  t.equal(printMoney(sumMoney(Array.from({ length: 10 }, () => readMoney('0.1', 'dime')))), '1.00')
  t.equal(sumMoney([]), NO_MONEY)
})

t.test('a quantity times a price is exact, or refused', async (t) => {
  fc.assert(
    fc.property(units, fc.integer({ min: 0, max: 9999 }), (price, hundredths) => {
      const quantity = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
      const amount = readMoney(written(price), 'price')
      const product = price * BigInt(hundredths)
      if (product % 100n === 0n)
        t.equal(quantityTimes(amount, quantity, 'q'), readMoney(written(product / 100n), 'product'))
      else
        t.throws(() => quantityTimes(amount, quantity, 'Claim.item[0].quantity'), { code: 'business-rule' })
    }),
    { seed: SEED, numRuns: 300 },
  )
})

t.test('rounding is half up to the cent, away from 0 below it', async (t) => {
  for (const [text, rounded] of [
    ['0.005', '0.01'],
    ['0.0049', '0.00'],
    ['-0.005', '-0.01'],
    ['-0.0049', '0.00'],
    ['2.675', '2.68'],
    ['1.0050', '1.01'],
    ['10', '10.00'],
  ] as const)
    t.equal(printMoney(roundToTheCent(readMoney(text, 'x'))), rounded, text)
  t.equal(printMoney(quantityTimesToTheCent(readMoney('33.33', 'x'), '1.5', 'q')), '50.00')
  t.equal(printMoney(quantityTimesToTheCent(readMoney('0.01', 'x'), '0.4999999', 'q')), '0.00')
  t.equal(printMoney(quantityTimesToTheCent(readMoney('-0.01', 'x'), '0.5', 'q')), '-0.01')
})

t.test('what cannot be held exactly is refused, and the element named', async (t) => {
  for (const text of [
    '',
    '.',
    '-',
    '1,5',
    '1.00001',
    'NaN',
    '0x1',
    '1e300',
    '9'.repeat(19),
    '1e-9',
    ' 1',
    '--1',
  ])
    t.throws(() => readMoney(text, 'Claim.total'), { code: 'business-rule', message: /^Claim\.total / }, text)
  t.equal(printMoney(readMoney('1.50000000', 'x')), '1.50')
  t.equal(printMoney(readMoney('1.5e2', 'x')), '150.00')
  t.equal(printMoney(readMoney('125e-3', 'x')), '0.125')
  t.equal(printMoney(readMoney('0e300', 'x')), '0.00')
  t.throws(() => moneyAt({ value: '5' }, 'value', 'Claim.total.value'), { code: 'business-rule' })
})

t.test('an amount in JSON keeps its digits', async (t) => {
  const claim = parseJson(
    Buffer.from('{"total":{"value":1234567890123.4500,"currency":"USD"}}'),
  ) as JsonObject
  const total = moneyAt(claim.total as JsonObject, 'value', 'Claim.total.value')
  t.equal(printMoney(total), '1234567890123.45')
  t.equal(String(writeJson(fhirMoney(readMoney('45', 'x')))), '{"value":45.00,"currency":"USD"}')
})
