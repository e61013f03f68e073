// EpisodeOfCare/[id]/$generate-claim: the claims of a stay or program for a period, each once.
import { generateForEpisode, saveEpisodeClaims, type BillingParts } from '../billing/index.ts'
import { FhirError, isDate, type Issue, operationOutcome, type Resource } from '../fhir/index.ts'
import { parameters } from './answer-parameters.ts'
import { claimAnswer, storedAnswer, unsaved } from './generate-claim-answer.ts'
import {
  GENERATE_PARAMETERS,
  type GenerateParameters,
  readGenerateParameters,
} from './generate-claim-parameters.ts'
import { BY_POST, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, single } from './parameters.ts'
import { withoutNotesApart } from './without-notes-apart.ts'

const TYPE = 'EpisodeOfCare'
const DAY = 86_400_000
/** Days of one call. */
const MOST_DAYS = 366

export const EPISODE_GENERATE_CLAIM: Operation = {
  name: 'generate-claim',
  type: TYPE,
  levels: { instance: BY_POST },
  takesResource: [],
  affectsState: true,
  answers: 'Resource',
  definition: 'https://alcove.health/fhir/OperationDefinition/episode-generate-claim',
  summary:
    'Makes the claim of a stay or program for a period: midnights of a residential stay, days of attendance, weeks of an opioid treatment program, months of collaborative care; several where a period needs them. Asked again, answers the same.',
  parameters: [
    { name: 'start', documentation: 'The first day, YYYY-MM-DD; of a correction that of the claim.' },
    {
      name: 'end',
      documentation: 'The last day, YYYY-MM-DD, no later than today; of a correction that of the claim.',
    },
    ...GENERATE_PARAMETERS,
  ],
  run: generate,
}

async function generate(call: OperationCall): Promise<OperationAnswer> {
  const asked = readGenerateParameters(call, ['start', 'end'])
  const period = readPeriod(call, asked)
  const { repository, id, now } = call
  const billing = call.billing as BillingParts
  await repository.read(TYPE, id)
  const { view, parts } = withoutNotesApart(call)
  const { coverage, claimType, correctionOf } = asked
  const request = { episodeId: id, ...period, coverage, claimType, correctionOf, now }
  const generated = await generateForEpisode(view, parts, request)
  const { claims, refusals, warnings } = generated
  if (asked.dryRun) {
    if (refusals.length > 0) throw new FhirError('business-rule', [...refusals, ...warnings])
    const shown = claims.map(({ claim, existing }) => existing ?? unsaved(claim))
    const [only, another] = shown
    return only !== undefined && another === undefined
      ? claimAnswer(only, warnings, asked)
      : bundleAnswer(shown, warnings, asked)
  }
  const { baseUrl } = billing
  const saved = await saveEpisodeClaims({ repository, view, baseUrl, now }, generated)
  const [only, another] = saved
  if (only !== undefined && another === undefined)
    return storedAnswer({ ...call, billing }, only, warnings, asked)
  const stored: Resource[] = []
  for (const one of saved) {
    const answer = await storedAnswer({ ...call, billing }, one, [], { ...asked, issues: false })
    stored.push(answer.kind === 'resource' ? answer.resource : one.resources[0])
  }
  return bundleAnswer(stored, warnings, asked, baseUrl)
}

function bundleAnswer(
  claims: readonly Resource[],
  warnings: readonly Issue[],
  { issues }: GenerateParameters,
  baseUrl?: string,
): OperationAnswer {
  const bundle: Resource = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: claims.map((resource) => ({
      ...(baseUrl === undefined || resource['id'] === undefined
        ? {}
        : { fullUrl: `${baseUrl}/Claim/${String(resource['id'])}` }),
      resource,
    })),
  }
  if (!issues) return { kind: 'resource', resource: bundle }
  return {
    kind: 'resource',
    resource: parameters([
      { name: 'claims', resource: bundle },
      ...(warnings.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(warnings) }]),
    ]),
  }
}

/** @throws FhirError `invalid-search`, `too-costly` */
function readPeriod(
  { pairs, now }: OperationCall,
  { correctionOf }: GenerateParameters,
): { readonly start: string | undefined; readonly end: string | undefined } {
  const [start, end] = [readDay(single(pairs, 'start'), 'start'), readDay(single(pairs, 'end'), 'end')]
  if (correctionOf === undefined && start === undefined) throw refused('start', 'the first day is needed.')
  if (correctionOf === undefined && end === undefined) throw refused('end', 'the last day is needed.')
  if (start !== undefined && end !== undefined) {
    if (end < start) throw refused('end', 'it is before start.')
    if (Date.parse(end) - Date.parse(start) >= MOST_DAYS * DAY)
      throw new FhirError('too-costly', `No more than ${MOST_DAYS} days are billed at a time.`)
  }
  if (end !== undefined && end > new Date(now).toISOString().slice(0, 10))
    throw refused('end', 'it is later than today: what has not been cannot be billed.')
  return { start, end }
}

function readDay(text: string | undefined, name: string): string | undefined {
  if (text === undefined || (text.length === 10 && isDate(text))) return text
  throw refused(name, 'it must be a day, such as 2026-03-31.')
}
