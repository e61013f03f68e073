// One file of claims: an interchange of one group of one set, for one receiver, by one biller.
import { formatInstant } from '../../fhir/index.ts'
import type { TradingPartnerId } from '../parts.ts'
import {
  GUIDES,
  writeClaimSet,
  writeInterchange,
  type ClaimContent,
  type ClaimKind,
  type ClaimSetHeader,
} from '../x12/index.ts'

export interface ClaimFile {
  /** Of the interchange and of its group: 1 to 999999999. */
  readonly number: number
  readonly kind: ClaimKind
  readonly sender: TradingPartnerId
  readonly receiver: TradingPartnerId
  readonly isTest: boolean
  /** Milliseconds since 1970; told in UTC, to the minute. */
  readonly at: number
}

/** ST02: a file has one set. */
export const SET_NUMBER = 1

/** The same for the same file, so that sending it again makes no second one. */
export function fileName({ number, kind }: Pick<ClaimFile, 'number' | 'kind'>): string {
  return `837${kind === 'professional' ? 'P' : 'I'}-${paddedNumber(number)}.x12`
}

/** As ISA13 has it. */
export function paddedNumber(number: number): string {
  return String(number).padStart(9, '0')
}

/** The bytes depend on nothing else than what is given. @throws FhirError `business-rule` */
export function claimFileText(
  { number, kind, sender, receiver, isTest, at }: ClaimFile,
  submitter: ClaimSetHeader['submitter'],
  receiverName: string,
  claims: readonly ClaimContent[],
): string {
  const [day = '', clock = ''] = formatInstant(at).split('T')
  const time = clock.slice(0, 5)
  const header: ClaimSetHeader = {
    purpose: '00',
    reference: paddedNumber(number),
    date: day,
    time,
    use: 'CH',
    submitter,
    receiver: { name: receiverName, id: receiver.id },
  }
  return writeInterchange(
    {
      sender,
      receiver,
      date: day.replaceAll('-', ''),
      time: time.replace(':', ''),
      controlNumber: number,
      usage: isTest ? 'T' : 'P',
    },
    [
      {
        functionalCode: 'HC',
        sender: sender.id,
        receiver: receiver.id,
        controlNumber: number,
        version: GUIDES[kind],
        sets: [writeClaimSet(SET_NUMBER, { header, kind, claims })],
      },
    ],
  )
}
