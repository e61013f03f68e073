// Carries out a transaction or batch Bundle as if it had been posted to the server, and reads what came of it.
import { randomBytes } from 'node:crypto'
import {
  FhirError,
  isJsonObject,
  type Issue,
  type JsonObject,
  type JsonValue,
  type Resource,
} from '../../fhir/index.ts'
import type { Repository, WriteOutcome } from '../../repository/index.ts'
import { createPageLinks, dispatch, type RestContext } from '../../rest/index.ts'
import type { Parts } from '../command.ts'

export interface BundleOutcome {
  /** Of the entries that wrote. */
  readonly outcomes: readonly WriteOutcome['outcome'][]
  /** Entries of a batch that were not taken. */
  readonly refused: readonly { readonly entry: number; readonly issues: readonly Issue[] }[]
}

export type ExecuteBundle = (bundle: Resource, repository: Repository) => Promise<BundleOutcome>

/** `baseUrl`: the FHIR base; `now`: milliseconds since 1970. The function it returns throws FhirError as the transaction does. */
export function bundleExecutor(
  { definitions, search }: Pick<Parts, 'definitions' | 'search'>,
  baseUrl: string,
  now: () => number,
): ExecuteBundle {
  const context: RestContext = {
    baseUrl,
    definitions,
    search,
    // Nobody follows the page links of a file that was loaded.
    pageLinks: createPageLinks(randomBytes(32)),
    now,
    mostEntries: Infinity,
    capabilityStatement: () => {
      throw new FhirError('not-implemented', 'A Bundle that is loaded cannot ask for /metadata.')
    },
    reportFailure: (error) => {
      throw error
    },
  }
  return async (bundle, repository) => {
    const began = now()
    const { body } = await dispatch(
      { method: 'POST', segments: [], query: '', headers: {}, body: { kind: 'json', value: bundle } },
      repository,
      context,
    )
    const answer = body === undefined ? undefined : (JSON.parse(body.toString()) as JsonValue)
    return readAnswer(arrayOf(bundle['entry']), isJsonObject(answer) ? arrayOf(answer['entry']) : [], began)
  }
}

function readAnswer(
  asked: readonly JsonValue[],
  answered: readonly JsonValue[],
  began: number,
): BundleOutcome {
  const outcomes: WriteOutcome['outcome'][] = []
  const refused: { entry: number; issues: Issue[] }[] = []
  for (const [entry, it] of asked.entries()) {
    const response = objectOf(answered[entry], 'response')
    const status = Number.parseInt(String(response['status']), 10)
    const method = objectOf(it, 'request')['method']
    if (Number.isNaN(status) || status >= 400)
      refused.push({ entry, issues: issuesOf(response['outcome'], status) })
    else if (method !== 'GET' && method !== 'HEAD')
      outcomes.push(outcomeOf(String(method), status, response, began))
  }
  return { outcomes, refused }
}

function outcomeOf(
  method: string,
  status: number,
  response: JsonObject,
  began: number,
): WriteOutcome['outcome'] {
  if (method === 'DELETE') return 'deleted'
  if (status === 201) return 'created'
  // A version older than the request was there before it.
  const modified = Date.parse(String(response['lastModified']))
  return method === 'POST' || modified < began ? 'unchanged' : 'updated'
}

function issuesOf(outcome: JsonValue | undefined, status: number): Issue[] {
  const issues = isJsonObject(outcome) ? arrayOf(outcome['issue']) : []
  if (issues.length === 0)
    return [{ severity: 'error', code: 'processing', diagnostics: `answered with status ${status}` }]
  return issues.filter(isJsonObject).map((it) => ({
    severity: 'error',
    code: 'processing',
    diagnostics: String(it['diagnostics']),
    expression: String(arrayOf(it['expression'])[0] ?? ''),
  }))
}

function objectOf(value: JsonValue | undefined, property: string): JsonObject {
  const inner = isJsonObject(value) ? value[property] : undefined
  return isJsonObject(inner) ? inner : {}
}

function arrayOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : []
}
