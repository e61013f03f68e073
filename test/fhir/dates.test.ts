// Dates: which texts are dates, and what span of time each names.
import fc from 'fast-check'
import t from 'tap'
import { formatInstant, isDate, isDateTime, isInstant, isTime, parseDateRange } from '../../src/fhir/index.ts'

t.test('the span a date names', async (t) => {
  const cases: [text: string, low: string, high: string][] = [
    ['2020', '2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
    ['2020-02', '2020-02-01T00:00:00.000Z', '2020-03-01T00:00:00.000Z'],
    ['2020-12', '2020-12-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000Z', '2020-03-01T00:00:00.000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-03-01T00:00:00.000Z'],
    ['2020-12-31', '2020-12-31T00:00:00.000Z', '2021-01-01T00:00:00.000Z'],
    ['2020-01-01T10:30', '2020-01-01T10:30:00.000Z', '2020-01-01T10:31:00.000Z'],
    ['2020-01-01T10:30Z', '2020-01-01T10:30:00.000Z', '2020-01-01T10:31:00.000Z'],
    ['2020-01-01T10:30:15', '2020-01-01T10:30:15.000Z', '2020-01-01T10:30:16.000Z'],
    ['2020-01-01T10:30:15+02:00', '2020-01-01T08:30:15.000Z', '2020-01-01T08:30:16.000Z'],
    ['2020-01-01T00:30:15+14:00', '2019-12-31T10:30:15.000Z', '2019-12-31T10:30:16.000Z'],
    ['2020-12-31T23:30:15-03:30', '2021-01-01T03:00:15.000Z', '2021-01-01T03:00:16.000Z'],
    ['2020-01-01T10:30:15.1Z', '2020-01-01T10:30:15.100Z', '2020-01-01T10:30:15.200Z'],
    ['2020-01-01T10:30:15.12Z', '2020-01-01T10:30:15.120Z', '2020-01-01T10:30:15.130Z'],
    ['2020-01-01T10:30:15.123Z', '2020-01-01T10:30:15.123Z', '2020-01-01T10:30:15.124Z'],
    ['2020-01-01T10:30:15.1239876Z', '2020-01-01T10:30:15.123Z', '2020-01-01T10:30:15.124Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:01.000Z'],
    ['0001', '0001-01-01T00:00:00.000Z', '0002-01-01T00:00:00.000Z'],
    ['0099-12-31', '0099-12-31T00:00:00.000Z', '0100-01-01T00:00:00.000Z'],
    ['0004-02-29', '0004-02-29T00:00:00.000Z', '0004-03-01T00:00:00.000Z'],
    ['1969-12-31', '1969-12-31T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31', '9999-12-31T00:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
  ]
  for (const [text, low, high] of cases) {
    t.strictSame(parseDateRange(text), { low: Date.parse(low), high: Date.parse(high) }, text)
  }
})

t.test('what is no date', async (t) => {
  const texts = [
    [
      '',
      '20',
      '0000',
      '20200101',
      '2020-1-1',
      '2020-00',
      '2020-13',
      '2020-01-00',
      '2020-01-32',
      '2020-04-31',
    ],
    ['2021-02-29', '1900-02-29', '2020-02-30', '2020-01-01T', '2020-01-01T10', '2020-01-01T24:00:00Z'],
    ['2020-01-01T10:60:00Z', '2020-01-01T10:00:61Z', '2020-01-01T10:00:00.Z', '2020-01-01T10:00:00+0200'],
    [
      '2020-01-01T10:00:00+14:01',
      '2020-01-01T10:00:00+15:00',
      '2020-01-01T10:00:00+01:60',
      '2020-01-01t10:00:00z',
    ],
    [
      '2020-01-01 10:00:00Z',
      ' 2020',
      '2020 ',
      '2020\n',
      '-2020',
      '+2020',
      '2020Z',
      '2020-01-01Z',
      '2020-W01',
      '٢٠٢٠',
    ],
  ].flat()
  for (const text of texts) t.equal(parseDateRange(text), undefined, JSON.stringify(text))
})

t.test('each type has its own format', async (t) => {
  const cases: [text: string, date: boolean, dateTime: boolean, instant: boolean][] = [
    ['2020', true, true, false],
    ['2020-02', true, true, false],
    ['2020-02-29', true, true, false],
    ['2021-02-29', false, false, false],
    ['2020-02-29T10:00', false, false, false],
    ['2020-02-29T10:00Z', false, false, false],
    ['2020-02-29T10:00:00', false, false, false],
    ['2020-02-29T10:00:00Z', false, true, true],
    ['2020-02-29T10:00:60.5-14:00', false, true, true],
    ['2020-02-30T10:00:00Z', false, false, false],
  ]
  for (const [text, ...expected] of cases) {
    t.strictSame([isDate(text), isDateTime(text), isInstant(text)], expected, text)
  }
  for (const text of ['00:00:00', '23:59:60', '10:00:00.123456']) t.ok(isTime(text), text)
  for (const text of ['24:00:00', '10:00', '10:60:00', '10:00:61', '10:00:00Z', '10:00:00.', ''])
    t.notOk(isTime(text), text)
})

t.test('an instant written is an instant read', async (t) => {
  const time = fc.integer({
    min: Date.parse('0001-01-01T00:00:00Z'),
    max: Date.parse('9999-12-31T23:59:59.999Z'),
  })
  fc.assert(
    fc.property(time, (milliseconds) => {
      const text = formatInstant(milliseconds)
      return isInstant(text) && parseDateRange(text)?.low === milliseconds
    }),
  )
  t.equal(formatInstant(0), '1970-01-01T00:00:00.000Z')
})

t.test('every day of the calendar, and no other', async () => {
  const day = fc.tuple(
    fc.integer({ min: 1, max: 9999 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
  )
  fc.assert(
    fc.property(day, ([year, month, dayOfMonth]) => {
      const pad = (number: number, length: number) => String(number).padStart(length, '0')
      const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(dayOfMonth, 2)}`
      const date = new Date(`${text}T00:00:00.000Z`)
      const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
      return isDate(text) === exists && parseDateRange(text)?.low === (exists ? date.getTime() : undefined)
    }),
    { numRuns: 2000 },
  )
})
