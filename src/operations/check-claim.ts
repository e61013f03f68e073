// Claim/$check: what is wrong with a claim before it is sent, with the likely denial and what mends it; on demand as work to do.
import { checkClaim, keepEditTask, type Finding } from '../billing/index.ts'
import { FhirError, operationOutcome, parseJson, type Issue, type Resource } from '../fhir/index.ts'
import type { Repository } from '../repository/index.ts'
import { callerView } from './caller-view.ts'
import {
  BY_ANY_METHOD,
  BY_POST,
  type Operation,
  type OperationAnswer,
  type OperationCall,
} from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'
import { postedPart } from './posted-part.ts'

const TYPE = 'Claim'

export const CHECK_CLAIM: Operation = {
  name: 'check',
  type: TYPE,
  levels: { type: BY_POST, instance: BY_ANY_METHOD },
  takesResource: [],
  structured: { names: ['claim', 'resource'], bare: 'claim' },
  affectsState: true,
  answers: 'Resource',
  definition: 'https://alcove.health/fhir/OperationDefinition/check',
  summary:
    'What is wrong with a stored or posted claim before it is sent: each fault with the likely denial and what mends it. With worklist by POST of a stored claim, its Task lists them.',
  parameters: [
    {
      name: 'worklist',
      documentation: 'true: the Task of the stored claim is made, brought up to date, or completed.',
    },
  ],
  run: check,
}

async function check(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, id, pairs, handling, now } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  const keepsTask = readWorklist(single(refuseOthers(pairs, ['worklist'], handling), 'worklist'), call)
  const claim = id === '' ? posted(call) : await stored(repository, call)
  const findings = await checkClaim(callerView(repository), billing, claim, now)
  const task = keepsTask ? await keepEditTask(repository, claim, findings, now) : undefined
  return { kind: 'resource', resource: operationOutcome(issuesOf(findings, task)) }
}

function issuesOf(findings: readonly Finding[], task: Resource | undefined): readonly Issue[] {
  const told: readonly Issue[] =
    findings.length > 0
      ? findings
      : [{ severity: 'information', code: 'informational', diagnostics: 'No faults were found.' }]
  if (task === undefined) return told
  const diagnostics = `Task/${String(task['id'])} has this for the worklist; its status is ${String(task['status'])}.`
  return [...told, { severity: 'information', code: 'informational', diagnostics, expression: 'Claim' }]
}

function readWorklist(text: string | undefined, { method, id }: OperationCall): boolean {
  if (text === undefined || text === 'false') return false
  if (text !== 'true') throw refused('worklist', 'it must be true or false.')
  if (method !== 'POST') throw refused('worklist', 'only a POST writes.')
  if (id === '') throw refused('worklist', 'only a claim that is stored has a Task.')
  return true
}

function posted(call: OperationCall): Resource {
  const [claim, other] = ['claim', 'resource'].flatMap((name) => postedPart(call, name, TYPE) ?? [])
  if (claim === undefined)
    throw new FhirError('malformed', `A ${TYPE} was expected: as the body, or as the parameter claim.`)
  if (other !== undefined) throw new FhirError('invalid', 'One claim is checked at a time.')
  return claim
}

async function stored(repository: Repository, { id, parts }: OperationCall): Promise<Resource> {
  if (parts.size > 0)
    throw new FhirError('invalid', 'At the URL of a claim it is that one that is checked; post none.')
  const { body } = await repository.read(TYPE, id)
  return parseJson(body as Buffer) as Resource
}
