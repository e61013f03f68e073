// Requests for authorization in their envelopes, for the tests of the 278.
import {
  AUTHORIZATION_GUIDE,
  writeAuthorizationSet,
  writeInterchange,
  type AuthorizationRequest,
  type AuthorizationSetHeader,
} from '../../../src/billing/index.ts'

export const header278: AuthorizationSetHeader = {
  purpose: '13',
  reference: 'REQ-7',
  date: '2026-11-30',
  time: '18:05',
}

export function written278(request: AuthorizationRequest): string {
  const partner = (id: string) => ({ qualifier: 'ZZ', id })
  return writeInterchange(
    {
      sender: partner('SUB1'),
      receiver: partner('REC1'),
      date: '20261130',
      time: '1805',
      controlNumber: 12,
      usage: 'T',
    },
    [
      {
        functionalCode: 'HI',
        sender: 'SUB1',
        receiver: 'REC1',
        controlNumber: 12,
        version: AUTHORIZATION_GUIDE,
        sets: [writeAuthorizationSet(1, { header: header278, request })],
      },
    ],
  )
}
