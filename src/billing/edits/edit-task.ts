// The work that faults of a claim make: one Task a claim, as the claim was last checked.
import { FhirError, parseJson, writeJson, type JsonObject, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import { searchQuery, tokenMatch } from '../../store/index.ts'
import { keyOfResource } from '../claims/index.ts'
import { objectAt, textAt } from '../elements.ts'
import { createOnce, MADE_FROM, madeId, madeName } from '../made.ts'
import { isOver, workTask } from '../worklist/index.ts'
import { CLAIM_EDITS, type Finding } from './finding.ts'

/** How often a Task is read again that others change at the same time. */
const MOST_ATTEMPTS = 20
/**
 * Makes the Task of the claim when there are findings; brings one that is there up to date, and completes it when there
 * are none. Who has it, and how far they say that they are, stays. Resolves to the Task, if there is one.
 */
export async function keepEditTask(
  repository: Repository,
  claim: Resource,
  findings: readonly Finding[],
  now: number,
): Promise<Resource | undefined> {
  const name = madeName('claim-edit', String(claim['id']))
  const fresh = taskOf(name, claim, findings, now)
  for (let attempt = 1; ; attempt++) {
    const known = (await taskNamed(repository, name)) ?? (await make(repository, name, fresh, findings))
    const changed = known && broughtUpToDate(known, fresh, findings.length === 0)
    if (known === undefined || changed === undefined) return known
    try {
      const { version } = await repository.write({
        kind: 'update',
        target: { type: 'Task', id: String(known['id']) },
        resource: changed,
        ifMatch: { versions: [String(objectAt(known, 'meta')?.['versionId'])] },
      })
      return parseJson(version?.body as Buffer) as Resource
    } catch (error) {
      const isRace = error instanceof FhirError && error.code === 'precondition-failed'
      if (!isRace || attempt === MOST_ATTEMPTS) throw error
    }
  }
}

/** The one that the caller may see, wherever its id was taken. */
async function taskNamed(repository: Repository, name: string): Promise<Resource | undefined> {
  const where = tokenMatch('identifier', MADE_FROM, name)
  const { matches } = await repository.search(searchQuery({ type: 'Task', where, count: 1 }))
  return matches[0]?.body === undefined ? undefined : (parseJson(matches[0].body) as Resource)
}

async function make(
  repository: Repository,
  name: string,
  fresh: Resource,
  findings: readonly Finding[],
): Promise<Resource | undefined> {
  if (findings.length === 0) return undefined
  const { resources } = await createOnce(repository, name, (at) => [{ ...fresh, id: madeId(name, at) }])
  return resources[0]
}

function taskOf(name: string, claim: Resource, findings: readonly Finding[], now: number): Resource {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const patient = textAt(objectAt(claim, 'patient'), 'reference')
  const task = workTask({
    kind: 'claim-edit',
    name,
    focus: keyOfResource(claim),
    ...(patient === undefined ? {} : { patient }),
    description:
      errors > 0
        ? 'Mend the claim: as it is, it is not fit to be sent.'
        : 'Look at the claim before it is sent: a payer may deny some of it.',
    priority: errors > 0 ? 'urgent' : 'routine',
    now,
  })
  return findings.length === 0 ? task : { ...task, input: findings.flatMap(inputOf) }
}

/** In words, and with references to what it tells of, so that the Task is shown to nobody who may not see that. */
function inputOf({ edit, diagnostics, expression = 'Claim', about }: Finding): readonly JsonObject[] {
  const type = { coding: [{ system: CLAIM_EDITS, code: edit }] }
  return [
    { type, valueString: `${expression}: ${diagnostics}` },
    ...about.map((reference) => ({ type, valueReference: { reference } })),
  ]
}

/** undefined when nothing changes. */
function broughtUpToDate(known: Resource, fresh: Resource, isClean: boolean): Resource | undefined {
  const lastModified = fresh['lastModified'] as string
  if (isClean) return isOver(known) ? undefined : { ...known, status: 'completed', lastModified }
  const { input, description, priority } = fresh as Resource &
    Record<'input' | 'description' | 'priority', string>
  const isSame = writeJson([known['input'] ?? null]) === writeJson([input])
  if (!isOver(known) && isSame) return undefined
  return {
    ...known,
    ...(isOver(known) ? { status: 'requested' } : {}),
    input,
    description,
    priority,
    lastModified,
  }
}
