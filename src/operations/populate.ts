// Questionnaire/$populate: a response to a form as far as its answers are known to the caller
// (https://hl7.org/fhir/uv/sdc/OperationDefinition-Questionnaire-populate.html).
import { labelsKeptApart } from '../access/index.ts'
import { FormReader, NOTHING_STORED, populate } from '../behavioral/index.ts'
import {
  FhirError,
  evaluatorOnDemand,
  operationOutcome,
  parseJson,
  parseReference,
  type Resource,
} from '../fhir/index.ts'
import { parameters } from './answer-parameters.ts'
import { BY_ANY_METHOD, type Operation, type OperationAnswer, type OperationCall } from './operation.ts'
import { refused, refuseOthers, single } from './parameters.ts'
import { populationContexts } from './population-contexts.ts'
import { postedPart } from './posted-part.ts'

const TYPE = 'Questionnaire'
const SIMPLE = ['questionnaire', 'canonical', 'questionnaireRef', 'identifier', 'subject', 'local']

export const POPULATE: Operation = {
  name: 'populate',
  type: TYPE,
  levels: { type: BY_ANY_METHOD, instance: BY_ANY_METHOD },
  takesResource: [],
  structured: { names: ['questionnaire', 'identifier', 'context', 'content'], bare: 'questionnaire' },
  affectsState: false,
  answers: 'Parameters',
  definition: 'https://alcove.health/fhir/OperationDefinition/populate',
  summary: 'A response to a form, filled in as far as its answers are known; nothing is stored.',
  parameters: [
    {
      name: 'canonical',
      documentation: 'At type level: the form, by its canonical URL, perhaps with |version.',
    },
    { name: 'identifier', documentation: 'At type level: the form, by its identifier, as system|value.' },
    { name: 'subject', documentation: 'Of whom the response is, such as Patient/1.' },
    { name: 'local', documentation: 'false: only what is sent is used, and nothing that is stored here.' },
  ],
  run: run,
}

async function run(call: OperationCall): Promise<OperationAnswer> {
  const { repository, search, definitions, now, pairs, handling } = call
  refuseOthers(pairs, SIMPLE, handling)
  // What the law keeps apart is no answer to a form that does not ask for it by name.
  const reader = new FormReader(repository.leavingOut(labelsKeptApart([])), search)
  const isLocal = readLocal(single(pairs, 'local'))
  const subject = readSubject(single(pairs, 'subject'))
  const questionnaire = await formOf(call, reader)
  const given = await populationContexts(call, questionnaire, { reader, subject, isLocal })
  const { response, issues } = await populate(questionnaire, {
    definitions,
    evaluators: evaluatorOnDemand,
    reader: isLocal ? reader : NOTHING_STORED,
    subject: given.subject === undefined ? undefined : { reference: given.subject },
    contexts: given.values,
    now,
  })
  const all = [...given.issues, ...issues]
  return {
    kind: 'resource',
    resource: parameters([
      { name: 'response', resource: response },
      ...(all.length === 0 ? [] : [{ name: 'issues', resource: operationOutcome(all) }]),
    ]),
  }
}

function readLocal(text: string | undefined): boolean {
  if (text === undefined || text === 'true') return true
  if (text === 'false') return false
  throw refused('local', 'it must be true or false.')
}

function readSubject(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const { kind } = parseReference(text)
  if (kind === 'local' || kind === 'absolute' || kind === 'urn') return text
  throw refused('subject', 'it must be a reference, such as Patient/1.')
}

/** @throws FhirError `invalid`, `invalid-search`, `not-found`, `deleted` */
async function formOf(call: OperationCall, reader: FormReader): Promise<Resource> {
  const { repository, id, pairs, structures, parts } = call
  if (id !== '') return parseJson((await repository.read(TYPE, id)).body as Buffer) as Resource
  const referred = structures.get('questionnaire')?.[0]?.item.valueReference
  const canonicals = [
    ...['questionnaire', 'canonical', 'questionnaireRef'].flatMap((name) => single(pairs, name) ?? []),
    ...(isReference(referred) ? [referred.reference] : []),
  ]
  const identifiers = [
    single(pairs, 'identifier'),
    tokenIn(structures.get('identifier')?.[0]?.item.valueIdentifier),
  ]
  const tokens = identifiers.filter((token) => token !== undefined)
  const posted = parts.has('questionnaire') ? postedPart(call, 'questionnaire', TYPE) : undefined
  const ways = canonicals.length + tokens.length + (posted === undefined ? 0 : 1)
  if (ways !== 1)
    throw refused('questionnaire', 'one form is named or posted: as questionnaire, canonical or identifier.')
  if (posted !== undefined) return posted
  const [canonical] = canonicals
  if (canonical !== undefined) return required(await reader.questionnaire(canonical))
  const found = await reader.find(`${TYPE}?identifier=${encodeURIComponent(tokens[0] ?? '')}`)
  if (found.length > 1) throw new FhirError('multiple-matches', 'Several forms have this identifier.')
  return required(found[0])
}

function required(form: Resource | undefined): Resource {
  if (form?.resourceType === TYPE) return form
  throw new FhirError('not-found', `There is no such ${TYPE}.`)
}

function isReference(value: unknown): value is { readonly reference: string } {
  return (
    typeof value === 'object' && value !== null && 'reference' in value && typeof value.reference === 'string'
  )
}

function tokenIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { system, value: text } = value as { system?: unknown; value?: unknown }
  if (typeof text !== 'string') return undefined
  const escaped = (part: string): string => part.replaceAll(/[\\,|$]/g, String.raw`\$&`)
  return typeof system === 'string' ? `${escaped(system)}|${escaped(text)}` : escaped(text)
}
