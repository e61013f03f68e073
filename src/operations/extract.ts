// QuestionnaireResponse/$extract: the resources that a response's Questionnaire asks to be made of it
// (https://hl7.org/fhir/uv/sdc/OperationDefinition-QuestionnaireResponse-extract.html).
import { labelsKeptApart } from '../access/index.ts'
import { containedQuestionnaire, extract, FormReader } from '../behavioral/index.ts'
import { FhirError, evaluatorOnDemand, operationOutcome, parseJson, type Resource } from '../fhir/index.ts'
import { parameters } from './answer-parameters.ts'
import {
  BY_ANY_METHOD,
  BY_POST,
  type Operation,
  type OperationAnswer,
  type OperationCall,
} from './operation.ts'
import { refuseOthers } from './parameters.ts'
import { postedPart } from './posted-part.ts'

const RESPONSE = 'QuestionnaireResponse'

export const EXTRACT: Operation = {
  name: 'extract',
  type: RESPONSE,
  levels: { type: BY_POST, instance: BY_ANY_METHOD },
  takesResource: [],
  structured: { names: ['questionnaire-response', 'questionnaire'], bare: 'questionnaire-response' },
  affectsState: false,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/extract',
  summary:
    'The resources that a response, stored or posted, says beyond itself, as a transaction; nothing is stored.',
  parameters: [],
  run: run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, search, definitions, id, pairs, handling } = call
  refuseOthers(pairs, [], handling)
  const reader = new FormReader(repository.leavingOut(labelsKeptApart([])), search, repository)
  const response = id === '' ? posted(call) : await stored(call)
  const questionnaire = postedPart(call, 'questionnaire', 'Questionnaire') ?? (await named(response, reader))
  const { transaction, issues } = await extract(questionnaire, response, {
    definitions,
    evaluators: evaluatorOnDemand,
    reader,
    check: (resource) => repository.check(resource),
  })
  return {
    kind: 'resource',
    resource: parameters([
      ...(transaction === undefined ? [] : [{ name: 'return', resource: transaction }]),
      ...(issues.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(issues) }]),
    ]),
  }
}

function posted(call: OperationCall): Resource {
  const response = postedPart(call, 'questionnaire-response', RESPONSE)
  if (response !== undefined) return response
  throw new FhirError(
    'malformed',
    `A ${RESPONSE} was expected: as the body, or as the parameter questionnaire-response.`,
  )
}

async function stored({ repository, id, parts }: OperationCall): Promise<Resource> {
  if (parts.has('questionnaire-response'))
    throw new FhirError('invalid', 'At the URL of a response it is that one that is extracted; post none.')
  const { body } = await repository.read(RESPONSE, id)
  return parseJson(body as Buffer) as Resource
}

/** @throws FhirError `business-rule` when it is not known here */
async function named(response: Resource, reader: FormReader): Promise<Resource> {
  const { questionnaire: canonical } = response
  const found =
    containedQuestionnaire(response) ??
    (typeof canonical === 'string' ? await reader.questionnaire(canonical) : undefined)
  if (found !== undefined) return found
  throw new FhirError('business-rule', [
    {
      severity: 'error',
      code: 'not-found',
      diagnostics:
        'The Questionnaire of the response is not known here; post it as the parameter questionnaire.',
      expression: `${RESPONSE}.questionnaire`,
    },
  ])
}
