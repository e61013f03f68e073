// Whether a payer may be asked: to ask is to tell it of the patient for payment's sake, as a claim does.
import { formatInstant, type Issue, type Resource } from '../../fhir/index.ts'
import type { WorldView } from '../../repository/index.ts'
import { keyOfResource, localKeyOf, referenced } from '../claims/index.ts'
import { consentRefusals } from '../claims/payment-consent.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { createReferenceReader } from '../submission/bundle/reference-reader.ts'

/**
 * What stands against asking, as the consents on file stand now; nothing where nothing does.
 * @param now milliseconds since 1970
 */
export async function askingRefusals(
  view: WorldView,
  question: Resource,
  baseUrl: string,
  now: number,
): Promise<readonly Issue[]> {
  const patient = localKeyOf(objectAt(question, 'patient'), baseUrl)
  if (patient?.startsWith('Patient/') !== true) return [unknownPatient(question.resourceType)]
  const payer = await askedPayer(view, question, baseUrl)
  if (payer === undefined) return []
  const days = daysOf(question, formatInstant(now).slice(0, 10))
  const labels = objectsAt(objectAt(question, 'meta'), 'security')
  const issues = new Map<string, Issue>()
  for (const encounter of [question, ...(await visitsOf(view, question, baseUrl))]) {
    const told = [...labels, ...objectsAt(objectAt(encounter, 'meta'), 'security')]
    const asked = { patient, encounter, payer, days, labels: told, baseUrl, now }
    for (const issue of await consentRefusals(view, asked)) issues.set(issue.diagnostics, issue)
  }
  return [...issues.values()]
}

function unknownPatient(type: string): Issue {
  const expression = `${type}.patient`
  const diagnostics = `${expression} must be a Patient who is known here: else nobody can tell whether the payer may be told.`
  return { severity: 'error', code: 'business-rule', diagnostics, expression }
}

/** One that is contained has no id: nobody knows it by that. */
async function askedPayer(
  view: WorldView,
  question: Resource,
  baseUrl: string,
): Promise<Resource | undefined> {
  const insurer = objectAt(question, 'insurer')
  const element = `${question.resourceType}.insurer`
  const reader = createReferenceReader(view, baseUrl)
  const payer = await reader.read(insurer, ['Organization'], question, element)
  if (payer === undefined || localKeyOf(insurer, baseUrl) !== undefined) return payer
  const { id: _, ...told } = payer
  return told as Resource
}

/** That services are asked for. */
async function visitsOf(view: WorldView, question: Resource, baseUrl: string): Promise<readonly Resource[]> {
  const visits = new Map<string, Resource>()
  for (const reference of objectsAt(question, 'item').flatMap((item) => objectsAt(item, 'encounter'))) {
    const visit = (await referenced(view, reference, baseUrl, ['Encounter']))?.resource
    if (visit !== undefined) visits.set(keyOfResource(visit), visit)
  }
  return [...visits.values()]
}

/** The first and last day that it speaks of. */
function daysOf(question: Resource, today: string): readonly [string, string] {
  const holders = [question, ...objectsAt(question, 'item')]
  const days = holders
    .flatMap((one) => [
      textAt(one, 'servicedDate'),
      ...['servicedPeriod', 'billablePeriod'].flatMap((key) => {
        const period = objectAt(one, key)
        return [textAt(period, 'start'), textAt(period, 'end')]
      }),
    ])
    .flatMap((day) => (day === undefined ? [] : [day.slice(0, 10)]))
    .toSorted()
  return [days[0] ?? today, days.at(-1) ?? today]
}
