// Stores what 999 and 277CA say: whether files were well formed, and whether claims were taken on.
import type { Resource } from '../../fhir/index.ts'
import { hasCode, objectAt, objectsAt, textAt } from '../elements.ts'
import { createOnce, madeId, madeName } from '../made.ts'
import type { QuestionKind } from '../questions/index.ts'
import { tasksOfNumber } from '../questions/question-task.ts'
import { questionOfGroup, settleQuestion } from '../questions/settle-question.ts'
import { tasksOfFile } from '../submission/index.ts'
import {
  isRefusal,
  type AcknowledgedClaim,
  type AcknowledgedSet,
  type Acknowledgement,
  type ClaimAcknowledgement,
} from '../x12/index.ts'
import { acknowledgedResponse } from './claim-response-of.ts'
import { setAnswerText, withSetAnswer } from './claim-state.ts'
import { claimsByControlNumber } from './find-claims.ts'
import type { Importing } from './import-remittance.ts'
import { inTurns } from './in-turns.ts'
import { writePlanned, writeTo } from './made-place.ts'
import { settleClaim } from './settle-claim.ts'
import { closeUnmatched, keepUnmatched } from './unmatched.ts'

/** The functional code of groups of claims. */
const CLAIMS = 'HC'

/** @param made when the 999 was made, which sorts */
export async function importAcknowledgement(
  importing: Importing,
  read: Acknowledgement,
  made: string,
): Promise<void> {
  importing.tally.set('999')
  const { functionalCode, groupControlNumber, code } = read
  const kind = questionOfGroup(functionalCode)
  const isNumber = /^\d{1,9}$/.test(groupControlNumber)
  const number = Number(groupControlNumber)
  const known = !isNumber
    ? []
    : kind !== undefined
      ? await tasksOfNumber(importing.view, kind, number)
      : functionalCode === CLAIMS
        ? await tasksOfFile(importing.view, number)
        : []
  const tasks = known.map(({ resource }) => resource)
  const isRefused = !read.accepted && code !== 'P'
  if (read.transactions.length === 0) {
    if (code !== 'P')
      await acknowledge(
        importing,
        kind,
        tasks,
        groupControlNumber,
        setAnswerText(made, !isRefused, read.errors),
      )
    return
  }
  for (const set of read.transactions) {
    const own = tasks.filter((task) => isOfSet(task, set.controlNumber))
    const text = setAnswerText(made, set.accepted && !isRefused, [...read.errors, ...wrongWith(set)])
    await acknowledge(importing, kind, own, `${groupControlNumber}-${set.controlNumber}`, text)
  }
}

async function acknowledge(
  importing: Importing,
  kind: QuestionKind | undefined,
  tasks: readonly Resource[],
  number: string,
  text: string,
): Promise<void> {
  const { repository, view, tally } = importing
  const answer = madeName('set-answer', number, text)
  if (tasks.length === 0) {
    tally.unmatched({ set: '999', controlNumber: number })
    await keepUnmatched(importing, {
      answer,
      description: 'A receiver answered to a file that is not known here (999).',
      findings: [{ code: 'unmatched-answer', text: `Group and set ${number}: ${text}` }],
    })
    return
  }
  await closeUnmatched(importing, answer)
  await inTurns(tasks, async ({ id }) => {
    await writePlanned(repository, async () => {
      const task = (await view.read('Task', String(id)))?.resource
      if (task === undefined) return []
      return writeTo({ type: 'Task', id: String(id), stored: task }, withSetAnswer(task, text))
    })
  })
  const isAccepted = text.split(' ')[1] === 'accepted'
  const focuses = new Set(tasks.flatMap((task) => focusOf(task) ?? []))
  await inTurns([...focuses], async (key) => {
    const id = key.slice(key.indexOf('/') + 1)
    tally.claim(isAccepted ? 'acknowledged' : 'rejected')
    await (kind === undefined ? settleClaim(importing, id) : settleQuestion(importing, kind, id))
  })
}

function isOfSet(task: Resource, controlNumber: string): boolean {
  const output = objectsAt(task, 'output').find((one) => hasCode(objectAt(one, 'type'), 'set'))
  return Number(textAt(output, 'valueString')) === Number(controlNumber)
}

