// $billing-worklist: how much is to be done about billing; by POST what is late or runs out is looked for first.
import { countOpenWork, sweepWorklist } from '../billing/index.ts'
import { FhirError, operationOutcome } from '../fhir/index.ts'
import { count, group, parameters, text, type Parameter } from './answer-parameters.ts'
import { callerView } from './caller-view.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refuseOthers } from './parameters.ts'

export const BILLING_WORKLIST: Operation = {
  name: 'billing-worklist',
  type: '',
  // A GET looks for nothing: it only counts.
  levels: { system: BY_ANY_METHOD },
  takesResource: [],
  affectsState: true,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/billing-worklist',
  summary:
    'How many Tasks about billing are open, by kind. By POST, late notes, authorizations that run out and claims soon too late for their payer are looked for first, as the server does by itself every hour: each becomes one Task, completed when it is dealt with.',
  parameters: [],
  run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, billing, method, pairs, handling } = call
  if (billing === undefined) throw new FhirError('not-implemented', 'This server does not bill.')
  refuseOthers(pairs, [], handling)
  const swept = method === 'POST' ? await sweep(call, billing) : []
  const open = await countOpenWork(repository)
  return {
    kind: 'resource',
    resource: parameters([
      ...swept,
      ...[...open].map(([kind, tasks]) =>
        group('open', [...text('kind', 'Code', kind), count('count', tasks)]),
      ),
    ]),
  }
}

/** Who does not see all notes would find notes late that are there. */
async function sweep(
  { repository, now }: OperationCall,
  billing: NonNullable<OperationCall['billing']>,
): Promise<readonly Parameter[]> {
  if (!repository.seesEverything)
    throw new FhirError('forbidden', 'Only who may see everything looks for what is late: ask by GET.')
  const { made, opened, completed, failures } = await sweepWorklist(
    repository,
    callerView(repository),
    billing,
    now,
    () => !repository.isAwaited,
  )
  const issues = failures.flatMap((failure) => failure.issues)
  return [
    group('swept', [count('made', made), count('opened', opened), count('completed', completed)]),
    ...(issues.length === 0 ? [] : [{ name: 'faults', resource: operationOutcome(issues) }]),
  ]
}
