// The visits that a claim bills, with their notes.
import type { Resource } from '../../../fhir/index.ts'
import type { WorldView } from '../../../repository/index.ts'
import { localReferenceMatch, searchQuery } from '../../../store/index.ts'
import { ENCOUNTER_MODALITY, keyOfResource } from '../../claims/index.ts'
import { dosingVisits } from '../../claims/dosing-visits.ts'
import { isKeptApart } from '../../claims/notes.ts'
import { objectAt, objectsAt, textAt } from '../../elements.ts'
import type { BilledLine } from '../billed-line.ts'
import type { CheckedNote, CheckedVisit } from '../claim-under-check.ts'
import { dayOfNote, isFinalNote } from './notes.ts'

/** Notes of one visit; a stay has some each day. */
const MOST_NOTES = 5000
const MODALITIES = ['in-person', 'video', 'audio'] as const

/** @throws FhirError `too-costly` */
export async function visitsOf(
  view: WorldView,
  lines: readonly BilledLine[],
  baseUrl: string,
): Promise<ReadonlyMap<string, CheckedVisit>> {
  const references = [...new Set(lines.flatMap((line) => line.visits))]
  const read = await Promise.all(
    references.map(async (reference) => [reference, await visitOf(view, reference)] as const),
  )
  const visits = read.flatMap(([reference, visit]) =>
    visit === undefined ? [] : [[reference, visit] as const],
  )
  const unnoted = visits.filter(([, { notes }]) => !notes.some(({ isFinal }) => isFinal))
  const dosing = await dosingVisits(
    view,
    unnoted.map(([, { resource }]) => resource),
    baseUrl,
  )
  return new Map(
    visits.map(([reference, visit]) => [reference, { ...visit, isDosing: dosing.has(reference) }] as const),
  )
}

async function visitOf(
  view: WorldView,
  reference: string,
): Promise<Omit<CheckedVisit, 'isDosing'> | undefined> {
  const [type = '', id = ''] = reference.split('/')
  const found = type === 'Encounter' ? await view.read(type, id) : undefined
  if (found === undefined) return undefined
  const { resource } = found
  const period = objectAt(resource, 'period')
  return {
    resource,
    modality: modalityOf(resource),
    first: textAt(period, 'start')?.slice(0, 10),
    last: textAt(period, 'end')?.slice(0, 10),
    notes: await notesOf(view, id),
  }
}

function modalityOf(visit: Resource): CheckedVisit['modality'] {
  const told = objectsAt(visit, 'extension').find(({ url }) => url === ENCOUNTER_MODALITY)?.['valueCode']
  const known = MODALITIES.find((one) => one === told)
  if (known !== undefined || told !== undefined) return known
  return objectAt(visit, 'class')?.['code'] === 'VR' ? 'video' : undefined
}

async function notesOf(view: WorldView, visitId: string): Promise<readonly CheckedNote[]> {
  const where = localReferenceMatch('encounter', ['Encounter'], visitId)
  const found = [
    ...(await view.every(searchQuery({ type: 'DocumentReference', where }), MOST_NOTES)),
    ...(await view.every(searchQuery({ type: 'Composition', where }), MOST_NOTES)),
  ]
  return found.flatMap(({ resource }) => {
    if (isKeptApart(resource)) return []
    const day = dayOfNote(resource)
    return [
      {
        reference: keyOfResource(resource),
        isFinal: isFinalNote(resource),
        days: day === undefined ? [] : [day],
      },
    ]
  })
}