/** `Claim/[id]`, or another question to a payer. */
function focusOf(task: Resource): string | undefined {
  return /^(?:Claim|CoverageEligibilityRequest)\/[^/]+/.exec(
    textAt(objectAt(task, 'focus'), 'reference') ?? '',
  )?.[0]
}

/** Codes, and where: the segment's name, its number in the set, its loop, the element. */
function wrongWith({ errors, segments }: AcknowledgedSet): readonly string[] {
  return [
    ...errors,
    ...segments.flatMap(({ segment, position, loop, code, elements }) => {
      const place = [`${segment} ${position}`, loop].filter((one) => one !== undefined).join(' ')
      const own = code === undefined ? [] : [`${place}: ${code}`]
      return [
        ...own,
        ...elements.map(
          ({ element, component, code: wrong }) =>
            `${place} element ${element}${component === undefined ? '' : `-${component}`}: ${wrong}`,
        ),
      ]
    }),
  ]
}

export async function importClaimAcknowledgement(
  importing: Importing,
  read: ClaimAcknowledgement,
): Promise<void> {
  const { view, tally } = importing
  tally.set('277')
  const known = await claimsByControlNumber(
    view,
    read.claims.map(({ controlNumber }) => controlNumber),
  )
  const stored = await inTurns(read.claims, (said) =>
    storeAnswer(importing, read, said, known.get(said.controlNumber)),
  )
  const ofBatch = await importRefusedBatch(importing, read)
  const claims = new Set([...stored, ...ofBatch].filter((id) => id !== undefined))
  await inTurns([...claims], (id) => settleClaim(importing, id))
}

/** Resolves to the id of the claim; undefined where it is not known. */
async function storeAnswer(
  importing: Importing,
  whole: ClaimAcknowledgement,
  said: AcknowledgedClaim,
  claim: Resource | undefined,
): Promise<string | undefined> {
  const { repository, tally } = importing
  const name = answerName(whole, said)
  if (claim === undefined) {
    tally.unmatched({ set: '277', controlNumber: said.controlNumber })
    const taken = said.accepted ? 'taken on' : 'refused'
    await keepUnmatched(importing, {
      answer: name,
      description:
        'A payer took on or refused a claim that is not known here, or that several claims may be.',
      findings: [{ code: 'unmatched-answer', text: `Claim number ${said.controlNumber}: ${taken}.` }],
    })
    return undefined
  }
  await closeUnmatched(importing, name)
  await createOnce(repository, name, (attempt) => [
    acknowledgedResponse({ claim, said, whole, name }, madeId(name, attempt)),
  ])
  tally.claim(said.accepted ? 'accepted' : 'rejected')
  return String(claim['id'])
}

/** By all that it says, for one that says something else is another. */
function answerName(whole: ClaimAcknowledgement, said: AcknowledgedClaim): string {
  const { reference, date, time = '', source, receiver } = whole
  const text = JSON.stringify(said, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return madeName('claim-status', source.id ?? '', reference, date, time, receiver.trace ?? '', text)
}

/** All claims of a file are refused at once where it tells of no claim, and of the file or its provider only that. */
async function importRefusedBatch(
  importing: Importing,
  read: ClaimAcknowledgement,
): Promise<readonly (string | undefined)[]> {
  const { receiver, providers, claims, reference } = read
  const statuses = [...receiver.statuses, ...providers.flatMap((one) => one.statuses)].filter(isRefusal)
  if (claims.length > 0 || statuses.length === 0) return []
  const { trace = '' } = receiver
  const tasks = /^\d{1,9}$/.test(trace) ? await tasksOfFile(importing.view, Number(trace)) : []
  const said = (controlNumber: string): AcknowledgedClaim => ({
    controlNumber,
    accepted: false,
    statuses,
    lines: [],
  })
  if (tasks.length === 0) return [await storeAnswer(importing, read, said(trace || reference), undefined)]
  const keys = [...new Set(tasks.flatMap(({ resource }) => focusOf(resource) ?? []))]
  return inTurns(keys, async (key) => {
    const id = key.slice('Claim/'.length)
    const claim = (await importing.view.read('Claim', id))?.resource
    return storeAnswer(importing, read, said(id), claim)
  })
}
