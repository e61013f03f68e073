// A claim written as an 837, and read back: the same.
import type { Test } from 'tap'
import {
  type ClaimBundle,
  type ClaimSetHeader,
  contentOf,
  GUIDES,
  readClaimSet,
  readInterchanges,
  writeClaimSet,
  writeInterchange,
} from '../../../src/billing/index.ts'

const header: ClaimSetHeader = {
  purpose: '00',
  reference: 'BATCH-7',
  date: '2026-09-15',
  time: '18:05',
  use: 'CH',
  submitter: { name: 'OPEN DOOR CLINIC', id: 'SUB1', contact: 'BILLING OFFICE', telephone: '5555550100' },
  receiver: { name: 'CLEARING HOUSE', id: 'REC1' },
}

/** Fails the test where the 837 cannot be written, or tells something else when it is read. */
export function readAgain(t: Pick<Test, 'same'>, bundle: ClaimBundle): void {
  const content = contentOf(bundle)
  const { kind } = content
  const partner = (id: string) => ({ qualifier: 'ZZ', id })
  const text = writeInterchange(
    {
      sender: partner('SUB1'),
      receiver: partner('REC1'),
      date: '20260915',
      time: '1805',
      controlNumber: 12,
      usage: 'T',
    },
    [
      {
        functionalCode: 'HC',
        sender: 'SUB1',
        receiver: 'REC1',
        controlNumber: 34,
        version: GUIDES[kind],
        sets: [writeClaimSet(1, { header, kind, claims: [content] })],
      },
    ],
  )
  const [interchange] = readInterchanges(text)
  const set = interchange?.groups[0]?.sets[0]
  t.same(set && readClaimSet(set).claims, [content], `an 837 of a ${kind} claim`)
}
