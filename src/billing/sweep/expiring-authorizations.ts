// Authorizations that run out, patient by patient.
import { setImmediate } from 'node:timers/promises'
import type { Resource } from '../../fhir/index.ts'
import { and, tokenMatch } from '../../store/index.ts'
import { authorizationsOf } from '../authorizations/index.ts'
import { localKeyOf } from '../claims/index.ts'
import { lastDayGoingOn } from '../edits/calendar.ts'
import { objectAt, objectsAt, textAt } from '../elements.ts'
import { isMadeAs, madeName } from '../made.ts'
import type { WorkFinding } from '../worklist/index.ts'
import { pagesOf } from './pages.ts'
import { runningOut, type RunningOut } from './running-out.ts'
import { idsOf, type Sweeping, type Watch, type WatchedWork } from './watch.ts'

export const EXPIRING_AUTHORIZATIONS: Watch = {
  kind: 'authorization-expiring',

  async *found(sweeping) {
    const { repository, parts, now, isStopped } = sweeping
    const today = lastDayGoingOn(now)
    const where = and([
      tokenMatch('use', undefined, 'preauthorization'),
      tokenMatch('status', undefined, 'active'),
    ])
    const looked = new Set<string>()
    for await (const page of pagesOf(repository, 'ClaimResponse', where, isStopped))
      for (const { resource } of page) {
        const patient = patientOf(objectAt(resource, 'patient'), parts.baseUrl)
        if (patient === undefined || looked.has(patient) || isSaidToBeOver(resource, today)) continue
        if (isStopped()) return
        looked.add(patient)
        yield await workOfPatient(sweeping, patient)
      }
  },

  async standing(sweeping, tasks) {
    const { parts } = sweeping
    const patientIn = (task: Resource) => patientOf(objectAt(task, 'for'), parts.baseUrl)
    const names = new Map<string | undefined, readonly string[]>()
    for (const patient of new Set(tasks.map(patientIn))) {
      if (patient === undefined) continue
      names.set(
        patient,
        (await workOfPatient(sweeping, patient)).map(({ name }) => name),
      )
    }
    return idsOf(tasks, (task) => names.get(patientIn(task))?.some((name) => isMadeAs(task, name)) === true)
  },
}

/** The id of the Patient. */
function patientOf(reference: ReturnType<typeof objectAt>, baseUrl: string): string | undefined {
  const [type, id] = localKeyOf(reference, baseUrl)?.split('/') ?? []
  return type === 'Patient' ? id : undefined
}

/** Most of what is stored has ended long ago, and no claim need be counted to know that. */
function isSaidToBeOver(response: Resource, today: string): boolean {
  const end = textAt(objectAt(response, 'preAuthPeriod'), 'end')?.slice(0, 10)
  const items = [...objectsAt(response, 'item'), ...objectsAt(response, 'addItem')]
  return end !== undefined && end < today.slice(0, end.length) && !items.some((item) => 'extension' in item)
}

async function workOfPatient(
  { view, parts, now }: Sweeping,
  patient: string,
): Promise<readonly WatchedWork[]> {
  await setImmediate()
  const list = await authorizationsOf(view, patient, parts.baseUrl)
  return runningOut(list, lastDayGoingOn(now)).map((one) => workOf(one, patient))
}

/** Its words do not change with each claim: how much is used is told by Patient/$authorizations. */
function workOf({ authorization, end, used }: RunningOut, patient: string): WatchedWork {
  const { reference, number = '', period } = authorization
  const findings: readonly WorkFinding[] = [
    ...(end === undefined ? [] : [{ code: 'ends-soon', text: `Its last day is ${end}.` }]),
    ...used.map(({ codings: [code] }) => ({
      code: 'units-mostly-used',
      text: `Most of its units ${code === undefined ? '' : `of ${code.code} `}are used.`,
    })),
  ]
  return {
    name: madeName('authorization-expiring', reference, number, period.start ?? ''),
    focus: reference,
    patient: `Patient/${patient}`,
    description: 'Ask the payer for a new authorization, if the services are to go on: this one runs out.',
    findings,
    ...(end === undefined ? {} : { due: end }),
  }
}
