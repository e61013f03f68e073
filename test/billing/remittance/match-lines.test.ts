// Which line of a claim is meant: by its control number first, then by code, day and charge.
import t from 'tap'
import { importX12 } from '../../../src/billing/index.ts'
import type { JsonObject } from '../../../src/fhir/index.ts'
import { NOW } from '../practice.ts'
import { remittanceWorld, sentClaim } from './claims.ts'
import { file, payment, type WrittenLine } from './files.ts'

t.setTimeout(600_000)

/** Lines 1 and 6 are alike: 90837 for 100.00 on the same day. */
const claim = sentClaim('lines', { cents: [10_000, 2000, 3000, 4000, 5000, 10_000] })

/** What is decided of which line: the sequence and what was paid, and of lines that the claim has not the code. */
async function decided(lines: readonly WrittenLine[]) {
  const { repository, view, parts, all } = await remittanceWorld(claim.claim)
  const written = payment({ trace: 'E1', claims: [{ control: claim.control, lines }] })
  await importX12(repository, view, parts, file([written]), NOW)
  const [response] = await all('ClaimResponse')
  const list = (key: string) => (response?.[key] ?? []) as unknown as JsonObject[]
  const benefit = (item: JsonObject): unknown => {
    const of = item['adjudication'] as unknown as {
      category: { coding: { code: string }[] }
      amount: JsonObject
    }[]
    return of.find(({ category }) => category.coding[0]?.code === 'benefit')?.amount['value']
  }
  return {
    outcome: response?.['outcome'],
    items: list('item').map((item) => [item['itemSequence'], benefit(item)]),
    added: list('addItem').map((item) => [JSON.stringify(item['productOrService']), benefit(item)]),
  }
}

const line = (code: string, cents: number, more: Partial<WrittenLine> = {}): WrittenLine => ({
  code,
  charged: cents,
  paid: cents,
  day: '2026-03-02',
  ...more,
})

t.test('the control number says which, whatever the code and charge', async (t) => {
  const { items, outcome } = await decided([
    line('99999', 1, { control: `${claim.control}-3` }),
    line('90837', 10_000, { control: `${claim.control}-6` }),
  ])
  t.same(items, [
    [3, 0.01],
    [6, 100],
  ])
  t.equal(outcome, 'partial', 'of others nothing is told')
})

t.test('without it code, day and charge do, each line once and in order', async (t) => {
  const { items, added } = await decided([line('90837', 10_000), line('90785', 2000), line('90837', 10_000)])
  t.same(items, [
    [1, 100],
    [2, 20],
    [6, 100],
  ])
  t.same(added, [])
})

t.test('a line that another names by its number is not taken by one that is alike', async (t) => {
  const { items } = await decided([
    line('90837', 10_000),
    line('90837', 10_000, { control: `${claim.control}-1` }),
  ])
  t.same(items, [
    [6, 100],
    [1, 100],
  ])
})

t.test(
  'what differs in code, day or charge, and what is one too many, is a line of the payer’s',
  async (t) => {
    const { items, added } = await decided([
      line('90837', 10_001),
      line('90839', 10_000),
      line('90785', 2000, { day: '2026-03-03' }),
      line('90785', 2000),
      line('90785', 2000),
      line('H0004', 500, { control: 'UNKNOWN' }),
    ])
    t.same(items, [[2, 20]])
    t.same(
      added.map(([coding]) => /"code":"(\w+)"/.exec(String(coding))?.[1]),
      ['90837', '90839', '90785', '90785', 'H0004'],
    )
    t.match(added[4]?.[0], /HCPCSReleaseCodeSets/)
    t.match(added[0]?.[0], /ama-assn/)
  },
)

t.test(
  'a line that is paid in parts stands once in the explanation, with all that is said of it',
  async (t) => {
    const { repository, view, parts, all } = await remittanceWorld(claim.claim)
    const control = `${claim.control}-1`
    const halves = [line('90837', 4000, { control }), line('90837', 6000, { control })]
    const rest = [2, 3, 4, 5, 6].map((sequence) =>
      line('90785', 100, { control: `${claim.control}-${sequence}` }),
    )
    const written = payment({
      trace: 'E1',
      claims: [{ control: claim.control, lines: [...halves, ...rest] }],
    })
    await importX12(repository, view, parts, file([written]), NOW)
    const [response] = await all('ClaimResponse')
    t.equal(response?.['outcome'], 'complete')
    const [explanation] = await all('ExplanationOfBenefit')
    const items = explanation?.['item'] as unknown as { sequence: number; adjudication: unknown[] }[]
    t.same(
      items.map(({ sequence, adjudication }) => [sequence, adjudication.length]),
      [
        [1, 6],
        [2, 3],
        [3, 3],
        [4, 3],
        [5, 3],
        [6, 3],
      ],
    )
  },
)
