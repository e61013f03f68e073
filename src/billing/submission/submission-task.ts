// The Task of a claim that is sent: in which file, as what, and made of which versions, so that the same file can be made
// again.
import { FhirError, isInstant, type JsonObject, type Resource } from '../../fhir/index.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import type { TradingPartnerId } from '../parts.ts'
import { BILLING_TASKS, workTask } from '../worklist/index.ts'
import { fileName, paddedNumber, SET_NUMBER, type ClaimFile } from './claim-file.ts'

/** `Task.groupIdentifier.system`; the value is the control number of the file's group (GS06, and AK102 of a 999). */
export const X12_GROUP = 'https://alcove.health/fhir/NamingSystem/x12-group'

export const SENT = { code: 'sent', display: 'Sent' } as const

/** One claim of a file. */
export interface Submission {
  readonly claimId: string
  /** Of the Claim that is sent. */
  readonly claimVersion: number
  /** Its place in the file, from 1. */
  readonly position: number
  /** How many claims the file has. */
  readonly claims: number
  readonly file: ClaimFile
  /** `Type/id/_history/version` of what else is told in it. */
  readonly madeOf: readonly string[]
}

/** The Task, without an id: not handed over yet. */
export function submissionTask(submission: Submission, name: string, patient: string | undefined): Resource {
  const { claimId, claimVersion, position, claims, file, madeOf } = submission
  const { number, sender, receiver, isTest, at } = file
  const task = workTask({
    kind: 'claim-submission',
    name,
    focus: `Claim/${claimId}`,
    ...(patient === undefined ? {} : { patient }),
    description: 'A claim that is sent to who pays it.',
    now: at,
  })
  const versions = [`Claim/${claimId}/_history/${claimVersion}`, ...madeOf]
  return {
    ...task,
    groupIdentifier: { system: X12_GROUP, value: String(number) },
    input: [
      told('sender', { valueString: partnerText(sender) }),
      told('receiver', { valueString: partnerText(receiver) }),
      told('usage', { valueCode: isTest ? 'T' : 'P' }),
      told('kind', { valueCode: file.kind }),
      told('claims', { valuePositiveInt: claims }),
      told('position', { valuePositiveInt: position }),
      ...versions.map((reference) => told('made-of', { valueReference: { reference } })),
    ],
    output: [
      told('interchange', { valueString: paddedNumber(number) }),
      told('group', { valueString: String(number) }),
      told('set', { valueString: String(SET_NUMBER).padStart(4, '0') }),
      told('file', { valueString: fileName(file) }),
    ],
  }
}

/** Of `Task.input` or `output`. */
export function told(code: string, value: JsonObject): JsonObject {
  return { type: { coding: [{ system: BILLING_TASKS, code }] }, ...value }
}

/** As `partnerAt` reads it. */
export function partnerText({ qualifier, id }: TradingPartnerId): string {
  return `${qualifier}:${id}`
}

/**
 * What the Task of a claim says of its file.
 * @throws FhirError `conflict` when somebody has changed it so that it says nothing that can be sent
 */
export function readSubmission(task: Resource): Submission {
  const number = Number(textAt(objectAt(task, 'groupIdentifier'), 'value'))
  const versions = valuesOf(task, 'made-of').map((one) =>
    textAt(objectAt(one, 'valueReference'), 'reference'),
  )
  const [, claimId, claimVersion] = /^Claim\/([^/]+)\/_history\/(\d+)$/.exec(versions[0] ?? '') ?? []
  const whole = (code: string): number => Number(valuesOf(task, code)[0]?.['valuePositiveInt'])
  const code = (of: string): string | undefined => textAt(valuesOf(task, of)[0], 'valueCode')
  const [sender, receiver] = [partnerAt(task, 'sender'), partnerAt(task, 'receiver')]
  const [kind, usage, authoredOn] = [code('kind'), code('usage'), textAt(task, 'authoredOn')]
  if (
    claimId === undefined ||
    textAt(objectAt(task, 'focus'), 'reference') !== `Claim/${claimId}` ||
    sender === undefined ||
    receiver === undefined ||
    (kind !== 'professional' && kind !== 'institutional') ||
    authoredOn === undefined ||
    !isInstant(authoredOn) ||
    ![number, whole('claims'), whole('position')].every((one) => Number.isSafeInteger(one) && one > 0) ||
    versions.some((one) => one === undefined)
  )
    throw new FhirError(
      'conflict',
      `Task/${String(task['id'])} does not say any more what was to be sent: cancel it, and submit the claim anew.`,
    )
  const file: ClaimFile = {
    number,
    kind,
    sender,
    receiver,
    isTest: usage !== 'P',
    at: Date.parse(authoredOn),
  }
  return {
    claimId,
    claimVersion: Number(claimVersion),
    position: whole('position'),
    claims: whole('claims'),
    file,
    madeOf: versions.slice(1) as string[],
  }
}

/** `Task.input` of this code. */
export function valuesOf(task: Resource, code: string): readonly JsonObject[] {
  return objectsAt(task, 'input').filter((one) =>
    objectsAt(objectAt(one, 'type'), 'coding').some(
      (coding) => coding['system'] === BILLING_TASKS && coding['code'] === code,
    ),
  )
}

/** Qualifier and id in `Task.input` of this code; undefined where they are not there. */
export function partnerAt(task: Resource, code: string): TradingPartnerId | undefined {
  const [, qualifier, id] = /^([^:]+):(.+)$/.exec(textAt(valuesOf(task, code)[0], 'valueString') ?? '') ?? []
  return qualifier === undefined || id === undefined ? undefined : { qualifier, id }
}

/** How far a claim has come that was to be sent. */
export type SubmissionState =
  /** Not known to be handed over, and nobody is at it. */
  | 'open'
  /** Somebody is handing it over. */
  | 'under-way'
  /** Handed over, and perhaps answered. */
  | 'sent'
  /** Not taken on by who received it, or given up here: it may be sent anew. */
  | 'rejected'

/** Handing over takes no longer; whoever was at it for longer has ended in the middle. */
const LONGEST_SENDING_MS = 10 * 60_000

export function submissionState(task: Resource, now: number): SubmissionState {
  const status = textAt(task, 'status') ?? ''
  const answered = objectsAt(objectAt(task, 'businessStatus'), 'coding').find(
    (one) => one['system'] === BILLING_TASKS,
  )?.['code']
  if (answered === 'rejected' || GIVEN_UP.has(status)) return 'rejected'
  if (answered !== undefined || status !== 'requested') return 'sent'
  const isLeft = task['statusReason'] !== undefined || !(now - lastTouched(task) < LONGEST_SENDING_MS)
  return isLeft ? 'open' : 'under-way'
}

/** When somebody last began or ended sending it, milliseconds since 1970; NaN where it does not say. */
export function lastTouched(task: Resource): number {
  return Date.parse(textAt(task, 'lastModified') ?? '')
}

/** By a person: a claim that was lost on its way can be sent anew when its Task is cancelled. */
const GIVEN_UP: ReadonlySet<string> = new Set(['cancelled', 'entered-in-error'])
