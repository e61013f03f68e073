// The patients for whom a Measure is evaluated, some at a time, as far as the caller sees them.
import { FhirError, isJsonObject, parseJson, type Resource } from '../../fhir/index.ts'
import type { Repository } from '../../repository/index.ts'
import type { Search } from '../../search/index.ts'
import { and, idMatch, localReferenceMatch, or, searchQuery, type Expression } from '../../store/index.ts'

/** Patients whose records are held in memory at once. */
const AT_ONCE = 25

/** Patients of one evaluation, whatever becomes of them. */
const MOST_PATIENTS = 200_000

export interface CohortAsked {
  /** A Patient, a Group, or everybody. */
  readonly subject: { readonly type: 'Patient' | 'Group'; readonly id: string } | undefined
  /** Whose patients: those that name this one as general practitioner. */
  readonly practitioner: string | undefined
}

/**
 * Each patient once, in chunks.
 * @throws FhirError `not-found` or `deleted` for a subject that is not there for the caller, `too-costly`
 */
export async function* cohortOf(
  { subject, practitioner }: CohortAsked,
  parts: { readonly repository: Repository; readonly search: Search },
): AsyncGenerator<readonly Resource[]> {
  const cared: readonly Expression[] =
    practitioner === undefined
      ? []
      : [localReferenceMatch('general-practitioner', ['Practitioner'], practitioner)]
  if (subject === undefined) {
    yield* everyPatient(and(cared), parts.repository)
    return
  }
  if (subject.type === 'Patient') {
    await parts.repository.read('Patient', subject.id)
    yield* everyPatient(and([idMatch(subject.id), ...cared]), parts.repository)
    return
  }
  const members = await membersOf(subject.id, parts)
  if (members.length > MOST_PATIENTS) throw tooMany()
  for (let from = 0; from < members.length; from += AT_ONCE) {
    const some = or(members.slice(from, from + AT_ONCE).map((id) => idMatch(id)))
    yield* everyPatient(and([some, ...cared]), parts.repository)
  }
}

async function* everyPatient(where: Expression, repository: Repository): AsyncGenerator<readonly Resource[]> {
  const query = searchQuery({ type: 'Patient', where, count: AT_ONCE })
  let cursor: string | undefined
  let seen = 0
  do {
    const page = await repository.search({ ...query, cursor })
    seen += page.matches.length
    if (seen > MOST_PATIENTS) throw tooMany()
    if (page.matches.length > 0) yield page.matches.map(({ body }) => parseJson(body as Buffer) as Resource)
    cursor = page.next
  } while (cursor !== undefined)
}

/** Ids of the Patients that are members of a Group now, each once. */
async function membersOf(
  id: string,
  { repository, search }: { readonly repository: Repository; readonly search: Search },
): Promise<readonly string[]> {
  const { body } = await repository.read('Group', id)
  const group = parseJson(body as Buffer) as Resource
  const { member } = group
  const active = Array.isArray(member)
    ? member.filter((one) => isJsonObject(one) && one['inactive'] !== true)
    : []
  const { entries } = search.extract({ ...group, member: active })
  const ids = entries.flatMap((entry) =>
    entry.kind === 'reference' &&
    entry.param === 'member' &&
    entry.target.kind === 'local' &&
    entry.target.type === 'Patient'
      ? [entry.target.id]
      : [],
  )
  return [...new Set(ids)]
}

function tooMany(): FhirError {
  return new FhirError(
    'too-costly',
    `A Measure is evaluated for at most ${MOST_PATIENTS} patients at a time; name a Group as subject, or a practitioner.`,
  )
}
