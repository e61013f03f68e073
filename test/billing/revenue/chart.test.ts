// The chart of $revenue: bars as long as their amounts, told apart in grey, all of it in words too, laid out by a browser.
import t from 'tap'
import { contrast, drawnIn, type Drawn } from '../../behavioral/outcomes/svg-picture.ts'
import { BROWSERS, browser, look } from '../../svg/laid-out.ts'
import { resource } from '../practice.ts'
import { madeUpPractice } from './random-practice.ts'
import { revenueServer, type RevenueServer } from './revenue-server.ts'
import { claim } from './written-claims.ts'

async function pictureOf({ ask }: RevenueServer, query: string): Promise<string> {
  const { status, text } = await ask(`GET $revenue?${query}&_format=image/svg%2Bxml`)
  if (status !== 200) throw new Error(text)
  return text
}

/** Bars in rows, each with its parts from left to right: those in the key, and of ages, come apart. */
function barsIn(all: readonly Drawn[]): Drawn[][] {
  const boxes = all.filter(
    ({ attributes }) => attributes['data-part'] !== undefined && attributes.height === '14',
  )
  return [...Map.groupBy(boxes, ({ down, attributes }) => `${down} ${attributes.y}`).values()]
}

const width = ({ attributes }: Drawn): number => Number(attributes.width)

t.test('bars are as long as what they are of', async (t) => {
  const server = await revenueServer(t)
  await server.put(...madeUpPractice(4, 120).resources)
  const told = await server.revenue('?group=month')
  const all = drawnIn(await pictureOf(server, 'group=month'))
  const bars = barsIn(all)
  const months = bars.slice(0, told.order.length)
  t.equal(months.length, 5)
  const amount = (month: string, name: string): number => Number(told.rows.get(month)?.[name])
  const scale = width(months[0]?.[0] as Drawn) / amount(told.order[0] as string, 'paid')
  for (const [at, month] of told.order.entries()) {
    const bar = months[at] as Drawn[]
    const of = (part: string): number =>
      bar
        .filter(({ attributes }) => attributes['data-part'] === part)
        .reduce((sum, one) => sum + width(one), 0)
    const near = (pixels: number, money: number, name: string) =>
      t.ok(Math.abs(pixels - money * scale) < 0.3, `${month} ${name}: ${pixels} ${money * scale}`)
    near(of('paid'), amount(month, 'paid'), 'paid')
    near(of('patient'), amount(month, 'patientResponsibility'), 'patient')
    near(of('adjusted') + of('denied'), amount(month, 'adjusted'), 'adjusted')
    near(of('open'), amount(month, 'open'), 'open')
    t.ok(of('denied') > 0 && of('denied') <= amount(month, 'denied') * scale + 0.3)
    let right = 210
    for (const { attributes } of bar) {
      t.ok(Math.abs(Number(attributes.x) - right) < 0.05, 'one beside the other')
      right = Number(attributes.x) + Number(attributes.width)
    }
  }
  const words = all.filter(({ name }) => name === 'text').map(({ text }) => text)
  const desc = all.find(({ name }) => name === 'desc')?.text ?? ''
  for (const month of told.order) {
    const charged = `$${Number(told.rows.get(month)?.['charged']).toLocaleString('en-US', { minimumFractionDigits: 2 })}`
    t.ok(words.includes(charged), charged)
    t.ok(desc.includes(`charged ${charged}`), 'and for who cannot see it')
  }
})

t.test('parts are told apart without colour, and two charts in one page stay apart', async (t) => {
  const server = await revenueServer(t, { onArrays: true })
  await server.put(...madeUpPractice(5, 40).resources)
  const [one, other] = [await pictureOf(server, 'group=payer'), await pictureOf(server, 'group=clinician')]
  const fills = new Map(
    drawnIn(one).flatMap(({ attributes }) =>
      attributes['data-part'] === undefined ? [] : [[attributes['data-part'], attributes.fill as string]],
    ),
  )
  t.equal(fills.size, 5)
  const plain = ['paid', 'patient', 'adjusted'].map((part) => fills.get(part) as string)
  t.ok(contrast(plain[0] as string, plain[1] as string) > 3)
  t.ok(contrast(plain[1] as string, plain[2] as string) > 2)
  t.same(
    ['denied', 'open'].map((part) => fills.get(part)?.slice(0, 4)),
    ['url(', 'url('],
    'by patterns',
  )
  const ids = [one, other].flatMap((svg) => drawnIn(svg).flatMap(({ attributes }) => attributes.id ?? []))
  t.equal(new Set(ids).size, ids.length)
})

t.test(
  'as a browser lays them out',
  { skip: browser === undefined && `none of ${BROWSERS.join(', ')} is installed` },
  async (t) => {
    const server = await revenueServer(t)
    await server.put(
      ...madeUpPractice(6, 150).resources,
      resource({ resourceType: 'Organization', id: 'long', name: 'A payer & <its> name '.repeat(12) }),
      claim({
        id: 'large',
        payer: 'long',
        lines: [{ code: '90834', date: '2026-02-01', cents: 123_456_789_012 }],
      }),
    )
    const drawn = []
    for (const query of [
      '',
      'group=payer',
      'group=month&group=clinician&group=code',
      'start=2020&end=2020&group=code',
    ])
      drawn.push(await pictureOf(server, query))
    t.match(drawn[2], /more rows are in the total and not drawn/)
    const { charts, faults } = look(drawn)
    t.equal(charts, drawn.length)
    t.same(faults, [])
  },
)
