// What is handed to a form that is filled in: the contexts that are sent, and the subject for the patient.
import { isVariableName, launchContexts, type FormLookup, type LaunchContext } from '../behavioral/index.ts'
import {
  FhirError,
  isJsonObject,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../fhir/index.ts'
import type { OperationCall, PostedParameter } from './operation.ts'

export interface PopulationContexts {
  /** By the names that expressions know them by. */
  readonly values: Readonly<Record<string, JsonValue>>
  /** A reference: as it is sent, else to the patient that is. */
  readonly subject: string | undefined
  readonly issues: readonly Issue[]
}

interface Around {
  readonly reader: FormLookup
  readonly subject: string | undefined
  /** Whether the subject may be read here. */
  readonly isLocal: boolean
}

/** @throws FhirError `invalid` for a context that is not as it must be */
export async function populationContexts(
  { structures, parts }: OperationCall,
  form: Resource,
  { reader, subject, isLocal }: Around,
): Promise<PopulationContexts> {
  const declared = launchContexts(form)
  const values: Record<string, JsonValue> = {}
  const issues: Issue[] = []
  for (const posted of structures.get('context') ?? []) {
    const { name, contents } = await readContext(posted, reader)
    if (!declared.some((one) => one.name === name))
      issues.push(
        warning(`The form declares no context or variable of the name ${name}.`, `${posted.place}.part`),
      )
    if (contents.length === 0)
      issues.push(warning(`What the context ${name} refers to is not known here.`, `${posted.place}.part`))
    values[name] = [...contents]
  }
  for (const resource of parts.get('content') ?? []) {
    const context = declared.find((one) => isFor(one, resource) && values[one.name] === undefined)
    if (context === undefined)
      issues.push(
        warning(`The form declares no context of the type ${resource.resourceType}.`, 'Parameters.parameter'),
      )
    else values[context.name] = resource
  }
  const patient = values.patient ?? (await subjectIn(subject, isLocal, reader, issues))
  const launched = Object.fromEntries(
    declared.filter(({ types }) => types.length > 0).map(({ name }) => [name, []]),
  )
  return {
    values: { ...launched, ...values, patient: patient ?? [] },
    subject: subject ?? referenceTo(patient),
    issues,
  }
}

async function subjectIn(
  subject: string | undefined,
  isLocal: boolean,
  reader: FormLookup,
  issues: Issue[],
): Promise<Resource | undefined> {
  if (subject === undefined || !isLocal) return undefined
  const found = (await reader.read(subject))?.resource
  if (found === undefined) issues.push(warning('The subject is not known here.', 'http.subject'))
  return found?.resourceType === 'Patient' ? found : undefined
}

async function readContext(
  { item, place }: PostedParameter,
  reader: FormLookup,
): Promise<{ readonly name: string; readonly contents: readonly JsonObject[] }> {
  const parts = Array.isArray(item.part) ? item.part.filter(isJsonObject) : []
  const name = parts.find((part) => part.name === 'name')
  const given = name?.valueString ?? name?.valueCode ?? name?.valueId
  if (typeof given !== 'string' || !isVariableName(given))
    throw invalid(`${place}.part`, 'A context has a part name, a string by which expressions know it.')
  const contents: JsonObject[] = []
  for (const part of parts.filter((one) => one.name === 'content')) {
    const { resource, valueReference } = part
    if (isJsonObject(resource) && typeof resource.resourceType === 'string') contents.push(resource)
    else if (isJsonObject(valueReference) && typeof valueReference.reference === 'string') {
      const read = await reader.read(valueReference.reference)
      if (read !== undefined) contents.push(read.resource)
    } else throw invalid(`${place}.part`, 'The part content of a context is a resource or a Reference.')
  }
  return { name: given, contents }
}

function isFor({ types }: LaunchContext, { resourceType }: Resource): boolean {
  return types.includes(resourceType)
}

function referenceTo(patient: JsonValue | undefined): string | undefined {
  const [one] = Array.isArray(patient) ? patient : [patient]
  if (!isJsonObject(one) || one.resourceType !== 'Patient' || typeof one.id !== 'string') return undefined
  return `Patient/${one.id}`
}

function warning(diagnostics: string, expression: string): Issue {
  return { severity: 'warning', code: 'not-found', diagnostics, expression }
}

function invalid(expression: string, diagnostics: string): FhirError {
  return new FhirError('invalid', [{ severity: 'error', code: 'structure', diagnostics, expression }])
}
