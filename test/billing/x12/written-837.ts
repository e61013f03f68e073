// An interchange with one set of claims, as a clinic sends it to its clearing house.
import {
  type ClaimKind,
  type ClaimSetHeader,
  GUIDES,
  writeInterchange,
  type WrittenSet,
} from '../../../src/billing/index.ts'

export const HEADER: ClaimSetHeader = {
  purpose: '00',
  reference: 'BATCH-7',
  date: '2026-09-15',
  time: '18:05',
  use: 'CH',
  submitter: { name: 'OPEN DOOR CLINIC', id: 'SUB1', contact: 'BILLING OFFICE', telephone: '5555550100' },
  receiver: { name: 'CLEARING HOUSE', id: 'REC1' },
}

export function written837(kind: ClaimKind, set: WrittenSet): string {
  const partner = (id: string) => ({ qualifier: 'ZZ', id })
  return writeInterchange(
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
        sets: [set],
      },
    ],
  )
}
