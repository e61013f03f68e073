// Group/[id]/$generate-claims: a claim of each member who came to a session, by the member's own visit.
import {
  generateForEncounter,
  saveGenerated,
  submitClaims,
  visitsOfGroup,
  type BillingParts,
  type ClaimSubmission,
  type ClaimType,
} from '../billing/index.ts'
import {
  ERRORS,
  type ErrorCode,
  FhirError,
  isDate,
  isJsonObject,
  type Issue,
  type JsonObject,
  operationOutcome,
  parseJson,
  type Resource,
} from '../fhir/index.ts'
import { breathe, type WorldView } from '../repository/index.ts'
import { callerView } from './caller-view.ts'
import { unsaved } from './generate-claim-answer.ts'
import { GENERATE_PARAMETERS, readGenerateParameters } from './generate-claim-parameters.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, single } from './parameters.ts'
import { withoutNotesApart } from './without-notes-apart.ts'

const OF_EACH = ['claimType', 'dryRun', 'submit']

export const GROUP_GENERATE_CLAIMS: Operation = {
  name: 'generate-claims',
  type: 'Group',
  levels: { instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Bundle',
  definition: 'https://alcove.health/fhir/OperationDefinition/group-generate-claims',
  summary:
    'Makes the claim of each member who came to a session of a group, as $generate-claim of the own visit does; who cannot be billed has an OperationOutcome that names that visit alone.',
  parameters: [
    { name: 'encounter', documentation: 'The session: an Encounter of the Group, by reference or id.' },
    { name: 'date', documentation: 'Instead: all sessions that began on this day, YYYY-MM-DD.' },
    ...GENERATE_PARAMETERS.filter(({ name }) => OF_EACH.includes(name)),
  ],
  run: generate,
}

/** What came of one member's visit. */
interface MemberClaim {
  readonly encounterId: string
  readonly claim?: Resource
  readonly status: number
  readonly issues: readonly Issue[]
}

async function generate(call: OperationCall): Promise<OperationAnswer> {
  const asked = readGenerateParameters(call, ['encounter', 'date'])
  for (const name of ['coverage', 'correctionOf', 'issues'])
    if (single(call.pairs, name) !== undefined)
      throw refused(name, 'it is of one visit: ask Encounter/[id]/$generate-claim.')
  const { repository, id: groupId } = call
  const billing = call.billing as BillingParts
  await repository.read('Group', groupId)
  const { view, parts } = withoutNotesApart(call)
  const visits = await visitsOfGroup(view, { groupId, ...readSession(call) }, billing.baseUrl)
  const made: MemberClaim[] = []
  for (const [at, { id }] of visits.entries()) {
    await breathe(at)
    made.push(await claimOfMember({ ...call, billing: parts }, view, id, asked))
  }
  const claims = asked.submit ? await submitted({ ...call, billing }, made) : made
  const entry = claims.map((one) => entryOf(one, billing.baseUrl))
  return {
    kind: 'resource',
    resource: {
      resourceType: 'Bundle',
      type: 'batch-response',
      ...(entry.length === 0 ? {} : { entry }),
    },
  }
}

function readSession({ pairs }: OperationCall): { readonly encounter?: string; readonly date?: string } {
  const [encounter, date] = [single(pairs, 'encounter'), single(pairs, 'date')]
  if (encounter !== undefined && date === undefined) return { encounter }
  if (date === undefined || encounter !== undefined)
    throw refused('encounter', 'either the session or a date is needed.')
  if (date.length !== 10 || !isDate(date)) throw refused('date', 'it must be a day, such as 2026-03-31.')
  return { date }
}

/** One member's faults are no other's. */
async function claimOfMember(
  { repository, billing, now }: OperationCall & { readonly billing: BillingParts },
  view: WorldView,
  encounterId: string,
  { claimType, dryRun }: { readonly claimType: ClaimType | undefined; readonly dryRun: boolean },
): Promise<MemberClaim> {
  try {
    const generated = await generateForEncounter(view, billing, { encounterId, claimType, now })
    const { existing, claim, refusals, warnings } = generated
    if (dryRun && refusals.length === 0) {
      const shown = existing ?? unsaved(claim as Resource)
      return { encounterId, claim: shown, status: 200, issues: warnings }
    }
    if (refusals.length > 0) throw new FhirError('business-rule', [...refusals, ...warnings])
    const { created, resources } = await saveGenerated(repository, generated, now)
    return { encounterId, claim: resources[0], status: created ? 201 : 200, issues: warnings }
  } catch (error) {
    if (!(error instanceof FhirError) || error.status >= 500) throw error
    return { encounterId, status: error.status, issues: error.issues }
  }
}

async function submitted(
  { repository, billing, now }: OperationCall & { readonly billing: BillingParts },
  made: readonly MemberClaim[],
): Promise<readonly MemberClaim[]> {
  const ids = made.flatMap(({ claim }) => (claim === undefined ? [] : [String(claim['id'])]))
  const results = await submitClaims(repository, callerView(repository), billing, ids, now)
  const byId = new Map(results.map((result) => [result.claimId, result]))
  return Promise.all(
    made.map(async (one) => {
      const result = byId.get(String(one.claim?.['id']))
      if (result === undefined) return one
      const { body } = await repository.read('Claim', result.claimId)
      return sentOf(one, result, parseJson(body as Buffer) as Resource)
    }),
  )
}

function sentOf(one: MemberClaim, { code, issues }: ClaimSubmission, claim: Resource): MemberClaim {
  const status = code === undefined ? one.status : ERRORS[code as ErrorCode].status
  return { ...one, claim, status, issues: [...one.issues, ...issues] }
}

/** The link `about` is the member's own visit. */
function entryOf({ encounterId, claim, status, issues }: MemberClaim, baseUrl: string): JsonObject {
  const [id, meta] = [claim?.['id'], claim?.meta]
  const isStored = typeof id === 'string'
  const version = isJsonObject(meta) ? String(meta['versionId']) : undefined
  return {
    link: [{ relation: 'about', url: `Encounter/${encounterId}` }],
    ...(isStored ? { fullUrl: `${baseUrl}/Claim/${id}` } : {}),
    ...(claim === undefined ? {} : { resource: claim }),
    response: {
      status: String(status),
      ...(isStored && version !== undefined
        ? { location: `${baseUrl}/Claim/${id}/_history/${version}`, etag: `W/"${version}"` }
        : {}),
      ...(issues.length === 0 ? {} : { outcome: operationOutcome(issues) }),
    },
  }
}
