// What a file tells of a question, made of the resources around it.
import { FhirError, formatInstant, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import type { BillingSettings } from '../parts.ts'
import { claimBundleOf } from '../submission/index.ts'
import { paddedNumber } from '../submission/claim-file.ts'
import { partTwoNoticeOf } from '../submission/part-two-notice.ts'
import { receiverOf, type Receiver } from '../submission/partners.ts'
import {
  authorizationRequestOf,
  inquiryOf,
  writeAuthorizationSet,
  writeInquirySet,
  writeInterchange,
  type WrittenSet,
} from '../x12/index.ts'
import { eligibilityBundleFor } from './eligibility-bundle-for.ts'
import { QUESTIONS, type QuestionKind } from './question.ts'
import { SET_NUMBER, type QuestionFile } from './question-task.ts'

export interface ToldQuestion {
  /** Organization. */
  readonly payer: Resource
  readonly receiver: Receiver
  /** The set of a file. @throws FhirError `business-rule` */
  readonly set: (header: SetHeader) => WrittenSet
}

interface SetHeader {
  readonly reference: string
  /** `YYYY-MM-DD` and `hh:mm`. */
  readonly date: string
  readonly time: string
}

/** UM02 of a request that takes an authorization back. */
const CANCELLED = '3'

/** @throws FhirError `business-rule` naming the elements at fault */
export async function tellQuestion(
  view: Pick<WorldView, 'read'>,
  kind: QuestionKind,
  question: Resource,
  baseUrl: string,
  settings: Pick<BillingSettings, 'receiver'>,
): Promise<ToldQuestion> {
  if (kind === 'eligibility') {
    const bundle = await eligibilityBundleFor(view, question, baseUrl)
    const inquiries = [inquiryOf(bundle)]
    return {
      ...toWhom(bundle.payer, settings),
      set: (header) => writeInquirySet(SET_NUMBER, { header, inquiries }),
    }
  }
  const bundle = await claimBundleOf(view, question, baseUrl)
  const message = partTwoNoticeOf(question)
  const request = { ...authorizationRequestOf(bundle), ...(message === undefined ? {} : { message }) }
  const purpose = request.review.certification === CANCELLED ? '01' : '13'
  return {
    ...toWhom(bundle.payer, settings),
    set: (header) => writeAuthorizationSet(SET_NUMBER, { header: { purpose, ...header }, request }),
  }
}

function toWhom(
  payer: Resource,
  settings: Pick<BillingSettings, 'receiver'>,
): Pick<ToldQuestion, 'payer' | 'receiver'> {
  const { receiver, issues } = receiverOf(payer, settings)
  if (issues.length > 0) throw new FhirError('business-rule', issues)
  return { payer, receiver }
}

/** The bytes depend on nothing else than what is given. @throws FhirError `business-rule` */
export function questionFileText(file: QuestionFile, { set }: Pick<ToldQuestion, 'set'>): string {
  const { kind, number, sender, receiver, isTest, at } = file
  const { functionalCode, guide } = QUESTIONS[kind]
  const [date = '', clock = ''] = formatInstant(at).split('T')
  const time = clock.slice(0, 5)
  return writeInterchange(
    {
      sender,
      receiver,
      date: date.replaceAll('-', ''),
      time: time.replace(':', ''),
      controlNumber: number,
      usage: isTest ? 'T' : 'P',
    },
    [
      {
        functionalCode,
        sender: sender.id,
        receiver: receiver.id,
        controlNumber: number,
        version: guide,
        sets: [set({ reference: paddedNumber(number), date, time })],
      },
    ],
  )
}
