// What a response says beyond itself: a transaction of the resources that its Questionnaire asks to be made of it
// (https://hl7.org/fhir/uv/sdc/extraction.html). Nothing is stored.
import {
  FhirError,
  writeJson,
  type Definitions,
  type Issue,
  type JsonObject,
  type Resource,
} from '../../fhir/index.ts'
import type { Evaluators } from '../assessments/formula.ts'
import { objectOf, objectsOf, textOf } from './elements.ts'
import { enablementIn, readEnablement } from './enablement.ts'
import { FormExpressions, type Values } from './expressions.ts'
import { extractByDefinition } from './extract-definition.ts'
import { extractObservations } from './extract-observations.ts'
import { urnSource } from './extracted-entry.ts'
import { readForm } from './form.ts'
import { OutputLimit } from './output-limit.ts'
import type { FormLookup } from './reader.ts'
import { withVariables } from './variables.ts'

/** Entries of one transaction. */
const MOST_ENTRIES = 5000

export interface ExtractionParts {
  readonly definitions: Definitions
  readonly evaluators: Evaluators
  readonly reader: FormLookup
  /** What is wrong with a resource by base R4. */
  readonly check: (resource: Resource) => readonly Issue[]
}

export interface Extracted {
  /** undefined when there is nothing to extract. */
  readonly transaction: Resource | undefined
  /** What was not extracted and why, and what is not valid of what was. */
  readonly issues: readonly Issue[]
}

/**
 * Both must be valid R4.
 * @throws FhirError `business-rule` for a response that was entered in error, `too-costly`
 */
export async function extract(
  questionnaire: Resource,
  response: Resource,
  { definitions, evaluators, reader, check }: ExtractionParts,
): Promise<Extracted> {
  if (response.status === 'entered-in-error')
    throw new FhirError('business-rule', [
      {
        severity: 'error',
        code: 'business-rule',
        diagnostics: 'Nothing is extracted from a response that was entered in error.',
        expression: 'QuestionnaireResponse.status',
      },
    ])
  const expressions = new FormExpressions(evaluators)
  const tools = { expressions, reader }
  const form = readForm(questionnaire)
  const given = await valuesFor(questionnaire, response, reader)
  const values = await withVariables(
    questionnaire,
    'Questionnaire',
    { resource: response, at: '', values: given },
    tools,
  )
  const shared = {
    form,
    response,
    enabled: enablementIn(readEnablement(questionnaire, evaluators), response),
    definitions,
    values,
    limit: new OutputLimit(),
    newUrn: urnSource(`${textOf(response.id) ?? ''} ${writeJson(response)}`),
  }
  const entry = [
    ...extractObservations({ ...shared, expressions }),
    ...(await extractByDefinition({ ...shared, tools })),
  ]
  if (entry.length > MOST_ENTRIES)
    throw new FhirError('too-costly', `More than ${MOST_ENTRIES} resources would be extracted.`)
  const issues = [...unfinished(response), ...expressions.issues, ...faultsOf(entry, check)]
  if (entry.length === 0)
    return { transaction: undefined, issues: [...issues, information('There is nothing to extract.')] }
  return { transaction: { resourceType: 'Bundle', type: 'transaction', entry }, issues }
}

/** `%patient` is the subject as far as the caller may see it. */
async function valuesFor(questionnaire: Resource, response: Resource, reader: FormLookup): Promise<Values> {
  const reference = textOf(objectOf(response.subject)?.reference)
  const subject = reference === undefined ? undefined : (await reader.read(reference))?.resource
  return {
    questionnaire,
    patient: subject?.resourceType === 'Patient' ? subject : [],
    ...(subject === undefined ? {} : { subject }),
  }
}

function unfinished({ status }: Resource): readonly Issue[] {
  if (status === 'completed' || status === 'amended') return []
  return [
    {
      severity: 'warning',
      code: 'business-rule',
      diagnostics: 'The response is not completed; what is extracted may change.',
      expression: 'QuestionnaireResponse.status',
    },
  ]
}

/** A resource that lacks what R4 asks for is for the client to complete (https://hl7.org/fhir/uv/sdc/extraction.html). */
function faultsOf(entries: readonly JsonObject[], check: ExtractionParts['check']): readonly Issue[] {
  return entries.flatMap(({ resource }, index) =>
    check(resource as Resource)
      .filter(({ severity }) => severity === 'error' || severity === 'fatal')
      .map((issue) => ({
        ...issue,
        severity: 'warning' as const,
        expression: `Bundle.entry[${index}].resource${(issue.expression ?? '').replace(/^[A-Za-z]+/, '')}`,
      })),
  )
}

function information(diagnostics: string): Issue {
  return { severity: 'information', code: 'informational', diagnostics }
}

/** A Questionnaire that stands in the response itself, where it is named so. */
export function containedQuestionnaire(response: Resource): Resource | undefined {
  const named = textOf(response.questionnaire)
  if (named?.startsWith('#') !== true) return undefined
  const found = objectsOf(response.contained).find((one) => one.id === named.slice(1))
  return found?.resourceType === 'Questionnaire' ? (found as Resource) : undefined
}
